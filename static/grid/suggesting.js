// While a filter on a link is typed, the names of the records that it may mean are offered.
import { get } from "../js/send.js";

const PAUSE = 150; // ms without a key
const address = document.querySelector("[data-grid]")?.dataset.choices;

export function suggestNames(box, field) {
  const id = `names-of-${field.name}`;
  const list = document.getElementById(id) ?? Object.assign(document.createElement("datalist"), { id });
  document.body.append(list);
  box.setAttribute("list", id);
  let waiting = 0;
  let asked = null;
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const { choices } = await get(`${address}?field=${encodeURIComponent(field.name)}&text=${encodeURIComponent(box.value)}`, asked.signal);
      list.replaceChildren(...[...new Set(choices.map((each) => each.label))].map((name) => new Option(name, name)));
    } catch { /* A name can be typed without being offered. */ }
  };
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, PAUSE); });
  box.addEventListener("focus", ask, { once: true });
}
