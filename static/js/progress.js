// The progress of an import: asked for four times a second until it ends.
import { get } from "./send.js";

const box = document.querySelector("[data-progress]");
if (box) {
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-progress-text]");
  const number = new Intl.NumberFormat("en");
  const ask = async () => {
    try {
      const now = await get(box.dataset.progress);
      bar.value = now.part;
      const left = now.left === null ? "" : `, about ${now.left} s left`;
      text.textContent = `${now.what ? `${now.what} ` : ""}${number.format(now.records)} records, ${number.format(now.rate)} a second${left}`;
      if (!now.running) return location.reload();
    } catch (error) {
      text.textContent = error.message;
    }
    setTimeout(ask, 250);
  };
  ask();
}
