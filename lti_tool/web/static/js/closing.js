// Tells the LMS that the registration is over, so that it closes its window: Dynamic
// Registration 1.0, §3.7. The message holds nothing, and goes to the LMS's own origins alone.

const MESSAGE = { subject: "org.imsglobal.lti.close" };

/** Returns the origins to send to: the one that shows us, where the browser says which it is. Only
    the LMS may show this page in a frame. */
function receivers(known) {
  const shows = window.opener ? undefined : window.location.ancestorOrigins?.[0];
  return shows ? [shows] : known;
}

function tell(known) {
  const lms = window.opener || window.parent;
  if (lms === window) return false;
  for (const origin of receivers(known)) lms.postMessage(MESSAGE, origin);
  return true;
}

for (const place of document.querySelectorAll("[data-close-origins]")) {
  const known = place.dataset.closeOrigins.split(" ").filter(Boolean);
  if ("closeNow" in place.dataset) tell(known);
  for (const button of place.querySelectorAll("button[data-close]")) {
    button.hidden = window.parent === window && !window.opener;
    button.addEventListener("click", () => tell(known));
  }
}
