// The start page: what was typed in any domain, and never saved, is offered again.

import { Drafts, tidy } from "./drafts.js";
import { moment } from "./times.js";

const ON_ITS_WAY = 4000; // sent as its page was left: it may be saved in a moment

const data = readData(document);
const section = document.querySelector("[data-offers]");
const drafts = new Drafts(data);

function readData(page) {
  return JSON.parse(page.getElementById("page-data").textContent);
}

/** The same short mark of a note as the server's, so that the page need not carry the notes. */
async function mark(note) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(tidy(note)));
  return [...new Uint8Array(digest).slice(0, 8)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** What the server has by now, which may be more than when this page was made. */
async function answersByNow() {
  await new Promise((resolve) => setTimeout(resolve, ON_ITS_WAY));
  const response = await fetch(window.location.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return readData(page).answers;
}

async function isSaved(draft) {
  const isOnItsWay = draft.sent && Date.now() - draft.sent < ON_ITS_WAY;
  const answers = isOnItsWay ? await answersByNow().catch(() => data.answers) : data.answers;
  const [, state, noteMark] = answers[draft.code] ?? [0, "not-started", await mark("")];
  return draft.state === state && (await mark(draft.note)) === noteMark;
}

async function unsavedByDomain() {
  const found = new Map();
  for (const draft of await drafts.leftBehind()) {
    const domain = Object.keys(data.domains).find((n) => data.domains[n].includes(draft.code));
    if (!domain || (await isSaved(draft))) continue;
    found.set(domain, [...(found.get(domain) ?? []), draft]);
  }
  return [...found].sort(([one], [other]) => Number(one) - Number(other));
}

function offer(domain, kept) {
  const item = document.getElementById("offer").content.firstElementChild.cloneNode(true);
  const link = item.querySelector("[data-offer-link]");
  const codes = [...new Set(kept.map((draft) => draft.code))].sort();
  link.href = data.domain.replace(/0$/, domain) + `#c-${codes[0]}`;
  link.textContent = link.dataset.words.replace("{number}", domain).replace("{codes}", codes.join(", "));
  const time = item.querySelector("[data-offer-time]");
  time.textContent = time.dataset.words.replace("{time}", moment(kept[0].at));
  return item;
}

const offers = await unsavedByDomain();
if (offers.length) {
  section.querySelector("[data-offer-list]").replaceChildren(...offers.map(([n, kept]) => offer(n, kept)));
  section.hidden = false;
}
