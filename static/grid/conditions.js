// A view's conditions as a person sees them, and as the address has them: a list that holds where all
// do, of [field, operator, value] and of groups, {"any": [...]} or {"all": [...]}.

const WORDS = {
  contains: "contains", is: "is", is_not: "is not", starts: "begins with", between: "is between", gte: "is at least", lte: "is at most",
  gt: "is more than", lt: "is less than", empty: "is empty", not_empty: "is not empty", is_date: "is a date", not_date: "is not a date",
};
const DATE_WORDS = { gte: "is on or after", lte: "is on or before", gt: "is after", lt: "is before" };
const SEVERAL_WORDS = { is: "has", is_not: "has not" };
const TEXTS = ["text", "long", "choice", "choices", "web", "email", "phone"];
const NEITHER_OF_DATES = ["is_date", "not_date"];
const EITHER = ["empty", "not_empty"];
export const NEITHER = [...EITHER, ...NEITHER_OF_DATES];
export const isDate = (field) => field.kind === "date" || field.kind === "datetime";
export const word = (op, field) => (field && isDate(field) && DATE_WORDS[op]) || (field?.kind === "choices" && SEVERAL_WORDS[op]) || WORDS[op] || op;

export function offered(field) {
  if (field.link) return ["contains", "is", "is_not", ...EITHER];
  if (field.kind === "boolean" || field.choices?.length) return ["is", "is_not", ...EITHER];
  if (TEXTS.includes(field.kind)) return ["contains", "is", "is_not", "starts", ...EITHER];
  return ["is", "between", "gte", "lte", "gt", "lt", "is_not", "contains", ...EITHER, ...(isDate(field) ? NEITHER_OF_DATES : [])];
}

const isGroup = (listed) => !Array.isArray(listed);
// An address may hold anything; what is no condition the server refuses, in words.
const inside = (group) => [group?.any, group?.all].find(Array.isArray) ?? [];

// Every condition, whatever group it stands in.
export const leaves = (listed) => listed.flatMap((each) => (isGroup(each) ? leaves(inside(each)) : [each]));

// Two conditions of one field, from and up to, are "between" for a person: one item. `places` says
// which of the list it came from.
export function itemsOf(listed, any = false) {
  const items = [];
  const used = new Set();
  listed.forEach((each, place) => {
    if (used.has(place)) return;
    if (isGroup(each)) {
      const either = Boolean(each?.any);
      const of = itemsOf(inside(each), either);
      const one = !either && of.length === 1 && of[0].op === "between";
      items.push(one ? { ...of[0], places: [place] } : { any: either, items: of, places: [place] });
      return;
    }
    const [field, op, first] = each;
    const other = any || !["gte", "lte"].includes(op) ? -1 : listed.findIndex((one, at) => at > place && !used.has(at) && !isGroup(one) && one[0] === field && one[1] === (op === "gte" ? "lte" : "gte"));
    if (other < 0) {
      items.push({ field, op, first, second: "", places: [place] });
      return;
    }
    used.add(other);
    const [from, to] = op === "gte" ? [each, listed[other]] : [listed[other], each];
    items.push({ field, op: "between", first: from[2], second: to[2], places: [place, other] });
  });
  return items;
}

export function writeCondition({ field, op, first, second }) {
  if (NEITHER.includes(op)) return [[field, op, ""]];
  if (op !== "between") return first ? [[field, op, first]] : [];
  return [...(first ? [[field, "gte", first]] : []), ...(second ? [[field, "lte", second]] : [])];
}

function listOf(items, any) {
  return items.flatMap((item) => {
    if (item.items) return [{ [item.any ? "any" : "all"]: listOf(item.items, item.any) }];
    const written = writeCondition(item);
    return any && written.length > 1 ? [{ all: written }] : written;
  });
}

// The whole of a view's conditions as one group, and back.
export function groupOf(filter) {
  const [only] = filter;
  if (filter.length === 1 && isGroup(only)) return { any: Boolean(only?.any), items: itemsOf(inside(only), Boolean(only?.any)) };
  return { any: false, items: itemsOf(filter) };
}

export function filterOf({ any, items }) {
  return any && items.length > 1 ? [{ any: listOf(items, true) }] : listOf(items, false);
}

// As many as a person sees.
export const countItems = (items) => items.reduce((count, item) => count + (item.items ? countItems(item.items) : 1), 0);

// `named` gives the name of the record that a link's key stands for, where it is known.
export function told(item, fields, named = () => null) {
  if (item.items) {
    return item.items.map((each) => (each.items?.length > 1 ? `(${told(each, fields, named)})` : told(each, fields, named))).join(item.any ? " or " : " and ");
  }
  const field = fields.find((each) => each.name === item.field);
  const values = item.op === "between" ? `${item.first} and ${item.second}` : (field?.link && named(item)) || item.first;
  return `${item.field} ${word(item.op, field)} ${values}`.trim();
}
