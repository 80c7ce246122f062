// From a record to the one before and after it: in the view that the tab came from, else in the whole table.
import { get } from "./send.js";

const place = document.querySelector("[data-neighbours]");
const table = new URL(place.dataset.neighbours, location.href).pathname; // as the grid's page has it
const name = `view:${table}`; // kept by the grid when it is left

// Who came from elsewhere asks for the whole table, not for a view of an hour ago.
function lastView() {
  const from = document.referrer ? new URL(document.referrer) : null;
  try {
    if (from?.origin === location.origin && (from.pathname === table || from.pathname.startsWith(`${table}/`))) return sessionStorage.getItem(name) ?? "";
    sessionStorage.removeItem(name);
  } catch { /* Without storage there is the whole table. */ }
  return "";
}

async function find(view) {
  const asked = new URLSearchParams(view);
  asked.set("id", place.dataset.id);
  const { position } = await get(`${place.dataset.position}?${asked}`);
  if (position === null) return null;
  const start = Math.max(position - 1, 0);
  asked.delete("id");
  asked.set("start", start);
  asked.set("count", 3);
  const { rows, total } = await get(`${place.dataset.rows}?${asked}`);
  const here = position - start;
  return rows[here]?.id === place.dataset.id ? { before: rows[here - 1], after: rows[here + 1], position, total } : null;
}

function lead(link, record) {
  if (record) link.href = `${table}/records/${encodeURIComponent(record.id)}`;
  else link.setAttribute("aria-disabled", "true");
}

const number = new Intl.NumberFormat("en");
const view = lastView();
try {
  const found = await find(view) ?? (view ? await find("") : null);
  if (found && found.total > 1) {
    const [before, after] = place.querySelectorAll("a");
    lead(before, found.before);
    lead(after, found.after);
    place.querySelector("span").textContent = `${number.format(found.position + 1)} of ${number.format(found.total)}`;
    place.hidden = false;
  }
} catch { /* The record can be read without its neighbours. */ }
