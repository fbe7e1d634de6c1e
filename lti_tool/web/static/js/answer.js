// One competency on the page: its fields, and how they are filled.

import { same } from "./drafts.js";
import { Keeping } from "./keeping.js";
import { conflictPanel, keptPanel } from "./panels.js";

export class Answer extends Keeping {
  constructor(section, record, options) {
    super(section.dataset.code, record, options);
    this.root = section;
    this.radios = [...section.querySelectorAll(`input[type="radio"]`)];
    this.box = section.querySelector("textarea");
    this.fold = section.querySelector("[data-note]");
    this.count = section.querySelector("[data-count]");
    this.status = section.querySelector("[data-status]");
    this.#listen();
    this.begin({ choices: this.radios });
    this.#grow();
  }

  get value() {
    const chosen = this.radios.find((radio) => radio.checked);
    return { state: chosen?.value ?? "not-started", note: this.box.value };
  }

  isSame(one, other) {
    return same(one, other);
  }

  /** Puts an answer into the fields. */
  fill({ state, note }) {
    for (const radio of this.radios) radio.checked = radio.value === state;
    this.box.value = note;
    if (note) this.fold.open = true;
    this.#grow();
    this.counted();
  }

  draft() {
    return this.value;
  }

  recordOf({ state, note, version, saved_at }) {
    return { state, note, version, changed_at: saved_at };
  }

  conflictPanel(other, { onKeep, onTake }) {
    return conflictPanel({ mine: this.value, other, words: this.words, onKeep, onTake });
  }

  keptPanel(draft, { onUse, onDiscard }) {
    return keptPanel({ draft, words: this.words, onUse, onDiscard });
  }

  insert(panel) {
    this.root.querySelector("[data-server-problem]")?.remove();
    this.root.querySelector(".choices").before(panel);
  }

  focus() {
    (this.radios.find((radio) => radio.checked) ?? this.radios[0]).focus();
  }

  #listen() {
    for (const radio of this.radios) {
      radio.addEventListener("change", () => {
        if (radio.value !== "not-started") this.fold.open = true;
      });
    }
    this.box.addEventListener("input", () => this.#grow());
  }

  /** Where the style sheet cannot make the box grow with its text, this does. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight + 2}px`;
  }
}
