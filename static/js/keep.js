// A form whose changes are not saved: the browser asks before the page is left. Ctrl+Enter saves, and
// Enter in a text of one line.
import { whyNotNow } from "./send.js";

const AGAIN = 1500; // ms in which a second click, or a key held down, is the same wish

const isChanged = (field) => {
  if (field.localName === "select") return [...field.options].some((each) => each.selected !== each.defaultSelected) && field.value !== first(field);
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  return field.type !== "hidden" && field.localName !== "button" && field.value !== field.defaultValue;
};
// A list without a chosen line shows its first one.
const first = (select) => ([...select.options].find((each) => each.defaultSelected) ?? select.options[0])?.value;

for (const form of document.querySelectorAll("form[data-keep]")) {
  let sent = false;
  let asked = false;
  let when = -AGAIN;
  // Everything that does not fit is told at once, by the program. But half a date would be sent as none.
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    const half = [...form.elements].find((each) => each.validity?.badInput);
    if (asked) {
      asked = false;
      sent = true;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (half || event.timeStamp - when < AGAIN) {
      half?.reportValidity();
      return;
    }
    when = event.timeStamp;
    ask(event.submitter);
  });
  // The page that would say no takes the place of this one, and of all that is typed in it.
  async function ask(button) {
    const why = await whyNotNow();
    form.querySelector(":scope > [data-not-now]")?.remove();
    if (why) {
      when = -AGAIN;
      const told = Object.assign(document.createElement("p"), { className: "notice is-danger", textContent: why });
      told.setAttribute("role", "alert");
      told.dataset.notNow = "";
      form.querySelector(":scope > .actions").before(told);
      told.scrollIntoView({ block: "nearest" });
      return;
    }
    asked = true;
    form.requestSubmit(button);
  }
  // Back on the page, what was sent may be changed again.
  addEventListener("pageshow", () => { sent = false; when = -AGAIN; });
  form.addEventListener("refused", () => { sent = false; when = -AGAIN; });
  // Neither by the person without being asked, nor by the shell when the program answers again.
  for (const leaving of ["beforeunload", "answered-again"]) {
    addEventListener(leaving, (event) => {
      if (!sent && ("changed" in form.dataset || [...form.elements].some(isChanged))) event.preventDefault();
    });
  }
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.isComposing) return;
    const line = event.target.matches("textarea[data-line]") && !event.shiftKey && !event.altKey;
    if (!line && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    if (form.querySelector("button[type=submit]")) form.requestSubmit();
  });
}
// A cell that is being edited in the grid.
addEventListener("answered-again", (event) => { if (document.querySelector(".grid-edit")) event.preventDefault(); });
