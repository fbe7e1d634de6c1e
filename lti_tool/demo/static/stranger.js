// Says to the tool what the LMS should have said: right in every word, and from the wrong origin.
window.addEventListener("message", ({ data }) => {
  if (data?.answer) window.parent.frames[data.number]?.postMessage(data.answer, "*");
});
