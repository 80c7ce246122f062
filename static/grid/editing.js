// Editing one cell in place: begin, save, or say why not and keep what was typed.
import { offerChoices } from "../js/links.js";
import { post } from "../js/send.js";
import { toast } from "../js/toast.js";
import { askWhich } from "./conflict.js";
import { breakLine, enter, jump, layOver, makeEditor, textOf } from "./editor.js";
import { editable, isCut } from "./values.js";

const plain = (cell) => String(cell !== null && typeof cell === "object" ? cell.int : cell);

export class Editing {
  // `saved` hears of a record that was changed; `added` of a new one, and gives the row in which it stands.
  constructor(surface, addresses, { saved, added, undo }) {
    Object.assign(this, { surface, addresses, saved, added, undo });
    this.input = null;
    this.held = [];
  }

  get open() {
    return this.input !== null;
  }

  // `pressed` is a key of a keyboard: the browser itself puts its letter into the input, which after a dead
  // key is another one than the key's.
  begin(typed, pressed = false) {
    this.awaitsKey = false;
    const { row, field: index } = this.surface.active;
    const record = this.surface.rows.at(row) ?? null;
    const field = this.surface.fields[index];
    const takes = record ? field?.writable : this.surface.onNew && field?.givable;
    if (this.open || !takes) return false;
    const before = record ? record.cells[index] : null;
    // Typing takes the place of all that stands there, so that the rest of a long text is not needed.
    const replaced = typed !== undefined && isCut(before);
    const was = replaced ? "" : editable(before, field.kind);
    if (was === undefined || (field.kind === "blob" && was === "")) {
      location.href = `${record ? this.surface.hooks.formAddress(record.id) : this.surface.hooks.addAddress}#field=${encodeURIComponent(field.name)}`;
      return true;
    }
    this.at = { row, index, record, field, was, before };
    this.input = makeEditor(field, was, typed);
    this.input.setAttribute("aria-label", field.name);
    if (field.link && before && typeof before === "object" && "label" in before) this.input.value = before.label;
    // As the input shows it: an editor that cannot show a value whole must not make it less.
    this.began = replaced ? null : this.input.value;
    this.sought = field.kind === "choice" && this.input.matches("select") ? typed ?? "" : null;
    const { holder, grow } = layOver(this.surface, field, this.input);
    this.holder = holder;
    this.awaitsKey = pressed && this.input.matches("textarea, input[type=text]");
    enter(this.input, this.awaitsKey ? "" : typed);
    grow();
    if (field.link) this.offer(field, typed !== undefined);
    this.input.addEventListener("keydown", (event) => this.key(event));
    if (this.sought !== null) this.input.addEventListener("change", () => { this.sought = ""; });
    this.input.addEventListener("blur", () => { if (this.open && !this.saving && !this.asking) this.save(0, 0, false); });
    return true;
  }

  enterAgain() {
    if (this.open) enter(this.input);
  }

  offer(field, typed) {
    this.choices = offerChoices(this.input, this.choicesOf(field), (choice) => {
      this.picked = { text: plain(choice.value), label: choice.label };
      this.input.value = choice.label;
      this.save(1, 0);
    }, { gives: true, typed });
    if (!this.awaitsKey) this.choices.show();
  }

  choicesOf(field) {
    return `${this.addresses.choices}?field=${encodeURIComponent(field.name)}`;
  }

  key(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    if (this.saving) {
      this.hold(event);
      return;
    }
    const breaks = event.key === "Enter" && (event.altKey || event.shiftKey) && this.input.matches("textarea");
    if (breaks) {
      event.preventDefault();
      breakLine(this.input);
    } else if (jump(event, this.input)) {
      event.preventDefault();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.end();
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      const step = event.shiftKey ? -1 : 1;
      this.save(event.key === "Enter" ? step : 0, event.key === "Tab" ? step : 0);
    } else if (this.sought !== null && this.seeks(event)) {
      event.preventDefault();
      this.seek(event.key);
    } else this.picked = null;
  }

  // Space alone opens the list, as everywhere.
  seeks(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    return (event.key.length === 1 && (event.key !== " " || this.sought !== "")) || (event.key === "Backspace" && this.sought !== "");
  }

  // A choice is found by as much of its name as is typed.
  seek(key) {
    this.sought = key === "Backspace" ? this.sought.slice(0, -1) : this.sought + key;
    const found = this.soughtChoice();
    if (found) this.input.value = found;
  }

  soughtChoice() {
    const wanted = this.sought.toLowerCase();
    return [...this.input.options].find((option) => option.value.toLowerCase().startsWith(wanted))?.value;
  }

  // What is typed while a value is being saved is meant for the cell that comes next.
  hold(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length > 1 && !["Enter", "Tab", "Backspace", "F2"].includes(event.key) && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    this.held.push({ key: event.key, shiftKey: event.shiftKey });
  }

  release() {
    while (this.held.length && !this.saving) {
      const { key, shiftKey } = this.held.shift();
      const { input } = this;
      if (input?.matches("textarea, input[type=text]") && (key.length === 1 || key === "Backspace")) {
        const at = input.selectionStart;
        const from = key === "Backspace" && at === input.selectionEnd ? Math.max(0, at - 1) : at;
        input.setRangeText(key === "Backspace" ? "" : key, from, input.selectionEnd, "end");
        input.dispatchEvent(new Event("input", { bubbles: true }));
      } else {
        (input ?? this.surface.activeNode)?.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
      }
    }
  }

  end(focus = true) {
    this.problem?.remove();
    this.choices?.close();
    const { holder } = this;
    Object.assign(this, { input: null, holder: null, problem: null, choices: null, picked: null, asking: false });
    holder?.remove();
    if (focus) this.surface.focus();
  }

  async save(down, right, focus = true) {
    const { row, index, was, field } = this.at;
    const typed = this.picked && this.picked.label === this.input.value ? this.picked.text : this.kept(textOf(this.input), was);
    const unchanged = !this.picked && this.input.value === this.began;
    if (this.sought && !this.soughtChoice()) {
      this.explain(new Error(`“${this.sought}” is none of the choices of “${field.name}”. Nothing was changed.`), typed);
      this.sought = "";
      return;
    }
    if (this.input.validity?.badInput) {
      this.explain(new Error(`Only a part of “${field.name}” is filled in. Nothing was changed; fill in the rest, or give up with Escape.`), typed);
      return;
    }
    this.saving = true;
    try {
      // A name that was typed stands for its record; which one that is the store judges.
      const stands = unchanged ? row : await this.send(typed, this.at.before, Boolean(field.link) && !this.picked);
      this.end(focus);
      if (down || right) this.surface.moveTo(stands + down, index + right);
    } catch (error) {
      this.held = [];
      this.explain(error, typed);
    } finally {
      this.saving = false;
    }
    this.release();
  }

  // A textarea knows one kind of line break; a value that has the other keeps it.
  kept(text, was) {
    return was.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
  }

  // Gives the row in which the record stands then.
  async send(typed, before, named = false) {
    const { row, index, record, field } = this.at;
    const values = { [field.name]: typed === "" ? null : typed };
    const links = named ? [field.name] : [];
    if (!record) return this.added(await post(this.addresses.records, { values, named: links, within: this.surface.rows.within }));
    const answer = await post(`${this.addresses.records}/${encodeURIComponent(record.id)}`, { values, was: { [field.name]: before }, named: links });
    const gone = answer.id === null;
    if (!gone) {
      this.surface.rows.replace(row, { id: answer.id, cells: answer.cells }, answer.others ? undefined : answer.version);
      this.surface.draw(row, row);
    }
    this.saved(answer.undo, field, index);
    if (answer.kept.length) toast(`“${field.name}” stayed as it was: the triggers of ${this.surface.place.dataset.name} do not take it.`);
    if (gone) toast(`Saved. ${this.surface.place.dataset.name} does not show this record any more.`, { action: "Undo", onAction: this.undo });
    // An SQL view may show what was changed in other records too.
    if (answer.others) dispatchEvent(new CustomEvent("records-changed", { cancelable: true, detail: answer.version }));
    return row;
  }

  // A value set without an input: a yes/no turned over, a cell emptied.
  async setValue(typed) {
    const { row, field: index } = this.surface.active;
    const record = this.surface.rows.at(row);
    const field = this.surface.fields[index];
    if (!record || !field?.writable) return false;
    this.at = { row, index, record, field, was: "", before: record.cells[index] };
    await this.send(typed, record.cells[index]);
    return true;
  }

  // What was typed stays in the input; the sentence stands beside it.
  explain(error, typed) {
    this.problem?.remove();
    if (!this.open) return;
    const { field } = this.at;
    const box = this.holder.getBoundingClientRect();
    const sight = this.surface.element.getBoundingClientRect();
    this.problem = Object.assign(document.createElement("div"), { className: "grid-problem", id: "grid-problem" });
    this.problem.setAttribute("role", "alert");
    const others = !this.at.record && error.body?.field && error.body.field !== field.name;
    this.problem.textContent = others ? `${error.message} “Add record” has all fields.` : error.message;
    if (error.status === 409 && error.body?.theirs) {
      this.asking = true;
      const theirs = error.body.theirs[field.name];
      this.problem.append(askWhich(field, theirs, typed, {
        theirs: () => { this.end(); this.surface.rows.renew(); },
        mine: async () => {
          try {
            await this.send(typed, theirs, Boolean(field.link) && !this.picked);
            this.end();
          } catch (again) { this.explain(again, typed); }
        },
      }));
    }
    this.problem.classList.toggle("is-above", box.bottom + 150 > sight.bottom);
    this.holder.classList.add("is-wrong");
    this.holder.append(this.problem);
    const beyond = this.problem.getBoundingClientRect().right - sight.right + 8;
    if (beyond > 0) this.problem.style.left = `${-beyond}px`;
    this.input.setAttribute("aria-invalid", "true");
    this.input.setAttribute("aria-describedby", this.problem.id);
    this.input.focus({ preventScroll: true });
    if (!this.asking) this.choices?.showUnder(this.problem.classList.contains("is-above") ? null : this.problem);
  }
}
