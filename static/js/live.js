// Asks, for a page that is looked at, whether the file was changed elsewhere, and brings what it shows
// up to date: all the time while the file is shared, otherwise when a person comes back to it. The grid
// takes records in by itself; under the hands of who types nothing is changed, only said.
import { get } from "./send.js";
import { toast } from "./toast.js";

const LOOK = 1_200;
const LATER = 12_000; // once it was refused
const MISSES = 3; // in a row, before it is said: a single one may be the network's
const { changes, shared } = document.querySelector("script[data-changes]").dataset;
const lists = () => document.querySelectorAll("[data-live]");
const form = document.querySelector("form[data-live-told]");
const door = document.querySelector("[data-waiting]");
let version = form ? Number(form.dataset.version) : null;
let seen = form?.dataset.liveTold;
let missed = 0;
let asking = false;

async function fetched() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

// Of what it shows; none where the record is gone.
function markOf(page) {
  return page?.querySelector("form[data-live-told]")?.dataset.liveTold ?? null;
}

async function look() {
  if (asking) return;
  asking = true;
  try {
    const { version: now, waiting } = document.hidden ? { version } : await get(changes);
    if (door && waiting !== undefined) tellWaiting(waiting);
    if (version !== null && now !== version) await changed(now);
    version = now;
    if (missed >= MISSES && !document.hidden) toast("It answers again.");
    if (!document.hidden) missed = 0;
    if (shared) setTimeout(look, LOOK);
  } catch (error) {
    // Alone, the shell says by itself that the program has ended.
    if (!shared) return;
    missed += 1;
    if (missed === MISSES) notAnswered(error);
    setTimeout(look, isRefusal(error) && missed >= MISSES ? LATER : LOOK);
  } finally {
    asking = false;
  }
}

// A proxy whose program does not run answers 502 for it.
const isRefusal = (error) => error.status >= 400 && error.status < 500;

// Otherwise what is shown would pass for what is there now.
function notAnswered(error) {
  // The shell says by itself that the program has ended.
  if (!isRefusal(error) && !dispatchEvent(new CustomEvent("not-answered", { cancelable: true }))) return;
  const sentence = isRefusal(error) ? error.message : "The program does not answer. What you see here may be old.";
  toast(sentence, { danger: true, action: "Load again", onAction: () => location.reload(), seconds: 86_400 });
}

async function changed(now) {
  // Whoever shows the records itself takes the event.
  if (!dispatchEvent(new CustomEvent("records-changed", { cancelable: true, detail: now }))) return;
  if (!form && !lists().length) return;
  const page = await fetched();
  if (form) tell(markOf(page));
  const fresh = page?.querySelectorAll("[data-live]") ?? [];
  lists().forEach((list, number) => {
    if (fresh[number] && !list.contains(document.activeElement)) list.replaceWith(document.adoptNode(fresh[number].cloneNode(true)));
  });
}

function tell(mark) {
  if (mark === seen) return;
  seen = mark;
  const again = () => location.reload();
  const who = shared ? "Somebody" : "Another page";
  toast(`${who} ${mark === null ? "deleted" : "changed"} this record.`, { action: "Show it", onAction: again, seconds: 60 });
}

// Devices that wait for the owner's yes, who may be at work on any page; null once nothing is shared.
function tellWaiting(now) {
  door.hidden = now === null;
  const before = Number(door.dataset.waiting);
  if (now === null || now === before) return;
  door.dataset.waiting = now;
  const word = Object.assign(document.createElement("span"), { className: "bar-word", textContent: "Shared:" });
  door.replaceChildren(...(now ? [word, ` ${now} ${now === 1 ? "waits" : "wait"}`] : ["Shared"]));
  // What stands there may be the way back from a mistake.
  if (now > before && !document.querySelector("#toasts > *")) toast("A device wants to join.", { action: "Look", onAction: () => location.assign(door.href), seconds: 30 });
}

// What this page did itself, and shows already.
addEventListener("record-brought", (event) => { seen = markOf(event.detail); });
// A page that came with its version is as new as the file.
if (shared || version === null) look();
if (!shared) {
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
}
