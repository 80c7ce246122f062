// A record's file. Where the record is there, it is sent as soon as it is chosen, taken with the camera
// or dropped on its place, and that place alone is brought up to date: what is typed elsewhere stays.
// A new record takes its files along when it is saved.
import { upload } from "./send.js";
import { toast } from "./toast.js";

const placeOf = (event) => event.target.closest?.("[data-file-place]");
const inputsOf = (place) => [...place.querySelectorAll("input[type=file]")];
const sizes = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const large = (bytes) => (bytes < 1e6 ? `${sizes.format(Math.max(bytes / 1e3, 0.1))} kB` : `${sizes.format(bytes / 1e6)} MB`);
let sending = 0;

const make = (tag, properties, attributes = {}) => {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

// What stands in a place beside what the server put there: a refusal, how far it is, what was chosen.
function say(place, ...said) {
  place.querySelector(".file-said")?.remove();
  if (!said.length) return;
  const box = make("div", { className: "file-said" });
  box.append(...said);
  place.append(box);
}

const refuse = (place, sentence) => say(place, make("p", { className: "wrong", textContent: sentence }, { role: "alert" }));

function progress(place, what) {
  const bar = make("progress", { max: 1, value: 0 }, { "aria-label": what });
  const text = make("p", { className: "quiet", textContent: `${what}…` });
  const stop = make("button", { className: "button", type: "button", textContent: "Stop" });
  say(place, text, bar, stop);
  const told = (done, total) => {
    bar.value = total ? done / total : 0;
    text.textContent = done < total ? `${what}: ${large(done)} of ${large(total)}` : `${what}: almost done…`;
  };
  return { told, stop };
}

const tooLarge = (place, file) => (file.size > Number(place.dataset.most) ? `${file.name} has ${large(file.size)}; ${large(Number(place.dataset.most))} is the most that this field takes. Nothing was changed.` : null);

// --- a record that is there

async function send(place, file) {
  const { fileField, data } = ask(place);
  if (file) data.append("file", file, file.name);
  else data.append("remove", "1");
  const { told, stop } = progress(place, file ? `Sending ${file.name}` : `Taking the file out of ${fileField}`);
  place.setAttribute("aria-busy", "true");
  sending += 1;
  try {
    const answer = await upload(place.dataset.put, data, told, stop);
    bring(place, answer, file);
  } catch (error) {
    refuse(place, error.message);
  } finally {
    sending -= 1;
    place.removeAttribute("aria-busy");
    for (const input of inputsOf(place)) input.value = "";
  }
}

function ask(place) {
  const data = new FormData();
  data.append("_token", place.closest("form").elements.namedItem("_token")?.value ?? "");
  data.append("field", place.dataset.filePlace);
  return { fileField: place.dataset.filePlace, data };
}

function bring(place, { page, status }, file) {
  const fresh = page?.getElementById(place.id);
  if (status !== 200 || !fresh) {
    refuse(place, sentenceOf(page));
    return;
  }
  dispatchEvent(new CustomEvent("record-brought", { detail: page }));
  const form = place.closest("form");
  const name = place.dataset.beside;
  const [text, was] = ["f", "was"].map((part) => name && form.elements.namedItem(`${part}:${name}`));
  const now = [...page.querySelectorAll("input[type=hidden]")].find((each) => each.name === `was:${name}`)?.value;
  if (text && was && now !== undefined) {
    // Who typed a name of their own keeps it.
    if (text.value === text.defaultValue) text.value = now;
    text.defaultValue = now;
    was.value = now;
  }
  const focused = place.contains(document.activeElement) || document.activeElement === document.body;
  place.replaceWith(document.adoptNode(fresh));
  if (focused) inputsOf(fresh)[0]?.focus();
  toast(file ? `${file.name} is saved.` : "The file is taken out.");
}

const sentenceOf = (page) => page?.querySelector('[role="alert"] p, [role="alert"], main p')?.textContent.trim() || "The program refused this. Nothing was changed.";

// --- a new record

function keep(place, file, from) {
  // One input of a place holds the file: the others would send theirs as well.
  for (const input of inputsOf(place)) if (input !== from) input.value = "";
  const away = make("button", { className: "button", type: "button", textContent: "Not this one" });
  away.addEventListener("click", () => {
    from.value = "";
    say(place);
    from.focus();
  });
  const name = make("p", { className: "file-words wrap", textContent: `${file.name} ` });
  name.append(make("span", { className: "quiet", textContent: large(file.size) }));
  say(place, name, away);
}

async function sendAll(form, places, button) {
  const { told, stop } = progress(places[0], "Saving the record with its files");
  sending += 1;
  for (const place of places) place.setAttribute("aria-busy", "true");
  try {
    const { page, status, address } = await upload(form.action, new FormData(form, button), told, stop);
    if (status === 200) {
      sending -= 1;
      location.assign(address);
      return;
    }
    mark(form, page);
  } catch (error) {
    toast(error.message, { danger: true });
  }
  sending -= 1;
  form.dispatchEvent(new CustomEvent("refused"));
  for (const place of places) {
    place.removeAttribute("aria-busy");
    const input = inputsOf(place).find((each) => each.files.length);
    if (input) keep(place, input.files[0], input);
    else say(place);
  }
}

// Takes over what the answer says of each field. The inputs stay, and with them the chosen files.
function mark(form, page) {
  const answer = page?.querySelector("form[data-keep]");
  form.querySelector(":scope > [role=alert]")?.remove();
  const told = answer?.querySelector(":scope > [role=alert]") ?? make("p", { className: "notice is-danger", textContent: sentenceOf(page) }, { role: "alert" });
  told.querySelector("[data-files-lost]")?.remove();
  form.prepend(document.adoptNode(told));
  const fresh = [...(answer?.querySelectorAll(":scope > .field") ?? [])];
  form.querySelectorAll(":scope > .field").forEach((field, number) => {
    const now = fresh[number];
    if (!now) return;
    field.className = now.className;
    field.querySelector(":scope > .wrong")?.remove();
    for (const input of field.querySelectorAll("[id]")) {
      const other = [...now.querySelectorAll("[id]")].find((each) => each.id === input.id);
      for (const name of ["aria-invalid", "aria-describedby"]) {
        if (other?.hasAttribute(name)) input.setAttribute(name, other.getAttribute(name));
        else input.removeAttribute(name);
      }
    }
    const wrong = now.querySelector(":scope > .wrong");
    if (wrong) field.append(document.adoptNode(wrong));
  });
  const first = form.querySelector("[aria-invalid]");
  if (first) first.focus();
  else told.scrollIntoView({ block: "nearest" });
}

// --- what a person does

function take(place, file, from) {
  const why = tooLarge(place, file);
  if (why) {
    from.value = "";
    refuse(place, why);
  } else if (place.dataset.put) send(place, file);
  else keep(place, file, from);
}

addEventListener("change", (event) => {
  const place = event.target.type === "file" && placeOf(event);
  if (!place || place.ariaBusy === "true") return;
  if (event.target.files.length) take(place, event.target.files[0], event.target);
  else say(place);
});
addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-take-out]");
  const place = button && placeOf(event);
  if (place && place.ariaBusy !== "true") send(place, null);
});
addEventListener("dragover", (event) => {
  const place = placeOf(event);
  if (!place) return;
  event.preventDefault();
  place.classList.add("is-over");
});
addEventListener("dragleave", (event) => placeOf(event)?.classList.remove("is-over"));
addEventListener("drop", (event) => {
  const place = placeOf(event);
  if (!place) return;
  event.preventDefault();
  place.classList.remove("is-over");
  const { files } = event.dataTransfer;
  if (!files.length || place.ariaBusy === "true") return;
  const [input] = inputsOf(place);
  if (files.length === 1) input.files = files;
  else refuse(place, "A field takes one file. Drop them one by one.");
  if (files.length === 1) take(place, files[0], input);
});
addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
addEventListener("submit", (event) => {
  const places = [...event.target.querySelectorAll("[data-file-place]")];
  if (event.defaultPrevented || !places.length) return;
  const full = places.filter((place) => inputsOf(place).some((input) => input.files.length));
  if (!sending && !full.length) return;
  event.preventDefault();
  if (sending) {
    toast("A file is still being sent. Save when it is there.");
    event.target.dispatchEvent(new CustomEvent("refused"));
  } else sendAll(event.target, full, event.submitter);
});
