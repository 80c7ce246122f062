// How a value looks in a cell, how it sounds, and how it looks in an editor.

const sizes = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export function isNumber(kind) {
  return kind === "integer" || kind === "decimal";
}

export function shown(cell, kind) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") {
    if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "✓" : "✗";
    return String(cell);
  }
  if ("label" in cell) return cell.label;
  if ("int" in cell) return cell.int;
  if ("text" in cell) return `${cell.text}…`;
  return size(cell.blob);
}

function size(count) {
  if (count < 1024) return `${count} ${count === 1 ? "byte" : "bytes"}`;
  return count < 1048576 ? `${sizes.format(count / 1024)} KB` : `${sizes.format(count / 1048576)} MB`;
}

// What a screen reader says where the sight of it would not do; null where the text itself will.
export function spoken(cell, kind) {
  if (cell === null) return "no value";
  if (cell === "") return "empty text";
  if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "yes" : "no";
  return null;
}

// What a copied cell becomes in a spreadsheet.
export function copied(cell, kind) {
  if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "yes" : "no";
  return shown(cell, kind);
}

// A text of which only the beginning is here.
export const isCut = (cell) => cell !== null && typeof cell === "object" && "text" in cell;

// What an input begins with; undefined where the whole value is not here and only the form has it.
export function editable(cell, kind) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") {
    if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "yes" : "no";
    return String(cell);
  }
  if ("link" in cell) return editable(cell.link);
  if ("int" in cell) return cell.int;
  return undefined;
}
