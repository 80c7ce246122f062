// The name that was typed for a copy goes along through the folders.

const box = document.querySelector("[data-copy-name]");
if (box) {
  const carry = (from) => { for (const hidden of from.querySelectorAll("input[type=hidden][name=name]")) hidden.value = box.value; };
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    const to = new URL(link.href);
    // A file of the list brings its own name.
    if (to.pathname !== location.pathname || (link.dataset.entry !== undefined && !link.classList.contains("is-folder"))) return;
    to.searchParams.set("name", box.value);
    link.href = to;
  });
  for (const form of document.forms) {
    if (form.method === "get" || "copyNameToo" in form.dataset) form.addEventListener("submit", () => carry(form));
  }
}
