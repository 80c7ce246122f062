"""What a file holds: itself, or several parts that can each become a table."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from .batches import Source
from .errors import (
    DamagedFile,
    ImportFileGone,
    ImportRefused,
    NothingInside,
    NotText,
    UnpacksTooBig,
)
from .plan import FilePart, PartKind, ReadOptions
from .reading import DAMAGE, check_text, is_markup, read_sample
from .sniffing import decide_encoding

SQLITE = b"SQLite format 3\0"
ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
HTML = (b"<!doctype html", b"<html", b"<table", b"<meta")
MOST_MEMBERS = 1_000
LARGEST_UNPACKED = 64 << 30
TEXTS = (".csv", ".tsv", ".txt", ".tab", ".psv", ".dat", ".json", ".ndjson", ".jsonl", ".geojson")
READABLE = (*TEXTS, ".gz", ".zip", ".html", ".htm", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
"""Endings of the files in a folder that are brought in."""


def find_parts(path: Path, name: str) -> tuple[FilePart, ...]:
    """At least one part. Raises the refusals of this room, and what opening a database raises."""
    sample = read_sample(path, name)
    if sample.startswith(SQLITE):
        from .database_tables import list_tables

        found = list_tables(path)
    elif sample.startswith(OLD_OFFICE):
        from .workbook import list_sheets

        found = list_sheets(path, name)
    elif sample.startswith(ZIP):
        found = parts_of_zip(path, name)
    else:
        found = parts_of_text(path, name, sample, "")
    if not found:
        raise NothingInside(name)
    return tuple(found)


def parts_of_zip(path: Path, name: str) -> list[FilePart]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if is_readable(each)]
            names = set(archive.namelist())
    except (*DAMAGE, ValueError) as error:
        raise DamagedFile(name) from error
    except OSError as error:
        raise ImportFileGone(name) from error
    if names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        from .workbook import list_sheets

        return list_sheets(path, name)
    if sum(each.file_size for each in members) > LARGEST_UNPACKED or len(members) > MOST_MEMBERS:
        raise UnpacksTooBig(name)
    found: list[FilePart] = []
    for member in members:
        inner = member.filename
        try:
            found += parts_of_text(path, inner, read_sample(path, inner, inner), inner)
        except ImportRefused:
            if len(members) == 1:
                raise
    return found


def is_readable(member: zipfile.ZipInfo) -> bool:
    parts = member.filename.split("/")
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    texts = (*TEXTS, ".html", ".htm")
    return bool(member.file_size) and not hidden and member.filename.lower().endswith(texts)


def parts_of_text(path: Path, name: str, sample: bytes, member: str) -> list[FilePart]:
    if is_markup(sample, *HTML):
        from .web_tables import read_tables

        titles = read_tables(path, name, decide_encoding(sample, name), member)
        return [FilePart("web table", title, member) for title in titles]
    if looks_like_json(sample, name):
        from .json_records import list_arrays

        return list_arrays(path, name, decide_encoding(sample, name), member)
    check_text(sample, name)
    return [FilePart("text", "", member)]


def looks_like_json(sample: bytes, name: str) -> bool:
    """By its beginning, and by its name where a beginning like [ might be of a CSV file."""
    if Path(name.lower().removesuffix(".gz")).suffix in (".json", ".ndjson", ".jsonl", ".geojson"):
        return True
    start = "".join(sample[:400].decode("utf-8", "replace").lstrip("\ufeff").split())
    return start.startswith(('{"', "[{", "[]", '[["', "{}"))


@contextmanager
def open_source(path: Path, name: str, part: FilePart, options: ReadOptions) -> Iterator[Source]:
    """The records of a part, closed at the end. What reads other formats is loaded when needed."""
    module, kind = READERS[part.kind]
    make = getattr(import_module(f".{module}", __package__), kind)
    source: Source = make(path, name, part, options)
    try:
        yield source
    finally:
        source.close()


READERS: dict[PartKind, tuple[str, str]] = {
    "text": ("delimited", "DelimitedText"),
    "workbook": ("workbook", "Sheet"),
    "json": ("json_records", "JsonRecords"),
    "table": ("database_tables", "DatabaseTable"),
    "web table": ("web_tables", "WebTable"),
}


def files_in(folder: Path) -> list[Path]:
    """The files of a folder, not of those inside it, that can be brought in. Raises NotText."""
    try:
        found = sorted(each for each in folder.iterdir() if each.is_file())
    except OSError as error:
        raise NotText(folder.name, "a folder that cannot be read") from error
    usual = [
        each
        for each in found
        if each.suffix.lower() in READABLE and not each.name.startswith((".", "~$"))
    ]
    if not usual:
        raise NothingInside(folder.name)
    return usual


def title_of(name: str, part: FilePart, *, alone: bool) -> str:
    """What a table made of a part is called."""
    path = Path((part.member or name).removesuffix(".gz"))
    stem = " ".join(path.stem.replace("_", " ").split())
    if part.kind == "table" or (part.title and not alone):
        return part.title
    return stem or "Table"


def with_encoding(options: ReadOptions, path: Path, name: str, part: FilePart) -> ReadOptions:
    """`options` with the encoding of a text found. Raises what reading its beginning raises."""
    if options.encoding or part.kind in ("workbook", "table"):
        return options
    sample = read_sample(path, name, part.member)
    return replace(options, encoding=decide_encoding(sample, name))
