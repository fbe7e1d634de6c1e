// Between a login and the LMS's answer: leaves a secret with the LMS's page, then goes on.

import { PlatformStorage } from "./platform_storage.js";

const { platform, frame, key, secret, keptUrl } = document.querySelector("[data-storing]").dataset;
const plain = document.querySelector("[data-plain]").href;

let kept = false;
try {
  kept = await new PlatformStorage({ platform, frame }).put(key, secret);
} finally {
  // In place of this page: "back" must not lead to a login that has been used.
  window.location.replace(kept ? keptUrl : plain);
}
