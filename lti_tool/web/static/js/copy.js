// Copies what a field holds. Without it the field can be selected and copied by hand.

/** Returns whether the text is on the clipboard now. Frames of other sites may not use the newer way. */
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    try {
      return document.execCommand("copy");
    } catch {
      return false;
    }
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = document.getElementById(button.dataset.says);
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    const done = await copied(field);
    said.textContent = done ? button.dataset.done : button.dataset.failed;
    if (!done) field.select();
  });
}
