// A task's page: the account saves itself, and the page says truly how that stands.

import { Account } from "./account.js";
import { Drafts, tidy } from "./drafts.js";
import { followToolbar, insert } from "./formatting.js";
import { Line } from "./line.js";
import { Places } from "./places.js";
import { Tabs } from "./tabs.js";
import { clock } from "./times.js";

const LEAVING = 2500; // how long a link waits for a save that is under way

const data = JSON.parse(document.getElementById("page-data").textContent);
const words = data.messages;
const form = document.querySelector("form[data-task]");
const box = form.elements.text;
const bar = document.querySelector("[data-save-state]");
const announcer = document.querySelector("[data-announcer]");
const notice = document.querySelector("[data-page-notice]");
const token = document.querySelector('meta[name="csrf-token"]').content;

let announced = "saved";
let hasWorked = false; // so that the first save of a page is said, and a page that opens is not

const drafts = new Drafts(data);
const line = new Line({ url: data.save, token, onRetry: () => account.save() });
const tabs = new Tabs(data, ({ code, record, places: found }) => {
  if (code === data.code && account.news(record)) places.show(found);
});
const places = new Places(form.querySelector("[data-places]"), box, {
  words,
  onLeave: (mark) => account.leavePlace(mark),
});
const account = new Account(form, {
  ...data,
  line,
  drafts,
  words,
  onChange: showState,
  onSaved(saved, result) {
    places.show(result.places);
    form.querySelector("[data-versions]").hidden = result.version === 0;
    tabs.tell({ code: data.code, record: saved.record, places: result.places });
  },
  onTaken: (mine) => showUndo(words.taken, () => account.replace(mine)),
});

function showState() {
  const kind = account?.kind ?? "saved";
  const isTrouble = Boolean(account?.trouble);
  bar.dataset.kind = isTrouble ? "trouble" : "";
  if (isTrouble) bar.textContent = words.unsaved;
  else if (kind === "waiting") bar.textContent = words.saving;
  else bar.textContent = account?.savedAt ? words.saved.replace("{time}", clock(account.savedAt)) : "";
  if (kind === "ended") showNotice(drafts.keeps ? words.ended : words.ended_not_kept);
  else if (notice.classList.contains("notice-problem")) notice.hidden = true;
  announce(isTrouble ? "trouble" : kind === "waiting" ? "" : "saved");
}

/** Said once when things go wrong and once when they are well again, not at every save. */
function announce(kind) {
  if (!kind) {
    if (!hasWorked) announced = "";
    hasWorked = true;
  }
  if (!kind || kind === announced) return;
  announced = kind;
  announcer.textContent = kind === "saved" ? words.announce_saved : account.trouble;
}

function showNotice(text, { isGood = false } = {}) {
  notice.classList.toggle("notice-problem", !isGood);
  notice.querySelector(".icon").toggleAttribute("hidden", isGood);
  notice.hidden = false;
  notice.querySelector("[data-page-notice-words]").textContent = text;
}

async function bringBack() {
  for (const draft of await drafts.leftBehind()) {
    if (draft.code !== data.code) continue;
    if (account.holds(draft)) drafts.forget(draft);
    else if (draft.version === account.record.version && !account.isDirty) {
      account.restore(draft);
      showNotice(words.restored, { isGood: true });
    } else account.offer(draft);
  }
}

function takeOverProblem() {
  const conflict = form.querySelector("[data-server-conflict]");
  const sentence = document.querySelector("[data-problem-words]")?.textContent.trim() ?? "";
  conflict?.remove();
  document.querySelector("[data-server-problem]")?.remove();
  if (conflict) account.ask(data.record);
  else account.refuse(sentence);
}

// The preview -----------------------------------------------------------------------------

const pane = form.querySelector("[data-preview-pane]");
const previewButton = form.querySelector("[data-toolbar] [data-preview]");

async function formatted() {
  const response = await fetch(data.preview, {
    method: "POST",
    body: JSON.stringify({ text: box.value }),
    headers: { "Accept": "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
    signal: AbortSignal.timeout(20_000),
  });
  const { html, error } = await response.json();
  if (typeof html !== "string") throw new Error(error?.sentence);
  return html; // cleaned by the server, whatever was typed
}

function showPreview(isShown) {
  pane.hidden = !isShown;
  box.hidden = isShown;
  previewButton.setAttribute("aria-pressed", String(isShown));
  for (const button of form.querySelectorAll("[data-form]")) button.disabled = isShown;
}

previewButton.addEventListener("click", async () => {
  if (!pane.hidden) {
    showPreview(false);
    box.focus();
    return;
  }
  try {
    const answer = { html: await formatted() };
    if (answer.html) pane.innerHTML = answer.html;
    else pane.textContent = words.no_text;
    showPreview(true);
  } catch (error) {
    announcer.textContent = error.message || words.preview_failed;
    showNotice(words.preview_failed, { isGood: true });
  }
});

// What is added from the writer's own pages --------------------------------------------------

function add(addition) {
  if (!pane.hidden) showPreview(false);
  const before = box.value;
  const gap = tidy(before) ? "\n\n" : "";
  box.setSelectionRange(before.trimEnd().length, before.length);
  insert(box, gap + addition);
  const after = box.value;
  showUndo(words.added, () => {
    // What was typed since stays: only the addition goes, where it still stands as it came.
    const at = box.value.lastIndexOf(gap + addition);
    if (box.value === after) box.setSelectionRange(before.trimEnd().length, after.length);
    else if (at >= 0) box.setSelectionRange(at, at + gap.length + addition.length);
    else return;
    insert(box, "");
    announcer.textContent = words.undone;
  });
}

function showUndo(said, undo) {
  const root = document.getElementById("undo").content.firstElementChild.cloneNode(true);
  root.dataset.undoNotice = "";
  root.querySelector("[data-undo-words]").textContent = said;
  announcer.textContent = said;
  root.querySelector("[data-undo]").addEventListener("click", () => {
    root.remove();
    undo();
    box.focus();
  });
  form.querySelector("[data-undo-notice]")?.remove();
  form.querySelector("[data-panels]").append(root);
}

// Leaving, and sending the form ----------------------------------------------------------------

const isUnsaved = () => account.isDirty || account.kind === "waiting";
const saveSoon = () => Promise.race([account.save(), new Promise((resolve) => setTimeout(resolve, LEAVING))]);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  if (button?.name === "add") {
    add(button.dataset.add);
    return;
  }
  line.begin();
  await account.save();
  announcer.textContent = account.trouble || bar.textContent;
  if (isUnsaved()) box.scrollIntoView({ block: "center" });
  else if (button?.name === "next") window.location.assign(button.dataset.to);
});

document.addEventListener("click", async (event) => {
  const to = event.target.closest("a[href]");
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (!to || !isPlain || to.target || to.hash || !isUnsaved()) return;
  event.preventDefault();
  await saveSoon();
  window.location.assign(to.href);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") account.leavePage();
});
window.addEventListener("pagehide", () => account.leavePage());
window.addEventListener("beforeunload", (event) => {
  if (!drafts.keeps && isUnsaved()) event.preventDefault();
});

form.querySelector("[data-plain-preview]").hidden = true;
followToolbar(form.querySelector("[data-toolbar]"), box);
places.show(data.places);
if (data.problem) takeOverProblem();
else if (account.isDirty) account.changed(); // typed before this script had come
bringBack();
showState();
