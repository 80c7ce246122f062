// Asks before what cannot be overlooked: gives whether the person said yes. Escape says no.

const TITLE = "confirm-title";
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

export function confirmed({ title, words, verb }) {
  const back = document.activeElement;
  const yes = make("button", { className: "button is-danger", type: "button", textContent: verb });
  const no = make("button", { className: "button", type: "button", textContent: "Cancel" });
  const dialog = make("dialog", { className: "working" },
    make("h2", { id: TITLE, className: "wrap", textContent: title }),
    make("p", { className: "wrap", textContent: words }),
    make("div", { className: "actions" }, yes, no));
  dialog.setAttribute("aria-labelledby", TITLE);
  // Its keys are not for the grid.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.body.append(dialog);
  return new Promise((resolve) => {
    let said = false;
    yes.addEventListener("click", () => { said = true; dialog.close(); });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (back?.isConnected) back.focus({ preventScroll: true });
      resolve(said);
    });
    dialog.showModal();
    no.focus();
  });
}
