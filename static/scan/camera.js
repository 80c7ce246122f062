// The live camera: opened, looked at until it shows a code, and closed.
import { nativeDetector, pixels, readPixels } from "./reading.js";

const LONGEST = 1280; // pixels of a frame's longer side
const PAUSE = 60;
const EFFORTS = ["plain", "plain", "turned", "sharp"];

// Gives whether it has a light. Throws what the browser throws where it has no camera or may not use it.
export async function openCamera(video) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } },
  });
  video.srcObject = stream;
  await video.play();
  return Boolean(stream.getVideoTracks()[0].getCapabilities?.().torch);
}

export function closeCamera(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

export async function light(video, on) {
  try {
    await video.srcObject.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
    return true;
  } catch {
    return false;
  }
}

// Bars without a strong check are taken once they were read twice.
export async function watch(video, signal) {
  const native = await nativeDetector();
  let before = null;
  for (let turn = 0; !signal.aborted; turn += 1) {
    const found = native ? await native(video) : await readPixels(pixels(video, video.videoWidth, video.videoHeight, LONGEST), EFFORTS[turn % EFFORTS.length]);
    const [nearest] = found.sort((one, other) => one.off - other.off);
    if (nearest && (nearest.square || nearest.text === before)) return nearest.text;
    before = nearest?.text ?? before;
    await new Promise((done) => { setTimeout(done, PAUSE); });
  }
  return null;
}
