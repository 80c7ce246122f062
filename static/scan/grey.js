// Pictures in shades of grey, turned or sharpened: what the reader of codes cannot make up for itself.

const REACH = 3; // pixels each way whose mean is taken for blurred
const SHARPER = 5;

export function grey({ data, width, height }) {
  const shades = new Float32Array(width * height);
  for (let at = 0, from = 0; at < shades.length; at += 1, from += 4) shades[at] = data[from] * 0.3 + data[from + 1] * 0.59 + data[from + 2] * 0.11;
  return { shades, width, height };
}

export function painted({ shades, width, height }) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0, to = 0; at < shades.length; at += 1, to += 4) {
    data[to] = shades[at];
    data[to + 1] = shades[at];
    data[to + 2] = shades[at];
    data[to + 3] = 255;
  }
  return { data, width, height };
}

// By 45°, about the middle, in a square that holds the longer side; what lies outside is light.
export function turned({ shades, width, height }) {
  const side = Math.max(width, height);
  const to = new Float32Array(side * side).fill(255);
  const step = Math.SQRT1_2;
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const [dx, dy] = [x - side / 2, y - side / 2];
      const fromX = Math.round((dx + dy) * step + width / 2);
      const fromY = Math.round((dy - dx) * step + height / 2);
      if (fromX >= 0 && fromY >= 0 && fromX < width && fromY < height) to[y * side + x] = shades[fromY * width + fromX];
    }
  }
  return { shades: to, width: side, height: side };
}

// What differs from its surroundings differs more: bars that ran into each other come apart.
export function sharpened({ shades, width, height }) {
  const blurred = means(means(shades, width, height, 1, width), height, width, width, 1);
  return { shades: shades.map((shade, at) => shade + SHARPER * (shade - blurred[at])), width, height };
}

// The mean of each point and its neighbours along lines of `length` points, `step` apart.
function means(from, length, lines, step, between) {
  const to = new Float32Array(from.length);
  for (let line = 0; line < lines; line += 1) {
    const first = line * between;
    let sum = 0;
    let count = 0;
    for (let at = -REACH; at < length; at += 1) {
      if (at + REACH < length) { sum += from[first + (at + REACH) * step]; count += 1; }
      if (at - REACH - 1 >= 0) { sum -= from[first + (at - REACH - 1) * step]; count -= 1; }
      if (at >= 0) to[first + at * step] = sum / count;
    }
  }
  return to;
}
