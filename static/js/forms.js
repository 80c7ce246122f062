// Forms that are sent at once when something is chosen, and say that they are at work.

for (const input of document.querySelectorAll("[data-submit-on-change]")) {
  input.addEventListener("change", () => { if (input.files.length) input.form.requestSubmit(); });
}
for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit]");
    button.textContent = form.dataset.busy;
    setTimeout(() => { button.disabled = true; });
  });
}
for (const select of document.querySelectorAll("[data-submit-to]")) {
  select.addEventListener("change", () => {
    select.form.action = select.dataset.submitTo;
    select.form.noValidate = true;
    select.form.requestSubmit();
  });
}
const box = document.querySelector("[data-paste]");
if (box) {
  // Cells pasted anywhere on the page, where nobody is typing, come in like those of the box.
  addEventListener("paste", (event) => {
    if (event.target.closest("input, textarea, [contenteditable]")) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text.includes("\t") && !text.trim().includes("\n")) return;
    event.preventDefault();
    box.value = text;
    box.form.requestSubmit();
  });
}
