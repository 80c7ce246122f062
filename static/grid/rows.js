// The records of a view, fetched a page at a time as they come into sight.
// What is under way and no longer wanted is given up; what is out of date is shown until the new is here.
// Of a new view the first records come as soon as they are found, and then all that it finds is asked for.
import { get } from "../js/send.js";
import { isCut } from "./values.js";
import { viewParameters } from "./view.js";

const MOST_CELLS = 4000; // in a page, so that a table of a thousand fields comes as soon as one of ten
const KEPT = 60;
const PAUSE = 40;
const MOST_AT_ONCE = 500;

function awaited() {
  let done;
  const end = new Promise((resolve) => { done = resolve; });
  return { end, done };
}

export class Rows {
  constructor(address, fields, { arrived, failed, asking = () => {} }) {
    Object.assign(this, { address, arrived, failed, asking });
    this.size = Math.max(20, Math.min(100, Math.floor(MOST_CELLS / fields)));
    this.pages = new Map();
    this.asked = new Map();
    this.total = null;
    this.shown = null;
    this.version = null;
    this.wanted = [0, 0];
    this.early = false; // whether only the beginning of the view is known
    this.counting = null; // ends once it is known how many it finds
  }

  // The view that a new record shall be in.
  get within() {
    return this.view?.filter.length ? String(viewParameters(this.view)) : undefined;
  }

  // When `total` is the number of all that the view finds.
  async settled() {
    await this.counting?.end;
  }

  // Which of all fields are shown, by their places among them.
  pick(shown) {
    this.shown = shown;
    for (const page of this.pages.values()) page.records = page.records.map((record) => this.shape(record));
  }

  // `cells` are those of the fields that are shown, `all` those of every field.
  shape(record) {
    const all = record.all ?? record.cells;
    return { ...record, all, cells: this.shown ? this.shown.map((field) => all[field]) : all };
  }

  show(view) {
    this.view = view;
    this.fresh = true;
    this.renew();
  }

  renew() {
    this.given = false;
    for (const asked of this.asked.values()) asked.abort();
    this.asked.clear();
    for (const page of this.pages.values()) page.old = true;
    this.want(...this.wanted);
  }

  // What is under way is wanted no more; where nothing is shown yet, nothing is asked for until it is renewed.
  giveUp() {
    for (const asked of this.asked.values()) asked.abort();
    this.asked.clear();
    this.given = this.total === null || this.early;
    this.asking(false);
  }

  at(index) {
    return this.pages.get(Math.floor(index / this.size))?.records[index % this.size];
  }

  // The records between two positions shall be here soon. While a person scrolls, only the last wish counts.
  want(first, last) {
    this.wanted = [first, last];
    if (this.pause || this.given) return;
    this.fetchWanted();
    this.pause = setTimeout(() => {
      this.pause = 0;
      this.fetchWanted();
    }, PAUSE);
  }

  fetchWanted() {
    const end = this.total === null ? 0 : Math.max(this.total - 1, 0);
    const [first, far] = this.wanted.map((index) => Math.floor(Math.min(Math.max(index, 0), end) / this.size));
    const last = this.fresh ? first : far; // what all must be known for comes after the beginning
    for (const [page, asked] of this.asked) {
      if (page < first || page > last) {
        asked.abort();
        this.asked.delete(page);
      }
    }
    for (let page = first; page <= last; page += 1) {
      const held = this.pages.get(page);
      if ((!held || held.old) && !this.asked.has(page)) this.fetchPage(page);
    }
  }

  async fetchPage(page) {
    const asked = new AbortController();
    this.asked.set(page, asked);
    this.asking(true);
    try {
      const answer = await this.window(page * this.size, this.size, { signal: asked.signal, early: this.fresh && page === 0 });
      if (this.asked.get(page) !== asked) return;
      this.asked.delete(page);
      this.asking(this.asked.size > 0);
      this.keep(page, answer);
    } catch (error) {
      if (error.name === "AbortError" || this.asked.get(page) !== asked) return;
      this.asked.delete(page);
      this.asking(this.asked.size > 0);
      this.failed(error);
    }
  }

  window(start, count, { signal, whole = false, early = false } = {}) {
    const parameters = viewParameters(this.view);
    if (whole) parameters.set("whole", "1");
    if (early) parameters.set("early", "1");
    parameters.set("start", start);
    parameters.set("count", count);
    return get(`${this.address}?${parameters}`, signal);
  }

  keep(page, answer) {
    // Somebody changed the data: what is held from before may not be true any more.
    const changed = this.version !== null && answer.version !== this.version;
    if (changed) for (const held of this.pages.values()) held.old = true;
    this.version = answer.version;
    const before = this.total;
    this.fresh = false;
    this.early = answer.early;
    this.count(answer);
    const replacesOld = this.pages.get(page)?.old;
    this.pages.delete(page);
    this.pages.set(page, { records: answer.rows.map((record) => this.shape(record)), old: answer.early });
    for (const each of this.pages.keys()) {
      if (this.pages.size <= KEPT) break;
      this.pages.delete(each);
    }
    const settled = replacesOld || before !== this.total;
    if (settled) for (const [each, held] of this.pages) if (held.old && !this.inSight(each)) this.pages.delete(each);
    this.arrived(page * this.size, page * this.size + answer.rows.length - 1, before !== this.total);
    if (changed || answer.early) this.want(...this.wanted);
  }

  count({ total, rows }) {
    this.total = total ?? rows.length;
    if (total === null) {
      this.counting ??= awaited();
      return;
    }
    this.counting?.done();
    this.counting = null;
  }

  inSight(page) {
    return page >= Math.floor(this.wanted[0] / this.size) && page <= Math.floor(this.wanted[1] / this.size);
  }

  // After a record was added at this position.
  async grow(position) {
    const page = Math.floor(position / this.size);
    const answer = await this.window(page * this.size, this.size);
    for (const asked of this.asked.values()) asked.abort();
    this.asked.clear();
    this.keep(page, answer);
  }

  // One record after it was saved; the version is then ours, not a stranger's.
  replace(index, record, version) {
    const page = this.pages.get(Math.floor(index / this.size));
    if (page) page.records[index % this.size] = this.shape(record);
    if (version !== undefined) this.version = version;
  }

  // Whole stretches, for choosing and copying: whether held or not, in order; `whole` with long texts uncut.
  async stretch(first, last, whole = false) {
    const records = [];
    const step = Math.min(MOST_AT_ONCE, this.size * 5);
    for (let start = first; start <= last; start += step) {
      const count = Math.min(step, last - start + 1);
      let held = Array.from({ length: count }, (_, n) => this.at(start + n));
      if (held.includes(undefined) || (whole && held.some((record) => record.cells.some(isCut)))) held = (await this.window(start, count, { whole })).rows.map((record) => this.shape(record));
      records.push(...held);
    }
    return records;
  }
}
