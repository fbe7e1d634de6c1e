// A domain's page: every answer saves itself, and the page says truly how that stands.

import { Answer } from "./answer.js";
import { Drafts, same } from "./drafts.js";
import { Line } from "./line.js";
import { Tabs } from "./tabs.js";
import { clock } from "./times.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
const words = data.messages;
const form = document.querySelector("form[data-domain]");
const bar = document.querySelector("[data-save-state]");
const announcer = document.querySelector("[data-announcer]");
const notice = document.querySelector("[data-page-notice]");
const LEAVING = 2500; // how long a link waits for a save that is under way

let announced = "saved";
let hasWorked = false; // so that the first save of a page is said, and a page that opens is not

const drafts = new Drafts(data);
const line = new Line({
  url: data.save,
  token: document.querySelector('meta[name="csrf-token"]').content,
  onRetry: () => answers.forEach((answer) => answer.save()),
});
const tabs = new Tabs(data, ({ code, record, progress }) => {
  byCode.get(code)?.news(record);
  showProgress(progress);
});
const answers = [...form.querySelectorAll("[data-code]")].map(
  (section) =>
    new Answer(section, data.answers[section.dataset.code], {
      line,
      drafts,
      words,
      onChange: showState,
      onSaved(answer, progress) {
        showProgress(progress);
        tabs.tell({ code: answer.code, record: answer.record, progress });
      },
    }),
);
const byCode = new Map(answers.map((answer) => [answer.code, answer]));

function showProgress(progress) {
  if (String(progress?.number) !== form.dataset.domain) return;
  const { total, rated, achieved, words: said } = progress.domain;
  const root = document.querySelector("[data-progress]");
  root.querySelector("[data-progress-words]").textContent = said;
  root.querySelector(".meter-working").setAttribute("width", (100 * rated) / total);
  root.querySelector(".meter-achieved").setAttribute("width", (100 * achieved) / total);
}

/** The worst of all answers is what the bar says. */
function showState() {
  const kinds = new Set(answers?.map((answer) => answer.kind));
  const isTrouble = answers.some((answer) => answer.trouble);
  bar.dataset.kind = isTrouble ? "trouble" : "";
  if (isTrouble) bar.textContent = words.unsaved;
  else if (kinds.has("waiting")) bar.textContent = words.saving;
  else bar.textContent = lastSaved();
  if (kinds.has("ended")) showNotice(drafts.keeps ? words.ended : words.ended_not_kept);
  else if (notice.classList.contains("notice-problem")) notice.hidden = true;
  announce(isTrouble ? "trouble" : kinds.has("waiting") ? "" : "saved");
}

function lastSaved() {
  const times = answers.map((answer) => answer.record.changed_at).filter(Boolean).sort();
  return times.length ? words.all_saved.replace("{time}", clock(times.at(-1))) : "";
}

/** Said once when things go wrong and once when they are well again, not at every save. */
function announce(kind) {
  if (!kind) {
    if (!hasWorked) announced = "";
    hasWorked = true;
  }
  if (!kind || kind === announced) return;
  announced = kind;
  const troubled = answers.find((answer) => answer.trouble);
  announcer.textContent =
    kind === "saved" ? words.announce_saved : `${troubled.code}: ${troubled.trouble}`;
}

function showNotice(text, { isGood = false } = {}) {
  notice.classList.toggle("notice-problem", !isGood);
  notice.querySelector(".icon").toggleAttribute("hidden", isGood);
  const place = notice.querySelector("[data-page-notice-words]");
  if (place.textContent === text && !notice.hidden) return;
  notice.hidden = false;
  place.textContent = text;
}

const isUnsaved = () => answers.some((answer) => answer.isDirty || answer.kind === "waiting");
const saveAll = () => Promise.all(answers.map((answer) => answer.save()));
const saveAllSoon = () =>
  Promise.race([saveAll(), new Promise((resolve) => setTimeout(resolve, LEAVING))]);

async function bringBack() {
  const back = [];
  for (const draft of await drafts.leftBehind()) {
    const answer = byCode.get(draft.code);
    if (!answer) continue;
    if (same(draft, answer.record) || same(draft, answer.value)) drafts.forget(draft);
    else if (draft.version === answer.record.version && !answer.isDirty) {
      answer.restore(draft);
      back.push(draft.code);
    } else answer.offer(draft);
  }
  if (back.length) showNotice(`${words.restored} (${back.join(", ")})`, { isGood: true });
}

function takeOverProblems() {
  for (const code of data.problems) {
    const answer = byCode.get(code);
    const refused = answer.section.querySelector("[data-server-problem] .problem-words");
    const sentence = refused?.textContent.trim() ?? "";
    if (answer.section.querySelector(`[name="take-${code}"]`)) answer.ask(answer.record);
    else answer.refuse(sentence);
  }
}

/** What was answered before this script had come is saved as well. */
function takeOverEarly() {
  for (const answer of answers) {
    if (answer.isDirty && !data.problems.includes(answer.code)) answer.changed();
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  line.begin();
  await saveAll();
  if (isUnsaved()) {
    announcer.textContent = bar.textContent;
    answers.find((answer) => answer.isDirty)?.section.scrollIntoView({ block: "center" });
  } else if (event.submitter?.name === "next") {
    window.location.assign(event.submitter.dataset.to);
  } else if (event.submitter?.name === "holds") {
    const { name, value } = event.submitter;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    form.submit();
  } else {
    announcer.textContent = bar.textContent;
  }
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (!link || !isPlain || link.target || link.hash || !isUnsaved()) return;
  event.preventDefault();
  await saveAllSoon();
  window.location.assign(link.href);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") answers.forEach((answer) => answer.leave());
});

window.addEventListener("pagehide", () => answers.forEach((answer) => answer.leave()));

window.addEventListener("beforeunload", (event) => {
  if (!drafts.keeps && isUnsaved()) event.preventDefault();
});

takeOverProblems();
takeOverEarly();
bringBack();
showState();
