// A domain's page: every answer saves itself, and the page says truly how that stands.

import { Answer } from "./answer.js";
import { Drafts } from "./drafts.js";
import { KeptPage } from "./keeping_page.js";
import { Line } from "./line.js";
import { Tabs } from "./tabs.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
const words = data.messages;
const form = document.querySelector("form[data-domain]");

const drafts = new Drafts(data);
const page = new KeptPage({
  drafts,
  words,
  saved: words.all_saved,
  troubled: (answer) => `${answer.code}: ${answer.trouble}`,
});
const line = new Line({
  url: data.save,
  token: document.querySelector('meta[name="csrf-token"]').content,
  onRetry: () => page.saveAll(),
});
const tabs = new Tabs(data, ({ code, record, progress }) => {
  byCode.get(code)?.news(record);
  showProgress(progress);
});
for (const section of form.querySelectorAll("[data-code]")) {
  page.add(
    new Answer(section, data.answers[section.dataset.code], {
      line,
      drafts,
      words,
      onChange: () => page.showState(),
      onSaved(answer, { progress }) {
        showProgress(progress);
        tabs.tell({ code: answer.code, record: answer.record, progress });
      },
    }),
  );
}
const answers = page.parts;
const byCode = new Map(answers.map((answer) => [answer.code, answer]));

function showProgress(progress) {
  if (String(progress?.number) !== form.dataset.domain) return;
  const { total, rated, achieved, words: said } = progress.domain;
  const root = document.querySelector("[data-progress]");
  root.querySelector("[data-progress-words]").textContent = said;
  root.querySelector(".meter-working").setAttribute("width", (100 * rated) / total);
  root.querySelector(".meter-achieved").setAttribute("width", (100 * achieved) / total);
}

function takeOverProblems() {
  for (const code of data.problems) {
    const answer = byCode.get(code);
    const refused = answer.root.querySelector("[data-server-problem] .problem-words");
    const sentence = refused?.textContent.trim() ?? "";
    if (answer.root.querySelector(`[name="take-${code}"]`)) answer.ask(answer.record);
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
  await page.saveAll();
  if (page.isUnsaved) {
    page.announcer.textContent = page.bar.textContent;
    answers.find((answer) => answer.isDirty)?.root.scrollIntoView({ block: "center" });
  } else if (event.submitter?.name === "next") {
    window.location.assign(event.submitter.dataset.to);
  } else if (event.submitter?.name === "holds") {
    const { name, value } = event.submitter;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    form.submit();
  } else {
    page.announcer.textContent = page.bar.textContent;
  }
});

takeOverProblems();
takeOverEarly();
page.bringBack().then((back) => {
  if (back.length) page.show(`${words.restored} (${back.join(", ")})`, { isGood: true });
});
page.showState();
