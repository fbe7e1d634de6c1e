// Brings the secret of a login to the server; and from a frame to the tab that was opened from it.

import { exchange } from "./platform_storage.js";

const PATIENCE = 10_000;
const OPENER_PATIENCE = 700;
const ASK = "imhcf.proof";

/** Resolves to the address of the page that is open now, or null. The session comes with it. */
export async function prove(url, secret) {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify({ secret }),
    headers: { "Accept": "application/json", "Content-Type": "application/json" },
    credentials: "same-origin",
    referrerPolicy: "same-origin", // which lets the browser name our origin
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE),
  });
  return response.ok ? (await response.json()).address : null;
}

/** Tells the secret to a page of ours that asks, such as one in the tab that this page opens. */
export function vouch(secret) {
  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== window.location.origin || data?.subject !== ASK) return;
    source.postMessage(
      { subject: `${ASK}.response`, message_id: data.message_id, secret }, window.location.origin);
  });
}

/** Resolves to what the page that opened this tab vouches for, or null. */
export async function askOpener() {
  if (!window.opener) return null;
  const origin = window.location.origin;
  const answer = await exchange(window.opener, { subject: ASK }, origin, OPENER_PATIENCE);
  return typeof answer?.secret === "string" ? answer.secret : null;
}
