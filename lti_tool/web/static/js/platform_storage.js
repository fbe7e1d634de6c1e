// What cookies cannot keep in a frame, the LMS's page keeps for us: LTI Client Side postMessages 0.1,
// LTI postMessage Storage 0.1. What this proves, and to whom, stands in `gateway/arriving/rules.py`.

const PATIENCE = 2000;
const PUT = "lti.put_data";
const GET = "lti.get_data";

export class PlatformStorage {
  #origin;
  #frame;
  #lms;
  #frames;

  /** `platform`: any address on the LMS's own origin. `frame`: what the login named to keep data. */
  constructor({ platform, frame }) {
    this.#origin = new URL(platform).origin;
    this.#frame = frame;
    this.#lms = window.parent === window ? window.opener : window.parent;
  }

  /** Resolves to whether the LMS's page says that it keeps this. */
  async put(key, value) {
    const kept = await this.#first({ subject: PUT, key, value });
    return kept?.key === key && kept.value === value;
  }

  /** Resolves to what the LMS's page keeps, or null. */
  async get(key) {
    const kept = await this.#first({ subject: GET, key });
    return kept?.key === key && typeof kept.value === "string" ? kept.value : null;
  }

  /** Lets the LMS's page forget it. Nobody waits for the answer. */
  async remove(key) {
    this.#frames ??= await this.#ask();
    for (const frame of this.#frames) {
      frame.postMessage({ subject: PUT, message_id: newId(), key }, this.#origin);
    }
  }

  /** The answer of the first frame that gives one. The frame of the editor may be missing. */
  async #first(message) {
    this.#frames ??= await this.#ask();
    for (const frame of this.#frames) {
      const answer = await exchange(frame, message, this.#origin);
      if (answer) {
        this.#frames = [frame];
        return answer;
      }
    }
    return null;
  }

  /** Where to put data: as the capabilities say, then as the login said, then the page itself. */
  async #ask() {
    if (!this.#lms) return [];
    // Anybody may know that we ask. Whatever is answered, secrets go to the LMS's origin alone.
    const able = await exchange(this.#lms, { subject: "lti.capabilities" }, "*");
    const names = [this.#frame];
    if (Array.isArray(able?.supported_messages)) {
      const storing = [PUT, GET].map((subject) =>
        able.supported_messages.find((supported) => supported?.subject === subject));
      if (storing.includes(undefined)) return [];
      names.unshift(storing[0].frame);
    }
    return [...new Set([...names.map((name) => this.#named(name)), this.#lms])].filter(Boolean);
  }

  #named(name) {
    if (typeof name !== "string" || name === "_parent") return null;
    try {
      const found = this.#lms.frames[name];
      return typeof found?.postMessage === "function" ? found : null;
    } catch {
      return null; // the page is of another origin, and has no frame of this name
    }
  }
}

/** Posts a message to a window at an origin; resolves to that origin's answer to it, or null. */
export function exchange(target, message, origin, patience = PATIENCE) {
  const id = newId();
  return new Promise((resolve) => {
    const end = (answer) => {
      clearTimeout(timer);
      window.removeEventListener("message", hear);
      resolve(answer);
    };
    const hear = (event) => {
      const { data } = event;
      if (data?.message_id !== id || data.subject !== `${message.subject}.response`) return;
      if (origin === "*" ? event.source !== target : event.origin !== origin) return;
      end(data.error ? null : { ...data, origin: event.origin });
    };
    const timer = setTimeout(() => end(null), patience);
    window.addEventListener("message", hear);
    target.postMessage({ ...message, message_id: id }, origin);
  });
}

/** Random also where `crypto.randomUUID` is missing: in a page that came over plain http. */
function newId() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");
}
