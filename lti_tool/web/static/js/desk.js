// A reading on the desk: findings, verdict and notes save themselves; keys lead from one to the next.

import { Drafts } from "./drafts.js";
import { Fields } from "./fields.js";
import { insert } from "./formatting.js";
import { KeptPage } from "./keeping_page.js";
import { Line } from "./line.js";
import { Tabs } from "./tabs.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
const words = data.messages;
const token = document.querySelector('meta[name="csrf-token"]').content;

const drafts = new Drafts(data);
const page = new KeptPage({ drafts, words });
const { announcer } = page;
const line = new Line({ url: data.save, token, onRetry: () => page.saveAll() });
const parts = new Map();
const tabs = new Tabs(data, ({ code, record }) => {
  if (parts.get(code)?.news(record)) showStep(code);
});

// What saves itself -----------------------------------------------------------------------------

function labelsOf(root) {
  const radios = [...root.querySelectorAll('input[type="radio"]')];
  return Object.fromEntries(radios.map((radio) => [radio.value, radio.closest("label").textContent.trim()]));
}

function take(root, code, record, { names, what, limit }) {
  const part = new Fields(root, {
    code,
    record,
    names,
    limit,
    extra: { what },
    labels: labelsOf(root),
    line,
    drafts,
    words: { ...words, limit },
    onChange: () => page.showState(),
    onSaved(saved) {
      tabs.tell({ code, record: saved.record });
      showStep(code);
    },
  });
  parts.set(code, part);
  page.add(part);
  takeOverProblem(root, part);
}

/** What the server refused to the plain form is taken over: asked about, or said beside the field. */
function takeOverProblem(root, part) {
  const conflict = root.querySelector("[data-server-conflict]");
  const problem = root.querySelector("[data-server-problem]");
  if (conflict) part.ask(part.record);
  else if (problem) part.refuse(problem.querySelector("[data-problem-words]").textContent.trim());
  else if (part.isDirty) part.changed(); // typed before this script had come
  conflict?.remove();
  problem?.remove();
}

function showStep(code) {
  const step = document.querySelector(`[data-step="${code}"]`);
  const part = parts.get(code);
  if (!step || !part) return;
  const { verdict } = part.record;
  step.className = `review-step review-step-${verdict || "none"}`;
  step.querySelector("[data-step-words]").textContent = part.labels[verdict] ?? "";
}

for (const root of document.querySelectorAll("form[data-finding]")) {
  const code = root.dataset.finding;
  take(root, code, data.records[code], {
    names: { text: "feedback", choice: "verdict" },
    what: "finding",
    limit: data.limits.feedback,
  });
}
const conclusion = document.querySelector("form[data-conclusion]");
if (conclusion) {
  take(conclusion, "conclusion", data.conclusion, {
    names: { text: "summary", choice: "verdict" },
    what: "conclusion",
    limit: data.limits.summary,
  });
}
const notes = document.querySelector("form[data-notes]");
take(notes, "notes", data.notes, { names: { text: "notes" }, what: "notes", limit: data.limits.notes });

// Phrases ---------------------------------------------------------------------------------------

function phraseItem(text) {
  const item = document.getElementById("phrase").content.firstElementChild.cloneNode(true);
  item.querySelector("button").dataset.phrase = text;
  item.querySelector("[data-phrase-words]").textContent = text;
  return item;
}

function listPhrases(fold) {
  const list = fold.querySelector("[data-phrase-list]");
  list.replaceChildren(...data.phrases.map(phraseItem));
  fold.querySelector("[data-no-phrases]")?.toggleAttribute("hidden", data.phrases.length > 0);
}

function insertPhrase(form, text) {
  const box = form.elements.feedback;
  const before = box.value.slice(0, box.selectionEnd);
  const gap = before && !/\s$/.test(before) ? " " : "";
  box.setSelectionRange(box.selectionEnd, box.selectionEnd);
  insert(box, gap + text);
  announcer.textContent = words.inserted;
  box.focus();
}

async function keepPhrase(form) {
  const box = form.elements.feedback;
  const text = box.value.slice(box.selectionStart, box.selectionEnd).trim() || box.value.trim();
  try {
    const response = await fetch(data.phrase, {
      method: "POST",
      body: JSON.stringify({ text }),
      headers: { "Accept": "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
      signal: AbortSignal.timeout(20_000),
    });
    const kept = await response.json();
    if (typeof kept.text !== "string") throw new Error(kept.error?.sentence);
    if (!data.phrases.includes(kept.text)) data.phrases.push(kept.text);
    for (const fold of document.querySelectorAll("[data-phrases][open]")) listPhrases(fold);
    announcer.textContent = words.phrase_kept;
    page.show(words.phrase_kept, { isGood: true });
  } catch (error) {
    const sentence = error.name === "Error" && error.message ? error.message : words.phrase_failed;
    announcer.textContent = sentence;
    page.show(sentence);
  }
}

for (const fold of document.querySelectorAll("[data-phrases]")) {
  fold.addEventListener("toggle", () => {
    if (fold.open) listPhrases(fold);
  });
}

// Sending forms ---------------------------------------------------------------------------------

async function sendPart(form, button) {
  const part = page.parts.find(({ root }) => root === form);
  line.begin();
  await part.save();
  announcer.textContent = part.trouble || page.bar.textContent;
  if (part.isDirty || part.trouble) part.box.scrollIntoView({ block: "center" });
  else if (button?.dataset.to) window.location.assign(button.dataset.to);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.sent) return;
  event.preventDefault();
  const button = event.submitter;
  if (button?.name === "phrase") insertPhrase(form, button.dataset.phrase);
  else if (button?.name === "keep_phrase") keepPhrase(form);
  else if (page.parts.some(({ root }) => root === form)) sendPart(form, button);
  else {
    await page.saveSoon(); // what is typed beside it comes first
    form.dataset.sent = "1";
    form.submit();
  }
});

// Keys ------------------------------------------------------------------------------------------

/** On one page with all, the next is the one below what is being written or read. */
function step(direction) {
  const all = [...document.querySelectorAll("[data-task]")];
  if (all.length < 2) {
    const link = document.querySelector(`.review-foot a[rel="${direction > 0 ? "next" : "prev"}"]`);
    link?.click();
    return;
  }
  const now = all.findIndex((task) => task.contains(document.activeElement));
  const seen = all.findLastIndex((task) => task.getBoundingClientRect().top < 120);
  const target = all[(now >= 0 ? now : seen) + direction];
  if (!target) return;
  target.scrollIntoView({ block: "start" });
  target.querySelector('input[type="radio"]:checked, input[type="radio"], textarea')?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && !event.metaKey && ["PageDown", "PageUp"].includes(event.key)) {
    event.preventDefault();
    step(event.key === "PageDown" ? 1 : -1);
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form[data-finding], form[data-conclusion], form[data-notes]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('button[name="next"]') ?? form.querySelector('button[name="stay"]'));
  }
});

const missing = document.querySelector("[data-missing]");
missing?.focus();
page.bringBack().then((back) => {
  if (back.length) page.show(words.restored, { isGood: true });
});
page.showState();
