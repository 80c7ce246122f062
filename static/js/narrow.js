// A box that leaves of a long list what has the typed words in its names; Enter opens the first.

const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

for (const box of document.querySelectorAll("[data-narrow]")) {
  const input = box.querySelector("input");
  const told = box.querySelector("[role=status]");
  const list = () => document.getElementById(box.dataset.narrow);
  const holder = list().parentNode;
  const narrow = () => {
    const words = folded(input.value).split(/\s+/).filter(Boolean);
    const items = [...list().children];
    for (const item of items) {
      const name = folded(item.querySelector(".list-name").textContent);
      item.hidden = !words.every((word) => name.includes(word));
    }
    const left = items.filter((item) => !item.hidden).length;
    told.textContent = words.length ? `${left.toLocaleString("en")} of ${items.length.toLocaleString("en")}` : "";
  };
  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !input.value.trim()) return;
    event.preventDefault();
    list().querySelector("li:not([hidden]) a")?.click();
  });
  // The list is taken anew where the file was changed elsewhere; the box keeps its words on the way back.
  new MutationObserver(narrow).observe(holder, { childList: true });
  addEventListener("pageshow", narrow);
  box.hidden = false;
}
