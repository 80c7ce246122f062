// The dialog that reads one code: live where the page may use the camera, else from a picture. Gives its
// text, or null where the person gave up. No picture leaves the device.
import { closeCamera, light, openCamera, watch } from "./camera.js";
import { choosePicture } from "./choosing.js";
import { readPicture } from "./picture.js";

const HELP_AFTER = 8_000;
const AIM = "Hold the code before the camera.";
const HELP = "Nothing found yet. Let the code fill half of the picture, in good light, and keep still.";
const NOTHING = "No code was found in this picture. Go nearer, so that the code fills half of it, sharp and in good light, and take another.";
const SEVERAL = "There are several codes. Which one is it?";
const TROUBLE = {
  NotAllowedError: "The camera was not allowed. Allow it for this page in the browser’s settings, or use a picture.",
  NotFoundError: "No camera was found. A picture of the code will do.",
  NotReadableError: "The camera is in use by something else. Close that, or use a picture.",
};
const NOT_READ = "The picture could not be read. Use another one.";
const OTHERWISE = "The camera did not start. A picture of the code will do.";

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const button = (textContent, act) => {
  const element = make("button", { type: "button", className: "button", textContent });
  element.addEventListener("click", act);
  return element;
};

export function scan(picture) {
  return new Promise((done) => new Scan(done).begin(picture));
}

class Scan {
  constructor(done) {
    const video = make("video", { muted: true, playsInline: true, hidden: true });
    video.setAttribute("aria-label", "What the camera sees");
    const status = make("p", { className: "scan-status" });
    status.setAttribute("role", "status");
    const choices = make("div", { className: "stack", hidden: true });
    const lamp = button("Light", () => this.turnLight());
    lamp.hidden = true;
    const other = button("Use a picture", async () => { const file = await choosePicture(); if (file) this.look(file); });
    const cancel = button("Cancel", () => this.end(null));
    const dialog = make(
      "dialog", { className: "scan" }, make("h2", { id: "scan-title", textContent: "Scan a code" }), video, status, choices,
      make("div", { className: "actions" }, other, lamp, cancel), make("p", { className: "quiet", textContent: "Pictures stay on this device." }),
    );
    dialog.setAttribute("aria-labelledby", "scan-title");
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.end(null); });
    Object.assign(this, { done, dialog, video, status, choices, lamp, other });
    document.body.append(dialog);
    dialog.showModal();
    cancel.focus();
  }

  begin(picture) {
    if (picture) this.look(picture);
    else this.live();
  }

  end(text) {
    this.ended = true;
    this.stop();
    this.dialog.close();
    this.dialog.remove();
    if (text) navigator.vibrate?.(60);
    this.done(text);
  }

  stop() {
    this.stopping?.abort();
    clearTimeout(this.helping);
    closeCamera(this.video);
    this.video.hidden = true;
    this.lamp.hidden = true;
  }

  say(sentence, isDanger = false) {
    this.status.textContent = sentence;
    this.status.classList.toggle("danger", isDanger);
  }

  async live() {
    this.say("Starting the camera…");
    const stopping = new AbortController();
    this.stopping = stopping;
    try {
      const hasLight = await openCamera(this.video);
      if (stopping.signal.aborted) return closeCamera(this.video);
      this.video.hidden = false;
      this.lamp.hidden = !hasLight;
      this.say(AIM);
      this.helping = setTimeout(() => this.say(HELP), HELP_AFTER);
      const text = await watch(this.video, stopping.signal);
      if (!stopping.signal.aborted) this.end(text);
    } catch (error) {
      if (stopping.signal.aborted) return undefined;
      this.stop();
      this.say(error.sentence ?? TROUBLE[error.name] ?? OTHERWISE, true);
    }
    return undefined;
  }

  async look(file) {
    this.stop();
    this.choices.hidden = true;
    this.say("Reading the picture…");
    this.other.disabled = true;
    try {
      const texts = await readPicture(file);
      if (this.ended) return;
      if (texts.length === 1) this.end(texts[0]);
      else if (texts.length) this.offer(texts);
      else this.say(NOTHING, true);
    } catch (error) {
      this.say(error.sentence ?? NOT_READ, true);
    }
    this.other.disabled = false;
    this.other.textContent = "Use another picture";
  }

  offer(texts) {
    this.say(SEVERAL);
    this.choices.replaceChildren(...texts.map((text) => { const each = button(text, () => this.end(text)); each.classList.add("is-wide"); return each; }));
    this.choices.hidden = false;
    this.choices.firstChild.focus();
  }

  async turnLight() {
    const on = this.lamp.getAttribute("aria-pressed") !== "true";
    if (await light(this.video, on)) this.lamp.setAttribute("aria-pressed", String(on));
  }
}
