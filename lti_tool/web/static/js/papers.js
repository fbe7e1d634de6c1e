// Asks how each PDF stands until it is there, and says so. Without it, "Check again" does.

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

async function ask(address) {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
