// A Scan button beside what a code can be put into, where there is a camera. What reads codes is loaded
// when it is pressed.
import { toast } from "../js/toast.js";
import { choosePicture } from "./choosing.js";

const FIELDS = 'form[data-keep] .field > :is(textarea:not(.is-long), input:is(:not([type]), [type="text"], [type="url"], [type="tel"]))[name^="f:"]:not([readonly], [data-link], [placeholder], [inputmode="decimal"])';
const SEARCHES = "#search-all, [data-grid-search]";
const ICON = "M3 8V5a2 2 0 0 1 2-2h3M16 3h3a2 2 0 0 1 2 2v3M21 16v3a2 2 0 0 1-2 2h-3M8 21H5a2 2 0 0 1-2-2v-3M7 8v8M10.5 8v8M13 8v8M17 8v8";
const SVG = "http://www.w3.org/2000/svg";

async function hasCamera() {
  if (matchMedia("(pointer: coarse)").matches) return true;
  const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []);
  return devices?.some((each) => each.kind === "videoinput") ?? false;
}

function icon() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  svg.firstChild.setAttribute("d", ICON);
  return svg;
}

function addButton(input, label, use) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button is-quiet scan-button", title: label });
  button.setAttribute("aria-label", label);
  button.append(icon());
  button.addEventListener("click", () => press(use));
  input.parentElement.classList.add("has-scan");
  input.classList.add("scan-input");
  input.after(button);
}

// The browser asks for a picture only while it is answering the press itself, so before anything is loaded.
async function press(use) {
  const live = isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);
  const picture = live ? null : await choosePicture();
  if (!live && !picture) return;
  try {
    const { scan } = await import("./scan.js");
    const code = await scan(picture);
    if (code) await use(code, () => press(use));
  } catch (error) {
    toast(error instanceof TypeError ? "What reads codes did not arrive. Reload the page." : error.message, { danger: true });
  }
}

function fill(input, code) {
  input.value = code;
  for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
  input.focus();
  toast(`Scanned: ${code}`);
}

async function find(input, code, again) {
  const { find: ask } = await import("./find.js");
  await ask(input, code, again);
}

async function begin() {
  if (!(await hasCamera())) return;
  for (const input of document.querySelectorAll(SEARCHES)) addButton(input, "Scan a code to find its record", (code, again) => find(input, code, again));
  for (const input of document.querySelectorAll(FIELDS)) addButton(input, `Scan a code into ${input.name.slice(2)}`, (code) => fill(input, code));
}

begin();
