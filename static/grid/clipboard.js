// Cells on the clipboard: text with tabs and an HTML table, as spreadsheets have them. In the HTML lie
// the values themselves as well, so that a copy of the grid's comes back just as it was: no value and
// empty text are two things, and a link is its key, not its name.
import { copied, editable } from "./values.js";

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/\r?\n/g, "<br>");
// A tab or line break inside a cell would tear the block apart: quoted, as spreadsheets do.
const quoted = (text) => (/[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const OURS = /<table data-cells="([^"]*)"/;

// What a clipboard can carry of a cell: null, a text, [key, name] of a link, or 0 for a file.
export function carried(cell, field) {
  if (cell === null || cell === undefined) return null;
  const text = editable(cell, field.kind);
  if (text === undefined) return 0;
  return field.link ? [text, copied(cell, field.kind)] : text;
}

export const described = (fields) => fields.map(({ automatic, link }) => ({ automatic, link }));

export function writeCells(fields, lines) {
  const texts = lines.map((line) => line.map((cell, n) => copied(cell, fields[n].kind)));
  const ours = { fields: described(fields), rows: lines.map((line) => line.map((cell, n) => carried(cell, fields[n]))) };
  const one = lines.length === 1 && fields.length === 1;
  const body = texts.map((line) => `<tr>${line.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("");
  return {
    text: one ? texts[0][0] : texts.map((line) => line.map(quoted).join("\t")).join("\n"),
    html: `<table data-cells="${encodeURIComponent(JSON.stringify(ours))}">${body}</table>`,
  };
}

// The rows of cells that came; `fields` describes their fields where they are the grid's own.
export function readCells(data) {
  const ours = OURS.exec(data.getData("text/html"));
  if (ours) {
    try {
      const found = JSON.parse(decodeURIComponent(ours[1]));
      if (isOurs(found)) return found;
    } catch { /* Another program's after all: its text will do. */ }
  }
  return { fields: null, rows: split(data.getData("text/plain").replace(/\r\n?/g, "\n")) };
}

function isOurs({ fields, rows }) {
  const isText = (each) => typeof each === "string";
  const isCell = (cell) => cell === null || cell === 0 || isText(cell) || (Array.isArray(cell) && cell.length === 2 && cell.every(isText));
  return Array.isArray(fields) && Array.isArray(rows) && rows.every((row) => Array.isArray(row) && row.length === fields.length && row.every(isCell));
}

function split(text) {
  const rows = [];
  let row = [];
  let at = 0;
  while (at < text.length) {
    const [cell, end] = quotedCell(text, at) ?? bareCell(text, at);
    row.push(cell === "" ? null : cell);
    if (text[end] !== "\t") {
      rows.push(row);
      row = [];
    } else if (end + 1 === text.length) row.push(null);
    at = end + 1;
  }
  if (row.length) rows.push(row);
  return rows;
}

function bareCell(text, start) {
  let end = start;
  while (end < text.length && text[end] !== "\t" && text[end] !== "\n") end += 1;
  return [text.slice(start, end), end];
}

// A quote that no tab or line follows was the text's own, and the cell is none that was quoted.
function quotedCell(text, start) {
  if (text[start] !== '"') return null;
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0 || !(end + 1 === text.length || text[end + 1] === "\t" || text[end + 1] === "\n")) return null;
  return [text.slice(start + 1, end).replaceAll('""', '"'), end + 1];
}
