// The buttons over a long text: they put Markdown's marks in, in a way that Ctrl+Z takes out again.

/** Puts text in place of what is selected, so that the browser can undo it. */
export function insert(box, text) {
  box.focus();
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (done) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function around(box, mark) {
  const { selectionStart: start, selectionEnd: end, value } = box;
  const chosen = value.slice(start, end);
  const isIn = chosen.startsWith(mark) && chosen.endsWith(mark) && chosen.length > 2 * mark.length;
  insert(box, isIn ? chosen.slice(mark.length, -mark.length) : `${mark}${chosen}${mark}`);
  if (!chosen) box.setSelectionRange(start + mark.length, start + mark.length);
  else box.setSelectionRange(start, isIn ? end - 2 * mark.length : end + 2 * mark.length);
}

/** Marks the beginnings of all lines that are touched; takes the marks off where all have them. */
function lines(box, { has, mark }) {
  const { value } = box;
  const start = value.lastIndexOf("\n", box.selectionStart - 1) + 1;
  const next = value.indexOf("\n", box.selectionEnd);
  const end = next < 0 ? value.length : next;
  const found = value.slice(start, end).split("\n");
  const isMarked = found.every((line) => has.test(line));
  const written = found.map((line, place) => (isMarked ? line.replace(has, "") : mark(place) + line)).join("\n");
  box.setSelectionRange(start, end);
  insert(box, written);
  box.setSelectionRange(found.length > 1 ? start : start + written.length, start + written.length);
}

function link(box) {
  const { selectionStart: start, value } = box;
  const chosen = value.slice(start, box.selectionEnd);
  insert(box, `[${chosen}](https://)`);
  const place = chosen ? start + chosen.length + 11 : start + 1;
  box.setSelectionRange(place, place);
}

const FORMS = {
  bold: (box) => around(box, "**"),
  italic: (box) => around(box, `*`),
  heading: (box) => lines(box, { has: /^#+ /, mark: () => "# " }),
  bullets: (box) => lines(box, { has: /^[-*] /, mark: () => "- " }),
  numbers: (box) => lines(box, { has: /^\d+\. /, mark: (place) => `${place + 1}. ` }),
  link,
};

export function followToolbar(toolbar, box) {
  toolbar.hidden = false;
  for (const button of toolbar.querySelectorAll("[data-form]")) {
    button.addEventListener("click", () => FORMS[button.dataset.form](box));
  }
  box.addEventListener("keydown", (event) => {
    const isPlain = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    const form = { b: "bold", i: "italic" }[event.key.toLowerCase()];
    if (!isPlain || !form) return;
    event.preventDefault();
    FORMS[form](box);
  });
}
