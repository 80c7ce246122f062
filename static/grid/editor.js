// The input of one cell: which kind it is, where it lies, and how it grows.
import { makePicks } from "./picks.js";

const INPUT_MODES = { integer: "numeric", decimal: "decimal", money: "decimal", web: "url", email: "email", phone: "tel" };
const LINES = ["text", "long", "any", "blob"];
const WIDTHS = { date: 170, datetime: 250, choice: 170, choices: 220, web: 280, email: 240, phone: 180 };
const NARROWEST = 110;
const WIDE = 280; // for a text that would not fit on a narrow cell's line
const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/;
const LONG = 24;
const TALLEST = 320;
const BORDERS = 4;

const make = (tag, properties) => Object.assign(document.createElement(tag), { className: "grid-edit", ...properties });

// Holds `was`. A text keeps its line breaks, in whatever field it stands.
export function makeEditor(field, was, typed) {
  if (field.kind === "boolean") return choice(field, was, ["yes", "no"]);
  if (field.kind === "choice" && field.choices.length) return choice(field, was, field.choices);
  if (field.kind === "choices" && field.choices.length) return makePicks(field, was);
  if (!field.link && (LINES.includes(field.kind) || /[\r\n]/.test(was))) return make("textarea", { value: was, rows: 1, autocomplete: "off" });
  if (field.kind === "date" && typed === undefined && (was === "" || /^\d{4}-\d\d-\d\d$/.test(was))) {
    const input = make("input", { type: "date", value: was });
    if (input.value === was) return input; // there is no 31st of February
  }
  if (field.kind === "datetime" && typed === undefined) {
    const input = was === "" || MOMENT.test(was) ? moment(was) : null;
    if (input) return input;
  }
  return make("input", { type: "text", value: was, autocomplete: "off", inputMode: INPUT_MODES[field.kind] ?? "text" });
}

// What has parts of seconds or a time zone, or stands there in another form, is left to be typed.
function moment(was) {
  const input = make("input", { type: "datetime-local" });
  if (was.length > 16 && !was.endsWith(":00")) input.step = 1; // seconds are shown where there are some
  input.value = was.replace(" ", "T");
  return was === "" || input.value ? input : null;
}

// What the input holds, as a field has it.
export const textOf = (input) => (input.type === "datetime-local" ? input.value.replace("T", " ") : input.value);

// What stands there stays to be chosen, also where another program put it.
function choice(field, was, names) {
  const offered = was === "" || names.includes(was) ? names : [...names, was];
  const choices = offered.map((name) => new Option(name, name));
  if (!field.required) choices.unshift(new Option("", ""));
  const select = make("select", {});
  select.append(...choices);
  select.value = was;
  return select;
}

// What was typed on the cell takes the place of what stood there; else all of one line is marked.
export function enter(input, typed) {
  input.focus({ preventScroll: true });
  if (input.matches("select")) {
    const first = typed && [...input.options].find((option) => option.value.toLowerCase().startsWith(typed.toLowerCase()));
    if (first?.value) input.value = first.value;
    else if (typed === "1" || typed === "0") input.value = typed === "1" ? "yes" : "no";
  } else if (input.matches(".grid-picks")) {
    input.start(typed);
  } else if (!["date", "datetime-local"].includes(input.type)) {
    if (typed !== undefined) input.value = typed;
    if (typed === undefined && !input.value.includes("\n")) input.select();
    else input.setSelectionRange(input.value.length, input.value.length);
  }
}

export function breakLine(input) {
  // This one can be undone with Ctrl+Z, in the browsers that know it.
  if (!document.execCommand("insertText", false, "\n")) input.setRangeText("\n", input.selectionStart, input.selectionEnd, "end");
}

// To the beginning or the end of the text. Left to the browser, these keys scroll the grid away.
export function jump(event, input) {
  const page = event.key === "PageUp" || event.key === "PageDown";
  const far = event.ctrlKey && (event.key === "Home" || event.key === "End");
  if (!(page || far) || !input.matches("textarea, [type=text]")) return false;
  const end = event.key === "End" || event.key === "PageDown";
  const to = end ? input.value.length : 0;
  const { selectionStart: from, selectionEnd: until } = input;
  if (event.shiftKey) input.setSelectionRange(end ? from : 0, end ? to : until);
  else input.setSelectionRange(to, to);
  input.scrollTop = end ? input.scrollHeight : 0;
  return true;
}

// The input lies over the cell, on the sheet that scrolls with it: the cell may be drawn anew below it.
// A longer text grows over the cells below, and nothing of it leaves the grid.
export function layOver(surface, field, input) {
  const sheet = surface.grid.getCanvasNode();
  const cell = surface.activeNode.getBoundingClientRect();
  const corner = sheet.getBoundingClientRect();
  const sight = surface.scroller.getBoundingClientRect();
  const seen = { left: sight.left - corner.left, top: sight.top - corner.top, width: surface.scroller.clientWidth, height: surface.scroller.clientHeight };
  const holder = Object.assign(document.createElement("div"), { className: "grid-editor" });
  holder.append(input);
  const place = (start, size, from, room) => Math.max(from, Math.min(start, from + room - size));
  const grow = () => {
    const wide = input.matches("textarea") && (input.value.length > LONG || input.value.includes("\n"));
    const width = Math.min(seen.width, Math.max(cell.width, wide ? WIDE : WIDTHS[field.kind] ?? NARROWEST));
    holder.style.width = `${width}px`;
    holder.style.height = `${cell.height}px`;
    const height = Math.max(cell.height, input.matches("textarea, .grid-picks") ? Math.min(input.scrollHeight + BORDERS, TALLEST, seen.height) : 0);
    holder.style.height = `${height}px`;
    holder.style.left = `${place(cell.left - corner.left, width, seen.left, seen.width)}px`;
    holder.style.top = `${place(cell.top - corner.top, height, seen.top, seen.height)}px`;
  };
  sheet.append(holder);
  grow();
  input.addEventListener("input", grow);
  return { holder, grow };
}
