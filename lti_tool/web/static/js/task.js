// A task's page: the account saves itself, and the page says truly how that stands.

import { Account } from "./account.js";
import { Drafts, tidy } from "./drafts.js";
import { followToolbar, insert } from "./formatting.js";
import { KeptPage } from "./keeping_page.js";
import { Line } from "./line.js";
import { Places } from "./places.js";
import { Tabs } from "./tabs.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
const words = data.messages;
const form = document.querySelector("form[data-task]");
const box = form.elements.text;
const token = document.querySelector('meta[name="csrf-token"]').content;

const drafts = new Drafts(data);
const page = new KeptPage({ drafts, words });
const { announcer } = page;
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
  onChange: () => page.showState(),
  onSaved(saved, result) {
    places.show(result.places);
    form.querySelector("[data-versions]").hidden = result.version === 0;
    tabs.tell({ code: data.code, record: saved.record, places: result.places });
  },
  onTaken: ({ note }) => showUndo(words.taken, () => account.replace(note)),
});
page.add(account);

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
    page.show(words.preview_failed, { isGood: true });
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

// Sending the form ------------------------------------------------------------------------------

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  if (button?.name === "add") {
    add(button.dataset.add);
    return;
  }
  line.begin();
  await account.save();
  announcer.textContent = account.trouble || page.bar.textContent;
  if (page.isUnsaved) box.scrollIntoView({ block: "center" });
  else if (button?.name === "next") window.location.assign(button.dataset.to);
  else if (button?.name === "holds") sendWith(button);
});

// What is typed is on record by now: the plain form says the same once more, and what the button says.
function sendWith(button) {
  const said = document.createElement("input");
  said.type = "hidden";
  said.name = button.name;
  said.value = button.value;
  form.append(said);
  form.submit();
}

form.querySelector("[data-plain-preview]").hidden = true;
followToolbar(form.querySelector("[data-toolbar]"), box);
places.show(data.places);
if (data.problem) takeOverProblem();
else if (account.isDirty) account.changed(); // typed before this script had come
page.bringBack().then((back) => {
  if (back.length) page.show(words.restored, { isGood: true });
});
page.showState();
