// Mouse and finger on the grid: a click makes a cell active, a second one edits it, dragging marks a block.

export function listenToPointer(surface, { editing, choosing, block }) {
  const sheet = surface.grid.getCanvasNode();
  let from = null;

  sheet.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest("a, input, .grid-editor")) return;
    const at = surface.cellOf(event.target);
    if (!at || at.field < 0) return;
    from = at;
    if (event.shiftKey) {
      event.preventDefault();
      block.begin();
      surface.moveTo(at.row, at.field);
      block.extend();
    }
  });

  // The browser looks for a word to mark then, and has taken the caret out of the editor that opened.
  sheet.addEventListener("dblclick", (event) => { if (!event.target.closest(".grid-editor")) editing.enterAgain(); });

  sheet.addEventListener("pointermove", (event) => {
    if (!from || !(event.buttons & 1)) { from = null; return; }
    const at = surface.cellOf(document.elementFromPoint(event.clientX, event.clientY) ?? sheet);
    if (!at || at.field < 0 || (at.row === from.row && at.field === from.field && !from.dragged)) return;
    if (!from.dragged) {
      from.dragged = true;
      block.clear();
      surface.moveTo(from.row, from.field);
      block.begin();
    }
    surface.moveTo(at.row, at.field);
    block.extend();
    event.preventDefault();
  });

  surface.element.addEventListener("change", (event) => {
    if (!event.target.matches(".grid-choose-all")) return;
    if (event.target.checked) choosing.all(); else choosing.none();
  });

  // Captured: SlickGrid's own click ends on the sheet.
  surface.element.addEventListener("click", (event) => {
    const at = surface.cellOf(event.target);
    if (!at || event.target.closest(".grid-editor")) return;
    if (event.target.matches(".grid-lead input")) {
      choosing.toggle(at.row, event.shiftKey);
      return;
    }
    if (event.target.closest("a") || event.shiftKey) return;
    const dragged = from?.dragged;
    from = null;
    if (dragged) return;
    const { active } = surface;
    const again = active.row === at.row && active.field === at.field && document.activeElement === surface.activeNode;
    block.clear();
    surface.moveTo(at.row, at.field);
    const finger = event.pointerType === "touch" || event.pointerType === "pen";
    if (surface.takesTyping && at.field >= 0 && (event.detail >= 2 || (again && finger))) editing.begin();
  }, true);
}
