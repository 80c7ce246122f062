// Forms that send a file at once when it is chosen, and say that they are at work.

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
