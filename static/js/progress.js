// The progress of an import, or of another long step: asked for four times a second until it ends.
import { showFar } from "./far.js";
import { get } from "./send.js";

const box = document.querySelector("[data-progress]");
if (box) {
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-progress-text]");
  const ask = async () => {
    try {
      const now = await get(box.dataset.progress);
      showFar(bar, text, now);
      if (!now.running) return location.reload();
    } catch (error) {
      text.textContent = error.message;
    }
    setTimeout(ask, 250);
  };
  ask();
}
