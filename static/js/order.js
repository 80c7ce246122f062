// Tables are also put in their order by dragging one to the place of another.

const list = document.querySelector("[data-order]");
const form = document.querySelector("[data-order-to]");
if (list && form) {
  let dragged = null;
  let over = null;
  const rowOf = (event) => event.target.closest?.("li");
  const mark = (row) => {
    over?.classList.remove("is-before", "is-after");
    over = row && row !== dragged ? row : null;
    if (over) over.classList.add(dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING ? "is-after" : "is-before");
  };
  for (const row of list.children) row.draggable = true;
  list.addEventListener("dragstart", (event) => {
    dragged = rowOf(event);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.querySelector(".list-name").textContent);
  });
  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    mark(rowOf(event));
  });
  list.addEventListener("drop", (event) => {
    if (!dragged || !over) return;
    event.preventDefault();
    const rows = [...list.children];
    form.elements.table.selectedIndex = rows.indexOf(dragged);
    form.elements.place.value = rows.indexOf(over) + 1;
    form.requestSubmit();
  });
  list.addEventListener("dragend", () => { mark(null); dragged = null; });
}
