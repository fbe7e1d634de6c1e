// Asks how the test of a connection stands until it has ended, and says so. Without it, "Check
// again" does.

import { ask } from "./ask.js";

const PAUSE = 700;
const LONGEST_PAUSE = 5000;

for (const box of document.querySelectorAll("[data-test]")) {
  if (box.dataset.state === "running") watch(box, PAUSE);
}

function watch(box, pause) {
  box.querySelector("[data-check-again]")?.setAttribute("hidden", "");
  setTimeout(async () => {
    const answer = await ask(box.dataset.test);
    if (answer) box.innerHTML = answer.html;
    if (answer && answer.state !== "running") {
      end(answer);
      return;
    }
    watch(box, Math.min(pause * 1.4, LONGEST_PAUSE));
  }, pause);
}

function end(answer) {
  document.querySelector("[data-test-services]").innerHTML = answer.services;
  document.querySelector("[data-test-form]").hidden = false;
  document.querySelector("[data-test-said]").textContent = answer.said;
}
