// Evidence: files picked or dropped are sent in parts; what is done to a piece happens in place.
// Without this the page's forms do the same, for files that one request can carry.

import { ask } from "./ask.js";
import { isSame } from "./same_file.js";
import { Sending } from "./sending.js";

const AT_ONCE = 2;
const LOOK_AGAIN = 5000; // as long as a file is being checked
const MEGABYTE = 1_000_000;

const data = JSON.parse(document.getElementById("evidence-data").textContent);
const words = data.messages;
const token = document.querySelector('meta[name="csrf-token"]').content;
const root = document.querySelector("[data-evidence]");
const body = root.querySelector("[data-evidence-body]");
const said = root.querySelector("[data-evidence-said]");
const problem = root.querySelector("[data-evidence-problem]");
const list = root.querySelector("[data-sending-list]");
const field = root.querySelector("[data-drop] input[type=file]");

const queue = [];
let atWork = 0;

const megabytes = (size) => (size / MEGABYTE).toFixed(size < 10 * MEGABYTE ? 1 : 0);

function announce(text) {
  said.textContent = "";
  requestAnimationFrame(() => {
    said.textContent = text;
  });
}

// What changes as one uses it ---------------------------------------------------------------

/** What was typed and not saved, so that it is there again when the pieces are put in anew. */
function typedIn(form) {
  const changed = [];
  for (const one of form.elements) {
    const isMark = ["radio", "checkbox"].includes(one.type);
    if (isMark ? one.checked !== one.defaultChecked : "defaultValue" in one && one.value !== one.defaultValue) {
      changed.push({ name: one.name, value: one.value, checked: isMark ? one.checked : null });
    }
  }
  return changed;
}

function putBack(form, changed) {
  for (const { name, value, checked } of changed) {
    for (const one of form.querySelectorAll(`[name="${name}"]`)) {
      if (checked === null) one.value = value;
      else if (one.value === value) one.checked = checked;
    }
  }
}

/** Puts what the server rendered in place; what was typed, what is open and what plays stays. */
function show(answer, saved = null) {
  const typed = new Map();
  for (const form of body.querySelectorAll("form[id]")) {
    const changed = form === saved ? [] : typedIn(form);
    if (changed.length) typed.set(form.id, changed);
  }
  const folds = new Map([...body.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
  const playing = [...body.querySelectorAll("[data-media]")].filter((one) => one.currentTime > 0);
  const focused = body.contains(document.activeElement) ? document.activeElement.id : null;
  body.innerHTML = answer.html;
  for (const [id, changed] of typed) {
    const form = document.getElementById(id);
    if (form) putBack(form, changed);
  }
  for (const [id, open] of folds) {
    const fold = document.getElementById(id);
    const isSaved = saved && fold?.contains(document.getElementById(saved.id));
    if (fold && !isSaved && open) fold.open = true;
  }
  for (const one of playing) document.getElementById(one.id)?.replaceWith(one);
  takeUnfinished();
  if (focused !== null) {
    const again = document.getElementById(focused) ?? body.querySelector("[data-notice]");
    again?.focus();
  }
  if (answer.said) announce(answer.said);
}

function refuse(form, sentence) {
  const place = form?.querySelector("[data-problem]") ?? problem;
  place.textContent = sentence;
  place.hidden = false;
}

async function act(form, submitter) {
  problem.hidden = true;
  for (const one of form.querySelectorAll("[data-problem]")) one.hidden = true;
  submitter?.toggleAttribute("disabled", true);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "Accept": "application/json", "X-CSRFToken": token },
      redirect: "error",
    });
    const answer = await response.json();
    if (answer.html) show(answer, form);
    else refuse(form, `${answer.error.sentence} ${answer.error.advice}`.trim());
  } catch {
    refuse(form, words.failed);
  }
  submitter?.toggleAttribute("disabled", false);
}

root.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-drop]")) {
    event.preventDefault();
    takeFiles(field.files);
    field.value = "";
  } else if (form.dataset.act) {
    event.preventDefault();
    act(form, event.submitter);
  }
});

// Files on their way ---------------------------------------------------------------------------

function rowFor(file) {
  const row = document.getElementById("sending").content.firstElementChild.cloneNode(true);
  row.querySelector("[data-name]").textContent = file.name;
  for (const one of row.querySelectorAll("[data-named]")) one.textContent = file.name;
  row.querySelector("progress").setAttribute("aria-label", file.name);
  list.append(row);
  return row;
}

function stateWords(sending) {
  const total = megabytes(sending.file.size);
  const fill = (text) =>
    text
      .replace("{done}", megabytes(sending.done))
      .replace("{total}", total)
      .replace("{name}", sending.file.name)
      .replace("{sentence}", sending.sentence);
  if (sending.kind === "paused") return fill(sending.sentence ? words.trouble : words.paused);
  return fill(words[sending.kind]);
}

function showState(sending, row) {
  const line = row.querySelector("[data-words]");
  const bar = row.querySelector("progress");
  const text = stateWords(sending);
  if (line.textContent !== text) line.textContent = text;
  line.dataset.kind = ["paused", "refused", "ended"].includes(sending.kind) ? "trouble" : "";
  bar.value = sending.file.size ? (100 * sending.done) / sending.file.size : 0;
  bar.hidden = sending.isOver;
  row.dataset.kind = sending.kind;
  row.querySelector("[data-retry]").hidden = sending.kind !== "paused";
  row.querySelector("[data-cancel]").hidden = sending.isOver || sending.kind === "checking";
  row.querySelector("[data-close]").hidden = !["refused", "ended"].includes(sending.kind);
  if (row.dataset.said !== sending.kind && sending.kind !== "sending") {
    row.dataset.said = sending.kind;
    if (sending.kind !== "waiting") announce(`${sending.file.name}: ${text}`);
  }
  if (sending.kind === "sending") row.dataset.said = "sending";
  hideUnfinished(sending);
}

function takeFile(file, begun = null) {
  const row = rowFor(file);
  const panel = root.dataset.evidence;
  const sending = new Sending(file, { ...data, panel, token, begun, onChange: (one) => showState(one, row) });
  const close = () => {
    row.remove();
    refresh();
    field.focus();
  };
  row.querySelector("[data-retry]").addEventListener("click", () => sending.retryNow());
  row.querySelector("[data-close]").addEventListener("click", close);
  row.querySelector("[data-cancel]").addEventListener("click", async () => {
    await sending.cancel();
    close();
  });
  sending.row = row;
  if (file.size === 0 || file.size > data.limit) {
    sending.kind = "refused";
    const text = file.size ? words.too_large : words.empty;
    showState(sending, row);
    row.querySelector("[data-words]").textContent = text.replace("{limit}", data.limit / MEGABYTE);
    announce(`${file.name}: ${row.querySelector("[data-words]").textContent}`);
    return;
  }
  queue.push(sending);
  showState(sending, row);
  work();
}

function takeFiles(files) {
  for (const file of files) takeFile(file, unfinishedLike(file));
}

async function work() {
  if (atWork >= AT_ONCE || !queue.length) return;
  const sending = queue.shift();
  if (sending.isOver) return work();
  atWork += 1;
  await sending.run();
  atWork -= 1;
  if (sending.kind === "done") {
    sending.row.remove();
    show({ ...sending.answer, said: words.done.replace("{name}", sending.file.name) });
  }
  return work();
}

window.addEventListener("beforeunload", (event) => {
  if (atWork) event.preventDefault();
});

// Uploads that were begun and have not arrived ---------------------------------------------------

const current = new Set();

function hideUnfinished(sending) {
  if (!sending.id) return;
  if (sending.kind === "refused" || sending.kind === "ended" || sending.kind === "cancelled") {
    current.delete(sending.id);
  } else current.add(sending.id);
  for (const row of body.querySelectorAll("[data-unfinished]")) {
    row.hidden = current.has(row.dataset.unfinished);
  }
  const part = body.querySelector(".unfinished");
  if (part) part.hidden = !part.querySelector("[data-unfinished]:not([hidden])");
}

const isLike = (row, file) =>
  row.dataset.name === file.name.normalize("NFC").trim() &&
  Number(row.dataset.size) === file.size &&
  isSame(row.dataset.unfinished, file) !== false;

const begunOf = (row) => ({ id: row.dataset.unfinished, stands: row.dataset.stands });

/** An upload that this device began with this very file, and that the server holds a part of. */
function unfinishedLike(file) {
  const rows = [...body.querySelectorAll("[data-unfinished]:not([hidden])")];
  const row = rows.find((one) => isLike(one, file) && isSame(one.dataset.unfinished, file));
  return row ? begunOf(row) : null;
}

function takeUnfinished() {
  for (const row of body.querySelectorAll("[data-unfinished]")) {
    row.hidden = current.has(row.dataset.unfinished);
    const again = row.querySelector("[data-go-on]");
    if (!again || !list) continue;
    again.hidden = false;
    const input = again.querySelector("input");
    input.addEventListener("change", () => {
      const [file] = input.files;
      if (!file) return;
      if (isLike(row, file)) takeFile(file, begunOf(row));
      else refuse(again, words.other_file);
      input.value = "";
    });
  }
  const part = body.querySelector(".unfinished");
  if (part) part.hidden = !part.querySelector("[data-unfinished]:not([hidden])");
}

async function refresh() {
  const answer = await ask(data.refresh);
  if (answer?.html) show(answer);
}

/** A file that is being checked may be free, or held back, a moment later. */
setInterval(() => {
  if (document.visibilityState === "visible" && body.querySelector("[data-being-checked]")) refresh();
}, LOOK_AGAIN);

// Dropping and picking ---------------------------------------------------------------------------

if (field) {
  for (const one of root.querySelectorAll("[data-plain]")) one.hidden = true;
  root.querySelector("[data-drop-words]").hidden = false;
  field.addEventListener("change", () => {
    takeFiles(field.files);
    field.value = "";
  });
  root.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    root.classList.add("drop-over");
  });
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) root.classList.remove("drop-over");
  });
  root.addEventListener("drop", (event) => {
    root.classList.remove("drop-over");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    takeFiles(event.dataTransfer.files);
  });
}

takeUnfinished();
