// Choosing records (the boxes, Shift for a stretch, all of a view) and deleting them.
import { confirmed } from "../js/confirm.js";
import { post } from "../js/send.js";
import { toast } from "../js/toast.js";
import { viewParameters } from "./view.js";

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
    if (surface.whole) {
      this.none();
      toast("No record is chosen any more.");
      return;
    }
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
    await this.surface.rows.settled();
    const total = this.surface.rows.total ?? 0;
    if (total > MOST) this.chooseWhole(total);
    else if (total) await this.add(0, total - 1);
    this.show();
  }

  // More than a page should hold the ids of: the server finds them again by the view's question.
  chooseWhole(count) {
    this.surface.chosen.clear();
    this.surface.whole = { view: `${viewParameters(this.surface.rows.view)}`, count };
    toast(`All ${counted(count)} chosen.`);
  }

  // What the records that are chosen are told by, for a change of them.
  get which() {
    const { whole, chosen } = this.surface;
    return whole ?? { ids: [...chosen] };
  }

  // It stands for the number that was told; another one has to be chosen anew.
  check() {
    const { whole, rows } = this.surface;
    if (whole && whole.count !== rows.total) this.none();
  }

  none() {
    if (!this.surface.chosenCount) return;
    this.surface.whole = null;
    this.surface.chosen.clear();
    this.anchor = null;
    this.show();
  }

  show() {
    this.surface.markAll();
    this.changed(this.surface.chosenCount);
  }

  async remove(ids = [...this.surface.chosen]) {
    const { whole } = this.surface;
    if (!ids.length && !whole) return;
    const sure = { title: `Delete all ${counted(whole?.count)}?`, words: `All records that this view of ${this.surface.place.dataset.name} shows are deleted, also those out of sight. It can be undone.`, verb: "Delete them" };
    if (whole && !(await confirmed(sure))) return;
    try {
      const answer = await (whole ? post(`${this.address}/delete-view`, whole) : post(`${this.address}/delete`, { ids }));
      this.none();
      this.deleted(answer.undo);
      toast(`${counted(answer.deleted ?? answer.count)} deleted.`, { action: "Undo", onAction: this.undo });
      this.surface.focus();
    } catch (error) {
      const [first] = error.body?.links ?? [];
      const way = first ? { action: "Show them", onAction: () => { location.href = first.address; }, seconds: 20 } : {};
      toast(error.message, { danger: !error.body?.stopped, ...way });
      if (error.status === 409) this.surface.rows.renew();
    }
  }
}
