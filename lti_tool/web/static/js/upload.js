// A form with a file: says at once when it is too large, and shows how far the sending is.
// Without this the form is sent as any other.

import { start as followTexts } from "./long_text.js";

const words = JSON.parse(document.getElementById("draft-data").textContent);

function take(form) {
  const field = form.querySelector('input[type="file"]');
  const problem = form.querySelector("[data-upload-problem]");
  const limit = Number(form.dataset.upload);

  const isTooLarge = () => {
    const over = (field.files[0]?.size ?? 0) > limit;
    problem.hidden = !over;
    problem.textContent = over ? words.too_large.replace("{limit}", limit / 1e6) : "";
    field.toggleAttribute("aria-invalid", false);
    if (over) field.setAttribute("aria-invalid", "true");
    return over;
  };

  field.addEventListener("change", () => {
    form.querySelector(`#${field.id}-problem`)?.remove(); // it was about the file before
    isTooLarge();
  });
  form.addEventListener("submit", (event) => {
    if (!field.files.length) return;
    event.preventDefault();
    if (isTooLarge()) field.focus();
    else send(form, event.submitter);
  });
}

function send(form, button) {
  const progress = form.querySelector("[data-upload-progress]");
  const said = form.querySelector("[data-upload-words]");
  const request = new XMLHttpRequest();
  button?.toggleAttribute("disabled", true);
  progress.hidden = false;
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    const percent = Math.floor((100 * loaded) / Math.max(total, 1));
    progress.value = percent;
    said.textContent = percent < 100 ? words.sending.replace("{percent}", percent) : words.storing;
  });
  request.addEventListener("load", () => {
    if (request.status < 300) location.assign(request.responseURL);
    else showRefusal(request.responseText);
  });
  request.addEventListener("error", () => {
    button?.toggleAttribute("disabled", false);
    progress.hidden = true;
    said.textContent = words.failed;
  });
  request.open("POST", form.action.replace(/#.*/, ""));
  request.setRequestHeader("Accept", "text/html");
  request.send(new FormData(form));
}

/** Puts the page that the server answered in place of this one's; what was typed is in it. */
function showRefusal(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  document.title = page.title;
  const main = document.importNode(page.querySelector("main"), true);
  document.querySelector("main").replaceWith(main);
  for (const form of main.querySelectorAll("form[data-upload]")) take(form);
  followTexts(main);
  (main.querySelector("#problems") ?? main).focus();
  window.scrollTo(0, 0);
}

for (const form of document.querySelectorAll("form[data-upload]")) take(form);
