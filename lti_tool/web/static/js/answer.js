// One competency on the page: its fields, what the server has, and how to bring the two together.

import { same, tidy } from "./drafts.js";
import { conflictPanel, keptPanel } from "./panels.js";
import { clock, number } from "./times.js";

const AFTER_CHOICE = 250; // arrow keys pass over a choice on the way to another
const AFTER_TYPING = 1000;
const LONGEST_TYPING = 8000; // who types without a pause is saved now and then all the same

export class Answer {
  #timer = null;
  #typingSince = null;
  #busy = null;
  #unconfirmed = [];
  #confirmed = null;
  #conflict = null;

  constructor(section, record, { line, drafts, words, onChange, onSaved }) {
    this.code = section.dataset.code;
    this.section = section;
    this.record = record;
    this.line = line;
    this.drafts = drafts;
    this.words = words;
    this.onChange = onChange;
    this.onSaved = onSaved;
    this.halted = false;
    this.offers = 0;
    this.kind = "saved"; // saved | waiting | trouble | choice | refused | ended
    this.radios = [...section.querySelectorAll(`input[type="radio"]`)];
    this.note = section.querySelector("textarea");
    this.fold = section.querySelector("[data-note]");
    this.count = section.querySelector("[data-count]");
    this.status = section.querySelector("[data-status]");
    this.#listen();
    this.#grow();
    if (this.status.textContent.trim()) this.status.textContent = this.#savedWords();
  }

  get value() {
    const chosen = this.radios.find((radio) => radio.checked);
    return { state: chosen?.value ?? "not-started", note: this.note.value };
  }

  get isDirty() {
    const value = this.value;
    return !same(value, this.record) && !(this.#confirmed && same(value, this.#confirmed));
  }

  /** What a person must know of this answer, or nothing when all is well. */
  get trouble() {
    if (this.offers) return this.section.querySelector("[data-kept-words]").textContent;
    return ["saved", "waiting"].includes(this.kind) ? "" : this.status.textContent;
  }

  /** Puts an answer into the fields. */
  fill({ state, note }) {
    for (const radio of this.radios) radio.checked = radio.value === state;
    this.note.value = note;
    if (note) this.fold.open = true;
    this.#grow();
    this.#countCharacters();
  }

  /** Keeps what stands in the fields and saves it when its time has come. */
  changed({ wait = AFTER_TYPING } = {}) {
    this.#countCharacters();
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

  /** Takes in what another tab saved. */
  news(record) {
    if (record.version <= this.record.version || this.#busy) return;
    if (!this.isDirty || same(this.value, record)) {
      this.#adopt(record);
      this.fill(record);
      this.#say("saved", this.words.elsewhere.replace("{time}", clock(record.changed_at)));
    }
  }

  /** Puts a draft back that was typed on the answer as it is on record. */
  restore(draft) {
    this.fill(draft);
    this.#keep();
    this.drafts.forget(draft);
    this.#say("waiting", this.words.restored);
    this.#schedule(AFTER_TYPING);
  }

  /** Asks about a draft that was typed on an older answer. */
  offer(draft) {
    const done = () => {
      this.drafts.forget(draft);
      root.remove();
      this.offers -= 1;
      this.#focusChoice();
      this.onChange(this);
    };
    const root = keptPanel({
      draft,
      words: this.words,
      onUse: () => {
        this.fill(draft);
        done();
        this.changed({ wait: 0 });
      },
      onDiscard: done,
    });
    this.#insert(root);
    this.offers += 1;
    this.onChange(this);
  }

  /** Shows both versions; nothing is saved until one is chosen. */
  ask(other) {
    this.#conflict?.root.remove();
    this.#conflict = conflictPanel({
      mine: this.value,
      other,
      words: this.words,
      onKeep: () => this.#choose(other, { mine: true }),
      onTake: () => this.#choose(other, { mine: false }),
    });
    this.#insert(this.#conflict.root);
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
    this.#conflict.root.remove();
    this.#conflict = null;
    this.#adopt(other);
    if (!mine) this.fill(other);
    this.#focusChoice();
    this.changed({ wait: 0 });
  }

  async #send() {
    const value = this.value;
    this.#unconfirmed.push(value);
    if (this.kind !== "trouble") this.#say("waiting", this.words.saving);
    const result = await this.line.post({ code: this.code, ...value, version: this.record.version });
    this.#busy = null;
    if (result.kind === "saved") this.#saved(value, result);
    else if (result.kind === "conflict") this.#conflicts(result.current);
    else if (result.kind === "refused") this.refuse(result.sentence);
    else if (result.kind === "ended") this.#sayEnded();
    else this.#say("trouble", this.drafts.keeps ? this.words.offline : this.words.offline_not_kept);
  }

  #saved(value, result) {
    const { state, note, version } = result;
    this.#adopt({ state, note, version, changed_at: result.saved_at });
    this.#confirmed = value;
    this.kind = "saved";
    this.onSaved(this, result.progress);
    this.#goOn();
  }

  /** An earlier request of this very page may have arrived although its answer did not. */
  #conflicts(current) {
    if (same(current, this.value) || this.#unconfirmed.some((sent) => same(sent, current))) {
      this.#adopt(current);
      this.kind = "saved";
      this.#goOn();
    } else {
      this.ask(current);
    }
  }

  #adopt(record) {
    this.record = record;
    this.#unconfirmed = [];
    this.#confirmed = null;
  }

  #goOn() {
    if (this.isDirty) this.changed({ wait: 0 });
    else this.#settle();
  }

  /** Nothing is left to save: the draft has done its work. */
  #settle() {
    clearTimeout(this.#timer);
    this.drafts.remove(this.code);
    this.#conflict?.root.remove();
    this.#conflict = null;
    this.halted = false;
    this.#say("saved", this.#savedWords());
  }

  #keep() {
    this.drafts.put(this.code, { ...this.value, version: this.record.version });
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
    const words = this.words.too_long
      .replace("{count}", number(length))
      .replace("{limit}", number(this.words.limit));
    this.#say("refused", this.words.refused.replace("{sentence}", words));
    return true;
  }

  /** The server counts characters, JavaScript counts halves of some; exact near the limit only. */
  #length() {
    const text = tidy(this.note.value);
    return text.length <= this.words.limit ? text.length : [...text].length;
  }

  #countCharacters() {
    const length = this.#length();
    const isNear = length > this.words.limit * 0.9;
    this.count.textContent = isNear
      ? this.words.count
          .replace("{count}", number(length))
          .replace("{limit}", number(this.words.limit))
      : "";
    const isOver = length > this.words.limit;
    this.count.dataset.kind = isOver ? "trouble" : "";
    this.note.toggleAttribute("aria-invalid", false);
    if (isOver) this.note.setAttribute("aria-invalid", "true");
  }

  #savedWords() {
    const at = this.record.changed_at;
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

  #insert(panel) {
    this.section.querySelector("[data-server-problem]")?.remove();
    this.section.querySelector(".choices").before(panel);
  }

  #focusChoice() {
    (this.radios.find((radio) => radio.checked) ?? this.radios[0]).focus();
  }

  #listen() {
    for (const radio of this.radios) {
      radio.addEventListener("change", () => {
        if (radio.value !== "not-started") this.fold.open = true;
        this.changed({ wait: AFTER_CHOICE });
      });
    }
    this.note.addEventListener("input", () => {
      this.#grow();
      this.changed();
    });
    this.note.addEventListener("blur", () => this.save());
  }

  /** Where the style sheet cannot make the box grow with its text, this does. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.note.style.height = "auto";
    this.note.style.height = `${this.note.scrollHeight + 2}px`;
  }
}
