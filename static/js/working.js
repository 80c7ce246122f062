// A step that takes long, in a dialog over the page that began it: how far it is, and Cancel.
import { showFar } from "./far.js";
import { get, post } from "./send.js";

const AGAIN = 250;
const TITLE = "working-title";

// Gives what the step answers when it is over; a refusal, also that it was stopped, is raised.
export function finish(work) {
  return new Promise((resolve, reject) => {
    const back = document.activeElement;
    const { dialog, bar, text, button } = draw(work.sentence);
    let over = false;
    const end = (settle, answer) => {
      if (over) return;
      over = true;
      dialog.close();
      dialog.remove();
      // What had the focus may have been drawn anew.
      if (back?.isConnected) back.focus();
      settle(answer);
    };
    const settled = (answer) => { if (!answer.work) end(resolve, answer); };
    const ask = async () => {
      if (over) return;
      try {
        const now = await get(work.progress);
        if (over) return;
        if (!now.running) settled(await get(work.outcome));
        else if (!button.disabled) showFar(bar, text, now);
      } catch (error) {
        // It goes on, though it cannot be asked about just now.
        if (error.status !== 0) return end(reject, error);
        text.textContent = error.message;
      }
      setTimeout(ask, AGAIN);
    };
    const cancel = async () => {
      if (button.disabled) return;
      button.disabled = true;
      text.textContent = "Taking back what was done…";
      try {
        settled(await post(work.cancel, {}, { waits: false }));
      } catch (error) { end(reject, error); }
    };
    button.addEventListener("click", cancel);
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); cancel(); });
    // A second Escape closes it in any case.
    dialog.addEventListener("close", () => { if (!over) dialog.showModal(); });
    // A second Ctrl+Z is for when this one is over.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    document.body.append(dialog);
    dialog.showModal();
    button.focus();
    ask();
  });
}

function draw(sentence) {
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const dialog = make("dialog", { className: "working" });
  dialog.setAttribute("aria-labelledby", TITLE);
  const bar = make("progress", { max: 1, ariaLabel: "Progress" });
  const text = make("p", { textContent: "Beginning…" });
  const button = make("button", { className: "button", type: "button", textContent: "Cancel" });
  dialog.append(
    make("h2", { id: TITLE, className: "wrap", textContent: sentence }),
    bar,
    text,
    make("p", { className: "quiet", textContent: "It is done whole or not at all." }),
    button,
  );
  return { dialog, bar, text, button };
}
