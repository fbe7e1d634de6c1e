// The overview of a portfolio: what was typed for any task, and never saved, is offered again. A task
// that is closed says so of its own text alone.

import { Drafts, tidy } from "./drafts.js";
import { moment } from "./times.js";

const ON_ITS_WAY = 4000; // sent as its page was left: it may be saved in a moment

const data = readData(document);
const section = document.querySelector("[data-offers]");
const drafts = new Drafts(data);

function readData(page) {
  return JSON.parse(page.getElementById("page-data").textContent);
}

/** The same short mark of a text as the server's, so that the page need not carry the texts. */
async function mark(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(tidy(text)));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the server has by now, which may be more than when this page was made. */
async function marksByNow() {
  await new Promise((resolve) => setTimeout(resolve, ON_ITS_WAY));
  const response = await fetch(window.location.href);
  return readData(new DOMParser().parseFromString(await response.text(), "text/html")).marks;
}

async function isSaved(draft) {
  const isOnItsWay = draft.sent && Date.now() - draft.sent < ON_ITS_WAY;
  const marks = isOnItsWay ? await marksByNow().catch(() => data.marks) : data.marks;
  const hasMarks = !isOnItsWay && draft.state && draft.state !== "{}";
  return !hasMarks && (await mark(draft.note)) === (marks[draft.code] ?? (await mark("")));
}

function offer(draft) {
  const item = document.getElementById("offer").content.firstElementChild.cloneNode(true);
  const link = item.querySelector("[data-offer-link]");
  if (link.tagName === "A") link.href = data.task.replace("0.00", draft.code);
  link.textContent = link.dataset.words.replace("{code}", draft.code);
  const time = item.querySelector("[data-offer-time]");
  time.textContent = time.dataset.words.replace("{time}", moment(draft.at));
  return item;
}

const unsaved = new Map();
for (const draft of await drafts.leftBehind()) {
  if (data.only && draft.code !== data.only) continue;
  if (!unsaved.has(draft.code) && !(await isSaved(draft))) unsaved.set(draft.code, draft);
}
if (unsaved.size) {
  section.querySelector("[data-offer-list]").replaceChildren(...[...unsaved.values()].map(offer));
  section.hidden = false;
}
