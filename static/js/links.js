// A link field offers the records that it can point to, by name.
import { get } from "./send.js";

export function offerChoices(input, address, choose) {
  const list = Object.assign(document.createElement("ul"), { className: "options", role: "listbox", hidden: true });
  list.id = `options-${Math.random().toString(36).slice(2)}`;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  document.body.append(list);
  let found = [];
  let active = -1;
  let asked;

  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === active)));
    list.children[active]?.scrollIntoView({ block: "nearest" });
    if (list.children[active]) input.setAttribute("aria-activedescendant", list.children[active].id);
  };
  const take = (index) => { if (found[index]) { choose(found[index]); close(); } };
  const show = async () => {
    asked?.abort();
    asked = new AbortController();
    const separator = address.includes("?") ? "&" : "?";
    let kept;
    try {
      const answer = await get(`${address}${separator}text=${encodeURIComponent(input.value)}`, asked.signal);
      kept = found[active]?.label;
      found = answer.choices;
    } catch { return; }
    list.replaceChildren(...found.map((each, n) => {
      const item = Object.assign(document.createElement("li"), { role: "option", id: `${list.id}-${n}`, textContent: each.label });
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(n); });
      return item;
    }));
    const box = input.getBoundingClientRect();
    list.style.left = `${Math.max(4, box.left + scrollX)}px`;
    list.style.top = `${box.bottom + scrollY + 2}px`;
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    // What was marked while the answer was on its way stays marked.
    mark(kept === undefined ? -1 : found.findIndex((each) => each.label === kept));
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      event.stopPropagation();
      if (list.hidden) show(); else mark(Math.min(active + 1, found.length - 1));
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      event.stopPropagation();
      mark(Math.max(active - 1, 0));
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      event.stopImmediatePropagation();
      take(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopImmediatePropagation();
      close();
    }
  });
  input.addEventListener("blur", close);
  return { close: () => list.remove(), show };
}

for (const input of document.querySelectorAll("input[data-link]:not([readonly])")) {
  const label = document.getElementById(input.getAttribute("aria-describedby"));
  offerChoices(input, input.dataset.link, (choice) => {
    input.value = typeof choice.value === "object" ? choice.value.int : choice.value;
    if (label) label.textContent = choice.label;
  });
}
