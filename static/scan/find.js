// A code was scanned beside a search box: the one record that holds it opens; several are shown; none
// offers a new record that holds it.
import { get } from "../js/send.js";

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

export async function find(input, code, again) {
  const asked = new URLSearchParams({ text: code });
  const table = document.querySelector("[data-grid]")?.dataset.name;
  if (table !== undefined && input.matches("[data-grid-search]")) asked.set("table", table);
  const answer = await get(`/code?${asked}`);
  if (answer.found) return location.assign(answer.found);
  input.value = code;
  if (asked.has("table")) input.dispatchEvent(new Event("input", { bubbles: true }));
  const wider = asked.has("table") ? null : () => input.form.requestSubmit();
  if (answer.several && wider) return wider();
  if (!answer.several) offer(code, answer.add, again, wider);
  else input.select();
  return undefined;
}

// `wider` searches for what holds the code among other things; the grid has done so already.
function offer(code, add, again, wider) {
  const dialog = make("dialog", { className: "scan" });
  const close = () => dialog.close();
  const button = (textContent, act) => {
    const element = make("button", { type: "button", className: "button", textContent });
    element.addEventListener("click", () => { close(); act?.(); });
    return element;
  };
  const links = add.map((each) => make("a", { className: "button is-wide", href: each.address, textContent: `New record of ${each.table} with this ${each.field}` }));
  dialog.append(
    make("h2", { id: "scan-none", textContent: "Not there yet" }),
    make("p", { className: "wrap", textContent: `No record holds exactly “${code}”.` }),
    make("div", { className: "stack" }, ...links),
    make("div", { className: "actions" }, button("Scan again", again), ...(wider ? [button("Search for it", wider)] : []), button("Close")),
  );
  dialog.setAttribute("aria-labelledby", "scan-none");
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
