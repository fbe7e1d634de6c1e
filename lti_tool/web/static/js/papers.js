// Asks how each PDF stands until it is there, and says so. Without it, "Check again" does.

import { ask } from "./ask.js";

const PAUSE = 1000;
const LONGEST_PAUSE = 10000;

for (const box of document.querySelectorAll("[data-paper]")) {
  if (box.dataset.state === "asked") watch(box, PAUSE);
}

function watch(box, pause) {
  box.querySelector("[data-check-again]")?.setAttribute("hidden", "");
  setTimeout(async () => {
    const answer = await ask(box.dataset.paper);
    if (answer && answer.state !== "asked") {
      box.dataset.state = answer.state;
      box.innerHTML = answer.html;
      return;
    }
    watch(box, Math.min(pause * 1.5, LONGEST_PAUSE));
  }, pause);
}
