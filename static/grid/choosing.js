// Choosing records (the boxes, Shift for a stretch, all of a view) and deleting them.
import { post } from "../js/send.js";
import { toast } from "../js/toast.js";

export const MOST = 5000;
const number = new Intl.NumberFormat("en");
export const counted = (count) => `${number.format(count)} ${count === 1 ? "record" : "records"}`;

export class Choosing {
  constructor(surface, address, { changed, deleted, undo }) {
    Object.assign(this, { surface, address, changed, deleted, undo });
    this.anchor = null;
  }

  async toggle(row, stretch) {
    const { surface } = this;
    const record = surface.rows.at(row);
    if (!record) return;
    if (stretch && this.anchor !== null) await this.add(Math.min(this.anchor, row), Math.max(this.anchor, row));
    else if (!surface.chosen.delete(record.id)) surface.chosen.add(record.id);
    this.anchor = row;
    this.show();
  }

  async add(first, last) {
    if (last - first + 1 > MOST) {
      toast(`At most ${counted(MOST)} can be chosen at once. Filter the view to fewer, or choose a shorter stretch.`);
      return;
    }
    try {
      for (const record of await this.surface.rows.stretch(first, last)) this.surface.chosen.add(record.id);
    } catch (error) { toast(error.message, { danger: true }); }
  }

  async all() {
    const total = this.surface.rows.total ?? 0;
    if (total) await this.add(0, total - 1);
    this.show();
  }

  none() {
    if (!this.surface.chosen.size) return;
    this.surface.chosen.clear();
    this.anchor = null;
    this.show();
  }

  show() {
    this.surface.markAll();
    this.changed(this.surface.chosen.size);
  }

  async remove(ids = [...this.surface.chosen]) {
    if (!ids.length) return;
    try {
      const answer = await post(`${this.address}/delete`, { ids });
      this.none();
      this.deleted(answer.undo);
      toast(`${counted(answer.deleted)} deleted.`, { action: "Undo", onAction: this.undo });
      this.surface.focus();
    } catch (error) {
      const [first] = error.body?.links ?? [];
      const way = first ? { action: "Show them", onAction: () => { location.href = first.address; }, seconds: 20 } : {};
      toast(error.message, { danger: !error.body?.stopped, ...way });
    }
  }
}
