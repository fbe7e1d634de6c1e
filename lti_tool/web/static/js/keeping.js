// Something on a page that saves itself: when, what is kept on the device until the server has it,
// and what happens where it is refused, changed elsewhere, or the session is over.
//
// A class for one such thing extends `Keeping`. Its constructor calls `super(code, record, options)`,
// sets `root` (where its panels are looked for), `box` (its textarea), `status` and `count` (lines of
// words, inside `root`), and then calls `begin({ choices })`. It must have:
//   get value()     what stands in the fields, as an object
//   isSame(a, b)    whether the server would store two values alike
//   fill(value)     puts a value, or a record, into the fields
//   draft()         { state, note }, both strings: what is kept on the device
//   insert(panel)   where a question is shown
// and may have more: `body`, `recordOf`, `useDraft`, `adopt`, `wordsOf`, `conflictPanel`, `keptPanel`,
// `focus`. `record` is what the server has, with its `version` and `changed_at`. Where that is one
// text with or without a choice, `Fields` of fields.js is ready to use. Several on one page have codes
// of their own, and may share one `Line` and one `Drafts`; `KeptPage` of keeping_page.js brings them
// together: the bar, what is announced, leaving the page, drafts of earlier pages. Saving by a form
// without scripts is the server's part. The line expects 200 with `version` (and the record), 409 with
// `current` (a record), or an error with its sentence.

import { tidy } from "./drafts.js";
import { clock, moment, number } from "./times.js";

const AFTER_CHOICE = 250; // arrow keys pass over a choice on the way to another
const AFTER_TYPING = 1000;
const LONGEST_TYPING = 8000; // who types without a pause is saved now and then all the same

/** A copy of one of the page's own templates. */
export function panel(name) {
  return document.getElementById(name).content.firstElementChild.cloneNode(true);
}

export class Keeping {
  #timer = null;
  #typingSince = null;
  #busy = null;
  #unconfirmed = [];
  #confirmed = null;
  #conflict = null;

  constructor(code, record, { line, drafts, words, onChange, onSaved, onTaken }) {
    Object.assign(this, { code, record, line, drafts, words, onChange, onSaved, onTaken });
    this.kind = "saved"; // saved | waiting | trouble | choice | refused | ended
    this.halted = false;
    this.offers = 0;
    this.limit = words.limit;
  }

  /** Listens to the fields, once a subclass has found them. */
  begin({ choices = [] } = {}) {
    this.box.addEventListener("input", () => this.changed());
    this.box.addEventListener("blur", () => this.save());
    for (const choice of choices) {
      choice.addEventListener("change", () => this.changed({ wait: AFTER_CHOICE }));
    }
    if (this.status.textContent.trim()) this.status.textContent = this.#savedWords();
  }

  // What a subclass may say otherwise ------------------------------------------------------------

  /** What is sent to the server. */
  body(value) {
    return { code: this.code, ...value, version: this.record.version };
  }

  /** The record in the server's answer to a save. */
  recordOf(result) {
    return result;
  }

  /** Puts a draft into the fields. */
  useDraft(draft) {
    this.fill(draft);
  }

  /** Whether a draft holds nothing that the fields or the server do not have. */
  holds(draft) {
    return this.isSame(draft, this.record) || this.isSame(draft, this.value);
  }

  /** A value, a record or a draft in words, for the panels. */
  wordsOf(value) {
    return (value.text ?? value.note) || this.words.no_text;
  }

  focus() {
    this.box.focus();
  }

  /** Both versions side by side. `showMine` follows what is typed meanwhile. */
  conflictPanel(other, { onKeep, onTake }) {
    const root = panel("conflict");
    const showMine = (value) => {
      root.querySelector("[data-mine]").textContent = this.wordsOf(value);
    };
    showMine(this.value);
    root.querySelector("[data-other]").textContent = this.wordsOf(other);
    if (other.changed_at) root.querySelector("[data-other-time]").textContent = clock(other.changed_at);
    root.querySelector("[data-keep]").addEventListener("click", onKeep);
    root.querySelector("[data-take]").addEventListener("click", onTake);
    return { root, showMine };
  }

  /** A draft that an earlier page left behind. */
  keptPanel(draft, { onUse, onDiscard }) {
    const root = panel("kept");
    root.querySelector("[data-kept-words]").textContent = this.words.offer.replace("{time}", moment(draft.at));
    root.querySelector("[data-kept-text]").textContent = this.wordsOf(draft);
    root.querySelector("[data-use]").addEventListener("click", onUse);
    root.querySelector("[data-discard]").addEventListener("click", onDiscard);
    return root;
  }

  /** Takes a record as what the server has. `sent` is the value that it confirms, if any. */
  adopt(record) {
    this.record = record;
    this.#unconfirmed = [];
    this.#confirmed = null;
  }

  // How it stands --------------------------------------------------------------------------------

  get isDirty() {
    const value = this.value;
    return !this.isSame(value, this.record) && !(this.#confirmed && this.isSame(value, this.#confirmed));
  }

  /** What a person must know of it, or nothing when all is well. */
  get trouble() {
    if (this.offers) return this.root.querySelector("[data-kept-words]")?.textContent ?? "";
    return ["saved", "waiting"].includes(this.kind) ? "" : this.status.textContent;
  }

  /** When it was saved last. */
  get savedAt() {
    return this.record.changed_at;
  }

  /** Keeps what stands in the fields and saves it when its time has come. */
  changed({ wait = AFTER_TYPING } = {}) {
    this.counted();
    if (!this.isDirty && !this.#busy) {
      this.#settle();
      return;
    }
    this.#keep();
    if (this.#conflict) {
      this.#conflict.showMine(this.value);
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
  leave() {
    if (this.isDirty && !this.#busy && !this.halted && !this.#conflict && !this.line.ended) {
      if (this.line.isUp) this.drafts.markSent(this.code);
      this.save();
    }
  }

  /** Takes in what another tab saved. Says whether it did. */
  news(record) {
    if (this.#busy || record.version < this.record.version) return false;
    if (this.isDirty && !this.isSame(this.value, record)) return false;
    const isNewer = record.version > this.record.version;
    this.adopt(record);
    if (!this.isSame(this.value, record)) this.fill(record);
    if (isNewer && !this.isDirty) {
      this.#settle(this.words.elsewhere.replace("{time}", clock(record.changed_at)));
    }
    return true;
  }

  /** Puts a draft back that was typed on the record as it is. */
  restore(draft) {
    this.useDraft(draft);
    this.#keep();
    this.drafts.forget(draft);
    this.#say("waiting", this.words.restored);
    this.#schedule(AFTER_TYPING);
  }

  /** Asks about a draft that was typed on an older version. */
  offer(draft) {
    const done = () => {
      this.drafts.forget(draft);
      root.remove();
      this.offers -= 1;
      this.focus();
      this.onChange(this);
    };
    const onUse = () => {
      this.useDraft(draft);
      this.changed({ wait: 0 });
      done();
    };
    const root = this.keptPanel(draft, { onUse, onDiscard: done });
    this.insert(root);
    this.offers += 1;
    this.onChange(this);
  }

  /** Shows both versions; nothing is saved until one is chosen. */
  ask(other) {
    this.#conflict?.root.remove();
    this.#conflict = this.conflictPanel(other, {
      onKeep: () => this.#choose(other, { mine: true }),
      onTake: () => this.#choose(other, { mine: false }),
    });
    this.insert(this.#conflict.root);
    this.#keep();
    this.#say("choice", this.words.conflict);
  }

  /** Leaves what was refused in the fields, and on this device, until it is changed. */
  refuse(sentence) {
    this.halted = true;
    this.#keep();
    this.#say("refused", this.words.refused.replace("{sentence}", sentence));
  }

  #choose(other, { mine }) {
    this.#conflict.root.remove();
    this.#conflict = null;
    const dropped = this.draft();
    this.adopt(other);
    if (!mine) {
      this.fill(other);
      this.onTaken?.(dropped);
    }
    this.focus();
    this.changed({ wait: 0 });
  }

  async #send() {
    const value = this.value;
    this.#unconfirmed.push(value);
    if (this.kind !== "trouble") this.#say("waiting", this.words.saving);
    const result = await this.line.post(this.body(value));
    this.#busy = null;
    if (result.kind === "saved") this.#saved(value, result);
    else if (result.kind === "conflict") this.#conflicts(result.current);
    else if (result.kind === "refused") this.refuse(result.sentence);
    else if (result.kind === "closed") this.refuse(this.drafts.keeps ? result.sentence : result.plain);
    else if (result.kind === "ended") this.#sayEnded();
    else this.#say("trouble", this.drafts.keeps ? this.words.offline : this.words.offline_not_kept);
  }

  #saved(value, result) {
    this.adopt(this.recordOf(result), value);
    this.#confirmed = value;
    this.kind = "saved";
    this.onSaved?.(this, result);
    this.#goOn();
  }

  /** An earlier request of this very page may have arrived although its answer did not. */
  #conflicts(current) {
    if (this.isSame(current, this.value) || this.#unconfirmed.some((sent) => this.isSame(sent, current))) {
      this.adopt(current);
      this.kind = "saved";
      this.#goOn();
    } else {
      this.ask(current);
    }
  }

  #goOn() {
    if (this.isDirty) this.changed({ wait: 0 });
    else this.#settle();
  }

  /** Nothing is left to save: the draft has done its work. */
  #settle(words = this.#savedWords()) {
    clearTimeout(this.#timer);
    this.drafts.remove(this.code);
    this.#conflict?.root.remove();
    this.#conflict = null;
    this.halted = false;
    this.#say("saved", words);
  }

  #keep() {
    this.drafts.put(this.code, { ...this.draft(), version: this.record.version });
  }

  #schedule(wait) {
    clearTimeout(this.#timer);
    this.#typingSince ??= Date.now();
    const left = Math.max(0, this.#typingSince + LONGEST_TYPING - Date.now());
    this.#timer = setTimeout(() => this.save(), Math.min(wait, left));
  }

  // Lengths and words ----------------------------------------------------------------------------

  /** The server counts characters, JavaScript counts halves of some; exact near the limit only. */
  get #length() {
    const text = tidy(this.box.value);
    return text.length <= this.limit ? text.length : [...text].length;
  }

  #isTooLong() {
    if (this.#length <= this.limit) return false;
    this.#say("refused", this.words.refused.replace("{sentence}", this.#said(this.words.too_long)));
    return true;
  }

  #said(sentence) {
    return sentence.replace("{count}", number(this.#length)).replace("{limit}", number(this.limit));
  }

  /** Says how long the text is, near its limit. */
  counted() {
    const isOver = this.#length > this.limit;
    this.count.textContent = this.#length > this.limit * 0.9 ? this.#said(this.words.count) : "";
    this.count.dataset.kind = isOver ? "trouble" : "";
    if (isOver) this.box.setAttribute("aria-invalid", "true");
    else this.box.removeAttribute("aria-invalid");
  }

  #savedWords() {
    return this.savedAt ? this.words.saved.replace("{time}", clock(this.savedAt)) : "";
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
}
