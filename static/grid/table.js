// The table page: brings the grid's parts together, and its keyboard.
import { get, post } from "../js/send.js";
import { toast } from "../js/toast.js";
import { Editing } from "./editing.js";
import { drawChips } from "./filters.js";
import { drawHead } from "./head.js";
import { Rows } from "./rows.js";
import { Surface } from "./surface.js";
import { shown } from "./values.js";
import { readView, writeView } from "./view.js";

const number = new Intl.NumberFormat("en");
const place = document.querySelector("[data-grid]");
const tool = (name) => document.querySelector(`[data-grid-${name}]`);
const memory = `grid:${location.pathname}`;
const remembered = JSON.parse(localStorage.getItem(memory) ?? "{}");
const remember = (changes) => localStorage.setItem(memory, JSON.stringify(Object.assign(remembered, changes)));

function widthsFor(fields) {
  const usual = (field) => {
    if (field.automatic) return 90;
    if (field.kind === "boolean") return 110;
    if (field.kind === "integer" && !field.link) return Math.max(120, field.name.length * 9 + 60);
    if (field.kind === "date") return 140;
    return Math.min(Math.max(180, field.name.length * 9 + 60), 260);
  };
  return new Map(fields.map((field) => [field.name, remembered.widths?.[field.name] ?? usual(field)]));
}

async function start() {
  const description = await get(place.dataset.fields);
  const fields = description.fields;
  let view = readView();
  let anchor = null;
  let note = null;

  const rows = new Rows(place.dataset.rows, () => { surface.resize(); surface.draw(); settle(); }, failed);
  rows.show(view);
  const surface = new Surface(place, fields, rows, {
    widths: widthsFor(fields),
    selectable: description.writable,
    formAddress: (id) => `${place.dataset.records}/${encodeURIComponent(id)}`,
    linkAddress: (field, cell) => {
      const value = typeof cell.link === "object" ? cell.link.int : cell.link;
      const table = field.link.table.replaceAll("~", "~~").replaceAll("/", "~s");
      return `/tables/${encodeURIComponent(table)}/follow?field=${encodeURIComponent(field.link.field)}&value=${encodeURIComponent(value)}`;
    },
    select,
    moved: keepPlace,
    resized: () => remember({ widths: Object.fromEntries(surface.widths) }),
  });
  surface.hooks.drawHead = () => drawHead(surface, view, change);
  const editing = new Editing(surface, place.dataset, (undo) => offerUndo(undo));
  let placed = false;

  function settle() {
    tool("count").textContent = rows.total === null ? "" : `${number.format(rows.total)} ${rows.total === 1 ? "record" : "records"}`;
    say(rows.total === 0 ? (view.filter.length || view.q ? "No record fits this view." : "No records yet.") : null);
    if (!placed && rows.total !== null) {
      placed = true;
      const kept = JSON.parse(sessionStorage.getItem(memory) ?? "null");
      if (kept && kept.search === location.search) {
        surface.scrollTo(kept.top);
        surface.active = kept.active;
        surface.draw();
      }
    }
  }

  function keepPlace() {
    sessionStorage.setItem(memory, JSON.stringify({ search: location.search, top: surface.top, active: surface.active }));
  }

  function say(sentence, action) {
    note?.remove();
    note = null;
    if (!sentence) return;
    note = Object.assign(document.createElement("div"), { className: "grid-note" });
    const text = Object.assign(document.createElement("p"), { textContent: sentence });
    note.append(text);
    if (action) note.append(action);
    place.append(note);
  }

  function failed(error) {
    const again = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: "Try again" });
    again.addEventListener("click", () => { say(null); surface.draw(); });
    if (rows.total === null) say(error.message, again);
    else toast(error.message, { danger: true, action: "Try again", onAction: () => surface.draw() });
  }

  function change(next, { replace = false } = {}) {
    view = next;
    writeView(view, { replace });
    apply();
  }

  function apply() {
    surface.selected.clear();
    surface.active = { row: 0, column: surface.active.column };
    rows.show(view);
    surface.top = 0;
    surface.element.scrollTop = 0;
    drawHead(surface, view, change);
    drawChips(tool("chips"), view, change);
    tool("search").value = view.q;
    refreshTools();
    surface.redraw();
  }

  function refresh() {
    rows.forget();
    surface.selected.clear();
    refreshTools();
    surface.redraw();
  }

  function select(index, range) {
    const from = range && anchor !== null ? anchor : index;
    const record = rows.at(index);
    if (!record) return;
    const on = !surface.selected.has(record.id);
    for (let each = Math.min(from, index); each <= Math.max(from, index); each += 1) {
      const id = rows.at(each)?.id;
      if (id !== undefined) on ? surface.selected.add(id) : surface.selected.delete(id);
    }
    anchor = index;
    refreshTools();
    surface.redraw();
  }

  function refreshTools() {
    const button = tool("delete");
    if (!button) return;
    const count = surface.selected.size;
    button.disabled = count === 0;
    button.textContent = count ? `Delete ${number.format(count)}` : "Delete";
  }

  function offerUndo(sentence) {
    const button = tool("undo");
    if (!button) return;
    button.disabled = !sentence;
    button.title = sentence ?? "";
  }

  async function step(address) {
    try {
      const answer = await post(address);
      offerUndo(answer.undo);
      tool("redo").disabled = !answer.redo;
      tool("redo").title = answer.redo ?? "";
      if (!answer.done) return toast("There is nothing more.");
      const undone = address === place.dataset.undo;
      toast(`${undone ? "Undone" : "Done again"}: ${answer.done}`);
      if (answer.table && answer.table !== place.dataset.name) return;
      if (/^(Import|Create|Delete|Rename) the table|^Import/.test(answer.done)) location.href = "/";
      refresh();
    } catch (error) { toast(error.message, { danger: true }); }
  }

  async function remove() {
    const ids = [...surface.selected];
    if (!ids.length && rows.at(surface.active.row)) ids.push(rows.at(surface.active.row).id);
    if (!ids.length) return;
    try {
      const answer = await post(`${place.dataset.records}/delete`, { ids });
      offerUndo(answer.undo);
      refresh();
      toast(`${number.format(answer.deleted)} ${answer.deleted === 1 ? "record" : "records"} deleted.`, { action: "Undo", onAction: () => step(place.dataset.undo) });
      surface.element.focus();
    } catch (error) { toast(error.message, { danger: true }); }
  }

  function copy() {
    const { row, column } = surface.active;
    const chosen = [];
    for (const index of surface.drawn.keys()) if (surface.selected.has(rows.at(index)?.id)) chosen.push(index);
    const text = chosen.length
      ? chosen.sort((a, b) => a - b).map((index) => rows.at(index).cells.map((cell, n) => shown(cell, fields[n].kind)).join("\t")).join("\n")
      : shown(rows.at(row)?.cells[column], fields[column].kind);
    navigator.clipboard?.writeText(text);
  }

  const page = () => Math.max(1, Math.floor(surface.viewport / surface.height) - 1);
  const keys = {
    ArrowDown: (e) => surface.moveTo(e.ctrlKey ? rows.total - 1 : surface.active.row + 1, surface.active.column),
    ArrowUp: (e) => surface.moveTo(e.ctrlKey ? 0 : surface.active.row - 1, surface.active.column),
    ArrowRight: () => surface.moveTo(surface.active.row, surface.active.column + 1),
    ArrowLeft: () => surface.moveTo(surface.active.row, surface.active.column - 1),
    PageDown: () => surface.moveTo(surface.active.row + page(), surface.active.column),
    PageUp: () => surface.moveTo(surface.active.row - page(), surface.active.column),
    Home: (e) => surface.moveTo(e.ctrlKey ? 0 : surface.active.row, 0),
    End: (e) => surface.moveTo(e.ctrlKey ? rows.total - 1 : surface.active.row, fields.length - 1),
  };

  surface.element.addEventListener("keydown", (event) => {
    if (event.target !== surface.element) return;
    const command = event.ctrlKey || event.metaKey;
    if (keys[event.key]) keys[event.key](event);
    else if (command && event.key.toLowerCase() === "c") copy();
    else if (event.key === "Enter" && command) follow();
    else if (event.key === "Enter" && event.shiftKey) openForm();
    else if ((event.key === "Enter" || event.key === "F2") && description.writable) editing.begin();
    else if (event.key === "Enter") openForm();
    else if (event.key === " ") select(surface.active.row, event.shiftKey);
    else if (event.key === "Delete" && description.writable) remove();
    else if (event.key.length === 1 && !command && !event.altKey && description.writable) editing.begin(event.key);
    else return;
    event.preventDefault();
  });

  function follow() {
    surface.cellAt(surface.active.row, surface.active.column)?.querySelector("a")?.click();
  }

  function openForm() {
    const record = rows.at(surface.active.row);
    if (record) location.href = surface.hooks.formAddress(record.id);
  }

  surface.layer.addEventListener("click", (event) => {
    const cell = event.target.closest(".grid-cell[data-row]");
    if (!cell || event.target.closest("a, input")) return;
    const row = Number(cell.dataset.row);
    const column = Number(cell.dataset.column);
    const again = row === surface.active.row && column === surface.active.column && document.activeElement === surface.element;
    surface.moveTo(row, column);
    surface.element.focus({ preventScroll: true });
    if (description.writable && (event.detail >= 2 || again && matchMedia("(pointer: coarse)").matches)) editing.begin();
  });

  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.closest("input, textarea, select")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) { event.preventDefault(); step(place.dataset.undo); }
    else if (key === "y" || key === "z" && event.shiftKey) { event.preventDefault(); step(place.dataset.redo); }
  });

  let typing;
  tool("search").value = view.q;
  tool("search").addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => change({ ...view, q: event.target.value.trim() }, { replace: true }), 250);
  });
  tool("delete")?.addEventListener("click", remove);
  tool("undo")?.addEventListener("click", () => step(place.dataset.undo));
  tool("redo")?.addEventListener("click", () => step(place.dataset.redo));
  addEventListener("popstate", () => { view = readView(); apply(); });
  addEventListener("pagehide", keepPlace);

  drawHead(surface, view, change);
  drawChips(tool("chips"), view, change);
  surface.redraw();
  if (document.activeElement === document.body) surface.element.focus({ preventScroll: true });
}

if (place) {
  start().catch((error) => {
    place.append(Object.assign(document.createElement("p"), { className: "notice is-danger", textContent: error.message }));
  });
}
