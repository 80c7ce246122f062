// The view that the address bar names: sort, filter, and words to search for.

export function readView() {
  const given = new URLSearchParams(location.search);
  const list = (name) => {
    try {
      const value = JSON.parse(given.get(name) ?? "[]");
      return Array.isArray(value) ? value : [];
    } catch { return []; }
  };
  return { sort: list("sort"), filter: list("filter"), q: given.get("q") ?? "" };
}

export function viewParameters(view) {
  const parameters = new URLSearchParams();
  if (view.sort.length) parameters.set("sort", JSON.stringify(view.sort));
  if (view.filter.length) parameters.set("filter", JSON.stringify(view.filter));
  if (view.q) parameters.set("q", view.q);
  return parameters;
}

export function writeView(view, { replace = false } = {}) {
  const text = viewParameters(view).toString();
  const address = text ? `${location.pathname}?${text}` : location.pathname;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
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
