// Cells emptied and cut: the marked ones as one change, or the active one.
import { toast } from "../js/toast.js";

export function emptying(surface, { filling, block, choosing, may, set }) {
  const empty = () => (surface.block ? filling.empty() : emptyCell());

  // Who wants the record gone is told how: in a spreadsheet, Delete never takes a whole row away.
  function emptyCell() {
    const record = surface.activeRecord;
    const field = surface.fields[surface.active.field];
    if (!record || !field) return undefined;
    const why = whyNot(field, record.cells[surface.active.field]);
    if (!why) return set("", `${field.name} emptied.`);
    const way = { action: "Delete the record", onAction: () => choosing.remove([record.id]) };
    return toast(`“${field.name}” ${why}.`, may.delete ? way : {});
  }

  function whyNot(field, cell) {
    if (field.automatic) return "numbers itself";
    if (cell === null) return "is empty already";
    return field.writable ? null : "cannot be edited";
  }

  // What could not be copied stays.
  async function cut(event) {
    if (surface.chosenCount && !surface.block) {
      event.preventDefault();
      toast("Chosen records are copied with Ctrl+C and deleted with Delete. Cut takes cells.");
    } else if (await block.copy(event) && surface.active.field >= 0) empty();
  }

  return { empty, cut };
}
