// Tells an LMS that understands it (`lti.frameResize`, Canvas) how high the page is, so that its
// frame has no scroll bar of its own. Any other LMS answers nothing, and nothing happens.

import { exchange, PlatformStorage } from "./platform_storage.js";

const LEAST = 480; // room for a menu that opens over the page
const PAUSE = 250;
const STEP = 4;
// A page that grows because its frame does would grow for ever.
const MOST_IN_A_ROW = 20;
const QUIET = 2000;

const origins = (document.body.dataset.lms ?? "").split(" ").filter((one) => one.includes("://"));

forget();
if (window.parent !== window) begin();

/** The launch came by cookie: what the login left with the LMS's page has no use any more. */
async function forget() {
  const left = new URLSearchParams(window.location.hash.slice(1));
  const key = left.get("kept");
  if (!key) return;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  const platform = new URL(left.get("platform"));
  if (!origins.includes(platform.origin)) return;
  await new PlatformStorage({ platform, frame: left.get("frame") }).remove(key);
}

async function begin() {
  const supported = (await Promise.all(lmsOrigins().map(ask))).find(Boolean);
  if (!supported) return;
  const post = (message) => window.parent.postMessage(message, supported.origin);
  if (supported.subjects.includes("lti.frameResize")) follow(post);
  // A new page begins at its top, which the LMS's page may have scrolled out of sight.
  if (supported.subjects.includes("lti.scrollToTop") && !window.location.hash) {
    post({ subject: "lti.scrollToTop" });
  }
}

/** The origins that may frame this page; where the browser says which of them does, that one. */
function lmsOrigins() {
  const parent = window.location.ancestorOrigins?.[0];
  return parent ? origins.filter((one) => one === parent) : origins;
}

async function ask(origin) {
  const able = await exchange(window.parent, { subject: "lti.capabilities" }, origin);
  if (!Array.isArray(able?.supported_messages)) return null;
  return { origin, subjects: able.supported_messages.map((supported) => supported?.subject) };
}

function follow(post) {
  let told = 0;
  let inARow = 0;
  let toldAt = -Infinity;
  let timer = null;
  const tell = () => {
    timer = null;
    const height = Math.max(LEAST, Math.ceil(document.documentElement.getBoundingClientRect().height));
    if (Math.abs(height - told) < STEP) return;
    const now = performance.now();
    inARow = now - toldAt < QUIET ? inARow + 1 : 0;
    if (inARow > MOST_IN_A_ROW) return;
    told = height;
    toldAt = now;
    post({ subject: "lti.frameResize", height });
  };
  tell();
  new ResizeObserver(() => {
    timer ??= setTimeout(tell, PAUSE);
  }).observe(document.documentElement);
}
