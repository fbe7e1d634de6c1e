// One account of a portfolio: its text, and the marks beside it.

import { tidy } from "./drafts.js";
import { Keeping } from "./keeping.js";
import { number } from "./times.js";

export class Account extends Keeping {
  #left = new Map();

  constructor(form, { code, record, ...options }) {
    super(code, record, options);
    this.box = form.elements.text;
    this.ticks = [...form.querySelectorAll('[name="ticks"]')];
    this.radios = [...form.querySelectorAll('[name="declaration"]')];
    this.count = form.querySelector("[data-count]");
    this.words_line = form.querySelector("[data-words]");
    this.status = form.querySelector("[data-status]");
    this.root = form.querySelector("[data-panels]");
    this.begin({ choices: [...this.ticks, ...this.radios] });
    this.counted();
  }

  get value() {
    return { text: tidy(this.box.value), delta: this.delta };
  }

  /** What the writer changed beside the text, and the server does not have. */
  get delta() {
    const delta = {};
    const had = new Set(this.record.ticks);
    const turned = this.ticks.filter((tick) => tick.checked !== had.has(Number(tick.value)));
    if (turned.length) delta.ticks = Object.fromEntries(turned.map((tick) => [tick.value, tick.checked]));
    const declared = this.radios.find((radio) => radio.checked)?.value ?? "";
    if (declared !== this.record.declaration) delta.declaration = declared;
    if (this.#left.size) delta.left = Object.fromEntries(this.#left);
    return delta;
  }

  /** Versions are versions of the text; marks are sent as they change. */
  isSame(one, other) {
    return one.text === other.text;
  }

  get isDirty() {
    return super.isDirty || Object.keys(this.delta).length > 0;
  }

  body({ text, delta }) {
    return { ...delta, text, version: this.record.version, sitting: this.drafts.page };
  }

  fill({ text }) {
    this.box.value = text;
    this.counted();
  }

  draft() {
    return { state: JSON.stringify(this.delta), note: this.box.value };
  }

  useDraft(draft) {
    this.fill({ text: draft.note });
    this.#mark(read(draft.state));
  }

  holds(draft) {
    const isSame = [this.record.text, this.value.text].includes(tidy(draft.note));
    return isSame && Object.keys(read(draft.state)).length === 0;
  }

  insert(panel) {
    this.root.append(panel);
  }

  /** Puts a text in place of the one that stands here. */
  replace(text) {
    this.fill({ text });
    this.changed({ wait: 0 });
  }

  /** Remembers that a place shall stay as it is. */
  leavePlace(mark) {
    this.#left.set(mark, true);
    this.changed({ wait: 0 });
  }

  /** On this page, marks count as well. */
  get savedAt() {
    return this.record.saved_at ?? this.record.changed_at;
  }

  /** Takes a record; marks that were set here and are not in it yet stay set. */
  adopt(record, { delta: sent = {} } = {}) {
    for (const mark of Object.keys(sent.left ?? {})) this.#left.delete(mark);
    const { ticks = {}, declaration } = this.delta;
    for (const [value, on] of Object.entries(sent.ticks ?? {})) {
      if (ticks[value] === on) delete ticks[value];
    }
    const isDeclared = declaration !== undefined && declaration !== sent.declaration;
    super.adopt(record);
    const had = new Set(record.ticks);
    for (const tick of this.ticks) tick.checked = ticks[tick.value] ?? had.has(Number(tick.value));
    const declared = isDeclared ? declaration : record.declaration;
    for (const radio of this.radios) radio.checked = radio.value === declared;
  }

  /** Counts characters near the limit, and words always. */
  counted() {
    super.counted();
    const text = tidy(this.box.value);
    const words = text.match(/[\p{L}\p{N}_]+(?:['’.,/-][\p{L}\p{N}_]+)*/gu)?.length ?? 0;
    this.words_line.textContent = (words === 1 ? this.words.word : this.words.words).replace("{count}", number(words));
  }

  #mark({ ticks = {}, declaration, left = {} }) {
    for (const tick of this.ticks) if (tick.value in ticks) tick.checked = ticks[tick.value];
    if (declaration !== undefined) {
      for (const radio of this.radios) radio.checked = radio.value === declaration;
    }
    for (const mark of Object.keys(left)) this.#left.set(mark, true);
  }
}

function read(state) {
  try {
    return JSON.parse(state) ?? {};
  } catch {
    return {};
  }
}
