// How far a step is, in words and on its bar.
const number = new Intl.NumberFormat("en");

// A step that does not know how far it is has no part, and its bar only moves.
export function showFar(bar, text, now) {
  if (now.part === null) bar.removeAttribute("value");
  else bar.value = now.part;
  text.textContent = farInWords(now);
}

function farInWords({ part, records, total = 0, unit = "records", rate, left, seconds, what }) {
  if (part === null) return `At work… ${number.format(seconds)} s`;
  const counted = `${number.format(records)}${total ? ` of ${number.format(total)}` : ""} ${unit}`;
  if (total && part === 1) return `${counted}; finishing…`;
  const rest = left === null ? "" : `, about ${number.format(left)} s left`;
  return `${what ? `${what} ` : ""}${counted}, ${number.format(rate)} a second${rest}`;
}
