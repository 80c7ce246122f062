// A block of cells, marked with Shift and the arrows or by dragging the mouse, and copied as a
// spreadsheet expects it: text with tabs, and an HTML table.
import { toast } from "../js/toast.js";
import { counted, MOST } from "./choosing.js";
import { copied } from "./values.js";

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
// A tab or line break inside a cell would tear the block apart: quoted, as spreadsheets do.
const quoted = (text) => (/[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

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
    if (!anchor) return;
    this.surface.block = {
      top: Math.min(anchor.row, active.row),
      bottom: Math.max(anchor.row, active.row),
      left: Math.max(0, Math.min(anchor.field, active.field)),
      right: Math.max(0, anchor.field, active.field),
    };
    this.surface.markAll();
  }

  // During a copy event only what is already here can be given to the clipboard.
  copy(event) {
    const { surface } = this;
    const { row, field } = surface.active;
    const block = surface.block ?? { top: row, bottom: row, left: Math.max(0, field), right: field < 0 ? surface.fields.length - 1 : field };
    const chosen = !surface.block && surface.chosen.size > 0;
    if (chosen) return this.later(() => this.chosenRecords(), { left: 0, right: surface.fields.length - 1 });
    const count = block.bottom - block.top + 1;
    if (count > MOST) {
      toast(`At most ${counted(MOST)} can be copied at once. Export the table for more.`);
      return event.preventDefault();
    }
    const records = Array.from({ length: count }, (_, n) => surface.rows.at(block.top + n));
    if (records.includes(undefined)) return this.later(() => surface.rows.stretch(block.top, block.bottom), block);
    const { text, html } = this.render(records, block);
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", html);
    event.preventDefault();
    return undefined;
  }

  async chosenRecords() {
    const { rows, chosen } = this.surface;
    const found = [];
    for (let start = 0; start < rows.total && found.length < chosen.size; start += 500) {
      const some = await rows.stretch(start, Math.min(start + 499, rows.total - 1));
      found.push(...some.filter((record) => chosen.has(record.id)));
    }
    return found;
  }

  async later(fetch, block) {
    try {
      const records = await fetch();
      const { text, html } = this.render(records, block);
      const type = (kind, content) => ({ [kind]: new Blob([content], { type: kind }) });
      await navigator.clipboard.write([new ClipboardItem({ ...type("text/plain", text), ...type("text/html", html) })]);
      toast(`${counted(records.length)} copied.`);
    } catch (error) {
      toast(error.name === "Refusal" || error.status !== undefined ? error.message : "The browser did not allow copying. Choose fewer records and copy again.", { danger: true });
    }
  }

  render(records, { left, right }) {
    const fields = this.surface.fields.slice(left, right + 1);
    const lines = records.map((record) => fields.map((field, n) => copied(record.cells[left + n], field.kind)));
    return {
      text: lines.map((line) => (line.length === 1 && lines.length === 1 ? line[0] : line.map(quoted).join("\t"))).join("\n"),
      html: `<table>${lines.map((line) => `<tr>${line.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("")}</table>`,
    };
  }
}
