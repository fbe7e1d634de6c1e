// What was typed and not yet confirmed by the server, kept on this device.
//
// Each page view keeps its drafts under a name of its own, so that two tabs never write over
// each other's; a lock that the page holds for as long as it lives tells its drafts from those
// of a tab that is gone. Where the browser keeps nothing, drafts live in memory alone.

const PREFIX = "imhcf:draft";
const LOCK = "imhcf:page:";
const CLOSING = 1500; // a tab that was closed just now may hold its lock for a moment longer

/** Two notes are the same when the server would store the same text. */
export function tidy(note) {
  return note.trim();
}

export function same(one, other) {
  return one.state === other.state && tidy(one.note) === tidy(other.note);
}

export class Drafts {
  constructor({ slot, instrument }) {
    this.page = Math.random().toString(36).slice(2, 10) + Date.now().toString(36);
    this.base = `${PREFIX}:${slot}:${instrument}:`;
    this.memory = new Map();
    this.keeps = this.#works();
    this.before = this.#previousPage();
    navigator.locks?.request(LOCK + this.page, () => new Promise(() => {}));
  }

  /** Keeps an answer as it stands in the fields. */
  put(code, { state, note, version }) {
    const draft = { code, state, note, version, at: new Date().toISOString(), page: this.page };
    this.#write(this.#name(code), draft);
  }

  /** Notes that a last request went out as the page was left: it may be saved by now. */
  markSent(code) {
    const draft = this.#read(this.#name(code));
    if (draft) this.#write(this.#name(code), { ...draft, sent: Date.now() });
  }

  /** Forgets this page's draft of a competency. */
  remove(code) {
    this.forget({ key: this.#name(code) });
  }

  forget({ key }) {
    this.memory.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing is kept, so nothing is left to remove.
    }
  }

  /** The drafts that pages left behind which are gone now, newest first. */
  async leftBehind() {
    const drafts = this.#stored().filter((draft) => draft.page !== this.page);
    const pages = [...new Set(drafts.map((draft) => draft.page))];
    const isGone = await Promise.all(pages.map((page) => this.#isGone(page)));
    return drafts
      .filter((draft) => isGone[pages.indexOf(draft.page)])
      .sort((one, other) => other.at.localeCompare(one.at));
  }

  /** A page is gone when its lock can be had; the one that this tab showed last surely is. */
  async #isGone(page) {
    if (!navigator.locks || page === this.before) return true;
    const patience = { signal: AbortSignal.timeout(CLOSING) };
    return navigator.locks.request(LOCK + page, patience, () => true).catch(() => false);
  }

  #stored() {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(this.base))
        .map((key) => ({ ...this.#read(key), key }))
        .filter((draft) => draft.code && typeof draft.note === "string" && draft.at);
    } catch {
      return [];
    }
  }

  #name(code) {
    return `${this.base}${code}:${this.page}`;
  }

  #read(key) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? this.memory.get(key);
    } catch {
      return this.memory.get(key);
    }
  }

  #write(key, draft) {
    try {
      localStorage.setItem(key, JSON.stringify(draft));
      this.memory.delete(key);
      this.keeps = true;
    } catch {
      this.memory.set(key, draft);
      this.keeps = false; // full, or not allowed: the page says so
    }
  }

  #works() {
    try {
      localStorage.setItem(PREFIX, "1");
      localStorage.removeItem(PREFIX);
      return true;
    } catch {
      return false;
    }
  }

  #previousPage() {
    try {
      const before = sessionStorage.getItem(LOCK);
      sessionStorage.setItem(LOCK, this.page);
      return before;
    } catch {
      return null;
    }
  }
}
