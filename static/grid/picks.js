// Several choices of one cell: boxes in place of an input, whose `value` is the text with commas.

const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
const split = (text) => text.split(",").map((each) => each.trim()).filter(Boolean);

export function makePicks(field, was) {
  const picks = make("div", { className: "grid-edit grid-picks" });
  picks.setAttribute("role", "group");
  const offered = [...field.choices, ...split(was).filter((each) => !field.choices.includes(each))];
  const boxes = offered.map((name) => {
    const box = make("input", { type: "checkbox", value: name });
    const pill = make("span", { className: `pill is-${field.colours[field.choices.indexOf(name)] ?? "grey"}`, textContent: name });
    const label = make("label", { className: "check" });
    label.append(box, pill);
    picks.append(label);
    return box;
  });
  Object.defineProperty(picks, "value", {
    get: () => boxes.filter((box) => box.checked).map((box) => box.value).join(", "),
    set: (text) => { for (const box of boxes) box.checked = split(text).includes(box.value); },
  });
  picks.value = was;
  const here = () => Math.max(0, boxes.indexOf(document.activeElement));
  const go = (place) => boxes[(place + boxes.length) % boxes.length].focus({ preventScroll: false });
  picks.focus = () => go(here());
  // A letter typed on the cell goes to the first choice that begins with it.
  picks.start = (typed) => {
    const first = typed ? boxes.findIndex((box) => box.value.toLowerCase().startsWith(typed.toLowerCase())) : 0;
    go(Math.max(0, first));
  };
  picks.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      go(here() + step);
    } else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) picks.start(event.key);
  });
  // An input loses the focus as a whole; a click on a label leaves it for a moment.
  picks.addEventListener("pointerdown", (event) => { if (!event.target.matches("input")) event.preventDefault(); });
  picks.addEventListener("focusout", (event) => { if (!picks.contains(event.relatedTarget)) picks.dispatchEvent(new Event("blur")); });
  return picks;
}
