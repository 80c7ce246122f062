// The grid by keyboard alone. Tab leaves the grid; everything inside is reached with the arrows.
import { isDate } from "./conditions.js";

// By the person's own clock.
function today(kind) {
  const now = new Date();
  const here = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return kind === "date" ? here.slice(0, 10) : here.slice(0, 16).replace("T", " ");
}

export function listenToKeys(surface, head, { editing, choosing, block, remove, empty, fill, turn, follow, open, add, may, selectable }) {
  const { rows } = surface;
  const place = surface.element;

  function move(event, row, field) {
    if (event.shiftKey) block.begin(); else block.clear();
    surface.moveTo(row, field);
    if (event.shiftKey) block.extend();
  }

  const moves = {
    ArrowDown: (event, at) => move(event, event.ctrlKey ? rows.total - 1 : at.row + 1, at.field),
    ArrowUp: (event, at) => {
      if (at.row === 0 && at.field < 0 && selectable) toBox();
      else if (at.row === 0 && !event.shiftKey) toHead(Math.max(0, at.field));
      else move(event, event.ctrlKey ? 0 : at.row - 1, at.field);
    },
    ArrowRight: (event, at) => move(event, at.row, event.ctrlKey ? surface.fields.length - 1 : at.field + 1),
    ArrowLeft: (event, at) => move(event, at.row, event.ctrlKey ? 0 : at.field - 1),
    PageDown: (event, at) => move(event, at.row + surface.pageRows, at.field),
    PageUp: (event, at) => move(event, at.row - surface.pageRows, at.field),
    Home: (event, at) => move(event, event.ctrlKey ? 0 : at.row, 0),
    End: (event, at) => move(event, event.ctrlKey ? rows.total - 1 : at.row, surface.fields.length - 1),
  };

  function toHead(field) {
    surface.headAt(field).querySelector(".grid-sort").focus({ preventScroll: true });
  }

  function inHead(event) {
    const cells = [...place.querySelectorAll(".slick-header-column")].slice(1);
    const index = cells.indexOf(event.target.closest(".slick-header-column"));
    if (index < 0) return;
    if (event.key === "ArrowDown" && event.altKey) head.filter(surface.fields[index]);
    else if (event.key === "ArrowDown") surface.moveTo(surface.topRow, index);
    else if (event.key === "ArrowRight") {
      if (event.target.matches(".grid-sort")) cells[index].querySelector(".grid-filter").focus({ preventScroll: true });
      else if (index + 1 < cells.length) toHead(index + 1);
    } else if (event.key === "ArrowLeft") {
      if (event.target.matches(".grid-filter")) toHead(index);
      else if (index > 0) toHead(index - 1);
      else toBox();
    } else if (event.key === "Home") toHead(0);
    else if (event.key === "End") toHead(cells.length - 1);
    else return;
    event.preventDefault();
  }

  function toBox() {
    place.querySelector(".grid-choose-all")?.focus({ preventScroll: true });
  }

  // On a box that chooses, where a click leaves the focus too.
  function onBox(event) {
    const inHead = event.target.matches(".grid-choose-all");
    if (event.key === "Escape") choosing.none();
    else if (isAll(event)) choosing.all();
    else if (inHead && event.key === "ArrowDown") surface.moveTo(surface.topRow, -1);
    else if (inHead && event.key === "ArrowRight") toHead(0);
    else return;
    event.preventDefault();
  }

  const isAll = (event) => selectable && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a";
  const fills = (event) => may.edit && (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "d";

  function inCell(event) {
    const at = surface.active;
    const command = event.ctrlKey || event.metaKey;
    const field = surface.fields[at.field];
    if (event.key === "ArrowDown" && event.altKey && field) head.filter(field);
    else if (moves[event.key] && !event.altKey) moves[event.key](event, at);
    else if (event.key === "Enter" && command) follow();
    else if (event.key === "Enter" && (event.shiftKey || at.field < 0)) open();
    else if (event.key === "Enter" || event.key === "F2") { if (!surface.takesTyping || !editing.begin()) open(); }
    else if (event.key === " " && (event.shiftKey || at.field < 0 || !may.edit)) { if (selectable) choosing.toggle(at.row, false); }
    else if (event.key === " " && field.kind === "boolean") turn();
    else if (event.key === "Escape") { block.clear(); choosing.none(); }
    else if (isAll(event)) choosing.all();
    else if (command && event.key === ";" && field && isDate(field)) { if (!surface.takesTyping || !editing.begin(today(field.kind))) return; }
    else if (fills(event)) fill();
    else if (event.key === "Delete" && may.delete && (surface.chosenCount || !field || !may.edit)) remove();
    else if ((event.key === "Delete" || event.key === "Backspace") && may.edit && field) empty();
    else if (event.key === "Insert" && may.add) add();
    else if (event.key.length === 1 && !command && !event.altKey && surface.takesTyping) { if (!editing.begin(event.key, event.isTrusted) || editing.awaitsKey) return; }
    else return;
    event.preventDefault();
  }

  // Captured, so that SlickGrid's own keys (Tab among them, a trap for a keyboard) never see it.
  place.addEventListener("keydown", (event) => {
    if (event.target.closest(".grid-editor")) return;
    event.stopPropagation();
    if (editing.saving) editing.hold(event);
    else if (event.target.matches(".grid-choose-all, .grid-lead input")) onBox(event);
    else if (event.target.closest(".slick-header-column")) inHead(event);
    else if (event.target.matches(".slick-cell") || fills(event)) inCell(event);
    page(event);
  }, true);

  let page = () => {};
  return { alsoTell: (listener) => { page = listener; } };
}
