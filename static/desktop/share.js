// Shows who waits, a new code and who has a page open as soon as they are there, and that the program has
// ended. What the owner is about to do stays: a role that is chosen, the focus, the place on the page.

const script = document.querySelector("script[data-state]");
const LOOK = 1_500;
let shown = script.dataset.state;

async function look() {
  try {
    const answer = document.hidden ? null : await fetch("/_desktop/share/state");
    const changed = answer?.ok && (await answer.text()) !== shown;
    // An open list would close under the hand.
    if (changed && document.activeElement?.localName !== "select") await bring();
  } catch {
    dispatchEvent(new CustomEvent("not-answered", { cancelable: true }));
  }
  setTimeout(look, LOOK);
}
setTimeout(look, LOOK);

async function bring() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const state = fresh.querySelector("script[data-state]")?.dataset.state;
  if (!state || frame(fresh) !== frame(document)) return location.replace(location.pathname);
  shown = state;
  const focused = nameOf(document.activeElement);
  const chosen = [...document.querySelectorAll("select")].filter((each) => !each.selectedOptions[0]?.defaultSelected);
  for (const part of document.querySelectorAll("[data-part]")) {
    const now = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (part.innerHTML !== now.innerHTML) part.replaceChildren(...document.adoptNode(now).childNodes);
  }
  for (const { id, value } of chosen) {
    const select = document.getElementById(id);
    if (select) select.value = value;
  }
  const again = focused && [...document.querySelectorAll("main button")].find((each) => nameOf(each) === focused);
  if (again && again !== document.activeElement) again.focus({ preventScroll: true });
}

// The page without its parts: where that has changed as well, all of it is another one.
function frame(page) {
  const main = page.querySelector("main").cloneNode(true);
  for (const part of main.querySelectorAll("[data-part]")) part.replaceChildren();
  return main.innerHTML;
}

// Of a button, whose form says what it does to whom.
const nameOf = (element) => (element?.form ? new URLSearchParams(new FormData(element.form)).toString().replace(/&role=[^&]*/, "") : "");
