// Somebody changed the same value meanwhile: both are shown, and the person chooses.
import { copied } from "./values.js";

export function askWhich(field, theirs, mine, { theirs: keep, mine: write }) {
  const said = (text) => (text === "" ? "nothing" : `“${text}”`);
  const box = Object.assign(document.createElement("div"), { className: "grid-conflict" });
  const both = Object.assign(document.createElement("p"), { textContent: `There now: ${said(copied(theirs, field.kind))}. You typed: ${said(mine)}.` });
  box.append(both, button("Keep theirs", keep), button("Write mine", write));
  return box;
}

function button(text, act) {
  const element = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: text });
  element.addEventListener("click", act);
  element.addEventListener("keydown", (event) => event.stopPropagation());
  return element;
}
