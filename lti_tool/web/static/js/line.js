// The line to the server: sends one answer, says plainly what became of it, and when to try again.

const LONGEST_WAIT = 60_000;
const PATIENCE = 20_000;
// A browser lets requests outlive their page up to 64 kB altogether.
const KEEPALIVE_BYTES = 20_000;

export class Line {
  #timer = null;
  #failures = 0;

  constructor({ url, token, onRetry }) {
    this.url = url;
    this.token = token;
    this.onRetry = onRetry;
    this.ended = false;
    window.addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.retryNow();
    });
  }

  /** Resolves to { kind: "saved" | "conflict" | "refused" | "closed" | "ended" | "trouble", … }; never rejects. */
  async post(answer) {
    const body = JSON.stringify(answer);
    let response;
    let facts;
    try {
      response = await fetch(this.url, {
        method: "POST",
        body,
        headers: {
          "Accept": "application/json",
          "Content-Type": "application/json",
          "X-CSRFToken": this.token,
        },
        credentials: "same-origin",
        redirect: "error",
        keepalive: this.#failures === 0 && body.length < KEEPALIVE_BYTES,
        signal: AbortSignal.timeout(PATIENCE),
      });
      facts = await response.json();
    } catch {
      return this.#trouble(); // no answer, or one that is not ours: nothing was confirmed
    }
    const result = this.#judge(response.status, facts);
    if (result.kind === "trouble") return this.#trouble();
    this.#failures = 0;
    return result;
  }

  /** A person asks to save: worth a try even after the session ended, since a new launch renews it. */
  begin() {
    this.ended = false;
  }

  #judge(status, facts) {
    if (status === 200 && Number.isInteger(facts.version)) return { kind: "saved", ...facts };
    const error = facts.error ?? {};
    const advised = `${error.sentence ?? ""} ${error.advice ?? ""}`.trim();
    // Handed in meanwhile: no other version to choose from, and nothing of what was typed goes away.
    if (status === 409 && error.code === "portfolio-handed-in") {
      return { kind: "closed", sentence: advised, plain: error.sentence };
    }
    if (status === 409 && facts.current) return { kind: "conflict", current: facts.current };
    if (status === 401 || (status === 400 && error.code === "form-too-old")) {
      this.ended = true;
      return { kind: "ended" };
    }
    if (status >= 400 && status < 500 && ![408, 425, 429].includes(status) && error.sentence) {
      return { kind: "refused", sentence: advised };
    }
    return { kind: "trouble" };
  }

  #trouble() {
    this.#failures += 1;
    const wait = Math.min(1000 * 2 ** this.#failures, LONGEST_WAIT) * (0.75 + Math.random() / 2);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.retryNow(), wait);
    return { kind: "trouble" };
  }

  /** Whether a request that goes out now has a fair chance to arrive. */
  get isUp() {
    return navigator.onLine && this.#failures === 0 && !this.ended;
  }

  retryNow() {
    clearTimeout(this.#timer);
    if (!this.ended) this.onRetry();
  }
}
