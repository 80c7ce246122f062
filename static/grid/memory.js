// Where a person was in a table, and how wide its fields are: kept in this browser.

import { chosen, isNumber, told } from "./values.js";
import { viewParameters } from "./view.js";

export class Memory {
  constructor() {
    this.name = `grid:${location.pathname}`;
    try {
      this.kept = JSON.parse(localStorage.getItem(this.name)) ?? {};
    } catch { this.kept = {}; }
  }

  keep(changes) {
    Object.assign(this.kept, changes);
    try {
      localStorage.setItem(this.name, JSON.stringify(this.kept));
    } catch { /* A full or forbidden storage costs only the comfort. */ }
  }

  get place() {
    return this.kept.place?.search === location.search ? this.kept.place : null;
  }

  // As wide as the first records ask for, where nobody said otherwise.
  measure(fields, records) {
    const looked = records.slice(0, LOOKED_AT);
    this.usual = new Map(fields.map((field, index) => [field.name, usual(field, looked.map((record) => record.cells[index]))]));
  }

  // A saved view has its own widths, and those that were drawn since on top of them.
  widthsFor(view, saved) {
    const drawn = view ? this.kept.viewWidths?.[view] : null;
    return new Map([...this.usual].map(([name, width]) => [name, drawn?.[name] ?? saved[name] ?? this.kept.widths?.[name] ?? width]));
  }

  keepWidths(view, widths) {
    const drawn = Object.fromEntries(widths);
    if (view) this.keep({ viewWidths: { ...this.kept.viewWidths, [view]: drawn } });
    else this.keep({ widths: drawn });
  }

  forgetWidths(view) {
    if (!this.kept.viewWidths?.[view]) return;
    const { [view]: _, ...viewWidths } = this.kept.viewWidths;
    this.keep({ viewWidths });
  }
}

// For the pages of its records, which lead to the next one of the view.
export function keepView(view) {
  try {
    sessionStorage.setItem(`view:${location.pathname}`, viewParameters(view).toString());
    sessionStorage.setItem(`address:${location.pathname}`, location.search);
  } catch { /* Then the next one of the whole table. */ }
}

const paper = document.createElement("canvas").getContext("2d");

const FONT = "15px system-ui, sans-serif";
const LOOKED_AT = 40;
paper.font = FONT;

const PILL = 26; // what a choice takes beside its text, and what parts it from the next
const LEAST = { text: 120, long: 220, date: 116, datetime: 170, money: 110, web: 180, email: 180, phone: 140 };
const wide = (text) => paper.measureText(text).width;
const pills = (names) => names.reduce((sum, name) => sum + wide(name) + PILL, 20);

// As wide as the name and what the first records hold, within reason: a number is never cut short.
// What holds nothing yet is as wide as its kind asks for.
function usual(field, cells) {
  const head = wide(field.name) * 1.1 + 78; // it is set bold
  const arrow = field.link || ["web", "email", "phone"].includes(field.kind) ? 34 : 0;
  const text = (cell) => (field.choices?.length ? pills(chosen(cell)) : wide(told(cell, field).slice(0, 60)) + 24 + arrow);
  const most = (isNumber(field.kind) && !field.link) || field.kind === "choices" ? 320 : 260;
  const widths = cells.filter((cell) => cell !== null).map(text);
  return Math.round(Math.min(Math.max(72, head, least(field, widths.length > 0), ...widths), most));
}

// Choices have room for the longest of them, and several for the two longest.
function least(field, filled) {
  if (field.link) return 140;
  if (!field.choices?.length) return filled && !["date", "datetime"].includes(field.kind) ? 72 : LEAST[field.kind] ?? 72;
  const longest = [...field.choices].sort((one, other) => wide(other) - wide(one));
  return pills(longest.slice(0, field.kind === "choices" ? 2 : 1));
}
