// The two questions that an answer may raise, filled from the page's own templates.

import { clock, moment } from "./times.js";

function panel(name) {
  const { content } = document.getElementById(name);
  return content.firstElementChild.cloneNode(true);
}

function stateMark(state) {
  return document.querySelector(`template[data-state-mark="${state}"]`).content.cloneNode(true);
}

function show(root, part, answer, words) {
  root.querySelector(`[data-${part}-state]`).replaceChildren(stateMark(answer.state));
  root.querySelector(`[data-${part}-note]`).textContent = answer.note || words.no_note;
}

/** Both versions side by side. `showMine` follows what is typed meanwhile. */
export function conflictPanel({ mine, other, words, onKeep, onTake }) {
  const root = panel("conflict");
  show(root, "mine", mine, words);
  show(root, "other", other, words);
  if (other.changed_at) {
    root.querySelector("[data-other-time]").textContent = clock(other.changed_at);
  }
  root.querySelector("[data-keep]").addEventListener("click", onKeep);
  root.querySelector("[data-take]").addEventListener("click", onTake);
  return { root, showMine: (answer) => show(root, "mine", answer, words) };
}

/** A draft that an earlier page left behind. */
export function keptPanel({ draft, words, onUse, onDiscard }) {
  const root = panel("kept");
  root.querySelector("[data-kept-words]").textContent = words.offer.replace(
    "{time}",
    moment(draft.at),
  );
  show(root, "kept", draft, words);
  root.querySelector("[data-use]").addEventListener("click", onUse);
  root.querySelector("[data-discard]").addEventListener("click", onDiscard);
  return root;
}
