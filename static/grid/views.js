// The control "Views": choose, save, rename and delete a view, and say which fields it shows.
import { post } from "../js/send.js";
import { toast } from "../js/toast.js";
import { isChanged, savedView, viewAddress } from "./view.js";

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

export class Views {
  // `hooks`: view() and widths() as they are now, change(view, how), forget(name), moved(from, to),
  // offer(undo), undo(). The list of saved views is here.
  constructor(menu, address, fields, hooks) {
    Object.assign(this, { menu, address, fields, hooks });
    this.part = (name) => menu.querySelector(`[data-views-${name}]`);
    this.saved = JSON.parse(menu.dataset.saved);
    this.summary = menu.querySelector("summary");
    this.part("save")?.addEventListener("submit", (event) => this.submit(event, (name) => this.save(name)));
    this.part("rename")?.addEventListener("submit", (event) => this.submit(event, (name) => this.rename(name)));
    this.part("keep")?.addEventListener("click", () => this.attempt(this.part("save"), () => this.keep()));
    this.part("drop")?.addEventListener("click", () => this.attempt(this.part("save"), () => this.drop()));
    this.part("all").addEventListener("click", () => this.hide([]));
    this.part("group").addEventListener("submit", (event) => this.group(event));
    menu.addEventListener("toggle", () => { if (menu.open) this.updateFields(); });
    this.makeFields();
  }

  // A long list of fields is one stop of the Tab key less when it is made once and kept.
  makeFields() {
    this.boxes = new Map(this.fields.map((field) => {
      const box = make("input", { type: "checkbox" });
      box.addEventListener("change", () => {
        const { hide } = this.hooks.view();
        this.hide(box.checked ? hide.filter((each) => each !== field.name) : [...hide, field.name]);
      });
      return [field.name, box];
    }));
    this.part("fields").append(...this.fields.map((field) => make("label", { className: "check" }, this.boxes.get(field.name), make("span", { className: "wrap", textContent: field.name }))));
  }

  hide(hide) {
    this.hooks.change({ ...this.hooks.view(), hide });
  }

  // Hidden and still among the fields; never all of them.
  static hidden(view, fields) {
    const hidden = fields.filter((field) => view.hide.includes(field.name));
    return hidden.length < fields.length ? hidden : [];
  }

  update() {
    const view = this.hooks.view();
    const hidden = Views.hidden(view, this.fields).length;
    const changed = Boolean(view.name) && (isChanged(view, this.saved) || this.hasOtherWidths(view.name));
    const more = changed ? "changed" : hidden && !view.name ? `${hidden} hidden` : "";
    const word = make("span", { className: "tools-word", textContent: "View: " });
    this.summary.firstElementChild.replaceChildren(...(view.name ? [word, view.name] : ["Views"]));
    this.summary.title = view.name;
    this.menu.classList.toggle("is-named", Boolean(view.name));
    this.summary.lastElementChild.textContent = more && ` · ${more}`;
    this.drawList(view);
    const one = this.part("one");
    if (one) {
      one.hidden = !view.name;
      this.part("keep").disabled = !changed;
      if (document.activeElement !== this.part("rename").elements.name) this.part("rename").elements.name.value = view.name;
    }
    if (this.menu.open) this.updateFields();
  }

  // Of a table with two thousand fields this is the long part.
  updateFields() {
    const view = this.hooks.view();
    const hidden = Views.hidden(view, this.fields).length;
    const shown = this.fields.length - hidden;
    for (const [name, box] of this.boxes) {
      box.checked = !view.hide.includes(name) || hidden === 0;
      box.disabled = box.checked && shown === 1;
    }
    this.part("all").disabled = !hidden;
  }

  drawList(view) {
    const entry = (name, textContent) => {
      const link = make("a", { className: "views-link", href: viewAddress(savedView(name, this.saved), this.saved), textContent });
      if (name === view.name) link.setAttribute("aria-current", "page");
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
        event.preventDefault();
        this.close();
        this.choose(name);
      });
      return make("li", {}, link);
    };
    this.part("list").replaceChildren(entry("", "All records"), ...this.saved.map(({ name }) => entry(name, name)));
    this.part("none").hidden = this.saved.length > 0;
  }

  choose(name, how) {
    this.hooks.forget(name);
    this.hooks.change(savedView(name, this.saved), how);
  }

  // A page of its own, whose address names the view as this one's does.
  group(event) {
    event.preventDefault();
    const to = new URL(viewAddress(this.hooks.view(), this.saved), location.href);
    to.searchParams.set("group", event.target.elements.group.value);
    location.href = to;
  }

  close() {
    this.menu.open = false;
    this.summary.focus();
  }

  widthsOf(name) {
    return this.saved.find((each) => each.name === name)?.widths ?? {};
  }

  hasOtherWidths(name) {
    const widths = this.hooks.widths();
    return Object.entries(this.widthsOf(name)).some(([field, width]) => widths.get(field) !== width);
  }

  layout(name) {
    const { sort, filter, q, hide } = this.hooks.view();
    return { name, sort, filter, q, hide, widths: Object.fromEntries(this.hooks.widths()) };
  }

  async send(address, body) {
    const answer = await post(address, body);
    this.saved = answer.views;
    this.hooks.offer(answer.undo);
  }

  submit(event, act) {
    event.preventDefault();
    const { name } = event.target.elements;
    this.attempt(event.target, () => act(name.value.trim().replace(/\s+/g, " ")));
  }

  // A refusal stands beside what was typed.
  async attempt(form, act) {
    const problem = form.querySelector("[role=alert]");
    problem.hidden = true;
    try {
      await act();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      form.elements.name.focus();
    }
  }

  told(sentence, onAction = () => this.hooks.undo()) {
    this.close();
    toast(sentence, { action: "Undo", onAction });
  }

  async save(name) {
    await this.send(this.address, this.layout(name));
    this.part("save").reset();
    this.choose(name);
    this.told(`The view “${name}” is saved.`);
  }

  async keep() {
    const { name } = this.hooks.view();
    await this.send(this.address, { ...this.layout(name), replace: true });
    this.choose(name);
    this.told(`The view “${name}” is changed.`);
  }

  async rename(to) {
    const view = this.hooks.view();
    if (to === view.name) return;
    await this.send(`${this.address}/rename`, { name: view.name, to });
    this.hooks.moved(view.name, to);
    this.hooks.change({ ...view, name: to }, { replace: true });
    this.told(`The view is now “${to}”.`);
  }

  async drop() {
    const { name } = this.hooks.view();
    await this.send(`${this.address}/delete`, { name });
    this.choose("");
    this.told(`The view “${name}” is deleted. Its records are all here.`, async () => {
      await this.hooks.undo();
      if (this.saved.some((each) => each.name === name)) this.choose(name);
    });
  }

  // Somebody else, or an undo, changed them; the view of the page stays as it is, perhaps without its name.
  take(saved) {
    const view = this.hooks.view();
    const before = savedView(view.name, this.saved);
    const changed = isChanged(view, this.saved);
    this.saved = saved;
    if (!view.name) this.update();
    else if (!saved.some((each) => each.name === view.name)) this.hooks.change({ ...view, name: "" }, { replace: true });
    else if (!changed && before.name) this.choose(view.name, { replace: true });
    else this.hooks.change(view, { replace: true });
  }
}
