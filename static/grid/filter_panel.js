// All conditions of a view in one dialog: all or any of them, also in groups.
import { NEITHER, filterOf, groupOf, offered, word, writeCondition } from "./conditions.js";
import { input, make } from "./filters.js";

let made = 0;

// `judge` says no, in a sentence, to a condition that asks for what its field cannot hold.
export function openPanel(fields, filter, judge, apply) {
  const dialog = make("dialog", { className: "conditions" });
  dialog.setAttribute("aria-labelledby", "conditions-title");
  const back = document.activeElement;
  const top = new GroupRow(fields, groupOf(filter), null);
  const form = make("form", { noValidate: true },
    make("h2", { id: "conditions-title", textContent: "Filters" }),
    top.element,
    make("div", { className: "actions" },
      make("button", { className: "button is-main", type: "submit", textContent: "Show these records" }),
      button("Remove all conditions", () => { close(); apply([]); }, { disabled: !filter.length }),
      button("Cancel", () => close(), { className: "button is-quiet" })));
  dialog.append(form);
  const close = () => dialog.close();
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (back?.isConnected) back.focus({ preventScroll: true });
  });
  // What is typed here is not for the grid.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = await firstWrong(top, judge);
    if (wrong) wrong.focus();
    else if (dialog.isConnected) {
      close();
      apply(filterOf(top.read()));
    }
  });
  document.body.append(dialog);
  if (!top.rows.length) top.addCondition();
  dialog.showModal();
  top.focus();
}

// Every row says what is wrong with it; the first one that is wrong.
async function firstWrong(top, judge) {
  const wrong = await Promise.all(top.all().map(async (row) => ((await row.check(judge)) ? null : row)));
  return wrong.find(Boolean);
}

function button(textContent, act, properties = {}) {
  const element = make("button", { className: "button", type: "button", textContent, ...properties });
  element.addEventListener("click", act);
  return element;
}

function sentence() {
  const problem = make("p", { className: "conditions-problem", id: `conditions-problem-${made += 1}`, hidden: true });
  problem.setAttribute("role", "alert");
  return problem;
}

class GroupRow {
  constructor(fields, { any, items }, parent) {
    Object.assign(this, { fields, parent });
    this.join = make("select", {}, new Option("all", "all"), new Option("any", "any"));
    this.join.value = any ? "any" : "all";
    this.join.setAttribute("aria-label", parent ? "How many conditions of this group must hold" : "How many conditions must hold");
    this.list = make("div", { className: "conditions-items" });
    this.problem = sentence();
    this.adds = make("div", { className: "actions" }, button("Add a condition", () => this.addCondition().focus()));
    if (!parent) this.adds.append(button("Add a group", () => this.addGroup().focus()));
    const join = make("div", { className: "conditions-join" }, make("span", { textContent: parent ? "Where" : "Records where" }), this.join, make("span", { textContent: "of these hold:" }));
    if (parent) join.append(button("Remove the group", () => this.remove(), { className: "button is-quiet" }));
    this.element = make("div", { className: "conditions-group" }, join, this.list, this.problem, this.adds);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", parent ? "Group of conditions" : "Conditions");
    this.rows = [];
    for (const item of items) this.add(item.items ? new GroupRow(fields, item, this) : new ConditionRow(fields, item, this));
  }

  add(row) {
    this.rows.push(row);
    this.list.append(row.element);
    this.say("");
    return row;
  }

  // Most often the next condition asks the same field again, or it is the first.
  addCondition() {
    const last = this.rows.findLast((row) => row instanceof ConditionRow)?.read().field;
    const field = this.fields.find((each) => each.name === last) ?? this.fields.find((each) => !each.automatic) ?? this.fields[0];
    return this.add(new ConditionRow(this.fields, { field: field.name, op: offered(field)[0], first: "", second: "" }, this));
  }

  addGroup() {
    const group = new GroupRow(this.fields, { any: this.join.value === "all", items: [] }, this);
    group.addCondition();
    return this.add(group);
  }

  remove(row) {
    if (!row) return this.parent.remove(this);
    const index = this.rows.indexOf(row);
    this.rows.splice(index, 1);
    row.element.remove();
    return (this.rows[index] ?? this.rows[index - 1] ?? this).focus();
  }

  focus() {
    if (this.rows.length) this.rows[0].focus();
    else this.adds.firstElementChild.focus();
  }

  read() {
    return { any: this.join.value === "any", items: this.rows.map((row) => row.read()) };
  }

  all() {
    return [...(this.parent ? [this] : []), ...this.rows.flatMap((row) => row.all())];
  }

  say(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }

  async check() {
    this.say(this.rows.length ? "" : "This group has no conditions. Add one, or remove the group.");
    return this.rows.length > 0;
  }
}

class ConditionRow {
  constructor(fields, { field, op, first, second }, parent) {
    Object.assign(this, { fields, parent });
    this.choice = make("select", {}, ...fields.map((each) => new Option(each.name, each.name)));
    if (!fields.some((each) => each.name === field)) this.choice.prepend(new Option(`${field} (not there any more)`, field));
    this.choice.value = field;
    this.choice.setAttribute("aria-label", "Field");
    this.operator = make("select");
    this.operator.setAttribute("aria-label", "Condition");
    this.values = make("div", { className: "conditions-values" });
    this.problem = sentence();
    const remove = button("×", () => parent.remove(this), { className: "button is-quiet" });
    remove.setAttribute("aria-label", "Remove this condition");
    this.element = make("div", { className: "conditions-item" }, this.choice, this.operator, this.values, remove, this.problem);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "Condition");
    this.adapt(op, first, second, true);
    this.choice.addEventListener("change", () => this.adapt(this.operator.value, this.first.value, this.second.value));
    this.operator.addEventListener("change", () => this.showValues());
    this.element.addEventListener("input", () => this.say(""));
  }

  get field() {
    return this.fields.find((each) => each.name === this.choice.value) ?? { name: this.choice.value, kind: "any" };
  }

  // Another field offers other conditions; what was typed stays where it still can. All of what an
  // address asks stays (`kept`), also what is not offered here.
  adapt(op, first, second, kept = false) {
    const { field } = this;
    const ops = offered(field);
    if (kept && !ops.includes(op)) ops.push(op);
    this.operator.replaceChildren(...ops.map((each) => new Option(word(each, field), each)));
    this.operator.value = ops.includes(op) ? op : ops[0];
    this.first = input(field, `Value of ${field.name}`);
    this.second = input(field, "Up to");
    const keep = (box, value) => {
      const fits = box.tagName !== "SELECT" || !value || [...box.options].some((each) => each.value === value);
      if (!fits && kept) box.append(new Option(value, value));
      if (box.tagName !== "SELECT" || (value && (fits || kept))) box.value = value;
    };
    keep(this.first, first);
    keep(this.second, second);
    this.values.replaceChildren(this.first, this.second);
    this.showValues();
  }

  showValues() {
    this.first.hidden = NEITHER.includes(this.operator.value);
    this.second.hidden = this.operator.value !== "between";
    this.say("");
  }

  focus() {
    (this.wrong ?? this.choice).focus();
  }

  read() {
    return { field: this.choice.value, op: this.operator.value, first: this.first.value.trim(), second: this.second.value.trim() };
  }

  all() {
    return [this];
  }

  say(text, wrong = null) {
    this.wrong = wrong;
    this.problem.textContent = text;
    this.problem.hidden = !text;
    for (const box of [this.choice, this.first, this.second]) {
      if (box === wrong) box.setAttribute("aria-describedby", this.problem.id);
      else box.removeAttribute("aria-describedby");
      box.toggleAttribute("aria-invalid", false);
      if (box === wrong) box.setAttribute("aria-invalid", "true");
    }
  }

  async check(judge) {
    const asked = writeCondition(this.read());
    this.say("");
    if (!asked.length) {
      this.say(`Say which value “${this.field.name}” is compared with, or remove this condition.`, this.first);
      return false;
    }
    for (const each of asked) {
      try {
        await judge([each]);
      } catch (error) {
        const known = this.fields.some((field) => field.name === each[0]);
        this.say(error.message, !known ? this.choice : each[1] === "lte" && !this.second.hidden ? this.second : this.first);
        return false;
      }
    }
    return true;
  }
}
