// Sends a form by itself, once. Without scripts its button does the same.

const form = document.querySelector("[data-send-at-once]");

// A page that comes back from the browser's memory has done its work.
const began = performance.getEntriesByType("navigation")[0]?.type;

if (form && began !== "back_forward") form.submit();
