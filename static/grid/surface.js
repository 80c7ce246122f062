// The visible part of the grid: which rows are in sight, where they stand, and how they are drawn.
// Browsers cap an element's height, so the scrollbar is scaled once the rows would not fit.
import { isNumber, shown } from "./values.js";

const TALLEST = 10_000_000;
const HEAD = 40;
const NUMBER_WIDTH = 84;

export class Surface {
  constructor(place, fields, rows, hooks) {
    this.place = place;
    this.fields = fields;
    this.rows = rows;
    this.hooks = hooks;
    this.widths = hooks.widths;
    this.top = 0;
    this.active = { row: 0, column: 0 };
    this.selected = new Set();
    this.drawn = new Map();
    this.build();
  }

  build() {
    const make = (name) => Object.assign(document.createElement("div"), { className: name });
    this.element = make("grid");
    this.element.setAttribute("role", "grid");
    this.element.setAttribute("aria-label", this.place.dataset.name);
    this.element.setAttribute("aria-multiselectable", "true");
    this.element.setAttribute("aria-colcount", String(this.fields.length + 1));
    this.element.tabIndex = 0;
    this.head = make("grid-head");
    this.head.setAttribute("role", "row");
    this.head.setAttribute("aria-rowindex", "1");
    this.layer = make("grid-layer");
    this.layer.setAttribute("role", "rowgroup");
    this.spacer = make("grid-spacer");
    this.spacer.setAttribute("role", "presentation");
    this.element.append(this.head, this.layer, this.spacer);
    this.place.append(this.element);
    this.element.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.element.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    new ResizeObserver(() => this.measure()).observe(this.element);
    this.measure();
  }

  get rowHeight() {
    return parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 34;
  }

  measure() {
    this.height = this.rowHeight;
    this.viewport = Math.max(this.element.clientHeight - HEAD, this.height);
    this.lefts = [];
    let left = NUMBER_WIDTH;
    for (const field of this.fields) {
      this.lefts.push(left);
      left += this.widths.get(field.name);
    }
    this.width = Math.max(left, this.element.clientWidth);
    for (const part of [this.head, this.layer, this.spacer]) part.style.width = `${this.width}px`;
    this.layer.style.height = `${this.viewport}px`;
    this.resize();
    this.hooks.drawHead?.();
    this.redraw();
  }

  // Content height in real pixels, and what the scrollbar gets of it.
  resize() {
    this.content = (this.rows.total ?? 0) * this.height;
    this.scaled = Math.min(this.content, TALLEST);
    this.spacer.style.height = `${Math.max(0, this.scaled - this.viewport)}px`;
    this.element.setAttribute("aria-rowcount", String((this.rows.total ?? 0) + 1));
    this.top = Math.min(this.top, this.lowest);
  }

  get lowest() {
    return Math.max(0, this.content - this.viewport);
  }

  get ratio() {
    const scrollable = this.scaled - this.viewport;
    return scrollable > 0 ? this.lowest / scrollable : 1;
  }

  scrolled() {
    const expected = this.top / this.ratio;
    // A whole pixel of the scrollbar is many rows when it is scaled: keep a finer place of our own.
    if (Math.abs(this.element.scrollTop - expected) >= 1) this.top = Math.min(this.element.scrollTop * this.ratio, this.lowest);
    this.soon();
  }

  wheeled(event) {
    if (this.ratio <= 1 || event.ctrlKey || !event.deltaY) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? this.height : event.deltaMode === 2 ? this.viewport : 1;
    this.scrollTo(this.top + event.deltaY * unit);
  }

  scrollTo(top) {
    this.top = Math.max(0, Math.min(top, this.lowest));
    this.element.scrollTop = this.top / this.ratio;
    this.soon();
  }

  soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
  }

  redraw() {
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.draw();
  }

  get inSight() {
    const first = Math.floor(this.top / this.height);
    const last = Math.min(Math.ceil((this.top + this.viewport) / this.height), (this.rows.total ?? 0)) - 1;
    return [first, last];
  }

  draw() {
    const [first, last] = this.inSight;
    if (this.rows.total === null) this.rows.need(first, first);
    else if (last >= first) this.rows.need(Math.max(0, first - 20), Math.min(last + 40, this.rows.total - 1));
    for (const [index, row] of this.drawn) {
      if (index < first || index > last || row.loading && this.rows.at(index)) { row.remove(); this.drawn.delete(index); }
    }
    for (let index = first; index <= last; index += 1) {
      let row = this.drawn.get(index);
      if (!row) {
        row = this.makeRow(index);
        this.drawn.set(index, row);
        this.layer.append(row);
      }
      row.style.transform = `translateY(${Math.round(index * this.height - this.top)}px)`;
    }
    this.markActive();
    this.hooks.drawn?.();
  }

  makeRow(index) {
    const record = this.rows.at(index);
    const row = Object.assign(document.createElement("div"), { className: "grid-row" });
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", String(index + 2));
    row.loading = !record;
    const selected = record && this.selected.has(record.id);
    row.classList.toggle("is-selected", Boolean(selected));
    row.setAttribute("aria-selected", String(Boolean(selected)));
    row.append(this.makeNumber(index, record, selected));
    this.fields.forEach((field, column) => row.append(this.makeCell(index, column, field, record)));
    return row;
  }

  makeNumber(index, record, selected) {
    const cell = Object.assign(document.createElement("div"), { className: "grid-cell grid-number" });
    cell.setAttribute("role", "rowheader");
    cell.style.left = "0px";
    cell.style.width = `${NUMBER_WIDTH}px`;
    if (record && this.hooks.selectable) {
      const box = Object.assign(document.createElement("input"), { type: "checkbox", tabIndex: -1, checked: Boolean(selected) });
      box.setAttribute("aria-label", `Select record ${index + 1}`);
      box.addEventListener("click", (event) => this.hooks.select(index, event.shiftKey));
      cell.append(box);
    }
    if (record) {
      const open = Object.assign(document.createElement("a"), { href: this.hooks.formAddress(record.id), tabIndex: -1, textContent: "Open" });
      open.setAttribute("aria-label", `Open record ${index + 1}`);
      cell.append(open);
    }
    return cell;
  }

  makeCell(index, column, field, record) {
    const cell = Object.assign(document.createElement("div"), { className: "grid-cell", id: `cell-${index}-${column}` });
    cell.setAttribute("role", "gridcell");
    cell.setAttribute("aria-colindex", String(column + 2));
    cell.style.left = `${this.lefts[column]}px`;
    cell.style.width = `${this.widths.get(field.name)}px`;
    cell.dataset.column = column;
    cell.dataset.row = index;
    const text = document.createElement("span");
    cell.append(text);
    if (!record) {
      cell.classList.add("is-loading");
      return cell;
    }
    const value = record.cells[column];
    text.textContent = value === null ? "—" : shown(value, field.kind);
    cell.classList.toggle("is-empty", value === null || value === "");
    if (value === null) text.setAttribute("aria-label", "empty");
    cell.classList.toggle("is-number", isNumber(field.kind) && !field.link && typeof value !== "string");
    if (value && typeof value === "object" && "label" in value) {
      const follow = Object.assign(document.createElement("a"), { href: this.hooks.linkAddress(field, value), tabIndex: -1, textContent: "↗" });
      follow.setAttribute("aria-label", `Open ${value.label}`);
      cell.append(follow);
    }
    return cell;
  }

  cellAt(row, column) {
    return document.getElementById(`cell-${row}-${column}`);
  }

  markActive() {
    this.layer.querySelector(".is-active")?.classList.remove("is-active");
    const cell = this.cellAt(this.active.row, this.active.column);
    cell?.classList.add("is-active");
    if (cell) this.element.setAttribute("aria-activedescendant", cell.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  moveTo(row, column) {
    const total = this.rows.total ?? 0;
    this.active = {
      row: Math.max(0, Math.min(row, total - 1)),
      column: Math.max(0, Math.min(column, this.fields.length - 1)),
    };
    const top = this.active.row * this.height;
    if (top < this.top) this.scrollTo(top);
    else if (top + this.height > this.top + this.viewport) this.scrollTo(top + this.height - this.viewport);
    const left = this.lefts[this.active.column] ?? 0;
    const width = this.widths.get(this.fields[this.active.column]?.name) ?? 0;
    if (left < this.element.scrollLeft) this.element.scrollLeft = this.active.column ? left : 0;
    else if (left + width > this.element.scrollLeft + this.element.clientWidth) this.element.scrollLeft = left + width - this.element.clientWidth;
    this.draw();
    this.hooks.moved?.();
  }
}
