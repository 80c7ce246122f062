// One value in one field of all records that are chosen: a dialog that asks for both.
import { offerChoices } from "../js/links.js";
import { post } from "../js/send.js";
import { toast } from "../js/toast.js";
import { counted } from "./choosing.js";
import { makeEditor, textOf } from "./editor.js";
import { make } from "./filters.js";

const number = new Intl.NumberFormat("en");

// Gives what shows the button for a number of chosen records.
export function listenToChangeAll(button, fields, hooks) {
  const offered = fields.filter((field) => field.writable && !field.automatic && field.kind !== "blob");
  let count = 0;
  button?.addEventListener("click", () => {
    // The menu that it stands in would stay open behind the dialog.
    button.closest("details").open = false;
    new Dialog(offered, count, hooks);
  });
  return (chosen) => {
    count = chosen;
    if (!button) return;
    button.hidden = count < 2 || !offered.length;
    button.textContent = `Change ${number.format(count)} chosen records…`;
  };
}

class Dialog {
  constructor(fields, count, hooks) {
    // As they are now: what changes behind the dialog is told when it is sent.
    Object.assign(this, { fields, count, hooks, which: hooks.which() });
    this.field = make("select", { id: "change-all-field" }, ...fields.map((field) => new Option(field.name, field.name)));
    this.holder = make("div", { className: "change-all-value" });
    this.empty = make("input", { type: "checkbox" });
    this.problem = make("p", { className: "conditions-problem", hidden: true });
    this.problem.setAttribute("role", "alert");
    const cancel = make("button", { className: "button is-quiet", type: "button", textContent: "Cancel" });
    const form = make("form", { noValidate: true },
      make("h2", { id: "change-all-title", textContent: `Change ${counted(count)}` }),
      make("p", { className: "quiet", textContent: "This field gets the same value in all of them. It can be undone." }),
      make("div", {}, make("label", { className: "label", htmlFor: "change-all-field", textContent: "Field" }), this.field),
      this.holder,
      make("label", { className: "check" }, this.empty, " Leave it empty: no value"),
      this.problem,
      make("div", { className: "actions" }, make("button", { className: "button is-main", type: "submit", textContent: `Change ${counted(count)}` }), cancel));
    this.dialog = make("dialog", { className: "conditions change-all" }, form);
    this.dialog.setAttribute("aria-labelledby", "change-all-title");
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation());
    // The first Escape closes the list of records alone.
    this.dialog.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.input.getAttribute("aria-expanded") === "true") event.preventDefault(); }, true);
    this.dialog.addEventListener("close", () => { this.choices?.close(); this.dialog.remove(); hooks.back(); });
    this.field.addEventListener("change", () => this.adapt());
    this.empty.addEventListener("change", () => { this.holder.hidden = this.empty.checked; this.say(""); });
    cancel.addEventListener("click", () => this.dialog.close());
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    document.body.append(this.dialog);
    this.adapt();
    this.dialog.showModal();
    this.field.focus();
  }

  get chosenField() {
    return this.fields.find((field) => field.name === this.field.value);
  }

  adapt() {
    const field = this.chosenField;
    this.choices?.close();
    this.choices = null;
    this.picked = null;
    this.input = makeEditor(field, "");
    this.input.classList.remove("grid-edit");
    this.input.setAttribute("aria-label", `New value of ${field.name}`);
    this.holder.replaceChildren(make("span", { className: "label", textContent: "New value" }), this.input);
    this.say("");
    if (!field.link) return;
    this.choices = offerChoices(this.input, `${this.hooks.choices}?field=${encodeURIComponent(field.name)}`, (choice) => {
      const { value } = choice;
      this.picked = { text: String(value !== null && typeof value === "object" ? value.int : value), label: choice.label };
      this.input.value = choice.label;
    });
    this.dialog.append(document.getElementById(this.input.getAttribute("aria-controls"))); // over the dialog, not below it
    this.input.addEventListener("focus", () => this.choices?.show());
  }

  say(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = !sentence;
  }

  async send() {
    const field = this.chosenField;
    const value = textOf(this.input);
    if (this.input.validity?.badInput) return this.say(`Only a part of “${field.name}” is filled in.`);
    const picked = this.picked?.label === value ? this.picked.text : null;
    if (!this.empty.checked && value === "") return this.say(`Say the new value of “${field.name}”, or that it is left empty.`);
    const text = this.empty.checked ? null : picked ?? value;
    const button = this.dialog.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const answer = await post(`${this.hooks.address}/fill`, { ...this.which, field: field.name, text, named: Boolean(field.link) && picked === null });
      this.dialog.close();
      this.hooks.changed(answer.undo);
      toast(`${field.name} changed in ${counted(answer.count)}.`, { action: "Undo", onAction: this.hooks.undo });
    } catch (error) {
      this.say(error.message);
      if (error.status === 409) this.hooks.refused();
    } finally { button.disabled = false; }
    return undefined;
  }
}
