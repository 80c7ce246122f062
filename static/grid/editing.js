// Editing one cell in place: begin, keep what was typed, save, or say why not.
import { offerChoices } from "../js/links.js";
import { post } from "../js/send.js";
import { editable, shown } from "./values.js";

export class Editing {
  constructor(surface, addresses, saved) {
    this.surface = surface;
    this.addresses = addresses;
    this.saved = saved;
    this.input = null;
  }

  get open() {
    return this.input !== null;
  }

  begin(typed) {
    const { row, column } = this.surface.active;
    const record = this.surface.rows.at(row);
    const field = this.surface.fields[column];
    const cell = this.surface.cellAt(row, column);
    if (!record || !cell || !field.writable) return;
    const value = editable(record.cells[column], field.kind);
    if (value === null) {
      location.href = this.surface.hooks.formAddress(record.id);
      return;
    }
    const isDate = field.kind === "date" && (value === "" || /^\d{4}-\d\d-\d\d$/.test(value)) && typed === undefined;
    const input = Object.assign(document.createElement("input"), { className: "grid-edit", type: isDate ? "date" : "text", value: typed ?? value, autocomplete: "off" });
    input.setAttribute("aria-label", field.name);
    if (field.kind === "integer") input.inputMode = "numeric";
    if (field.kind === "decimal") input.inputMode = "decimal";
    this.input = input;
    this.place = { row, column, record, field, before: record.cells[column], was: value };
    cell.append(input);
    input.focus();
    if (typed === undefined && !isDate) input.select();
    if (field.link) {
      const separator = this.addresses.choices.includes("?") ? "&" : "?";
      this.choices = offerChoices(input, `${this.addresses.choices}${separator}field=${encodeURIComponent(field.name)}`, (choice) => {
        input.value = typeof choice.value === "object" ? choice.value.int : choice.value;
        this.save(1, 0);
      });
      if (typed !== undefined) this.choices.show();
    }
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => { if (this.input === input && !this.saving) this.save(0, 0); });
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      this.end();
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      const back = event.shiftKey ? -1 : 1;
      this.save(event.key === "Enter" ? back : 0, event.key === "Tab" ? back : 0);
    }
  }

  end() {
    this.problem?.remove();
    this.problem = null;
    this.choices?.close();
    this.choices = null;
    const input = this.input;
    this.input = null;
    input?.remove();
    this.surface.element.focus({ preventScroll: true });
  }

  async save(down, right) {
    const { row, column, record, field, before, was } = this.place;
    const typed = this.input.value;
    const move = () => { if (down || right) this.surface.moveTo(row + down, column + right); };
    if (typed === was) {
      this.end();
      move();
      return;
    }
    this.saving = true;
    try {
      await this.send(row, record, field, typed, before);
      this.end();
      move();
    } catch (error) {
      this.explain(error, { row, record, field, typed });
    } finally {
      this.saving = false;
    }
  }

  async send(row, record, field, typed, before) {
    const answer = await post(`${this.addresses.records}/${encodeURIComponent(record.id)}`, {
      values: { [field.name]: typed },
      was: { [field.name]: before },
    });
    this.surface.rows.replace(row, { id: answer.id, cells: answer.cells }, answer.version);
    this.surface.redraw();
    this.saved(answer.undo);
  }

  // What was typed stays in the input; the sentence stands beside it.
  explain(error, { row, record, field, typed }) {
    this.problem?.remove();
    if (!this.input) return;
    this.input.parentElement?.classList.add("is-wrong");
    this.problem = Object.assign(document.createElement("div"), { className: "grid-problem" });
    this.problem.setAttribute("role", "alert");
    this.problem.textContent = error.message;
    if (error.status === 409) {
      const theirs = error.body.theirs[field.name];
      this.problem.append(Object.assign(document.createElement("p"), { textContent: `There now: ${shown(theirs, field.kind) || "empty"}. You typed: ${typed || "empty"}.` }));
      this.problem.append(this.answer("Keep theirs", () => { this.end(); this.surface.rows.forget(); this.surface.draw(); }));
      this.problem.append(this.answer("Write mine", async () => {
        try {
          await this.send(row, record, field, typed, theirs);
          this.end();
        } catch (again) { this.explain(again, { row, record, field, typed }); }
      }));
    }
    const box = this.input.getBoundingClientRect();
    const around = this.surface.place.getBoundingClientRect();
    this.problem.style.left = `${Math.max(4, Math.min(box.left - around.left, around.width - 300))}px`;
    this.problem.style.top = `${box.bottom - around.top + 3}px`;
    this.surface.place.append(this.problem);
    this.input.focus();
  }

  answer(text, act) {
    const button = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: text });
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", act);
    return button;
  }
}
