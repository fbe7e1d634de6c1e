// Long texts of forms: kept on this device until they are saved, counted near their limit.

import { Drafts, tidy } from "./drafts.js";
import { moment, number } from "./times.js";

const words = JSON.parse(document.getElementById("draft-data").textContent);
const drafts = new Drafts(words);
const leftBehind = await drafts.leftBehind();

function panel(name) {
  return document.getElementById(name).content.firstElementChild.cloneNode(true);
}

/** What the form that this tab showed last had sent is saved now. */
function forgetSaved(notice) {
  for (const draft of [...leftBehind]) {
    const wasHere = draft.sent && draft.page === drafts.before;
    if (wasHere && draft.code.startsWith(notice.dataset.draftSaved)) forget(draft);
  }
}

function forget(draft) {
  drafts.forget(draft);
  leftBehind.splice(leftBehind.indexOf(draft), 1);
}

function keep(box) {
  drafts.put(box.dataset.draft, { state: location.pathname + location.search, note: box.value, version: 0 });
}

function count(box) {
  const line = box.parentElement.querySelector("[data-count]");
  const typed = tidy(box.value);
  // The server counts characters, JavaScript counts halves of some; exact near the limit only.
  const length = typed.length <= words.limit ? typed.length : [...typed].length;
  const isOver = length > words.limit;
  const sentence = isOver ? words.too_long : length > words.limit * 0.9 ? words.count : "";
  line.textContent = sentence.replace("{count}", number(length)).replace("{limit}", number(words.limit));
  line.dataset.kind = isOver ? "trouble" : "";
}

function offer(box, draft) {
  const root = panel("kept-text");
  root.querySelector("[data-kept-words]").textContent = words.offer.replace("{time}", moment(draft.at));
  root.querySelector("[data-kept-note]").textContent = draft.note;
  const done = () => {
    forget(draft);
    root.remove();
    box.focus();
  };
  root.querySelector("[data-use]").addEventListener("click", () => {
    box.value = draft.note;
    keep(box);
    count(box);
    done();
  });
  root.querySelector("[data-discard]").addEventListener("click", done);
  box.before(root);
}

/** Follows one box. `isRefused`: it holds what was typed and not taken, so it is kept at once. */
function follow(box, isRefused) {
  const atFirst = tidy(box.value);
  const mine = leftBehind.filter((draft) => draft.code === box.dataset.draft);
  for (const draft of mine) {
    if (tidy(draft.note) === atFirst || !tidy(draft.note)) forget(draft);
  }
  if (isRefused && atFirst) keep(box);
  const newest = leftBehind.find((draft) => draft.code === box.dataset.draft);
  if (newest) offer(box, newest);
  count(box);
  box.addEventListener("input", () => {
    count(box);
    if (tidy(box.value) === atFirst && !isRefused) drafts.remove(box.dataset.draft);
    else keep(box);
  });
}

/** On a list: texts that were typed in its forms and never saved, with the way back to them. */
function list(section) {
  const here = leftBehind.filter(
    (draft) => draft.code.startsWith(section.dataset.leftBehind) && /^\/at\//.test(draft.state) && tidy(draft.note),
  );
  for (const draft of here) {
    const item = panel("kept-elsewhere");
    item.querySelector("[data-kept-link]").href = draft.state;
    item.querySelector("[data-kept-words]").textContent = moment(draft.at);
    item.querySelector("[data-kept-note]").textContent = draft.note.slice(0, 200);
    section.querySelector("[data-left-list]").append(item);
  }
  section.hidden = here.length === 0;
}

/** Takes up every form of the page; again after a script put a refused form in its place. */
export function start(root = document) {
  const isRefused = root.querySelector("#problems") !== null;
  for (const box of root.querySelectorAll("textarea[data-draft]")) follow(box, isRefused);
  for (const form of root.querySelectorAll("[data-draft-form]")) {
    form.addEventListener("submit", () => {
      for (const box of form.querySelectorAll("textarea[data-draft]")) drafts.markSent(box.dataset.draft);
    });
  }
}

for (const notice of document.querySelectorAll("[data-draft-saved]")) forgetSaved(notice);
for (const section of document.querySelectorAll("[data-left-behind]")) list(section);
start();
