// A page whose parts save themselves: its bar and announcements, leaving it, and older drafts.

import { clock } from "./times.js";

const LEAVING = 2500; // how long a link waits for a save that is under way

export class KeptPage {
  #announced = "saved";
  #hasWorked = false; // so that the first save of a page is said, and a page that opens is not

  /** `saved` is the sentence of the bar; `troubled` says which part is in trouble, and how. */
  constructor({ drafts, words, saved = words.saved, troubled = (part) => part.trouble }) {
    Object.assign(this, { drafts, words, saved, troubled });
    this.parts = [];
    this.bar = document.querySelector("[data-save-state]");
    this.announcer = document.querySelector("[data-announcer]");
    this.notice = document.querySelector("[data-page-notice]");
    this.#listen();
  }

  /** Takes up a part, a `Keeping`; its `onChange` is `() => page.showState()`. */
  add(part) {
    this.parts.push(part);
    return part;
  }

  get isUnsaved() {
    return this.parts.some((part) => part.isDirty || part.kind === "waiting");
  }

  saveAll() {
    return Promise.all(this.parts.map((part) => part.save()));
  }

  /** As `saveAll`, but waits no longer than a person would. */
  saveSoon() {
    return Promise.race([this.saveAll(), new Promise((resolve) => setTimeout(resolve, LEAVING))]);
  }

  /** The worst of all parts is what the bar says. */
  showState() {
    const kinds = new Set(this.parts.map((part) => part.kind));
    const isTrouble = this.parts.some((part) => part.trouble);
    this.bar.dataset.kind = isTrouble ? "trouble" : "";
    if (isTrouble) this.bar.textContent = this.words.unsaved;
    else if (kinds.has("waiting")) this.bar.textContent = this.words.saving;
    else this.bar.textContent = this.#lastSaved();
    if (kinds.has("ended")) this.show(this.drafts.keeps ? this.words.ended : this.words.ended_not_kept);
    else if (this.notice.classList.contains("notice-problem")) this.notice.hidden = true;
    this.#announce(isTrouble ? "trouble" : kinds.has("waiting") ? "" : "saved");
  }

  /** Shows a sentence at the head of the page; `isGood` for one that is no problem. */
  show(text, { isGood = false } = {}) {
    this.notice.classList.toggle("notice-problem", !isGood);
    this.notice.querySelector(".icon").toggleAttribute("hidden", isGood);
    const place = this.notice.querySelector("[data-page-notice-words]");
    if (place.textContent === text && !this.notice.hidden) return;
    this.notice.hidden = false;
    place.textContent = text;
  }

  /** Puts back or offers what earlier pages left behind. Resolves to the codes that are back. */
  async bringBack() {
    const back = [];
    for (const draft of await this.drafts.leftBehind()) {
      const part = this.parts.find(({ code }) => code === draft.code);
      if (!part) continue;
      if (part.holds(draft)) this.drafts.forget(draft);
      else if (draft.version === part.record.version && !part.isDirty) {
        part.restore(draft);
        back.push(draft.code);
      } else part.offer(draft);
    }
    return back;
  }

  #lastSaved() {
    const times = this.parts.map((part) => part.savedAt).filter(Boolean).sort();
    return times.length ? this.saved.replace("{time}", clock(times.at(-1))) : "";
  }

  /** Said once when things go wrong and once when they are well again, not at every save. */
  #announce(kind) {
    if (!kind) {
      if (!this.#hasWorked) this.#announced = "";
      this.#hasWorked = true;
    }
    if (!kind || kind === this.#announced) return;
    this.#announced = kind;
    const part = this.parts.find(({ trouble }) => trouble);
    this.announcer.textContent = kind === "saved" ? this.words.announce_saved : this.troubled(part);
  }

  #listen() {
    document.addEventListener("click", (event) => this.#follow(event));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.#leave();
    });
    window.addEventListener("pagehide", () => this.#leave());
    window.addEventListener("beforeunload", (event) => {
      if (!this.drafts.keeps && this.isUnsaved) event.preventDefault();
    });
  }

  #leave() {
    for (const part of this.parts) part.leave();
  }

  /** A link waits for a save that is under way. */
  async #follow(event) {
    const to = event.target.closest("a[href]");
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!to || !isPlain || to.target || to.hash || !this.isUnsaved) return;
    event.preventDefault();
    await this.saveSoon();
    window.location.assign(to.href);
  }
}
