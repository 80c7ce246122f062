// Tells the program that this page is open, and the person when the program has ended.

const id = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
const PING = 20_000;
const RETRY = 2_000;
const here = ["127.0.0.1", "localhost"].includes(location.hostname);
let said = 0;
let timer;
let ended = null;
let gone = false;

// A browser sends a cookie to every port of an address, and takes one from each: another program there can
// put a device's session of its own in the place of this one's. What is kept here is of this port alone.
const device = new URL(import.meta.url).searchParams.get("device");
const OWN_PAGE = "/_desktop/";
const JOINING = 15 * 60_000; // ms that one may take to join

function isAnother() {
  try {
    const known = localStorage.getItem("desktop-device");
    const joining = Date.now() - Number(localStorage.getItem("desktop-joining")) < JOINING;
    if (known && known !== device && !joining) return true;
    localStorage.setItem("desktop-device", device);
    localStorage.removeItem("desktop-joining");
  } catch { /* A browser that keeps nothing compares nothing. */ }
  return false;
}
if (device && location.pathname !== OWN_PAGE && isAnother()) location.replace(`${OWN_PAGE}?another`);
document.querySelector("[data-go-on]")?.addEventListener("click", () => localStorage.setItem("desktop-device", device));

// Numbered, since a hello may arrive after the goodbye that follows it.
const message = (word) => `${word} ${id} ${++said}`;
const tell = (word) => fetch("/_desktop/presence", { method: "POST", body: message(word), keepalive: true, headers: { "Content-Type": "text/plain;charset=UTF-8" } });

async function speak(word) {
  clearTimeout(timer);
  if (gone) return;
  try {
    const answer = await tell(word);
    if (answer.ok && ended) comeBack();
    if (!answer.ok && ended) return showEnd("The program runs again. Open it from its icon to go on here.");
    timer = setTimeout(ping, PING);
  } catch {
    showEnd(here ? "The program has ended. This page comes back when it runs again." : "This is not shared any more, or the program has ended. This page comes back when it is shared again.");
    timer = setTimeout(ping, RETRY);
  }
}

// Where something is typed that is not saved, the page is left as it is: an application says so.
function comeBack() {
  if (dispatchEvent(new CustomEvent("answered-again", { cancelable: true }))) return location.reload();
  ended.remove();
  ended = null;
}

const ping = () => speak(document.hidden ? "hidden" : "ping");

function showEnd(sentence) {
  if (!ended) {
    ended = document.createElement("div");
    ended.setAttribute("role", "alert");
    Object.assign(ended.style, { position: "fixed", insetInline: "0", top: "0", zIndex: "2147483647", padding: "12px 16px", background: "#1b2220", color: "#ffffff", borderBottom: "1px solid #a5b2ae", font: "16px/1.4 system-ui, sans-serif", textAlign: "center" });
    document.body.append(ended);
  }
  ended.textContent = sentence;
}

// At once, since a page with a slow picture would be shown long before it is loaded; and again where
// Back shows a page that was left.
speak("hello");
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  gone = false;
  speak("hello");
});
addEventListener("pagehide", () => {
  clearTimeout(timer);
  // A page that goes also becomes hidden, and must not say so after its goodbye.
  gone = true;
  navigator.sendBeacon("/_desktop/presence", message("goodbye"));
});
document.addEventListener("visibilitychange", ping);
// An application that asks more often finds it out sooner, and leaves it to this page to say.
addEventListener("not-answered", (event) => {
  event.preventDefault();
  ping();
});
// A frozen page cannot speak again until it is looked at, nor one under a print dialog: they say
// beforehand that they may be silent.
const beSilent = () => { if (!gone) navigator.sendBeacon("/_desktop/presence", message("hidden")); };
document.addEventListener("freeze", beSilent);
document.addEventListener("resume", ping);
addEventListener("beforeprint", beSilent);
addEventListener("afterprint", ping);

// A window of its own has no browser that could take Ctrl+Q, on a Mac Cmd+Q: it does what the Quit
// button does. A page without one leads to the page that has it.
function quit() {
  const form = document.querySelector('form[method="post"][action="/_desktop/quit"]');
  if (form) form.requestSubmit();
  else location.assign(OWN_PAGE);
}
addEventListener("keydown", (event) => {
  const own = window.ownWindow || matchMedia("(display-mode: standalone)").matches;
  const held = /Mac/.test(navigator.platform) ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!own || !held || event.altKey || event.shiftKey || event.repeat || event.key.toLowerCase() !== "q") return;
  // The page may have a use of its own for the key.
  setTimeout(() => { if (!event.defaultPrevented) quit(); });
}, true);
