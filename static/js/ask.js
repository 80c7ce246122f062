// A form whose step cannot be taken back: asked before it is sent.
import { confirmed } from "./confirm.js";

for (const form of document.querySelectorAll("form[data-ask]")) {
  let said = false;
  form.addEventListener("submit", async (event) => {
    if (said) return;
    event.preventDefault();
    const { ask: title, words, verb } = form.dataset;
    said = await confirmed({ title, words, verb });
    if (said) form.requestSubmit();
  });
}
