// One file on its way, in parts: goes on after a cut from where the server has it, says how it stands.

import { forget, remember } from "./same_file.js";

const WAITS = [1000, 2000, 4000, 8000, 15_000, 30_000];
const STALLED = 60_000; // a part of which nothing moves for so long is taken for cut
const LOOKED_AT = 300_000; // a large file is read through once it is all there

/** Sends a request with its progress; resolves to { status, facts }, with status 0 where none came. */
function send(method, address, { token, body, headers = {}, patience = STALLED, onProgress, signal }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let timer = null;
    const moved = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), patience);
    };
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      resolve({ status: request.status, facts: read(request.responseText) });
    };
    const stop = () => request.abort();
    signal?.addEventListener("abort", stop);
    request.addEventListener("loadend", settle);
    request.upload.addEventListener("progress", ({ loaded }) => {
      moved();
      onProgress?.(loaded);
    });
    request.open(method, address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    moved();
    request.send(body);
  });
}

function read(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

export class Sending {
  #addresses = null; // null as long as the server has to be asked how far it is
  #forget = null;
  #wake = null;
  #failures = 0;
  #stop = new AbortController();

  /** `begun` is an upload of this very file that the server holds a part of, if there is one. */
  constructor(file, { begin, panel, token, part, begun, onChange }) {
    Object.assign(this, { file, begin, panel, token, part, onChange });
    this.received = 0;
    this.sentNow = 0;
    this.kind = "waiting"; // waiting | sending | paused | checking | done | refused | ended | cancelled
    this.sentence = "";
    this.answer = null;
    this.stands = begun?.stands ?? null;
    this.id = begun?.id ?? null;
    window.addEventListener("online", this.retryNow);
  }

  /** How many bytes the server has, or is getting just now. */
  get done() {
    return Math.min(this.received + this.sentNow, this.file.size);
  }

  get isOver() {
    return ["done", "refused", "ended", "cancelled"].includes(this.kind);
  }

  /** Sends all of it; resolves when it is over, one way or the other. */
  async run() {
    this.#say("sending");
    while (!this.isOver) {
      const result = await this.#step();
      if (this.isOver) break;
      if (result === "trouble") await this.#pause();
      else this.#failures = 0;
    }
    window.removeEventListener("online", this.retryNow);
  }

  retryNow = () => {
    this.#wake?.();
  };

  async cancel() {
    this.#say("cancelled");
    this.#stop.abort();
    this.#wake?.();
    if (!this.#forget) return null;
    const form = new URLSearchParams({ panel: this.panel });
    return send("POST", this.#forget, { token: this.token, body: form });
  }

  async #step() {
    if (!this.#addresses) return this.stands ? this.#ask() : this.#begin();
    if (this.received < this.file.size) return this.#send();
    return this.#finish();
  }

  async #begin() {
    const { name, size, type } = this.file;
    const result = await this.#request("POST", this.begin, {
      body: JSON.stringify({ name, size, type }),
      headers: { "Content-Type": "application/json" },
    });
    return this.#judge(result, (facts) => this.#take(facts));
  }

  async #ask() {
    const result = await this.#request("GET", this.stands, {});
    if (result.status === 404) return this.#anew();
    return this.#judge(result, (facts) => this.#take(facts));
  }

  async #send() {
    const from = this.received;
    const body = this.file.slice(from, from + this.part);
    const result = await this.#request("PATCH", this.#addresses.part, {
      body,
      headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(from) },
      onProgress: (loaded) => {
        this.sentNow = Math.min(loaded, body.size);
        this.#say("sending");
      },
    });
    this.sentNow = 0;
    const { code } = result.facts.error ?? {};
    if (code === "upload-gap" || code === "upload-elsewhere") return this.#lookAgain();
    if (result.status === 404) return this.#anew();
    return this.#judge(result, ({ received }) => {
      const isStill = received === from;
      this.received = received;
      this.#say("sending");
      return isStill ? "trouble" : "";
    });
  }

  async #finish() {
    this.#say("checking");
    const form = new URLSearchParams({ panel: this.panel });
    const result = await this.#request("POST", this.#addresses.done, { body: form, patience: LOOKED_AT });
    if (result.facts.error?.code === "upload-unfinished") return this.#lookAgain();
    return this.#judge(result, (facts) => {
      this.answer = facts;
      this.#say("done");
    });
  }

  #request(method, address, options) {
    return send(method, address, { ...options, token: this.token, signal: this.#stop.signal });
  }

  #take(facts) {
    if (facts.size !== this.file.size) return "trouble"; // an answer that is not ours
    this.#addresses = facts;
    this.#forget = facts.cancel;
    this.stands = facts.stands;
    this.id = facts.upload;
    remember(this.id, this.file);
    this.received = facts.received;
    this.#say("sending");
    return "";
  }

  /** The server has another part of it than this page thought. */
  #lookAgain() {
    this.#addresses = null;
    return "trouble";
  }

  /** What had come is no longer kept. */
  #anew() {
    this.#addresses = null;
    this.stands = null;
    this.received = 0;
    return "trouble";
  }

  #judge({ status, facts }, take) {
    if (this.isOver) return "";
    if (status === 200) {
      this.sentence = "";
      return take(facts) ?? "";
    }
    const error = facts.error ?? {};
    this.sentence = `${error.sentence ?? ""} ${error.advice ?? ""}`.trim();
    if (status === 401 || error.code === "form-too-old") this.#say("ended");
    else if (status >= 400 && status < 500 && ![408, 425, 429].includes(status) && error.sentence) {
      this.#say("refused");
    } else {
      if (status !== 0 && this.#addresses) this.#addresses = null; // ask before going on
      return "trouble";
    }
    return "";
  }

  async #pause() {
    const wait = WAITS[Math.min(this.#failures, WAITS.length - 1)] * (0.75 + Math.random() / 2);
    this.#failures += 1;
    this.sentNow = 0;
    if (this.#addresses) this.#addresses = null; // the server knows best how far it is
    this.#say("paused");
    await new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, wait);
    });
    this.#wake = null;
    if (!this.isOver) this.#say("sending");
  }

  #say(kind) {
    this.kind = kind;
    if (this.id && ["done", "cancelled"].includes(kind)) forget(this.id);
    this.onChange(this);
  }
}
