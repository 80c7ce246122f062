// Printing: a page that has one made for paper is printed by that one, also with Ctrl+P.
import { toast } from "./toast.js";

const NOW = "#now"; // the page opens to be printed at once

const link = document.querySelector("a[data-print-page]");
if (link) {
  link.addEventListener("click", () => { link.hash = NOW; });
  // Before the grid, which keeps its keys for itself.
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "p" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (document.querySelector(".grid-edit")) toast("End the cell with Enter or Escape first. Then print.");
    else link.click();
  }, true);
}

const button = document.querySelector("[data-print]");
if (button) {
  button.addEventListener("click", () => print());
  if (location.hash === NOW) {
    // Once: neither a reload nor the way back prints again.
    history.replaceState(null, "", location.pathname + location.search);
    if (document.readyState === "complete") print();
    else addEventListener("load", () => print());
  }
}
