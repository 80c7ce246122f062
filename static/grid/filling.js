// Many cells at once, as one change: a pasted block, and a value filled down.
import { pageToken, post } from "../js/send.js";
import { toast } from "../js/toast.js";
import { counted } from "./choosing.js";
import { carried, described, readCells } from "./clipboard.js";
import { editable, isCut } from "./values.js";

const MOST_CELLS = 50_000;
const TOO_MANY = "All records of the view are chosen. “Change … chosen records” under “More” sets one field of them all; Escape ends the choice.";
const number = new Intl.NumberFormat("en");
const inCells = (count) => `${number.format(count)} ${count === 1 ? "cell" : "cells"}`;
const same = (one, other) => Boolean(one && other) && one.table === other.table && one.field === other.field;

export class Filling {
  constructor(surface, address, block, { filled, refused, undo }) {
    Object.assign(this, { surface, address, block, filled, refused, undo });
    this.busy = false;
  }

  paste(data) {
    if (this.surface.whole) return toast(TOO_MANY);
    const { rows, fields } = readCells(data);
    const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
    if (!width) return toast("There is no text to paste.");
    const heads = fields ? null : headings(rows, width, this.surface.fields);
    const cells = heads ? rows.slice(1) : rows;
    const begin = fields?.[0]?.automatic ? 0 : this.begin(width);
    const area = { ...this.area(cells.length, width, begin), ...(heads && { left: 0, width, heads }) };
    const named = this.surface.fields[area.left]?.name;
    const room = this.surface.fields.length - area.left;
    if (area.width > room) return toast(`These cells are ${number.format(width)} fields wide; from “${named}” on there is room for ${room}. Nothing was changed.`);
    const way = area.top >= this.surface.rows.total && area.height > 1 ? this.importing(data.getData("text/plain")) : {};
    if (area.height * area.width > MOST_CELLS) return toast(`At most ${inCells(MOST_CELLS)} can be pasted at once; these are ${number.format(area.height * area.width)}. Nothing was changed; more come in as a file.`, { seconds: 30, ...way });
    return this.run("pasted", async () => {
      const records = await this.recordsOf(area);
      // A chosen record that is gone is not to come back as a new one.
      return this.changes(records, area.chosen ? { ...area, height: records.length } : area, cells, fields);
    }, way);
  }

  // What does not fit a field can be left empty, or kept as text, where files are imported.
  importing(cells) {
    const action = this.surface.place.dataset.import;
    if (!action) return {};
    const send = () => {
      const form = Object.assign(document.createElement("form"), { method: "post", action, hidden: true });
      for (const [name, value] of [["_token", pageToken()], ["cells", cells]]) form.append(Object.assign(document.createElement("textarea"), { name, value }));
      document.body.append(form);
      form.submit();
    };
    return { action: "Import them instead", onAction: send };
  }

  // Where a block goes: over the chosen records, the marked block that it fits into, or from the active cell on.
  area(height, width, begin) {
    const { active, activeNode, block, chosen, fields, onNew, rows } = this.surface;
    // A new record has no key yet, and what comes in is hardly meant for it. To a table without records
    // nobody went to a field of their choice.
    const tooWide = !rows.total && active.field + width > fields.length;
    const toBegin = !activeNode || (onNew && (active.field < 0 || fields[active.field].automatic || tooWide));
    const left = toBegin ? begin : Math.max(0, active.field);
    if (!block && height === 1 && chosen.size > 1) return { left, width, height: chosen.size, chosen: true };
    if (!block) return { top: active.row, left, width, height };
    const tall = block.bottom - block.top + 1;
    const wide = block.right - block.left + 1;
    return { top: block.top, left: block.left, height: tall % height ? height : tall, width: wide % width ? width : wide };
  }

  // Where a new record takes a block, and a view without one: after the key that numbers itself.
  begin(width) {
    const { fields } = this.surface;
    const first = fields.findIndex((field) => !field.automatic);
    return first + width <= fields.length ? Math.max(0, first) : 0;
  }

  // Fewer than the area is high where it reaches beyond the last record.
  async recordsOf({ top, height, chosen }) {
    if (chosen) return this.block.chosenRecords();
    const { rows } = this.surface;
    await rows.settled();
    const last = Math.min(top + height, rows.total ?? 0) - 1;
    const records = last < top ? [] : await rows.stretch(top, last);
    if (records.length < last - top + 1) {
      this.refused();
      throw new Error("The table was changed elsewhere in the meantime. Nothing was changed; try again.");
    }
    return records;
  }

  // The first of the marked or chosen records fills the others; else the cell above fills the active one.
  down() {
    if (this.surface.whole) return toast(TOO_MANY);
    const { active, block, chosen, fields, rows } = this.surface;
    if (this.surface.onNew && !block && chosen.size < 2) return toast("There is no record here yet: type or paste to add one.");
    const many = !block && chosen.size > 1;
    const top = block ? block.top : active.row - 1;
    const left = block ? block.left : active.field;
    const width = block ? block.right - block.left + 1 : 1;
    const height = block ? block.bottom - block.top + 1 : 2;
    if (left < 0) return toast("Go to the field that shall be filled first.");
    if (!many && top < 0) return toast("There is no cell above.");
    const cut = (record) => record.cells.slice(left, left + width).some(isCut);
    return this.run("filled", async () => {
      const fetch = (whole) => (many ? this.block.chosenRecords(whole) : rows.stretch(top, top, whole));
      const found = many ? await fetch(false) : await this.recordsOf({ top, height });
      const [first] = found[0] && cut(found[0]) ? await fetch(true) : found;
      if (!first || found.length < 2) return { records: [], count: 0, named: [], left: new Map() };
      const source = fields.slice(left, left + width);
      const cells = [source.map((field, n) => carried(first.cells[left + n], field))];
      return this.changes(found.slice(1), { left, width, height: found.length - 1 }, cells, described(source));
    });
  }

  // All marked cells.
  empty() {
    const { top, bottom, left, right } = this.surface.block;
    const [width, height] = [right - left + 1, bottom - top + 1];
    if (height * width > MOST_CELLS) return toast(`At most ${inCells(MOST_CELLS)} can be emptied at once; these are ${number.format(height * width)}. Nothing was changed.`);
    return this.run("emptied", async () => {
      const records = await this.recordsOf({ top, height });
      return this.changes(records, { left, width, height }, [Array.from({ length: width }, () => null)], null);
    });
  }

  // What each record becomes. `from` describes the fields that the cells were copied from, if they are ours.
  changes(records, { left, width, height, heads }, cells, from) {
    const out = new Map();
    const wide = heads ? width : cells.reduce((widest, row) => Math.max(widest, row.length), 0);
    const places = heads ?? Array.from({ length: width }, (_, n) => left + n);
    const columns = places.map((at, n) => {
      const field = this.surface.fields[at];
      const source = from?.[n % wide];
      const why = field.kind === "blob" ? "holds files" : !field.givable ? "is computed" : source?.automatic && field.automatic ? "numbers itself" : null;
      return { field, why, at, named: Boolean(field.link) && !same(source?.link, field.link), ours: from !== null };
    });
    const changed = [];
    let count = 0;
    for (let n = 0; n < height; n += 1) {
      const record = records[n];
      const values = {};
      const was = {};
      if (!record && !this.surface.hooks.may.add) throw new Error("These cells reach beyond the last record, and no records can be added here. Nothing was changed.");
      columns.forEach((column, c) => {
        const cell = cells[n % cells.length][c % wide];
        const why = column.why ?? (record && !column.field.writable ? "cannot be edited" : null);
        if (why) return out.set(column.field.name, why);
        if (cell === undefined) return;
        if (cell === 0) return out.set(column.field.name, "holds files");
        const text = Array.isArray(cell) ? cell[column.named || !column.field.link ? 1 : 0] : cell;
        count += 1;
        if (record ? holds(record.cells[column.at], text, column) : text === null) return;
        values[column.field.name] = text;
        if (record) was[column.field.name] = record.cells[column.at];
      });
      if (Object.keys(values).length) changed.push({ id: record?.id ?? null, values, was });
    }
    return { records: changed, count, heads, named: columns.filter((column) => column.named && !column.why).map((column) => column.field.name), left: out };
  }

  // `way` is what else can be done with what was refused.
  async run(word, make, way = {}) {
    if (this.busy) return;
    this.busy = true;
    this.surface.place.setAttribute("aria-busy", "true");
    try {
      const { records, count, named, left, heads } = await make();
      const headed = heads ? " The first row named the fields." : "";
      const aside = headed + (left.size ? ` Left out: ${[...left].map(([name, why]) => `“${name}”, which ${why}`).join("; ")}.` : "");
      if (!records.length) return void toast(left.size ? `Nothing was changed.${aside}` : word === "emptied" ? "These cells are empty already." : "The cells hold these values already.");
      const answer = await post(`${this.address}/many`, { records, named, within: this.surface.rows.within });
      this.filled(answer.undo);
      const added = records.filter((record) => record.id === null).length;
      toast(`${inCells(count)} ${word}${added ? `, ${counted(added)} added` : ""}.${aside}`, { action: "Undo", onAction: this.undo });
    } catch (error) {
      toast(error.message, { danger: !error.body?.stopped, seconds: 30, ...(error.status === 422 && way) });
      if (error.status === 409 || error.status === 404) this.refused();
    } finally {
      this.busy = false;
      this.surface.place.removeAttribute("aria-busy");
    }
  }
}

// Which fields the first row names, where it is a row of headings: then no cell of it is a value.
function headings([first, ...others], width, fields) {
  if (!others.length || first.length < width || width < 2) return null;
  const plain = (text) => text.trim().toLowerCase();
  const at = first.map((cell) => (cell === null ? -1 : fields.findIndex((field) => plain(field.name) === plain(cell))));
  return at.includes(-1) || new Set(at).size < at.length ? null : at;
}

// Whether a cell holds this already. Another program's empty cell is no reason to turn empty text into no value.
function holds(cell, text, { field, named, ours }) {
  if (named && cell !== null && typeof cell === "object" && "label" in cell) return text === cell.label;
  const now = cell === null ? null : editable(cell, field.kind);
  return text === now || (!ours && text === null && now === "");
}
