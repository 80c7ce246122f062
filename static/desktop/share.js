// Shows who waits, and a new code, as soon as they are there; not while a role is being chosen.

const shown = document.querySelector("script[data-state]").dataset.state;
const LOOK = 2_000;

async function look() {
  try {
    const answer = document.hidden ? null : await fetch("/_desktop/share/state");
    const changed = answer?.ok && (await answer.text()) !== shown;
    if (changed && document.activeElement?.localName !== "select") return location.replace(location.pathname);
  } catch { /* The program's own script says that it has ended. */ }
  return setTimeout(look, LOOK);
}
setTimeout(look, LOOK);
