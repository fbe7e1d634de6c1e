// A text with or without a choice beside it, as it stands on a page and saves itself.
//
// The root holds one textarea, perhaps radio buttons, and lines `[data-status]`, `[data-count]` and
// `[data-panels]`; the page has the templates `kept` and `conflict`. `names` says how record and server
// call the two: `{ text: "feedback", choice: "verdict" }`; without `choice`, the text alone is sent.
// What else the server needs to know goes in `extra`. `labels` names choices for the panels.

import { tidy } from "./drafts.js";
import { Keeping } from "./keeping.js";

export class Fields extends Keeping {
  constructor(root, { code, record, names, extra = {}, labels = {}, limit, ...options }) {
    super(code, record, options);
    Object.assign(this, { root, names, extra, labels });
    if (limit) this.limit = limit;
    this.box = root.querySelector("textarea");
    this.radios = names.choice ? [...root.querySelectorAll('input[type="radio"]')] : [];
    this.status = root.querySelector("[data-status]");
    this.count = root.querySelector("[data-count]");
    this.panels = root.querySelector("[data-panels]");
    this.begin({ choices: this.radios });
    this.counted();
  }

  get value() {
    const value = { [this.names.text]: this.box.value };
    if (this.names.choice) value[this.names.choice] = this.radios.find((radio) => radio.checked)?.value ?? "";
    return value;
  }

  body(value) {
    return { ...this.extra, ...super.body(value) };
  }

  isSame(one, other) {
    const { text, choice } = this.names;
    return tidy(one[text]) === tidy(other[text]) && (!choice || one[choice] === other[choice]);
  }

  fill(value) {
    this.box.value = value[this.names.text];
    for (const radio of this.radios) radio.checked = radio.value === value[this.names.choice];
    this.counted();
  }

  draft() {
    const value = this.value;
    return { state: value[this.names.choice] ?? "", note: value[this.names.text] };
  }

  useDraft(draft) {
    this.fill(this.#read(draft));
  }

  holds(draft) {
    return super.holds(this.#read(draft));
  }

  wordsOf(value) {
    const { text, choice } = this.names;
    const known = text in value ? value : this.#read(value);
    const chosen = choice ? this.labels[known[choice]] : "";
    return [chosen, known[text]].filter(Boolean).join("\n") || this.words.no_text;
  }

  insert(root) {
    this.panels.append(root);
  }

  #read({ state, note }) {
    return { [this.names.text]: note, ...(this.names.choice && { [this.names.choice]: state }) };
  }
}
