"""How far the cells of an Excel sheet lie apart, before it is read.

What reads it makes room for every cell between the first and the last. A stray cell in the last row
and column, such as a blank that somebody typed there, would take hundreds of gigabytes, and where
there are none, the library ends the whole program.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .errors import CellsFarApart

COLUMNS = re.compile(rb' r="([A-Za-z]+)')
ROWS = re.compile(rb' r="[A-Za-z]*(\d+)')
"""As every program writes it. The others are slower, and find what may be written as well."""

UNUSUAL = (b"r =", b"r\t=", b"r\n=", b"r\r=", b"\tr=", b"\nr=", b"\rr=")
REFERENCE = rb"\sr\s*=\s*[\"']"
ANY_COLUMNS = re.compile(REFERENCE + rb"([A-Za-z]+)")
ANY_ROWS = re.compile(REFERENCE + rb"[A-Za-z]*(\d+)")
CELLS = re.compile(rb"<(?:\w+:)?c[\s>/]")
PLACED = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=")
MOST_EMPTY = 30_000_000
"""Cells that a sheet may span without being as large a file; each takes some 32 bytes."""

MOST_COLUMNS = 16_384
CHUNK, OVERLAP = 4 << 20, 4096


def check_extent(path: Path, name: str) -> None:
    """Raises CellsFarApart. What is no such file is told by whoever reads it."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.filename.endswith(".xml"):
                    check_member(archive, member, name)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        return


def check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    rows = columns = unplaced = 0
    for text in chunks_of(archive, member):
        unusual = text.count(b"r=") != text.count(b'r="') or any(each in text for each in UNUSUAL)
        in_rows = set((ANY_ROWS if unusual else ROWS).findall(text))
        in_columns = set((ANY_COLUMNS if unusual else COLUMNS).findall(text))
        rows = max(rows, max(map(number, in_rows), default=0))
        columns = max(columns, max(map(number_of, in_columns), default=0))
        # Cells that do not say where they stand follow one another.
        if unusual or b":c" in text or text.count(b"<c") != text.count(b'<c r="'):
            unplaced += max(0, len(CELLS.findall(text)) - len(PLACED.findall(text)))
        wide = max(columns, min(unplaced, MOST_COLUMNS))
        if rows * wide > max(MOST_EMPTY, member.file_size):
            raise CellsFarApart(name, rows, wide)


def chunks_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Each ends with a whole element where it can."""
    rest = b""
    with archive.open(member) as file:
        while read := file.read(CHUNK):
            text = rest + read
            end = text.rfind(b">") + 1 or len(text)
            rest = text[end:][:OVERLAP]
            yield text[:end]
        yield rest


def number(digits: bytes) -> int:
    return int(digits[:12])


def number_of(letters: bytes) -> int:
    """A is 1, XFD is 16,384."""
    found = 0
    for each in letters[:6].upper():
        found = found * 26 + each - ord("A") + 1
    return found
