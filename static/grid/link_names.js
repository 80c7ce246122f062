// What the keys of links in a view's conditions are called: “Author is 1” says nothing to a person.
import { get } from "../js/send.js";
import { leaves } from "./conditions.js";

const keyOf = (value) => String(value !== null && typeof value === "object" ? value.int : value);

export class LinkNames {
  // `learned` is called once a name is known that was not.
  constructor(address, fields, learned) {
    Object.assign(this, { address, fields, learned });
    this.known = new Map();
  }

  of({ field, first }) {
    return this.known.get(`${field}\n${first}`) ?? null;
  }

  // Asks for those that are not known; each is asked for once.
  async learn(filter) {
    const links = leaves(filter).filter(([field, op, value]) => ["is", "is_not"].includes(op) && value && this.fields.find((each) => each.name === field)?.link);
    const asked = links.filter(([field, , value]) => !this.known.has(`${field}\n${value}`));
    for (const [field, , value] of asked) this.known.set(`${field}\n${value}`, null);
    const found = await Promise.all(asked.map(([field, , value]) => this.find(field, String(value)).catch(() => false)));
    if (found.some(Boolean)) this.learned();
  }

  async find(field, value) {
    const { choices } = await get(`${this.address}?field=${encodeURIComponent(field)}&text=${encodeURIComponent(value)}`);
    const label = choices.find((each) => keyOf(each.value) === value)?.label;
    if (!label || label === value) return false;
    this.known.set(`${field}\n${value}`, label);
    return true;
  }
}
