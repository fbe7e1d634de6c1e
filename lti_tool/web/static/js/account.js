// One account of a portfolio: its text and marks, what the server has, and how the two come together.

import { tidy } from "./drafts.js";
import { clock, moment, number } from "./times.js";

const AFTER_MARK = 250;
const AFTER_TYPING = 1000;
const LONGEST_TYPING = 8000; // who types without a pause is saved now and then all the same

function panel(name) {
  return document.getElementById(name).content.firstElementChild.cloneNode(true);
}

export class Account {
  #timer = null;
  #typingSince = null;
  #busy = null;
  #unconfirmed = [];
  #confirmed = null;
  #conflict = null;
  #left = new Map();

  constructor(form, { code, record, line, drafts, words, onChange, onSaved, onTaken }) {
    Object.assign(this, { code, record, line, drafts, words, onChange, onSaved, onTaken });
    this.form = form;
    this.box = form.elements.text;
    this.ticks = [...form.querySelectorAll('[name="ticks"]')];
    this.radios = [...form.querySelectorAll('[name="declaration"]')];
    this.count = form.querySelector("[data-count]");
    this.words_line = form.querySelector("[data-words]");
    this.status = form.querySelector("[data-status]");
    this.panels = form.querySelector("[data-panels]");
    this.kind = "saved"; // saved | waiting | trouble | choice | refused | ended
    this.halted = false;
    this.offers = 0;
    this.#listen();
    this.#counted();
    if (this.status.textContent.trim()) this.status.textContent = this.#savedWords();
  }

  get text() {
    return tidy(this.box.value);
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

  get isDirty() {
    return this.#isTextDirty || Object.keys(this.delta).length > 0;
  }

  get #isTextDirty() {
    return this.text !== this.record.text && this.text !== this.#confirmed;
  }

  /** What a person must know, or nothing when all is well. */
  get trouble() {
    if (this.offers) return this.panels.querySelector("[data-kept-words]")?.textContent ?? "";
    return ["saved", "waiting"].includes(this.kind) ? "" : this.status.textContent;
  }

  /** Keeps what stands in the fields and saves it when its time has come. */
  changed({ wait = AFTER_TYPING } = {}) {
    this.#counted();
    if (!this.isDirty && !this.#busy) {
      this.#settle();
      return;
    }
    this.#keep();
    if (this.#conflict) {
      this.#conflict.querySelector("[data-mine]").textContent = this.text || this.words.no_text;
      return;
    }
    this.halted = false;
    if (this.kind !== "trouble") this.#say("waiting", this.#waitingWords());
    this.#schedule(wait);
  }

  /** Saves now what is not saved; resolves when it is, or when it is clear that it is not. */
  async save() {
    clearTimeout(this.#timer);
    this.#typingSince = null;
    if (this.#busy) {
      await this.#busy;
      if (this.isDirty && this.kind === "waiting") await this.save();
      return;
    }
    if (!this.isDirty || this.halted || this.#conflict || this.#isTooLong()) return;
    if (this.line.ended) {
      this.#sayEnded();
      return;
    }
    this.#busy = this.#send();
    await this.#busy;
  }

  /** Sends a last time as the page goes away. What does not arrive is still kept here. */
  leavePage() {
    if (this.isDirty && !this.#busy && !this.halted && !this.#conflict && !this.line.ended) {
      if (this.line.isUp) this.drafts.markSent(this.code);
      this.save();
    }
  }

  /** Puts a text in place of the one that stands here. */
  replace(text) {
    this.#fill(text);
    this.changed({ wait: 0 });
  }

  /** Remembers that a place shall stay as it is. */
  leavePlace(mark) {
    this.#left.set(mark, true);
    this.changed({ wait: 0 });
  }

  /** Takes in what another tab saved. Says whether it did. */
  news(record) {
    if (this.#busy || record.version < this.record.version || this.isDirty) return false;
    const isNewer = record.version > this.record.version;
    this.#adopt(record);
    if (this.text !== record.text) this.#fill(record.text);
    if (isNewer) this.#say("saved", this.words.elsewhere.replace("{time}", clock(record.changed_at)));
    return true;
  }

  /** Whether a draft holds nothing that the fields or the server do not have. */
  holds(draft) {
    const isSame = [this.record.text, this.text].includes(tidy(draft.note));
    return isSame && Object.keys(read(draft.state)).length === 0;
  }

  /** Puts a draft back that was typed on the account as it is on record. */
  restore(draft) {
    this.#fill(draft.note);
    this.#mark(read(draft.state));
    this.#keep();
    this.drafts.forget(draft);
    this.#say("waiting", this.words.restored);
    this.#schedule(AFTER_TYPING);
  }

  /** Asks about a draft that was typed on an older version. */
  offer(draft) {
    const root = panel("kept");
    root.querySelector("[data-kept-words]").textContent = this.words.offer.replace("{time}", moment(draft.at));
    root.querySelector("[data-kept-text]").textContent = draft.note || this.words.no_text;
    const done = () => {
      this.drafts.forget(draft);
      root.remove();
      this.offers -= 1;
      this.box.focus();
      this.onChange(this);
    };
    root.querySelector("[data-use]").addEventListener("click", () => {
      this.#fill(draft.note);
      this.#mark(read(draft.state));
      this.changed({ wait: 0 });
      done();
    });
    root.querySelector("[data-discard]").addEventListener("click", done);
    this.panels.append(root);
    this.offers += 1;
    this.onChange(this);
  }

  /** Shows both versions; nothing is saved until one is chosen. */
  ask(other) {
    this.#conflict?.remove();
    const root = panel("conflict");
    root.querySelector("[data-mine]").textContent = this.text || this.words.no_text;
    root.querySelector("[data-other]").textContent = other.text || this.words.no_text;
    if (other.changed_at) root.querySelector("[data-other-time]").textContent = clock(other.changed_at);
    root.querySelector("[data-keep]").addEventListener("click", () => this.#choose(other, { mine: true }));
    root.querySelector("[data-take]").addEventListener("click", () => this.#choose(other, { mine: false }));
    this.#conflict = root;
    this.panels.append(root);
    this.#keep();
    this.#say("choice", this.words.conflict);
  }

  /** Leaves what was refused in the fields until it is changed. */
  refuse(sentence) {
    this.halted = true;
    this.#keep();
    this.#say("refused", this.words.refused.replace("{sentence}", sentence));
  }

  #choose(other, { mine }) {
    this.#conflict.remove();
    this.#conflict = null;
    const dropped = this.box.value;
    this.#adopt(other);
    if (!mine) {
      this.#fill(other.text);
      this.onTaken(dropped);
    }
    this.box.focus();
    this.changed({ wait: 0 });
  }

  async #send() {
    const text = this.text;
    const delta = this.delta;
    this.#unconfirmed.push(text);
    if (this.kind !== "trouble") this.#say("waiting", this.words.saving);
    const result = await this.line.post({
      ...delta,
      text,
      version: this.record.version,
      sitting: this.drafts.page,
    });
    this.#busy = null;
    if (result.kind === "saved") this.#saved(text, delta, result);
    else if (result.kind === "conflict") this.#conflicts(result.current);
    else if (result.kind === "refused") this.refuse(result.sentence);
    else if (result.kind === "ended") this.#sayEnded();
    else this.#say("trouble", this.drafts.keeps ? this.words.offline : this.words.offline_not_kept);
  }

  #saved(text, delta, result) {
    for (const mark of Object.keys(delta.left ?? {})) this.#left.delete(mark);
    this.#adopt(result, delta);
    this.#confirmed = text;
    this.kind = "saved";
    this.onSaved(this, result);
    this.#goOn();
  }

  /** An earlier request of this very page may have arrived although its answer did not. */
  #conflicts(current) {
    if (current.text === this.text || this.#unconfirmed.includes(current.text)) {
      this.#adopt(current);
      this.kind = "saved";
      this.#goOn();
    } else {
      this.ask(current);
    }
  }

  /** Takes a record; marks that were set here and are not in it yet stay set. */
  #adopt(record, sent = {}) {
    const { ticks = {}, declaration } = this.delta;
    for (const [value, on] of Object.entries(sent.ticks ?? {})) {
      if (ticks[value] === on) delete ticks[value];
    }
    const isDeclared = declaration !== undefined && declaration !== sent.declaration;
    this.record = record;
    this.#unconfirmed = [];
    this.#confirmed = null;
    const had = new Set(record.ticks);
    for (const tick of this.ticks) tick.checked = ticks[tick.value] ?? had.has(Number(tick.value));
    const declared = isDeclared ? declaration : record.declaration;
    for (const radio of this.radios) radio.checked = radio.value === declared;
  }

  #mark({ ticks = {}, declaration, left = {} }) {
    for (const tick of this.ticks) if (tick.value in ticks) tick.checked = ticks[tick.value];
    if (declaration !== undefined) {
      for (const radio of this.radios) radio.checked = radio.value === declaration;
    }
    for (const mark of Object.keys(left)) this.#left.set(mark, true);
  }

  #fill(text) {
    this.box.value = text;
    this.#counted();
  }

  #goOn() {
    if (this.isDirty) this.changed({ wait: 0 });
    else this.#settle();
  }

  /** Nothing is left to save: the draft has done its work. */
  #settle() {
    clearTimeout(this.#timer);
    this.drafts.remove(this.code);
    this.#conflict?.remove();
    this.#conflict = null;
    this.halted = false;
    this.#say("saved", this.#savedWords());
  }

  #keep() {
    const state = JSON.stringify(this.delta);
    this.drafts.put(this.code, { state, note: this.box.value, version: this.record.version });
  }

  #schedule(wait) {
    clearTimeout(this.#timer);
    this.#typingSince ??= Date.now();
    const left = Math.max(0, this.#typingSince + LONGEST_TYPING - Date.now());
    this.#timer = setTimeout(() => this.save(), Math.min(wait, left));
  }

  #isTooLong() {
    const length = this.#length();
    if (length <= this.words.limit) return false;
    this.#say("refused", this.words.refused.replace("{sentence}", this.#said(this.words.too_long, length)));
    return true;
  }

  /** The server counts characters, JavaScript counts halves of some; exact near the limit only. */
  #length() {
    return this.text.length <= this.words.limit ? this.text.length : [...this.text].length;
  }

  #said(sentence, length) {
    return sentence.replace("{count}", number(length)).replace("{limit}", number(this.words.limit));
  }

  #counted() {
    const length = this.#length();
    const isOver = length > this.words.limit;
    this.count.textContent = length > this.words.limit * 0.9 ? this.#said(this.words.count, length) : "";
    this.count.dataset.kind = isOver ? "trouble" : "";
    if (isOver) this.box.setAttribute("aria-invalid", "true");
    else this.box.removeAttribute("aria-invalid");
    const words = this.text.match(/[\p{L}\p{N}_]+(?:['’.,/-][\p{L}\p{N}_]+)*/gu)?.length ?? 0;
    this.words_line.textContent = (words === 1 ? this.words.word : this.words.words).replace("{count}", number(words));
  }

  /** When it was saved last: on this page, marks count as well. */
  get savedAt() {
    return this.record.saved_at ?? this.record.changed_at;
  }

  #savedWords() {
    const at = this.savedAt;
    return at ? this.words.saved.replace("{time}", clock(at)) : "";
  }

  #waitingWords() {
    return this.drafts.keeps ? this.words.unsaved : `${this.words.unsaved}. ${this.words.not_kept}`;
  }

  #sayEnded() {
    this.#say("ended", this.drafts.keeps ? this.words.ended_short : this.words.unsaved);
  }

  #say(kind, words) {
    this.kind = kind;
    this.status.textContent = words;
    this.status.dataset.kind = ["saved", "waiting"].includes(kind) ? "" : "trouble";
    this.onChange(this);
  }

  #listen() {
    this.box.addEventListener("input", () => this.changed());
    this.box.addEventListener("blur", () => this.save());
    for (const field of [...this.ticks, ...this.radios]) {
      field.addEventListener("change", () => this.changed({ wait: AFTER_MARK }));
    }
  }
}

function read(state) {
  try {
    return JSON.parse(state) ?? {};
  } catch {
    return {};
  }
}
