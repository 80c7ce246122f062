// The grid on the page: what a cell shows, which cell is active, what stays in sight.
import { HouseGrid } from "./slick.js";
import { chosen, hrefOf, isFile, isNumber, misfit, shown, spoken, told } from "./values.js";

const NARROW = 480;
const LEAD = 1; // before the fields stands one cell to choose and open the record
const NEW = { id: null, cells: [] }; // stands after the last record, and becomes one when it is filled in

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const OUT = { web: { sign: "↗", verb: "Open" }, email: { sign: "✉", verb: "Write to" }, phone: { sign: "☎", verb: "Call" } };

function pills(field, value) {
  const names = field.kind === "choices" ? chosen(value) : [value];
  return names.flatMap((name, n) => {
    const colour = field.colours[field.choices.indexOf(name)] ?? "grey";
    const pill = make("span", { className: `pill is-${colour}`, textContent: name });
    return n ? [document.createTextNode(" "), pill] : [pill];
  });
}

export class Surface {
  constructor(place, fields, rows, hooks) {
    Object.assign(this, { place, fields, rows, hooks });
    this.chosen = new Set();
    this.whole = null; // the view's question and its count, where all that it finds are chosen
    this.block = null;
    this.element = make("div", { className: "grid" });
    this.element.setAttribute("aria-label", place.dataset.name);
    this.element.setAttribute("aria-colcount", String(fields.length + LEAD));
    if (hooks.selectable) this.element.setAttribute("aria-multiselectable", "true");
    place.append(this.element);
    this.grid = new HouseGrid(this.element, this.source(), this.columns(), {
      enableCellNavigation: true,
      enableColumnReorder: false,
      explicitInitialization: true,
      rowHeight: this.rowHeight,
      headerRowHeight: 0,
      syncColumnCellResize: true,
      suppressCssChangesOnHiddenInit: true,
      dataItemColumnValueExtractor: (record, column) => record.cells[column.index],
    });
    this.grid.describeRow = (line, row) => this.describe(line, row);
    this.grid.describeCell = (node, row, cell) => this.name(node, row, cell - LEAD);
    this.grid.init();
    this.tidy();
    this.listen();
  }

  get rowHeight() {
    return parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 34;
  }

  source() {
    return { getLength: () => this.lastRow + 1, getItem: (row) => (this.isNew(row) ? NEW : this.rows.at(row)), getItemMetadata: () => null };
  }

  // A view that finds nothing has none, nor has one that is being counted.
  isNew(row) {
    const { total, counting, view } = this.rows;
    const some = total > 0 || (total === 0 && !view.filter.length && !view.q);
    return this.hooks.may.add && some && !counting && row === total;
  }

  get lastRow() {
    const total = this.rows.total ?? 0;
    return this.isNew(total) ? total : total - 1;
  }

  // Whether the active cell is one of the record that is not there yet.
  get onNew() {
    return Boolean(this.activeNode) && this.isNew(this.active.row);
  }

  // Whether the active cell takes what is typed, as far as its record is concerned.
  get takesTyping() {
    return this.onNew ? this.hooks.may.add : this.hooks.may.edit;
  }

  columns() {
    const narrow = innerWidth <= NARROW;
    const first = this.fields[0];
    const firstStays = first && (!narrow || this.hooks.widths.get(first.name) <= 132);
    const stays = (index) => ({ stays: true, alwaysRenderColumn: true, cssClass: `grid-stays-${index}`, headerCssClass: `grid-stays-${index}` });
    return [
      { id: "-", name: this.leadHead(), width: narrow ? 76 : 84, resizable: false, index: -1, formatter: (row, _, __, ___, record) => this.lead(row, record), ...stays(0) },
      ...this.fields.map((field, index) => ({
        id: `f${index}`,
        index,
        name: this.hooks.head(field, index),
        width: this.hooks.widths.get(field.name),
        minWidth: 60,
        resizable: true,
        formatter: (_, __, value, ___, record) => this.value(field, value, record),
        ...(index === 0 && firstStays ? stays(1) : {}),
      })),
    ];
  }

  isChosen(record) {
    return this.whole !== null || this.chosen.has(record.id);
  }

  // How many are chosen.
  get chosenCount() {
    return this.whole?.count ?? this.chosen.size;
  }

  leadHead() {
    const words = make("span", { className: "hidden", textContent: "Choose and open" });
    if (!this.hooks.selectable) return words;
    const box = make("input", { type: "checkbox", className: "grid-choose-all", tabIndex: -1, title: "Choose all records of this view (Ctrl+A)" });
    box.setAttribute("aria-label", "Choose all records of this view");
    this.markHead(box);
    return make("span", { className: "grid-choose" }, words, box);
  }

  markHead(box = this.element.querySelector(".grid-choose-all")) {
    if (!box) return;
    const { chosenCount } = this;
    box.checked = chosenCount > 0 && chosenCount >= (this.rows.total ?? 0);
    box.indeterminate = chosenCount > 0 && !box.checked;
  }

  lead(row, record) {
    const holder = make("div", { className: "grid-lead" });
    if (record === NEW) {
      const add = make("a", { href: this.hooks.addAddress, tabIndex: -1, textContent: "+ New" });
      add.setAttribute("aria-label", "New record");
      holder.append(add);
      return holder;
    }
    if (this.hooks.selectable) {
      const box = make("input", { type: "checkbox", tabIndex: -1, checked: this.isChosen(record) });
      box.setAttribute("aria-label", `Choose record ${row + 1}`);
      holder.append(box);
    }
    const open = make("a", { href: this.hooks.formAddress(record.id), tabIndex: -1, textContent: "Open" });
    open.setAttribute("aria-label", `Open record ${row + 1}`);
    holder.append(open);
    return holder;
  }

  value(field, value, record) {
    if (record === NEW) return { html: document.createDocumentFragment() };
    const text = make("span", { className: "grid-text", textContent: value === null ? "—" : told(value, field) });
    if (field.choices?.length && typeof value === "string" && value !== "") text.replaceChildren(...pills(field, value));
    const aloud = spoken(value, field.kind);
    if (aloud) {
      text.setAttribute("role", "img");
      text.setAttribute("aria-label", aloud);
    }
    const number = isNumber(field.kind) && !field.link && typeof value !== "string";
    const addClasses = [value === null && "is-null", number && "is-number", field.kind === "boolean" && "is-yes-no"].filter(Boolean).join(" ");
    const content = document.createDocumentFragment();
    content.append(text);
    const unfit = misfit(value, field);
    if (unfit) {
      text.classList.add("is-misfit");
      text.title = unfit;
      content.append(make("span", { className: "hidden", textContent: ` (not ${field.must})` }));
    }
    if (value && typeof value === "object" && "label" in value) {
      const follow = make("a", { className: "grid-follow", href: this.hooks.linkAddress(field, value), tabIndex: -1, textContent: "↗" });
      follow.setAttribute("aria-label", `Open ${value.label}`);
      content.append(follow);
    }
    const href = hrefOf(value, field);
    if (href) {
      const out = make("a", { className: "grid-follow", href, tabIndex: -1, textContent: OUT[field.kind].sign });
      if (field.kind === "web") Object.assign(out, { target: "_blank", rel: "noopener noreferrer" });
      out.setAttribute("aria-label", `${OUT[field.kind].verb} ${value}`);
      content.append(out);
    }
    if (isFile(value) && record) {
      const get = make("a", { className: "grid-follow", href: `${this.hooks.formAddress(record.id)}/file?field=${encodeURIComponent(field.name)}`, tabIndex: -1, textContent: "↓" });
      get.setAttribute("aria-label", `Download the file, ${shown(value)}`);
      get.setAttribute("download", "");
      content.append(get);
    }
    return { html: content, addClasses };
  }

  describe(line, row) {
    line.setAttribute("aria-rowindex", String(row + 2));
    line.classList.add("grid-row");
    line.classList.toggle("is-new", this.isNew(row));
    if (!this.rows.at(row) && !this.isNew(row)) line.setAttribute("aria-busy", "true");
    this.mark(line, row);
  }

  name(node, row, field) {
    if (field < 0) return;
    node.id = `cell-${row}-${field}`;
    node.classList.add("grid-cell");
    node.classList.toggle("is-loading", !this.rows.at(row) && !this.isNew(row));
    if (this.isNew(row)) node.setAttribute("aria-label", "New record, empty");
    node.setAttribute("aria-describedby", `name-${field}`);
    node.dataset.row = row;
    node.dataset.column = field;
    if (!(this.isNew(row) ? this.fields[field].givable : this.fields[field].writable)) node.setAttribute("aria-readonly", "true");
  }

  // What can change without a record being drawn anew: chosen or not, inside the block or not.
  mark(line, row) {
    const record = this.rows.at(row);
    const chosen = Boolean(record && this.isChosen(record));
    line.classList.toggle("is-chosen", chosen);
    if (this.hooks.selectable) line.setAttribute("aria-selected", String(chosen));
    const box = line.querySelector(".grid-lead input");
    if (box) box.checked = chosen;
    const { block } = this;
    const within = block && row >= block.top && row <= block.bottom;
    for (const cell of line.children) {
      const field = Number(cell.getAttribute("aria-colindex")) - 1 - LEAD;
      cell.classList.toggle("is-in-block", Boolean(within && field >= block.left && field <= block.right));
    }
  }

  markAll() {
    for (const line of this.element.querySelectorAll(".slick-row")) this.mark(line, Number(line.dataset.row));
    this.markHead();
  }

  // SlickGrid makes all its panes stops of the Tab key; only the active cell shall be one.
  tidy() {
    this.scroller = this.element.querySelector(".slick-viewport-left");
    this.scroller.classList.add("grid-scroller");
    this.element.tabIndex = -1;
    this.element.addEventListener("focus", () => { if (this.activeNode) this.focus(); });
    for (const stop of this.element.querySelectorAll(":scope > div, .slick-pane, .slick-viewport, .grid-canvas")) {
      stop.tabIndex = -1;
      if (!stop.hasAttribute("role")) stop.setAttribute("role", "presentation");
    }
    this.element.querySelector(".slick-header-columns-left")?.setAttribute("aria-rowindex", "1");
    this.element.querySelector(".slick-header-columns-right")?.removeAttribute("role");
  }

  listen() {
    const { grid } = this;
    grid.onViewportChanged.subscribe(() => this.hooks.seen());
    grid.onScroll.subscribe(() => this.hooks.scrolled?.());
    grid.onClick.subscribe((event) => event.stopImmediatePropagation());
    grid.onActiveCellChanged.subscribe(() => this.rove());
    grid.onColumnsResized.subscribe(() => {
      for (const column of grid.getColumns()) if (column.index >= 0) this.hooks.widths.set(this.fields[column.index].name, column.width);
      this.hooks.resized();
    });
    document.addEventListener("focusin", (event) => { this.holdsFocus = grid.getCanvasNode().contains(event.target) && event.target.matches(".slick-cell"); });
    new ResizeObserver(() => this.fit()).observe(this.place);
  }

  // Other fields, or other widths.
  show(fields) {
    const { row, field } = this.active;
    const { scrollLeft } = this.scroller;
    const here = this.fields[field]?.name;
    this.fields = fields;
    this.element.setAttribute("aria-colcount", String(fields.length + LEAD));
    this.grid.resetActiveCell();
    this.grid.setColumns(this.columns());
    this.grid.render();
    this.scroller.scrollLeft = scrollLeft;
    const now = fields.findIndex((each) => each.name === here);
    this.moveTo(row, now < 0 ? Math.min(field, fields.length - 1) : now, { focus: false });
  }

  fit() {
    if (this.grid.getOptions().rowHeight !== this.rowHeight) this.grid.setOptions({ rowHeight: this.rowHeight });
    this.grid.resizeCanvas();
    if (this.holdsFocus && document.activeElement === document.body) this.focus();
    this.hooks.seen();
  }

  get shownRange() {
    const range = this.grid.getRenderedRange();
    return [Math.max(0, range.top), Math.max(0, range.bottom)];
  }

  get topRow() {
    return Math.max(0, this.grid.getViewport().top);
  }

  get pageRows() {
    const view = this.grid.getViewport();
    return Math.max(1, view.bottom - view.top - 2);
  }

  // New records arrived, or all are to be drawn anew (no range).
  draw(first, last) {
    const { grid } = this;
    grid.updateRowCount();
    this.element.setAttribute("aria-rowcount", String(this.rows.counting ? -1 : this.lastRow + 2));
    if (first === undefined) grid.invalidateAllRows();
    else {
      const [top, bottom] = this.shownRange;
      const drawn = [];
      for (let row = Math.max(first, top); row <= Math.min(last, bottom); row += 1) drawn.push(row);
      const active = this.active.row;
      if (active >= first && active <= last) drawn.push(active);
      grid.invalidateRows(drawn);
    }
    grid.render();
    this.rove();
    if (this.holdsFocus && document.activeElement === document.body) this.focus();
  }

  // `field` -1 is the cell that chooses and opens the record.
  get active() {
    const cell = this.grid.getActiveCell();
    return cell ? { row: cell.row, field: cell.cell - LEAD } : { row: 0, field: 0 };
  }

  get activeNode() {
    return this.grid.getActiveCellNode();
  }

  get activeRecord() {
    return this.rows.at(this.active.row);
  }

  moveTo(row, field, { focus = true } = {}) {
    if (this.lastRow < 0) return;
    const cell = Math.max(-LEAD, Math.min(field, this.fields.length - 1)) + LEAD;
    this.grid.setActiveCell(Math.max(0, Math.min(row, this.lastRow)), cell);
    this.wasNew = this.onNew && this.rows.total > 0; // what fills an empty table is looked at from its beginning
    this.uncover(cell);
    if (focus) this.focus();
    this.hooks.moved();
  }

  // Scrolled just into view, a cell could still lie under the fields that stay.
  uncover(cell) {
    const columns = this.grid.getColumns();
    if (columns[cell].stays) return;
    const covered = columns.filter((column) => column.stays).reduce((sum, column) => sum + column.width, 0);
    const left = columns.slice(0, cell).reduce((sum, column) => sum + column.width, 0);
    if (left - covered < this.scroller.scrollLeft) this.scroller.scrollLeft = left - covered;
  }

  rove() {
    for (const other of this.element.querySelectorAll('.slick-cell[tabindex="0"]')) if (other !== this.activeNode) other.tabIndex = -1;
    if (this.activeNode) this.activeNode.tabIndex = 0;
  }

  focus() {
    (this.activeNode ?? this.element).focus({ preventScroll: true });
  }

  showRow(row) {
    this.grid.scrollRowToTop(row);
    this.hooks.seen();
  }

  cellOf(node) {
    const cell = node.closest?.(".slick-cell");
    if (!cell) return null;
    return { row: Number(cell.parentElement.dataset.row), field: Number(cell.getAttribute("aria-colindex")) - 1 - LEAD, node: cell };
  }

  // One field's head, once it is scrolled into sight.
  headAt(field) {
    this.grid.scrollColumnIntoView(field + LEAD);
    return this.element.querySelectorAll(".slick-header-column")[field + LEAD];
  }
}
