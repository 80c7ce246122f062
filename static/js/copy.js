// A button that copies the text of the input beside it, where the browser lets a page do so.
import { toast } from "./toast.js";

for (const button of document.querySelectorAll("button[data-copy]")) {
  const input = document.getElementById(button.dataset.copy);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    input.select();
    await navigator.clipboard.writeText(input.value);
    toast("Copied.");
  });
}
