"""Read a delimited text file as records of text: encoding, delimiter, line ends, quotes."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from .errors import CellTooLong, EmptyFile, ImportFileGone, NotText, QuoteNeverCloses

SAMPLE_BYTES = 1 << 20
LONGEST_CELL = 64 << 20
ENOUGH_LETTERS = 60
"""Fewer than these non-ASCII bytes cannot tell one code page from another."""

DELIMITERS = (",", ";", "\t", "|")
FALLBACK = "myapp-cp1252"
MAGIC = (
    (b"SQLite format 3\0", "an SQLite database: open it instead"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook: save the sheet as CSV first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV first"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file: unpack it first"),
)


def as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 stand for Windows-1252 letters in files pasted from two sources."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error(FALLBACK, as_cp1252)


def read_sample(path: Path, name: str) -> bytes:
    """The first megabyte. Raises ImportFileGone, EmptyFile, NotText."""
    if path.is_dir():
        raise NotText(name, "a folder")
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
    except OSError as error:
        raise ImportFileGone(name) from error
    if not sample.strip():
        raise EmptyFile(name)
    for magic, what in MAGIC:
        if sample.startswith(magic):
            raise NotText(name, what)
    return sample


def decide_encoding(sample: bytes, name: str) -> str:
    """The encoding of a file that begins with `sample`. Raises NotText."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if sample.startswith(mark):
            return encoding
    nuls = sample.count(0)
    if nuls > len(sample) // 5:
        odd = sample[1::2].count(0)
        if nuls < len(sample) * 0.6 and max(odd, nuls - odd) > 0.95 * nuls:
            return "utf-16-le" if odd > nuls // 2 else "utf-16-be"
    controls = sum(sample.count(byte) for byte in range(32) if byte not in (9, 10, 12, 13))
    if controls > max(8, len(sample) // 100):
        raise NotText(name, "something that only a program can read")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return guess_legacy(sample)
    return "utf-8"


def guess_legacy(sample: bytes) -> str:
    """UTF-8 with stray Windows bytes in it, or another encoding that the whole sample fits."""
    kept = sample.decode("utf-8", "ignore")
    if sum(ord(letter) > 127 for letter in kept) > 2 * sum(byte > 127 for byte in sample) // 6:
        return "utf-8"
    from charset_normalizer import from_bytes

    lines = [line for line in sample.splitlines() if any(byte > 127 for byte in line)]
    if sum(byte > 127 for line in lines for byte in line) < ENOUGH_LETTERS:
        return "cp1252"
    best = from_bytes(b"\n".join(lines[:400])).best()
    found = best.encoding if best is not None else "cp1252"
    # Western Europe's code pages differ in a handful of letters; Windows' own is the likely one.
    return (
        "cp1252"
        if found.startswith(("cp125", "latin", "iso8859", "cp85", "cp437", "mac"))
        and (found not in ("cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"))
        else found
    )


@contextmanager
def open_text(path: Path, name: str, encoding: str) -> Iterator[tuple[io.TextIOWrapper, io.FileIO]]:
    """The file as text with its line ends kept, and the raw file, whose `tell` is the progress."""
    try:
        raw = io.FileIO(path)
    except OSError as error:
        raise ImportFileGone(name) from error
    errors = FALLBACK if encoding in ("utf-8", "utf-8-sig") else "replace"
    buffered = io.BufferedReader(raw, 1 << 18)
    with io.TextIOWrapper(buffered, encoding, errors=errors, newline="") as text:
        yield text, raw


def decide_delimiter(sample: str) -> str:
    """The delimiter that cuts the first records most evenly into the most fields."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [
            len(row)
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            if row
        ]
        widths = widths[:-1] or widths
        if not widths:
            continue
        usual = max(set(widths), key=widths.count)
        score = widths.count(usual) / len(widths) * (usual - 1) ** 0.5
        if usual > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


class Records:
    """The records of an open file as lists of texts; blank lines are left out.

    Raises CellTooLong, and QuoteNeverCloses at the end where the last record began with a
    quotation mark that swallowed the rest of the file.
    """

    def __init__(self, text: io.TextIOWrapper, path: Path, name: str, delimiter: str) -> None:
        csv.field_size_limit(LONGEST_CELL)
        self.path, self.name, self.encoding = path, name, text.encoding
        self.reader = csv.reader(text, delimiter=delimiter)
        self.last: list[str] = []

    def take(self, count: int) -> list[list[str]]:
        """Up to `count` further records; none at the end of the file."""
        while True:
            try:
                rows = list(islice(self.reader, count))
            except csv.Error as error:
                raise CellTooLong(self.name, self.reader.line_num) from error
            except OSError as error:
                raise ImportFileGone(self.name) from error
            if not rows:
                self.check_end()
                return rows
            self.last = rows[-1]
            if [] in rows:
                rows = [row for row in rows if row]
            if rows:
                return rows

    def check_end(self) -> None:
        """A last value with line breaks in it may have been opened by a stray quotation mark."""
        swallowed = self.last[-1].replace("\r", "\n").rstrip("\n").count("\n") if self.last else 0
        if not swallowed:
            return
        with open_text(self.path, self.name, self.encoding) as (text, _raw):
            odd = sum(line.count('"') for line in text) % 2
        if odd:
            raise QuoteNeverCloses(self.name, self.reader.line_num - swallowed)
