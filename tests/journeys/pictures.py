"""Pictures of bar codes: one for a file input, a film for Chromium's camera that is none."""

import struct
import zlib
from pathlib import Path

CODES = "0001101001100100100110111101010001101100010101111011101101101110001011"
"""Seven modules a digit, as they stand on the left side."""
SIDES = "LLLLLLLLGLGGLLGGLGLLGGGLLGLLGGLGGLLGLGGGLLLGLGLGLGLGGLLGGLGL"
"""Six letters a first digit, which is said by how the left side's are turned."""
WIDTH, HEIGHT, BAR = 640, 480, 4
"""Points."""


def bars(digits: str) -> str:
    """An EAN-13 as ones and zeros: GS1 General Specifications, 5.2."""
    code = [CODES[7 * int(digit) :][:7] for digit in digits]
    sides = SIDES[6 * int(digits[0]) :][:6]
    left = [
        one if side == "L" else turned_over(one)[::-1]
        for one, side in zip(code[1:7], sides, strict=True)
    ]
    right = [turned_over(one) for one in code[7:]]
    return "101" + "".join(left) + "01010" + "".join(right) + "101"


def turned_over(modules: str) -> str:
    return modules.translate(str.maketrans("01", "10"))


def shades(*codes: str) -> bytes:
    """Rows of grey with the codes below each other; without any an even wall."""
    rows = []
    for digits in codes:
        line = "".join(one * BAR for one in bars(digits)).replace("0", "\xe6").replace("1", "\x14")
        margin = (WIDTH - len(line)) // 2
        dark = line.encode("latin-1")
        rows.append(b"\xe6" * margin + dark + b"\xe6" * (WIDTH - margin - len(dark)))
    blank = b"\xe6" * WIDTH
    each = HEIGHT // max(len(rows), 1)
    made = b"".join(blank * 40 + row * (each - 80) + blank * 40 for row in rows)
    return made + blank * (HEIGHT - len(made) // WIDTH)


def write_png(path: Path, *codes: str) -> Path:
    points = shades(*codes)
    lines = b"".join(b"\0" + points[at : at + WIDTH] for at in range(0, len(points), WIDTH))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    )
    packed = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))
    return path


def write_film(path: Path, *codes: str) -> Path:
    """A Y4M of two frames, which Chromium shows over and over."""
    colours = b"\x80" * (WIDTH * HEIGHT // 2)
    frame = b"FRAME\n" + shades(*codes) + colours
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode() + frame * 2)
    return path
