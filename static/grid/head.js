// The head of the grid: names, sorting, filters and widths.
import { openFilter } from "./filters.js";
import { sortOf, toggleSort } from "./view.js";

const NARROWEST = 60;

export function drawHead(surface, view, change) {
  const corner = Object.assign(document.createElement("div"), { className: "grid-headcell", role: "columnheader" });
  corner.style.left = "0px";
  corner.style.width = `${surface.lefts[0] ?? 84}px`;
  corner.append(Object.assign(document.createElement("span"), { className: "hidden", textContent: "Select and open" }));
  surface.head.replaceChildren(corner, ...surface.fields.map((field, column) => headCell(surface, field, column, view, change)));
}

function headCell(surface, field, column, view, change) {
  const cell = Object.assign(document.createElement("div"), { className: "grid-headcell" });
  cell.setAttribute("role", "columnheader");
  cell.setAttribute("aria-colindex", String(column + 2));
  cell.style.left = `${surface.lefts[column]}px`;
  cell.style.width = `${surface.widths.get(field.name)}px`;
  const now = sortOf(view, field.name);
  cell.setAttribute("aria-sort", !now ? "none" : now.descending ? "descending" : "ascending");
  const sort = Object.assign(document.createElement("button"), { type: "button", className: "grid-sort", title: field.name });
  sort.append(Object.assign(document.createElement("span"), { textContent: field.name }));
  if (now) sort.append(Object.assign(document.createElement("span"), { textContent: now.descending ? "↓" : "↑" }));
  if (now && view.sort.length > 1) sort.append(String(now.index + 1));
  sort.addEventListener("click", (event) => change(toggleSort(view, field.name, event.shiftKey)));
  const present = view.filter.find((each) => each[0] === field.name);
  const filter = Object.assign(document.createElement("button"), { type: "button", className: "grid-filter", textContent: "▾", title: `Filter ${field.name}` });
  filter.setAttribute("aria-label", `Filter ${field.name}`);
  filter.classList.toggle("is-on", Boolean(present));
  filter.addEventListener("click", () => openFilter(field, filter, present, (made) => {
    const others = view.filter.filter((each) => each[0] !== field.name);
    change({ ...view, filter: made ? [...others, made] : others });
  }));
  cell.append(sort, filter, resizer(surface, field));
  return cell;
}

function resizer(surface, field) {
  const grip = Object.assign(document.createElement("div"), { className: "grid-resize" });
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const from = event.clientX;
    const width = surface.widths.get(field.name);
    let wanted = width;
    const move = (moved) => { wanted = Math.max(NARROWEST, width + moved.clientX - from); };
    const end = () => {
      grip.removeEventListener("pointermove", move);
      surface.widths.set(field.name, wanted);
      surface.hooks.resized();
      surface.measure();
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", end, { once: true });
  });
  return grip;
}
