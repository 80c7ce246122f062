// Codes in one picture: the quick ways first, then those that turn, sharpen or look closer.
import { Unreadable, nativeDetector, pixels, readPixels } from "./reading.js";

const USUAL = 1600; // pixels of the longer side
const CLOSER = 3200;

// The texts of all codes that the first way finds; none where no way does. Throws Unreadable.
export async function readPicture(file) {
  const picture = await createImageBitmap(file).catch(() => { throw new Unreadable("This is not a picture that the browser can show. Take another."); });
  const { width, height } = picture;
  const read = (longest, effort) => readPixels(pixels(picture, width, height, longest), effort);
  const ways = [
    async () => (await nativeDetector())?.(picture) ?? [],
    () => read(USUAL, "plain"),
    () => (Math.max(width, height) > USUAL * 1.2 ? read(CLOSER, "plain") : []),
    () => read(USUAL, "turned"),
    () => read(USUAL, "sharp"),
  ];
  try {
    for (const way of ways) {
      const found = await way();
      if (found.length) return [...new Set(found.map((each) => each.text))];
    }
    return [];
  } finally {
    picture.close();
  }
}
