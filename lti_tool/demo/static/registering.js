// The tool says that it is done (Dynamic Registration 1.0, section 3.7): back to the list.
const frame = document.querySelector("[data-registering]");
window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow) return;
  if (event.data?.subject === "org.imsglobal.lti.close") {
    window.location.assign(frame.dataset.registering);
  }
});
