// The head of the grid: a field's name sorts (Shift for several fields); the funnel beside it, or the
// right mouse button, opens a small box that filters, hides the field, and leads to its settings.
import { leaves } from "./conditions.js";
import { make, openFilter, soleCondition } from "./filters.js";
import { sortOf, toggleSort } from "./view.js";

export class Head {
  // `settings` is the address of a field's page, less its name; `mayHide` says whether another is shown.
  constructor(readView, change, judge, openPanel, { settings, mayHide }) {
    Object.assign(this, { readView, change, judge, openPanel, settings, mayHide });
    this.made = new Map();
  }

  // What stands in a field's head; made once, updated in place.
  make(field, index) {
    const made = this.made.get(field.name) ?? this.makeNew(field);
    made.name.id = `name-${index}`;
    return made.holder;
  }

  makeNew(field) {
    const holder = Object.assign(document.createElement("div"), { className: "grid-headcell" });
    const sort = Object.assign(document.createElement("button"), { type: "button", className: "grid-sort", title: `Sort by ${field.name}`, tabIndex: -1 });
    const name = Object.assign(document.createElement("span"), { className: "grid-name", textContent: field.name });
    const mark = Object.assign(document.createElement("span"), { className: "grid-order" });
    mark.setAttribute("aria-hidden", "true");
    sort.append(name, mark);
    sort.addEventListener("click", (event) => this.change(toggleSort(this.readView(), field.name, event.shiftKey)));
    const filter = Object.assign(document.createElement("button"), { type: "button", className: "grid-filter", title: `Filter, hide${this.settings ? " or change" : ""} ${field.name}`, tabIndex: -1 });
    filter.setAttribute("aria-label", `Filter ${field.name}`);
    filter.setAttribute("aria-haspopup", "dialog");
    filter.append(funnel());
    filter.addEventListener("click", () => this.filter(field));
    holder.append(sort, filter);
    holder.addEventListener("contextmenu", (event) => { event.preventDefault(); this.filter(field); });
    this.made.set(field.name, { holder, name, mark, filter });
    return this.made.get(field.name);
  }

  filter(field) {
    const { filter } = this.made.get(field.name);
    const view = this.readView();
    const back = document.activeElement;
    const now = soleCondition(view.filter, field.name);
    if (!now) return this.openPanel();
    openFilter(field, filter, now, (made) => {
      const others = view.filter.filter((each) => each[0] !== field.name);
      this.change({ ...view, filter: [...others, ...made] });
    }, { back, judge: this.judge, more: this.offers(field) });
    return undefined;
  }

  // What the box offers beside a filter.
  offers(field) {
    const made = [];
    if (this.mayHide()) {
      const hide = make("button", { className: "button is-quiet", type: "button", textContent: "Hide this field" });
      hide.addEventListener("click", () => {
        const view = this.readView();
        this.change({ ...view, hide: [...view.hide.filter((each) => each !== field.name), field.name] });
      });
      made.push(hide);
    }
    if (this.settings) made.push(make("a", { className: "button is-quiet", href: `${this.settings}${encodeURIComponent(field.name)}`, textContent: "Change this field" }));
    return made;
  }

  update() {
    const view = this.readView();
    const filtered = new Set(leaves(view.filter).map(([name]) => name));
    for (const [name, { holder, mark, filter }] of this.made) {
      const now = sortOf(view, name);
      const order = !now ? "none" : now.descending ? "descending" : "ascending";
      holder.closest('[role="columnheader"]')?.setAttribute("aria-sort", order);
      mark.textContent = now ? `${now.descending ? "↓" : "↑"}${view.sort.length > 1 ? now.index + 1 : ""}` : "";
      const on = filtered.has(name);
      filter.classList.toggle("is-on", on);
      filter.setAttribute("aria-label", on ? `Change the filter on ${name}` : `Filter ${name}`);
    }
  }
}

function funnel() {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  for (const [name, value] of [["viewBox", "0 0 16 16"], ["width", "14"], ["height", "14"], ["aria-hidden", "true"]]) icon.setAttribute(name, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M2 3h12L9.5 8.6V13l-3 1V8.6z");
  path.setAttribute("fill", "currentColor");
  icon.append(path);
  return icon;
}
