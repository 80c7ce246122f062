// A block of cells, marked with Shift and the arrows or by dragging the mouse, and copied.
import { toast } from "../js/toast.js";
import { counted, MOST } from "./choosing.js";
import { writeCells } from "./clipboard.js";
import { isCut } from "./values.js";

export class Block {
  constructor(surface) {
    this.surface = surface;
    this.anchor = null;
  }

  clear() {
    this.anchor = null;
    if (!this.surface.block) return;
    this.surface.block = null;
    this.surface.markAll();
  }

  begin() {
    this.anchor ??= this.surface.active;
  }

  extend() {
    const { active } = this.surface;
    const { anchor } = this;
    const last = this.surface.rows.total - 1; // the new record is none yet
    if (!anchor || last < 0) return;
    this.surface.block = {
      top: Math.min(anchor.row, active.row, last),
      bottom: Math.min(Math.max(anchor.row, active.row), last),
      left: Math.max(0, Math.min(anchor.field, active.field)),
      right: Math.max(0, anchor.field, active.field),
    };
    this.surface.markAll();
  }

  // During a copy event only what is already here can be given to the clipboard. Gives whether it was, or a
  // promise of that.
  copy(event) {
    const { surface } = this;
    if (surface.whole && !surface.block) {
      toast(`At most ${counted(MOST)} can be copied at once. Export the view for more.`);
      event.preventDefault();
      return false;
    }
    const { row, field } = surface.active;
    if (surface.onNew && !surface.block && !surface.chosen.size) {
      toast("There is nothing to copy in a new record.");
      event.preventDefault();
      return false;
    }
    const block = surface.block ?? { top: row, bottom: row, left: Math.max(0, field), right: field < 0 ? surface.fields.length - 1 : field };
    const chosen = !surface.block && surface.chosen.size > 0;
    if (chosen) return this.later((whole) => this.chosenRecords(whole), { left: 0, right: surface.fields.length - 1 });
    const count = block.bottom - block.top + 1;
    if (count > MOST) {
      toast(`At most ${counted(MOST)} can be copied at once. Export the table for more.`);
      event.preventDefault();
      return false;
    }
    const records = Array.from({ length: count }, (_, n) => surface.rows.at(block.top + n));
    if (records.includes(undefined) || this.isCut(records, block)) return this.later((whole) => surface.rows.stretch(block.top, block.bottom, whole), block);
    const { text, html } = this.render(records, block);
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", html);
    event.preventDefault();
    return true;
  }

  isCut(records, { left, right }) {
    return records.some((record) => record.cells.slice(left, right + 1).some(isCut));
  }

  async chosenRecords(whole = false) {
    const { rows, chosen } = this.surface;
    const found = [];
    for (let start = 0; start < rows.total && found.length < chosen.size; start += 500) {
      const some = await rows.stretch(start, Math.min(start + 499, rows.total - 1), whole);
      found.push(...some.filter((record) => chosen.has(record.id)));
    }
    return found;
  }

  async later(fetch, block) {
    try {
      let records = await fetch(false);
      if (this.isCut(records, block)) records = await fetch(true);
      const { text, html } = this.render(records, block);
      const type = (kind, content) => ({ [kind]: new Blob([content], { type: kind }) });
      await navigator.clipboard.write([new ClipboardItem({ ...type("text/plain", text), ...type("text/html", html) })]);
      toast(`${counted(records.length)} copied.`);
      return true;
    } catch (error) {
      toast(error.name === "Refusal" || error.status !== undefined ? error.message : "The browser did not allow copying. Choose fewer records and copy again.", { danger: true });
      return false;
    }
  }

  render(records, { left, right }) {
    return writeCells(this.surface.fields.slice(left, right + 1), records.map((record) => record.cells.slice(left, right + 1)));
  }
}
