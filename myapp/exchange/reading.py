"""Read a delimited text file as records of text: the bytes, the letters, the records."""

import codecs
import csv
import gzip
import io
import lzma
import zipfile
import zlib
from contextlib import ExitStack
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO, cast

from .errors import (
    DamagedFile,
    EmptyFile,
    ImportFileGone,
    NotText,
    UnknownOption,
)

SAMPLE_BYTES = 1 << 20
LONGEST_CELL = 64 << 20
GZIP = b"\x1f\x8b"
FALLBACK = "myapp-cp1252"
MAGIC = (
    (b"SQLite format 3\0", "an SQLite database: open it instead"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old document of Microsoft Office"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
XML = b"<?xml"


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


def read_sample(path: Path, name: str, member: str = "") -> bytes:
    """The first megabyte, unpacked. Raises ImportFileGone, EmptyFile, NotText, DamagedFile."""
    if path.exists() and not path.is_file():
        raise NotText(name, "a folder or a device")
    try:
        if member:
            with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
                sample = packed.read(SAMPLE_BYTES)
        else:
            with path.open("rb") as file:
                sample = file.read(SAMPLE_BYTES)
            if sample.startswith(GZIP):
                with gzip.open(path) as unpacked:
                    sample = unpacked.read(SAMPLE_BYTES)
    except DAMAGE as error:
        raise DamagedFile(name) from error
    except (OSError, KeyError) as error:
        raise ImportFileGone(name) from error
    if not sample.strip():
        raise EmptyFile(name)
    return sample


def check_text(sample: bytes, name: str) -> None:
    """Raises NotText where a file that begins with `sample` is of another format."""
    for magic, what in MAGIC:
        if sample.startswith(magic):
            raise NotText(name, what)
    if is_markup(sample, XML):
        raise NotText(name, "an XML document")


def is_markup(sample: bytes, *beginnings: bytes) -> bool:
    return sample.removeprefix(codecs.BOM_UTF8)[:200].lstrip().lower().startswith(beginnings)


class TextFile:
    """An open text, its line ends kept, and how much of it has been read.

    A text in a zip archive is named by `member`; one that is packed by gzip tells so itself.
    Raises ImportFileGone, DamagedFile, UnknownOption.
    """

    def __init__(self, path: Path, name: str, encoding: str, member: str = "") -> None:
        self.closing = ExitStack()
        try:
            codecs.lookup(encoding)
            self.raw = self.closing.enter_context(Source(path))
            self.total = path.stat().st_size
            self.mark = READING.set(self.raw)
            stream: BinaryIO = self.raw
            if member:
                archive = self.closing.enter_context(zipfile.ZipFile(self.raw))
                stream = cast(BinaryIO, self.closing.enter_context(archive.open(member)))
                self.total = archive.getinfo(member).file_size
            self.member = stream if member else None
            buffered = io.BufferedReader(cast(io.RawIOBase, stream), 1 << 18)
            if buffered.peek(2).startswith(GZIP):
                unpacked = gzip.GzipFile(fileobj=cast(BinaryIO, buffered))
                buffered = io.BufferedReader(cast(io.RawIOBase, unpacked), 1 << 18)
            self.text = self.closing.enter_context(
                io.TextIOWrapper(buffered, encoding, errors=FALLBACK, newline="")
            )
        except LookupError as error:
            self.closing.close()
            raise UnknownOption("an encoding", encoding) from error
        except DAMAGE as error:
            self.closing.close()
            raise DamagedFile(name) from error
        except OSError as error:
            self.closing.close()
            raise ImportFileGone(name) from error

    def progress(self) -> tuple[int, int]:
        return (self.member or self.raw).tell(), self.total

    def close(self) -> None:
        READING.reset(self.mark)
        self.closing.close()


DAMAGE = (
    *(EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, lzma.LZMAError),
    *(RuntimeError, UnicodeDecodeError),
)
"""What broken packed files raise; RuntimeError where a password or another unpacker is needed,
UnicodeDecodeError for the name of a file in an archive."""


def allow_long_values() -> None:
    """The csv module's limit is one for the whole program: set to the same value every time."""
    csv.field_size_limit(LONGEST_CELL)


def check_delimiter(delimiter: str) -> None:
    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise UnknownOption("one character between fields", delimiter)
