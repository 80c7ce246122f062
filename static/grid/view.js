// The view that the address bar names: one that was saved, if it has a name, and what is different from
// it: sort, filter, words to search for, and fields that are hidden.

const NOTHING = { name: "", sort: [], filter: [], q: "", hide: [] };
const PARTS = ["sort", "filter", "q", "hide"];

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const named = (name, saved) => saved.find((each) => each.name === name);

export function savedView(name, saved) {
  const { sort, filter, q, hide } = named(name, saved) ?? NOTHING;
  return { name: named(name, saved) ? name : "", sort, filter, q, hide };
}

// `missing` is the name of a view that is not there any more.
export function readView(saved) {
  const given = new URLSearchParams(location.search);
  const name = given.get("view") ?? "";
  const view = savedView(name, saved);
  for (const part of PARTS) {
    if (!given.has(part)) continue;
    if (part === "q") view.q = given.get("q");
    else view[part] = list(given.get(part));
  }
  return view.name === name ? view : { ...view, missing: name };
}

function list(text) {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch { return []; }
}

// What the server is asked: all of the view's question, whatever its name.
export function viewParameters(view) {
  const parameters = new URLSearchParams();
  if (view.sort.length) parameters.set("sort", JSON.stringify(view.sort));
  if (view.filter.length) parameters.set("filter", JSON.stringify(view.filter));
  if (view.q) parameters.set("q", view.q);
  return parameters;
}

export function viewAddress(view, saved) {
  const from = savedView(view.name, saved);
  const parameters = new URLSearchParams();
  if (from.name) parameters.set("view", from.name);
  for (const part of PARTS) if (!same(view[part], from[part])) parameters.set(part, part === "q" ? view.q : JSON.stringify(view[part]));
  const text = parameters.toString();
  return text ? `${location.pathname}?${text}` : location.pathname;
}

export function writeView(view, saved, { replace = false } = {}) {
  const address = viewAddress(view, saved);
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

export function isChanged(view, saved) {
  const from = savedView(view.name, saved);
  return PARTS.some((part) => !same(view[part], from[part]));
}

export function sortOf(view, field) {
  const index = view.sort.findIndex((each) => each === field || each === `-${field}`);
  if (index < 0) return null;
  return { index, descending: view.sort[index] !== field };
}

// Ascending, descending, none; with `add` beside the fields that sort already.
export function toggleSort(view, field, add) {
  const now = sortOf(view, field);
  const next = !now ? field : now.descending ? null : `-${field}`;
  const others = add ? view.sort.filter((each) => each !== field && each !== `-${field}`) : [];
  return { ...view, sort: next ? [...others, next] : others };
}
