// In the new tab: whoever was proven in the frame that opened it need not be asked by name.

import { askOpener, prove } from "./proof.js";

const question = document.querySelector("[data-question]");
const opening = document.querySelector("[data-opening]");

if (window.opener) {
  question.hidden = true;
  opening.hidden = false;
  const address = await open().catch(() => null);
  if (address) {
    window.location.replace(address);
  } else {
    opening.hidden = true;
    question.hidden = false;
  }
}

async function open() {
  const secret = await askOpener();
  return secret ? prove(question.dataset.proofUrl, secret) : null;
}
