// Shows who waits, and a new code, as soon as they are there; not while a role is being chosen. A page
// that says who can reach the program must not go on saying so when the program has ended.

const shown = document.querySelector("script[data-state]").dataset.state;
const LOOK = 1_500;

async function look() {
  try {
    const answer = document.hidden ? null : await fetch("/_desktop/share/state");
    const changed = answer?.ok && (await answer.text()) !== shown;
    if (changed && document.activeElement?.localName !== "select") return location.replace(location.pathname);
  } catch {
    dispatchEvent(new CustomEvent("not-answered", { cancelable: true }));
  }
  return setTimeout(look, LOOK);
}
setTimeout(look, LOOK);
