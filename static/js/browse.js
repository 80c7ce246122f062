// The list of a folder by keys: arrows, Home and End move, Backspace goes up. Enter is the browser's own.

const list = document.querySelector("[data-browse]");
const entries = list ? [...list.querySelectorAll("[data-entry]")] : [];
const steps = { ArrowDown: (at) => at + 1, ArrowUp: (at) => at - 1, Home: () => 0, End: () => entries.length - 1 };
const parent = document.querySelector("[data-parent]");

for (const box of document.querySelectorAll("[data-send-on-change]")) {
  box.addEventListener("change", () => box.form.requestSubmit());
}
addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (event.key === "Backspace" && parent && !typing) {
    event.preventDefault();
    parent.click();
    return;
  }
  const step = steps[event.key];
  if (!step || !entries.length) return;
  const at = entries.indexOf(document.activeElement);
  // From anywhere else the arrow leads into the list; Home and End stay the page's.
  const fresh = event.key === "ArrowDown" && (!typing || typing.id === "find");
  if (at < 0 && (!fresh || event.target.closest("details, summary"))) return;
  event.preventDefault();
  entries[Math.min(Math.max(step(at), 0), entries.length - 1)].focus();
});
