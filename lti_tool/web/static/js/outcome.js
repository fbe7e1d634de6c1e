// The page of an outcome: answers to feedback save themselves, each on its own.

import { Drafts } from "./drafts.js";
import { Fields } from "./fields.js";
import { KeptPage } from "./keeping_page.js";
import { Line } from "./line.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
const words = data.messages;
const token = document.querySelector('meta[name="csrf-token"]').content;

const drafts = new Drafts(data);
const page = new KeptPage({ drafts, words });
const line = new Line({ url: data.save, token, onRetry: () => page.saveAll() });

for (const form of document.querySelectorAll("form[data-answer]")) {
  const code = form.dataset.answer;
  const part = page.add(
    new Fields(form, {
      code,
      record: data.records[code],
      names: { text: "text" },
      line,
      drafts,
      words,
      onChange: () => page.showState(),
    }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    part.save();
  });
}

page.showState();
const back = await page.bringBack();
for (const code of back) document.getElementById(`answer-${code}`).open = true;
