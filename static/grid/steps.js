// Undo and redo: the toolbar's two buttons and Ctrl+Z, Ctrl+Y, Ctrl+Shift+Z.
import { post } from "../js/send.js";
import { toast } from "../js/toast.js";

export class Steps {
  constructor(place, changed) {
    Object.assign(this, { place, changed });
    for (const button of this.buttons("undo")) button.addEventListener("click", () => this.undo());
    for (const button of this.buttons("redo")) button.addEventListener("click", () => this.redo());
  }

  // On a narrow page one of them is in the menu.
  buttons(name) {
    return document.querySelectorAll(`[data-grid-${name}]`);
  }

  // What is offered beside a word on an earlier step would take back this one instead.
  offer(undo, redo = null, { own = true } = {}) {
    if (own || [...this.buttons("undo")].some((button) => button.title !== (undo ?? ""))) {
      for (const stale of document.querySelectorAll("#toasts > [data-undoes], [data-notice] form")) stale.remove();
    }
    for (const [name, sentence] of [["undo", undo], ["redo", redo]]) {
      for (const button of this.buttons(name)) {
        button.disabled = !sentence;
        button.title = sentence ?? "";
      }
    }
  }

  undo() { return this.take(this.place.dataset.undo, "Undone"); }

  redo() { return this.take(this.place.dataset.redo, "Done again"); }

  async take(address, word) {
    try {
      const answer = await post(address);
      this.offer(answer.undo, answer.redo);
      if (!answer.done) toast(word === "Undone" ? "There is nothing to undo." : "There is nothing to do again.");
      else {
        const said = `${word}: ${answer.done}`;
        // What happens out of sight was perhaps not meant.
        const elsewhere = ![answer.table, answer.before].includes(this.place.dataset.name);
        toast(said, word === "Undone" && elsewhere ? { action: "Redo", onAction: () => this.redo() } : {});
        await this.changed(answer, said);
      }
    } catch (error) { toast(error.message, { danger: !error.body?.stopped }); }
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest?.("input:not([type=checkbox]), textarea, select")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) this.undo();
    else if (key === "y" || key === "z") this.redo();
    else return;
    event.preventDefault();
  }
}
