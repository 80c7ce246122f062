// The records of a view, fetched a page at a time when they come into sight.
import { get } from "../js/send.js";
import { viewParameters } from "./view.js";

const PAGE = 100;
const KEPT = 60;

export class Rows {
  constructor(address, changed, failed) {
    this.address = address;
    this.changed = changed;
    this.failed = failed;
    this.pages = new Map();
    this.asked = new Map();
    this.view = null;
    this.total = null;
    this.version = null;
  }

  show(view) {
    this.view = view;
    this.total = null;
    this.forget();
  }

  forget() {
    for (const asked of this.asked.values()) asked.abort();
    this.asked.clear();
    this.pages.clear();
  }

  at(index) {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  // Fetch what is missing between two positions; what else was under way is given up.
  need(first, last) {
    const wanted = new Set();
    for (let page = Math.floor(Math.max(first, 0) / PAGE); page <= Math.floor(Math.max(last, 0) / PAGE); page += 1) wanted.add(page);
    for (const [page, asked] of this.asked) {
      if (!wanted.has(page)) { asked.abort(); this.asked.delete(page); }
    }
    for (const page of wanted) if (!this.pages.has(page) && !this.asked.has(page)) this.fetch(page);
  }

  async fetch(page) {
    const asked = new AbortController();
    this.asked.set(page, asked);
    const parameters = viewParameters(this.view);
    parameters.set("start", page * PAGE);
    parameters.set("count", PAGE);
    try {
      const answer = await get(`${this.address}?${parameters}`, asked.signal);
      if (this.asked.get(page) !== asked) return;
      this.asked.delete(page);
      if (this.version !== null && answer.version !== this.version) this.pages.clear();
      this.version = answer.version;
      this.total = answer.total;
      this.pages.delete(page);
      this.pages.set(page, answer.rows);
      while (this.pages.size > KEPT) this.pages.delete(this.pages.keys().next().value);
      this.changed();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.asked.delete(page);
      this.failed(error);
    }
  }

  replace(index, row, version) {
    const page = this.pages.get(Math.floor(index / PAGE));
    if (page) page[index % PAGE] = row;
    this.version = version;
  }
}
