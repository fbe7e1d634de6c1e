// The LMS's half of LTI Client Side postMessages 0.1: keeps data for the tool, and gives its frame
// the height that it asks for. It is told in its page what to do wrong.

const { toolOrigin, target, answers, resizes } = document.querySelector("[data-messages]").dataset;
const LONGEST = 4096;
// Canvas's own, which are answered by nothing.
const RESIZING = new Set(["lti.frameResize", "lti.scrollToTop"]);
const isFrame = window.parent !== window && window.name === "post_message_forwarding";

const handlers = {
  "lti.capabilities": () => ({ supported_messages: supported() }),
  "lti.put_data": put,
  "lti.get_data": ({ key }) => ({ key, value: localStorage.getItem(named(key)) ?? undefined }),
  "lti.frameResize": resize,
  "lti.scrollToTop": scrollToTop,
};

window.addEventListener("message", (event) => {
  const { data, source, origin } = event;
  const handler = Object.hasOwn(handlers, data?.subject) ? handlers[data.subject] : null;
  if (!handler || answers === "never" || !isOffered(data.subject)) return;
  const answer = respond(handler, event);
  if (!answer) return;
  if (answers === "wrong-origin" && isStorage(data.subject)) {
    relay(answer, source);
  } else {
    source.postMessage(answer, origin);
  }
});

function respond(handler, { data, source, origin }) {
  const answer = { subject: `${data.subject}.response`, message_id: data.message_id };
  if (origin !== toolOrigin) return failed(answer, "wrong_origin");
  if (answers === "refused" && isStorage(data.subject)) return failed(answer, "storage_exhaustion");
  if (!data.message_id && !RESIZING.has(data.subject)) return failed(answer, "bad_request");
  const said = handler(data, source);
  if (said?.error) return failed(answer, said.error);
  if (answers === "wrong-id" && isStorage(data.subject)) answer.message_id = `${data.message_id}x`;
  return said && { ...answer, ...said };
}

function failed(answer, code) {
  return { ...answer, error: { code, message: code } };
}

function supported() {
  const frame = target === "_parent" ? {} : { frame: target };
  return [
    { subject: "lti.capabilities" },
    ...(target ? [{ subject: "lti.put_data", ...frame }, { subject: "lti.get_data", ...frame }] : []),
    ...(resizes ? [...RESIZING].map((subject) => ({ subject })) : []),
  ];
}

function put({ key, value }) {
  if (!key) return { error: "bad_request" };
  if (value === undefined || value === null) {
    localStorage.removeItem(named(key));
    return { key };
  }
  if (String(key).length + String(value).length > LONGEST) return { error: "storage_exhaustion" };
  localStorage.setItem(named(key), answers === "wrong-value" ? `${value}`.replace(/./g, "0") : value);
  return { key, value };
}

function resize({ height }, source) {
  const frame = frameOf(source);
  if (!frame || !Number.isFinite(height) || height <= 0) return null;
  const border = frame.offsetHeight - frame.clientHeight;
  frame.style.height = `${Math.ceil(height) + border}px`;
  return null;
}

function scrollToTop(_message, source) {
  const frame = frameOf(source);
  if (frame?.getBoundingClientRect().top < 0) frame.scrollIntoView();
  return null;
}

function frameOf(source) {
  return [...document.querySelectorAll("iframe.lk-frame")]
    .find((one) => one.contentWindow === source);
}

function isOffered(subject) {
  if (isStorage(subject)) return Boolean(target);
  return RESIZING.has(subject) ? Boolean(resizes) : !isFrame;
}

function isStorage(subject) {
  return subject === "lti.put_data" || subject === "lti.get_data";
}

/** Each tool's data is its own: kept by the origin that sent it. */
function named(key) {
  return `lti|${toolOrigin}|${key}`;
}

/** Lets the stranger say it: it knows the frames of the page by their number. */
function relay(answer, source) {
  const page = isFrame ? window.parent : window;
  for (let number = 0; number < page.frames.length; number += 1) {
    if (page.frames[number] === source) page.frames.stranger.postMessage({ answer, number }, "*");
  }
}
