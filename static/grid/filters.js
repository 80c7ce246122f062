// A small box under a field's head builds its filter; chips above the grid show all of them.
import { NEITHER, isDate, itemsOf, leaves, offered, told, word, writeCondition } from "./conditions.js";
import { suggestNames } from "./suggesting.js";

export const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

export function input(field, label) {
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
  if (field.link) suggestNames(box, field);
  return box;
}

// The one condition of a field that the small box can show; null where only the panel shows them all.
export function soleCondition(filter, name) {
  const own = itemsOf(filter).filter((item) => item.field === name);
  const all = leaves(filter).filter((each) => each[0] === name).length;
  const here = own.reduce((count, item) => count + item.places.length, 0);
  return own.length < 2 && all === here ? own[0] ?? {} : null;
}

let closeOpen = () => {};

// `judge` says no, in a sentence, to a filter that asks for what the field cannot hold.
// `now` is the condition that is there, without an `op` where there is none.
export function openFilter(field, anchor, now, apply, { back, judge, more }) {
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
  if (now.op) {
    operator.value = now.op;
    if (!operator.value) operator.selectedIndex = 0; // asked for before the field had choices
    first.value = now.first;
    if (first.matches("select") && !first.value) first.selectedIndex = 0;
    second.value = now.second;
  }
  const use = make("button", { className: "button is-main", type: "submit", textContent: "Filter" });
  const clear = make("button", { className: "button", type: "button", textContent: "Clear", disabled: !now.op });
  box.append(make("strong", { className: "filterbox-name", textContent: field.name }), operator, first, second, problem, make("div", { className: "actions" }, use, clear));
  if (more.length) box.append(make("div", { className: "actions filterbox-more" }, ...more));
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
    const made = writeCondition({ field: field.name, op: operator.value, first: first.value.trim(), second: second.value.trim() });
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
  // Before what it does itself: it may take the field's head away.
  for (const each of more) if (each.matches("button")) each.addEventListener("click", () => close(), { capture: true });
  clear.addEventListener("click", () => { close(); apply([]); });
  addEventListener("pointerdown", outside, true);

  const corner = anchor.getBoundingClientRect();
  document.body.append(box);
  box.style.left = `${Math.max(4, Math.min(corner.right - box.offsetWidth, innerWidth - box.offsetWidth - 4))}px`;
  box.style.top = `${corner.bottom + 2}px`;
  (first.hidden ? operator : first).focus();
}

export function drawChips(place, fields, view, change, openPanel, named) {
  place.replaceChildren(...itemsOf(view.filter).map((item) => {
    const words = told(item, fields, named);
    const remove = make("button", { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", item.items ? `Remove: ${words}` : `Remove the filter on ${item.field}`);
    remove.addEventListener("click", () => change({ ...view, filter: view.filter.filter((_, index) => !item.places.includes(index)) }));
    const text = make(item.items ? "button" : "span", { className: "chip-words", title: item.items ? "Change these conditions" : "", textContent: words });
    if (item.items) {
      text.type = "button";
      text.addEventListener("click", openPanel);
    }
    return make("span", { className: "chip" }, text, remove);
  }));
}
