// Reads codes out of pixels: by the browser's own detector where it has one, else by the vendored one in
// a worker, so that the page stays alive. A code is { text, square, off }: whether it is a square of
// points, and how far off the middle of the picture it lies.

const NATIVE = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf", "qr_code", "data_matrix"];
const SQUARE = ["qr_code", "data_matrix"];
const UNREACHED = "What reads codes did not arrive, or this browser is too old for it. Reload the page.";

export class Unreadable extends Error {
  constructor(sentence) {
    super(sentence);
    this.sentence = sentence;
  }
}

export const plain = (text) => text.replace(/[\p{Cc}]+/gu, " ").trim();

let asked;
export function nativeDetector() {
  asked ??= findNative().catch(() => null);
  return asked;
}

async function findNative() {
  const known = (await globalThis.BarcodeDetector?.getSupportedFormats()) ?? [];
  if (!NATIVE.every((each) => known.includes(each))) return null;
  const detector = new BarcodeDetector({ formats: NATIVE });
  return async (source) => {
    const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
    const found = await detector.detect(source).catch(() => []);
    return found.map(({ rawValue, format, boundingBox: box }) => ({
      text: plain(rawValue),
      square: SQUARE.includes(format),
      off: Math.hypot(box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2),
    })).filter((each) => each.text);
  };
}

const canvas = document.createElement("canvas");
const paper = canvas.getContext("2d", { willReadFrequently: true });
export function pixels(source, width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  paper.drawImage(source, 0, 0, canvas.width, canvas.height);
  return paper.getImageData(0, 0, canvas.width, canvas.height);
}

let worker;
let last = 0;
const waiting = new Map();

function start() {
  const started = new Worker(new URL("reader.js", import.meta.url), { type: "module" });
  started.addEventListener("message", ({ data: { id, found, failed } }) => {
    const { done, refuse } = waiting.get(id);
    waiting.delete(id);
    if (failed) refuse(new Unreadable(UNREACHED));
    else done(found.map((each) => ({ ...each, text: plain(each.text) })).filter((each) => each.text));
  });
  started.addEventListener("error", () => {
    worker = undefined;
    for (const { refuse } of waiting.values()) refuse(new Unreadable(UNREACHED));
    waiting.clear();
  });
  return started;
}

// `effort`: plain, turned (by half a right angle), or sharp. Throws Unreadable.
export function readPixels(image, effort) {
  worker ??= start();
  last += 1;
  const id = last;
  const { data, width, height } = image;
  return new Promise((done, refuse) => {
    waiting.set(id, { done, refuse });
    worker.postMessage({ id, data, width, height, effort }, [data.buffer]);
  });
}
