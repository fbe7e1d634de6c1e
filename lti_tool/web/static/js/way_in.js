// After a launch that brought no cookie: asks the LMS's page for our secret, else offers a new tab.

import { PlatformStorage } from "./platform_storage.js";
import { prove, vouch } from "./proof.js";

const proving = document.querySelector("[data-proving]");
const newTab = document.querySelector("[data-new-tab]");
const link = newTab.querySelector("[data-way-in]");

if (proving) {
  const title = document.title;
  document.title = proving.textContent.trim();
  newTab.hidden = true;
  proving.hidden = false;
  const address = await open(proving.dataset).catch(() => null);
  if (address) {
    window.location.replace(address);
  } else {
    document.title = title;
    proving.hidden = true;
    newTab.classList.remove("late");
    show(newTab);
  }
}

link.addEventListener("click", () => {
  // Later than the click, so that the browser still has the link that it follows.
  setTimeout(() => {
    newTab.replaceChildren(document.querySelector("[data-opened]").content.cloneNode(true));
    document.title = newTab.querySelector("h1").textContent;
    show(newTab);
  });
});

async function open({ platform, frame, key, proofUrl }) {
  const storage = new PlatformStorage({ platform, frame });
  const secret = await storage.get(key);
  if (!secret) return null;
  storage.remove(key);
  const address = await prove(proofUrl, secret);
  if (!address) {
    vouch(secret);
    link.rel = "opener";
  }
  return address;
}

function show(part) {
  part.hidden = false;
  part.querySelector("h1").focus();
}
