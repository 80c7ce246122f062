// A form whose changes are not saved: the browser asks before the page is left. Ctrl+Enter saves.

const isChanged = (field) => {
  if (field.localName === "select") return [...field.options].some((each) => each.selected !== each.defaultSelected) && field.value !== first(field);
  return field.type !== "hidden" && field.type !== "submit" && field.value !== field.defaultValue;
};
// A list without a chosen line shows its first one.
const first = (select) => ([...select.options].find((each) => each.defaultSelected) ?? select.options[0])?.value;

for (const form of document.querySelectorAll("form[data-keep]")) {
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  // Back on the page, what was sent may be changed again.
  addEventListener("pageshow", () => { sent = false; });
  addEventListener("beforeunload", (event) => {
    if (!sent && ("changed" in form.dataset || [...form.elements].some(isChanged))) event.preventDefault();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
