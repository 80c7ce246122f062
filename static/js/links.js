// A link field offers the records that it can point to, by name, and to add one of a name that is new.
import { get, post } from "./send.js";
import { toast } from "./toast.js";

// With `gives`, Escape goes on to whoever takes what was typed back; else it only closes the list.
// What stood there before anything was `typed` is no question: then all records are offered.
export function offerChoices(input, address, choose, { gives = false, typed = false } = {}) {
  const list = Object.assign(document.createElement("ul"), { className: "options", role: "listbox", hidden: true });
  list.id = `options-${Math.random().toString(36).slice(2)}`;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  document.body.append(list);
  let found = [];
  let active = -1;
  let adding = false;
  let asked;
  // Keys pressed while an answer is on its way mean the list that it brings, not the one still shown.
  const queued = [];

  const close = () => { queued.length = 0; list.hidden = true; input.setAttribute("aria-expanded", "false"); };
  const whenAnswered = (act) => { if (asked) queued.push(act); else act(); };
  const mark = (index) => {
    active = index;
    const entries = [...list.children].filter((item) => item.id);
    entries.forEach((item, n) => item.setAttribute("aria-selected", String(n === active)));
    entries[active]?.scrollIntoView({ block: "nearest" });
    if (entries[active]) input.setAttribute("aria-activedescendant", entries[active].id);
    else input.removeAttribute("aria-activedescendant");
  };
  const note = (textContent) => {
    const item = Object.assign(document.createElement("li"), { role: "option", className: "is-nothing", textContent });
    item.setAttribute("aria-disabled", "true");
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    return item;
  };
  const entry = (each, n) => {
    const item = Object.assign(document.createElement("li"), { role: "option", id: `${list.id}-${n}`, textContent: each.add ? `+ Add “${each.label}” to ${each.add.table}` : each.label });
    if (each.detail) item.append(" ", Object.assign(document.createElement("span"), { className: "options-detail", textContent: `· ${each.detail}` }));
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(n); });
    return item;
  };
  // Below the sentence of a refusal, where one stands under the input.
  let under = null;
  const put = () => {
    const box = input.getBoundingClientRect();
    const bottom = under?.isConnected ? under.getBoundingClientRect().bottom : box.bottom;
    list.style.left = `${Math.max(4, Math.min(box.left, document.documentElement.clientWidth - list.offsetWidth - 4) + scrollX)}px`;
    list.style.maxHeight = "";
    const room = innerHeight - bottom - 6;
    const above = room < Math.min(list.offsetHeight, 120) && box.top > room;
    if (above) list.style.maxHeight = `${Math.max(80, Math.min(box.top - 8, 256))}px`;
    else list.style.maxHeight = `${Math.max(80, Math.min(room, 256))}px`;
    list.style.top = `${(above ? box.top - list.offsetHeight - 2 : bottom + 2) + scrollY}px`;
  };
  const take = async (index) => {
    const one = found[index];
    if (!one || adding) return;
    adding = Boolean(one.add);
    try {
      const choice = one.add ? await add(one) : one;
      typed = false;
      choose(choice);
      close();
    } catch (error) {
      list.replaceChildren(note(error.message));
      found = [];
      mark(-1);
    } finally { adding = false; }
  };
  // A step of its own, that is undone after the link.
  const add = async ({ label, add: { table, field, address: there } }) => {
    const { id } = await post(there, { values: { [field]: label } });
    toast(`“${label}” was added to ${table}.`);
    return { value: id, label };
  };
  const show = async () => {
    asked?.abort();
    const asking = new AbortController();
    asked = asking;
    const separator = address.includes("?") ? "&" : "?";
    let answered;
    try {
      answered = await get(`${address}${separator}text=${encodeURIComponent(typed ? input.value : "")}`, asking.signal);
    } catch { /* Without an answer there is nothing to choose from. */ }
    if (asked !== asking) return;
    asked = undefined;
    found = answered?.choices ?? [];
    const none = found.length ? [] : [note("No record matches")];
    const more = answered?.more ? [note("There are more: type more of the name, or the key")] : [];
    if (answered?.new && typed) found = [...found, { label: answered.new.name, add: answered.new }];
    const entries = found.map(entry);
    const last = found.at(-1)?.add ? entries.splice(-1) : [];
    list.replaceChildren(...entries, ...(answered ? none : []), ...more, ...last);
    list.hidden = list.children.length === 0 || document.activeElement !== input;
    put();
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
    for (const act of queued.splice(0)) act();
  };
  input.addEventListener("input", () => { typed = true; queued.length = 0; mark(-1); show(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      event.stopPropagation();
      if (list.hidden && !asked) show(); else whenAnswered(() => mark(Math.min(active + 1, found.length - 1)));
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      event.stopPropagation();
      whenAnswered(() => mark(Math.min(Math.max(active - 1, 0), found.length - 1)));
    } else if (event.key === "Enter" && (queued.length > 0 || (!list.hidden && active >= 0))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      whenAnswered(() => take(active));
    } else if (event.key === "Escape" && !list.hidden && !gives) {
      event.stopImmediatePropagation();
      close();
    }
  });
  input.addEventListener("blur", close);
  return { close: () => list.remove(), show, showUnder: (element) => { under = element; show(); } };
}

// The input shows a name; what it stands for lies in two hidden inputs beside it.
for (const input of document.querySelectorAll("input[data-link]:not([readonly])")) {
  const [key, label] = ["key", "label"].map((name) => document.querySelector(`[data-link-${name}="${input.id}"]`));
  const told = document.getElementById(`${input.id}-to`);
  // A name that was refused stands there as it was typed, and is picked from the list.
  const typed = input.value !== label.value;
  const choices = offerChoices(input, input.dataset.link, (choice) => {
    key.value = typeof choice.value === "object" ? choice.value.int : choice.value;
    input.value = choice.label.split(/\s+/).join(" ").trim();
    label.value = input.value;
    told.textContent = choice.detail ? `${input.value} · ${choice.detail}` : input.value;
  }, { typed });
  // The page's own first focus may come before this script, or after it.
  if (typed && document.activeElement === input) choices.show();
  else if (typed) input.addEventListener("focus", () => choices.show(), { once: true });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("input", () => { told.textContent = `A record of ${told.dataset.linkTo}`; });
}
