// Moments in the person's own zone and the page's language.

const spoken = document.documentElement.lang || "en";
const language = spoken === "en" ? "en-GB" : spoken;
const hours = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const days = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });

/** "14 March 2027, 14:02" */
export function moment(value) {
  const date = new Date(value);
  return `${days.format(date)}, ${hours.format(date)}`;
}

/** "14:02" for today, else with its day. */
export function clock(value) {
  const date = new Date(value);
  return date.toDateString() === new Date().toDateString() ? hours.format(date) : moment(date);
}

/** A number as the page's language writes it. */
export function number(value) {
  return new Intl.NumberFormat(language).format(value);
}

/** Puts every time that the server wrote into the person's zone. */
export function localise(root = document) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const value = time.dateTime;
    time.textContent = time.textContent.includes(":") ? moment(value) : days.format(new Date(value));
  }
}
