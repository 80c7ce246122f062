// While the file is shared: asks, for the page that is looked at, whether somebody changed it, and shows
// that. The grid takes the new records in by itself; a page with unsaved words only says so.
import { get } from "./send.js";
import { toast } from "./toast.js";

const LOOK = 1_200;
const { changes } = document.querySelector("script[data-changes]").dataset;
let version = null;

const isTyped = () => [...document.querySelectorAll("form[data-keep]")].some((form) => "changed" in form.dataset || [...form.elements].some((field) => field.value !== undefined && field.localName !== "select" && !["hidden", "submit"].includes(field.type) && field.value !== field.defaultValue));
const isBusy = () => isTyped() || document.activeElement?.matches("input, textarea, select") || document.querySelector("details.menu[open], dialog[open]");

async function look() {
  try {
    const { version: now } = document.hidden ? { version } : await get(changes);
    if (version !== null && now !== version) changed(now);
    version = now;
  } catch { /* Not reached, or not allowed any more: the next request of the person says why. */ }
  setTimeout(look, LOOK);
}

function changed(now) {
  // Whoever shows the records itself takes the event.
  if (!dispatchEvent(new CustomEvent("records-changed", { cancelable: true, detail: now }))) return;
  if (document.querySelector("[data-live]") && !isBusy()) location.reload();
  else if (document.querySelector("[data-live]")) toast("Somebody changed something here.", { action: "Show it", onAction: () => location.reload(), seconds: 30 });
}

look();
