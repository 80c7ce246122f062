// A small box under a field's head builds its filter; chips above the grid show all of them.

const WORDS = {
  contains: "contains", is: "is", is_not: "is not", starts: "begins with", between: "is between", gte: "is at least", lte: "is at most",
  gt: "is more than", lt: "is less than", empty: "is empty", not_empty: "is not empty",
};
const DATE_WORDS = { gte: "is on or after", lte: "is on or before", gt: "is after", lt: "is before" };
const SEVERAL_WORDS = { is: "has", is_not: "has not" };
const NEITHER = ["empty", "not_empty"];
const isDate = (field) => field.kind === "date" || field.kind === "datetime";

function offered(field) {
  if (field.link) return ["contains", "is", "is_not", ...NEITHER];
  if (field.kind === "boolean" || field.choices?.length) return ["is", "is_not", ...NEITHER];
  if (["text", "long", "choice", "choices", "web", "email", "phone"].includes(field.kind)) return ["contains", "is", "is_not", "starts", ...NEITHER];
  return ["is", "between", "gte", "lte", "gt", "lt", "is_not", "contains", ...NEITHER];
}

const word = (op, field) => (field && isDate(field) && DATE_WORDS[op]) || (field?.kind === "choices" && SEVERAL_WORDS[op]) || WORDS[op] || op;

// Two filters of one field, from and up to, are "between" for a person.
function read(present) {
  const from = present.find((each) => each[1] === "gte");
  const to = present.find((each) => each[1] === "lte");
  if (from && to) return { op: "between", first: from[2], second: to[2] };
  return present[0] ? { op: present[0][1], first: present[0][2], second: "" } : null;
}

function write(field, op, first, second) {
  if (NEITHER.includes(op)) return [[field.name, op, ""]];
  if (op === "between") {
    const both = [];
    if (first) both.push([field.name, "gte", first]);
    if (second) both.push([field.name, "lte", second]);
    return both;
  }
  return first ? [[field.name, op, first]] : [];
}

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

function input(field, label) {
  if (field.kind === "boolean" || field.choices?.length) {
    const names = field.kind === "boolean" ? ["yes", "no"] : field.choices;
    const choice = make("select", {}, ...names.map((name) => new Option(name, name)));
    choice.setAttribute("aria-label", label);
    return choice;
  }
  const box = make("input", { type: "text", autocomplete: "off" });
  if (field.kind === "integer") box.inputMode = "numeric";
  if (field.kind === "decimal" || field.kind === "money") box.inputMode = "decimal";
  if (isDate(field)) box.placeholder = "2026, 2026-03 or 2026-03-31";
  box.setAttribute("aria-label", label);
  return box;
}

let closeOpen = () => {};

// `judge` says no, in a sentence, to a filter that asks for what the field cannot hold.
export function openFilter(field, anchor, present, apply, { back, judge }) {
  closeOpen();
  const box = make("form", { className: "filterbox" });
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", `Filter ${field.name}`);
  const operator = make("select", {}, ...offered(field).map((op) => new Option(word(op, field), op)));
  operator.setAttribute("aria-label", "Condition");
  const first = input(field, `Value of ${field.name}`);
  const second = input(field, `Up to`);
  const problem = make("p", { className: "filterbox-problem", id: "filterbox-problem", hidden: true });
  problem.setAttribute("role", "alert");
  const now = read(present);
  if (now) {
    operator.value = now.op;
    if (!operator.value) operator.selectedIndex = 0; // asked for before the field had choices
    first.value = now.first;
    if (first.matches("select") && !first.value) first.selectedIndex = 0;
    second.value = now.second;
  }
  const use = make("button", { className: "button is-main", type: "submit", textContent: "Filter" });
  const clear = make("button", { className: "button", type: "button", textContent: "Clear", disabled: !now });
  box.append(make("strong", { className: "filterbox-name", textContent: field.name }), operator, first, second, problem, make("div", { className: "actions" }, use, clear));
  const adapt = () => {
    first.hidden = NEITHER.includes(operator.value);
    second.hidden = operator.value !== "between";
  };
  operator.addEventListener("change", adapt);
  adapt();

  const outside = (event) => { if (!box.contains(event.target) && !anchor.contains(event.target)) close(false); };
  const close = (focus = true) => {
    box.remove();
    removeEventListener("pointerdown", outside, true);
    closeOpen = () => {};
    if (focus) (back?.isConnected ? back : anchor).focus({ preventScroll: true });
  };
  closeOpen = () => close(false);
  box.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
  });
  const blame = (wrong, sentence) => {
    for (const each of [first, second]) {
      each.toggleAttribute("aria-invalid", false);
      each.removeAttribute("aria-describedby");
    }
    problem.hidden = !sentence;
    problem.textContent = sentence;
    if (!wrong) return;
    wrong.setAttribute("aria-invalid", "true");
    wrong.setAttribute("aria-describedby", problem.id);
    wrong.focus();
  };
  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    const made = write(field, operator.value, first.value.trim(), second.value.trim());
    for (const each of made) {
      try {
        await judge([each]);
      } catch (error) {
        blame(operator.value === "between" && each[1] === "lte" ? second : first, error.message);
        return;
      }
    }
    if (!box.isConnected) return;
    close();
    apply(made);
  });
  box.addEventListener("input", () => blame(null, ""));
  clear.addEventListener("click", () => { close(); apply([]); });
  addEventListener("pointerdown", outside, true);

  const corner = anchor.getBoundingClientRect();
  document.body.append(box);
  box.style.left = `${Math.max(4, Math.min(corner.right - box.offsetWidth, innerWidth - box.offsetWidth - 4))}px`;
  box.style.top = `${corner.bottom + 2}px`;
  (first.hidden ? operator : first).focus();
}

export function drawChips(place, fields, view, change) {
  const shownOnce = new Set();
  place.replaceChildren(...view.filter.flatMap(([name]) => {
    if (shownOnce.has(name)) return [];
    shownOnce.add(name);
    const field = fields.find((each) => each.name === name);
    const now = read(view.filter.filter((each) => each[0] === name));
    const values = now.op === "between" ? `${now.first} and ${now.second}` : now.first;
    const remove = make("button", { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", `Remove the filter on ${name}`);
    remove.addEventListener("click", () => change({ ...view, filter: view.filter.filter((each) => each[0] !== name) }));
    return [make("span", { className: "chip" }, `${name} ${word(now.op, field)} ${values}`.trim(), remove)];
  }));
}
