// How a value looks in a cell, how it sounds, and how it looks in an editor.

const amounts = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function isNumber(kind) {
  return kind === "integer" || kind === "decimal" || kind === "money";
}

export function shown(cell, kind) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") {
    if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "✓" : "✗";
    if (isAmount(cell, kind)) return amounts.format(cell);
    if (kind === "choices") return chosen(cell).join(", ");
    return String(cell);
  }
  if ("label" in cell) return cell.label;
  if ("int" in cell) return cell.int;
  if ("text" in cell) return `${cell.text}…`;
  return size(cell.blob);
}

export const isFile = (cell) => Boolean(cell && typeof cell === "object" && "blob" in cell);

// As the whole cell shows it.
export function told(cell, field) {
  const text = shown(cell, field.kind);
  return field.currency && isAmount(cell, field.kind) ? `${text}\u00a0${field.currency}` : text;
}

// Whole cents; what another program put there with parts of them is shown as it is.
function isAmount(cell, kind) {
  return kind === "money" && typeof cell === "number" && Math.abs(cell) < 1e13 && Number(cell.toFixed(2)) === cell;
}

// The choices that a cell holds.
export function chosen(cell) {
  if (typeof cell !== "string" || cell === "") return [];
  try {
    const found = JSON.parse(cell);
    if (Array.isArray(found)) return found.map(String);
  } catch { /* Another program's text is one choice. */ }
  return [cell];
}

// Where a cell leads outside the file: never to a script. The same rules as web/hrefs.py.
export function hrefOf(cell, field) {
  if (field.link || (typeof cell !== "string" && typeof cell !== "number")) return null;
  const text = String(cell).trim();
  if (field.kind === "web" && /^https?:\/\/[^\s/]\S*$/i.test(text)) return text;
  if (field.kind === "email" && /^[^\s@<>]+@[^\s@<>]+$/.test(text)) return `mailto:${encodeURIComponent(text).replaceAll("%40", "@")}`;
  if (field.kind === "phone" && /^[+(]?\d[\d\s()./-]{1,30}$/.test(text)) return `tel:${text.replace("(0)", "").replace(/[^+0-9]/g, "")}`;
  return null;
}

// As on the record's page: the same words as web/sizes.py.
function size(count) {
  if (count < 1000) return `${count} ${count === 1 ? "byte" : "bytes"}`;
  if (count < 1e6) return `${Math.floor(count / 1000)} kB`;
  const [number, unit] = count < 1e9 ? [count / 1e6, "MB"] : [count / 1e9, "GB"];
  return `${number.toFixed(number < 10 ? 1 : 0)} ${unit}`;
}

// What a screen reader says where the sight of it would not do; null where the text itself will.
export function spoken(cell, kind) {
  if (cell === null) return "no value";
  if (cell === "") return "empty text";
  if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "yes" : "no";
  return null;
}

// What a value of another program's is not, though its field says so: “soon” in a date. The same rules as
// web/misfits.py.
export function misfit(cell, field) {
  if (!field.must || cell === null || cell === undefined || cell === "" || fits(cell, field.kind)) return null;
  if (isFile(cell)) return `Bytes are not ${field.must}`;
  const text = shown(cell, field.kind);
  return `“${text.length > 60 ? `${text.slice(0, 59)}…` : text}” is not ${field.must}`;
}

const TIME = /^[ T]\s*([01]\d|2[0-4]):[0-5]\d(:[0-5]\d(\.\d+)?)?\s*(Z|[+-]\d\d:\d\d)?$/;
const INFINITE = ["inf", "-inf"];

function fits(cell, kind) {
  if (kind === "boolean") return cell === 0 || cell === 1;
  if (isNumber(kind)) return typeof cell === "number" ? kind !== "integer" || Number.isInteger(cell) : typeof cell === "object" ? "int" in cell : kind !== "integer" && INFINITE.includes(cell);
  return typeof cell === "string" && isDay(cell.slice(0, 10)) && (cell.length === 10 || TIME.test(cell.slice(10)));
}

function isDay(text) {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < "0001") return false;
  const day = new Date(text);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === text;
}

// What a copied cell becomes in a spreadsheet.
export function copied(cell, kind) {
  if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "yes" : "no";
  if (isAmount(cell, kind)) return cell.toFixed(2);
  return shown(cell, kind);
}

// A text of which only the beginning is here.
export const isCut = (cell) => cell !== null && typeof cell === "object" && "text" in cell;

// What an input begins with; undefined where the whole value is not here and only the form has it.
export function editable(cell, kind) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") {
    if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "yes" : "no";
    if (isAmount(cell, kind)) return cell.toFixed(2);
    if (kind === "choices") return chosen(cell).join(", ");
    return String(cell);
  }
  if ("link" in cell) return editable(cell.link);
  if ("int" in cell) return cell.int;
  return undefined;
}
