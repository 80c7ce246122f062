// A small box under a field's name builds one filter; chips above the grid show all of them.

const WORDS = {
  contains: "contains", is: "is", is_not: "is not", starts: "begins with", gte: "from", lte: "up to",
  gt: "more than", lt: "less than", empty: "is empty", not_empty: "is not empty",
};
const NEITHER = ["empty", "not_empty"];

function offered(field) {
  if (field.link) return ["contains", "is", "is_not", "empty", "not_empty"];
  if (field.kind === "boolean") return ["is", "is_not", "empty", "not_empty"];
  if (field.kind === "text") return ["contains", "is", "is_not", "starts", "empty", "not_empty"];
  return ["is", "gte", "lte", "gt", "lt", "is_not", "contains", "empty", "not_empty"];
}

export function openFilter(field, anchor, present, apply) {
  document.querySelector(".filterbox")?.remove();
  const box = Object.assign(document.createElement("form"), { className: "filterbox" });
  box.setAttribute("aria-label", `Filter ${field.name}`);
  const operator = document.createElement("select");
  operator.setAttribute("aria-label", "Condition");
  operator.append(...offered(field).map((op) => new Option(WORDS[op], op)));
  const value = Object.assign(document.createElement("input"), { type: "text" });
  value.setAttribute("aria-label", `Value of ${field.name}`);
  if (field.kind === "boolean") value.placeholder = "yes or no";
  if (field.kind === "date" || field.kind === "datetime") value.placeholder = "2026, 2026-03 or 2026-03-31";
  if (present) {
    operator.value = present[1];
    value.value = present[2];
  }
  const actions = Object.assign(document.createElement("div"), { className: "actions" });
  const button = (text, type) => Object.assign(document.createElement("button"), { className: "button", type, textContent: text });
  const clear = button("Clear", "button");
  const use = button("Filter", "submit");
  use.classList.add("is-main");
  actions.append(use, clear);
  box.append(operator, value, actions);
  const adapt = () => { value.hidden = NEITHER.includes(operator.value); };
  operator.addEventListener("change", adapt);
  adapt();

  const close = () => { box.remove(); removeEventListener("pointerdown", outside, true); anchor.focus(); };
  const outside = (event) => { if (!box.contains(event.target) && event.target !== anchor) { box.remove(); removeEventListener("pointerdown", outside, true); } };
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } });
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    const op = operator.value;
    close();
    apply(NEITHER.includes(op) || value.value.trim() ? [field.name, op, NEITHER.includes(op) ? "" : value.value.trim()] : null);
  });
  clear.addEventListener("click", () => { close(); apply(null); });
  addEventListener("pointerdown", outside, true);

  const corner = anchor.getBoundingClientRect();
  document.body.append(box);
  box.style.left = `${Math.max(4, Math.min(corner.left, innerWidth - box.offsetWidth - 4))}px`;
  box.style.top = `${corner.bottom + 2}px`;
  (value.hidden ? operator : value).focus();
}

export function drawChips(place, view, change) {
  place.replaceChildren(...view.filter.map((each, index) => {
    const chip = Object.assign(document.createElement("span"), { className: "chip" });
    chip.append(`${each[0]} ${WORDS[each[1]] ?? each[1]} ${each[2]}`.trim());
    const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", `Remove the filter on ${each[0]}`);
    remove.addEventListener("click", () => change({ ...view, filter: view.filter.filter((_, n) => n !== index) }));
    chip.append(remove);
    return chip;
  }));
}
