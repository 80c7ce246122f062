"""Read a delimited text file as records of text: the bytes, the letters, the records."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from .errors import (
    CellTooLong,
    DamagedFile,
    EmptyFile,
    ImportFileGone,
    NotText,
    QuoteNeverCloses,
    UnknownOption,
)
from .plan import ReadOptions

SAMPLE_BYTES = 1 << 20
LONGEST_CELL = 64 << 20
GZIP = b"\x1f\x8b"
FALLBACK = "myapp-cp1252"
MAGIC = (
    (b"SQLite format 3\0", "an SQLite database: open it instead"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook: save the sheet as CSV first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV first"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
MARKUP = (
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b"[{", "JSON"),
    (b'{"', "JSON"),
)


class Source(io.FileIO):
    """The file's bytes; `tell` is the progress, `stray` how often its letters did not fit."""

    stray = 0


READING: ContextVar[Source] = ContextVar("READING")


def as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 stand for Windows-1252 letters in files pasted from two sources."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    source = READING.get(None)
    if source is not None:
        source.stray += 1
    wrong = error.object[error.start : error.end]
    try:
        return wrong.decode("cp1252"), error.end
    except UnicodeDecodeError:  # five bytes mean nothing there; Latin-1 keeps them apart
        return wrong.decode("latin-1"), error.end


codecs.register_error(FALLBACK, as_cp1252)


def read_sample(path: Path, name: str) -> bytes:
    """The first megabyte, unpacked. Raises ImportFileGone, EmptyFile, NotText, DamagedFile."""
    if path.exists() and not path.is_file():
        raise NotText(name, "a folder or a device")
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
        if sample.startswith(GZIP):
            with gzip.open(path) as packed:
                sample = packed.read(SAMPLE_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedFile(name) from error
    except OSError as error:
        raise ImportFileGone(name) from error
    if not sample.strip():
        raise EmptyFile(name)
    for magic, what in MAGIC:
        if sample.startswith(magic):
            raise NotText(name, what)
    beginning = sample.removeprefix(codecs.BOM_UTF8)[:200].lstrip().lower()
    for magic, what in MARKUP:
        if beginning.startswith(magic):
            raise NotText(name, what)
    return sample


@contextmanager
def open_text(path: Path, name: str, encoding: str) -> Iterator[tuple[io.TextIOWrapper, Source]]:
    """The file as text with its line ends kept, and its bytes as they are read."""
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise UnknownOption("an encoding", encoding) from error
    try:
        raw = Source(path)
    except OSError as error:
        raise ImportFileGone(name) from error
    reading = READING.set(raw)
    try:
        buffered: io.BufferedReader = io.BufferedReader(raw, 1 << 18)
        if buffered.peek(2).startswith(GZIP):
            unpacked = gzip.GzipFile(fileobj=cast(BinaryIO, buffered))
            buffered = io.BufferedReader(cast(io.RawIOBase, unpacked), 1 << 18)
        with raw, io.TextIOWrapper(buffered, encoding, errors=FALLBACK, newline="") as text:
            yield text, raw
    finally:
        READING.reset(reading)


def allow_long_values() -> None:
    """The csv module's limit is one for the whole program: set to the same value every time."""
    csv.field_size_limit(LONGEST_CELL)


def check_delimiter(delimiter: str) -> None:
    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise UnknownOption("one character between fields", delimiter)


class LooseQuotes(Exception):
    """Text follows a closing quotation mark: either a careless writer, or a stray mark."""


class Records:
    """The records of an open file as lists of texts; blank lines are left out.

    Raises CellTooLong, DamagedFile, LooseQuotes, and QuoteNeverCloses where a stray quotation
    mark would swallow the records that follow it.
    """

    def __init__(self, text: io.TextIOWrapper, path: Path, name: str, options: ReadOptions) -> None:
        allow_long_values()
        self.path, self.name, self.options = path, name, options
        delimiter = options.delimiter or ","
        check_delimiter(delimiter)
        lines = islice(text, options.skip, None) if options.skip else text
        self.reader = csv.reader(
            lines,
            delimiter=delimiter,
            quotechar=options.quote or None,
            quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
            escapechar=options.escape or None,
            skipinitialspace=options.skip_spaces,
            strict=not options.loose_quotes,
        )
        self.rows: list[list[str]] = []
        self.first_line = 1 + options.skip

    def take(self, count: int) -> list[list[str]]:
        """Up to `count` further records; none at the end of the file."""
        while True:
            self.first_line = self.options.skip + self.reader.line_num + 1
            rows: list[list[str]] = []
            self.rows = rows
            try:
                rows.extend(islice(self.reader, count))  # keeps those before an error
            except csv.Error as error:
                raise self.refusal(error) from error
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise DamagedFile(self.name) from error
            except OSError as error:
                raise ImportFileGone(self.name) from error
            if self.options.loose_quotes:
                self.check_lines()
            if [] in rows:
                rows = [row for row in rows if row]
            if rows or not self.rows:
                return rows

    def refusal(self, error: csv.Error) -> Exception:
        line = self.first_line + sum(map(lines_of, self.rows))
        if "limit" in str(error):
            return CellTooLong(self.name, line)
        if "end of data" in str(error):
            return QuoteNeverCloses(self.name, line)
        return LooseQuotes()

    def check_lines(self) -> None:
        """Where quotation marks are used loosely, one with line breaks after it is a stray one."""
        if self.reader.line_num + self.options.skip + 1 == self.first_line + len(self.rows):
            return
        line = self.first_line
        for row in self.rows:
            if lines_of(row) > 1:
                break
            line += 1
        raise QuoteNeverCloses(self.name, line)

    def line_of(self, number: int) -> int:
        """The line where the record `number` of those taken last begins."""
        line = self.first_line
        for row in self.rows:
            if row and number == 0:
                break
            number -= bool(row)
            line += lines_of(row)
        return line


def lines_of(row: list[str]) -> int:
    """How many lines of the file a record takes."""
    return 1 + sum(
        cell.count("\n") + cell.count("\r") - cell.count("\r\n")
        for cell in row
        if "\n" in cell or "\r" in cell
    )
