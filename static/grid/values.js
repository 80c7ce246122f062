// How a value looks in a cell, and how it looks in an editor.

const bytes = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export function isNumber(kind) {
  return kind === "integer" || kind === "decimal";
}

export function shown(cell, kind) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") {
    if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "✓ yes" : "no";
    return String(cell);
  }
  if ("label" in cell) return cell.label;
  if ("int" in cell) return cell.int;
  if ("text" in cell) return cell.text;
  return cell.blob < 1024 ? `${cell.blob} bytes` : cell.blob < 1048576 ? `${bytes.format(cell.blob / 1024)} KB` : `${bytes.format(cell.blob / 1048576)} MB`;
}

// What an input begins with; null where the whole value is not here and only the form can edit it.
export function editable(cell, kind) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "object") {
    if (kind === "boolean" && (cell === 0 || cell === 1)) return cell ? "yes" : "no";
    return String(cell);
  }
  if ("link" in cell) return editable(cell.link);
  if ("int" in cell) return cell.int;
  return null;
}
