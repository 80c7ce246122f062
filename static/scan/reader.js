// The worker that reads codes, with the vendored zxing-wasm. This file alone is answered with a policy
// that lets it compile WebAssembly; no page is.
import { prepareZXingModule, readBarcodes } from "../vendor/zxing-wasm/es/reader/index.js";
import { grey, painted, sharpened, turned } from "./grey.js";

const FORMATS = ["EAN13", "EAN8", "UPCA", "UPCE", "Code128", "Code39", "ITF", "QRCode", "DataMatrix"];
const SQUARE = ["QRCode", "DataMatrix"];
const OPTIONS = { formats: FORMATS, tryHarder: true, tryRotate: true, tryInvert: true, tryDownscale: true, maxNumberOfSymbols: 8, textMode: "Plain" };
const CHANGED = { turned, sharp: sharpened };

async function load() {
  const answer = await fetch(new URL("../vendor/zxing-wasm/reader/zxing_reader.wasm", import.meta.url));
  if (!answer.ok) throw new Error(answer.statusText);
  const wasmBinary = await answer.arrayBuffer();
  return prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
}
const loaded = load();
loaded.catch(() => { /* Told with each answer. */ });

function off({ topLeft, bottomRight }, { width, height }) {
  return Math.hypot((topLeft.x + bottomRight.x - width) / 2, (topLeft.y + bottomRight.y - height) / 2);
}

async function read({ data, width, height, effort }) {
  await loaded;
  const given = { data, width, height };
  const image = CHANGED[effort] ? painted(CHANGED[effort](grey(given))) : given;
  const found = await readBarcodes(image, OPTIONS);
  return found
    .filter((each) => each.isValid && each.text)
    .map((each) => ({ text: each.text, square: SQUARE.includes(each.symbology), off: off(each.position, image) }));
}

addEventListener("message", async ({ data }) => {
  try {
    postMessage({ id: data.id, found: await read(data) });
  } catch {
    postMessage({ id: data.id, failed: true });
  }
});
