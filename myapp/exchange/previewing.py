"""Look into a file before anything is written: its fields, their kinds, its first records."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from myapp.store import Kind

from .errors import EmptyFile, TooWide, UnknownOption
from .kinds import NULLS, find_date_order, find_kind, uses_decimal_comma
from .plan import Preview, PreviewColumn, ReadOptions
from .reading import LooseQuotes, Records, open_text, read_sample
from .sniffing import BEGINNING, decide_dialect, decide_encoding

MOST_FIELDS = 1_999
LOOKED_AT = 50_000
LOOKED_AT_CELLS = 300_000
SHOWN = 20
YEAR = re.compile(r"(1[5-9]|20)\d\d", re.ASCII)
STRAY_LETTERS = (
    "Some bytes do not belong to the file's encoding and were read as Windows-1252 letters."
)


def read_preview(path: Path, name: str, options: ReadOptions | None = None) -> Preview:
    """Find out how to read `path`, shown as `name`, and what is in it.

    Raises EmptyFile, NotText, TooWide, CellTooLong, QuoteNeverCloses, ImportFileGone.
    """
    options = options or ReadOptions()
    sample = read_sample(path, name)
    size = path.stat().st_size
    encoding = options.encoding or decide_encoding(sample, name)
    beginning = decode_sample(sample, encoding)
    options = decide_dialect(beginning, replace(options, encoding=encoding))
    try:
        rows, whole, stray = look(path, name, options)
    except LooseQuotes:
        options = replace(options, loose_quotes=True)
        rows, whole, stray = look(path, name, options)
    if not rows:
        raise EmptyFile(name)
    width = max(map(len, rows))
    if width > MOST_FIELDS:
        raise TooWide(name, width)
    header = looks_like_header(rows) if options.header is None else options.header
    first = rows[0] if header else []
    body = rows[1:] if header else rows
    columns = [[row[n] if n < len(row) else "" for row in body] for n in range(width)]
    comma = options.delimiter != "," and uses_decimal_comma(columns)
    order = find_date_order(columns)
    names, remarks = name_fields(first, width, header=header)
    if stray:
        remarks.append(STRAY_LETTERS)
    if options.loose_quotes:
        remarks.append("Text follows a closing quotation mark in some values; it was kept.")
    if options.skip:
        verb = "line" if options.skip == 1 else "lines"
        remarks.append(f"{options.skip:,} {verb} before the table left out.")
    if "\0" in beginning:
        remarks.append("The file holds NUL characters; they are kept.")
    ragged = sum(len(row) != width for row in body)
    if ragged:
        remarks.append(short_records(ragged))
    kinds = [find_kind(values, order, comma=comma) for values in columns]
    remarks += empty_words(columns, kinds)
    return Preview(
        options=replace(options, header=header, decimal_comma=comma, date_order=order),
        table=" ".join(Path(name.removesuffix(".gz")).stem.replace("_", " ").split()) or "Table",
        columns=tuple(
            preview_column(field, values, kind)
            for field, values, kind in zip(names, columns, kinds, strict=True)
        ),
        records=tuple(tuple(values[n] for values in columns) for n in range(len(body[:SHOWN]))),
        looked_at=len(body),
        whole=whole,
        size=size,
        remarks=tuple(remarks),
    )


def short_records(count: int) -> str:
    has = "record has" if count == 1 else "records have"
    return f"{count:,} {has} fewer fields than the others; those are empty."


def decode_sample(sample: bytes, encoding: str) -> str:
    try:
        return sample.decode(encoding, "replace")[:BEGINNING]
    except LookupError as error:
        raise UnknownOption("an encoding", encoding) from error


def look(path: Path, name: str, options: ReadOptions) -> tuple[list[list[str]], bool, int]:
    """The first records, whether they are all, and how many letters were of another encoding."""
    with open_text(path, name, options.encoding or "utf-8") as (text, source):
        rows, whole = take(Records(text, path, name, options))
        return rows, whole, source.stray


def empty_words(columns: list[list[str]], kinds: list[Kind]) -> list[str]:
    typed = [values for values, kind in zip(columns, kinds, strict=True) if kind is not Kind.TEXT]
    words = sorted({word for values in typed for word in NULLS.intersection(values)})
    if not words:
        return []
    spelled = ", ".join(f"“{word}”" for word in words)
    return [f"{spelled} among numbers, dates or yes/no means no value and is left empty."]


def preview_column(name: str, values: list[str], kind: Kind) -> PreviewColumn:
    empty = values.count("")
    if kind is not Kind.TEXT:
        empty += sum(map(values.count, NULLS))
    return PreviewColumn(name, kind, empty)


def take(records: Records) -> tuple[list[list[str]], bool]:
    """The first records, bounded in number and in cells, and whether they are all."""
    rows: list[list[str]] = []
    cells = 0
    while len(rows) < LOOKED_AT and cells < LOOKED_AT_CELLS:
        more = records.take(500)
        if not more:
            return rows, True
        rows += more
        cells += sum(len(row) + sum(map(len, row)) // 100 for row in more)
    return rows, not records.take(1)


def looks_like_header(rows: list[list[str]]) -> bool:
    """A first record of distinct, non-numeric names above records that have other kinds."""
    first = rows[0]
    if len(rows) == 1:
        return True
    filled = [name.strip() for name in first if name.strip()]
    if not filled or len(filled) < len(first) / 2:
        return False
    numbers = [
        (n, cell)
        for n, cell in enumerate(first)
        if cell and find_kind([cell], "ymd", comma=False) not in (Kind.TEXT, Kind.BOOLEAN)
    ]
    return not numbers or (len(numbers) < len(filled) and are_years(numbers, rows[1:]))


def are_years(numbers: list[tuple[int, str]], body: list[list[str]]) -> bool:
    """Whether fields are named after years, as in country,1990,1991: a run above other values."""
    if len(numbers) < 2 or not all(YEAR.fullmatch(cell) for _, cell in numbers):
        return False
    years = [int(cell) for _, cell in numbers]
    steps = {later - earlier for earlier, later in pairwise(years)}
    below = {row[n] for row in body for n, _ in numbers if n < len(row) and row[n]}
    return len(steps) == 1 and steps != {0} and not all(map(YEAR.fullmatch, below))


def name_fields(first: list[str], width: int, *, header: bool) -> tuple[list[str], list[str]]:
    """A name for each field; empty and repeated ones get one of their own. And what to say of it.

    SQLite folds the case of ASCII letters in names, so `Name` and `name` clash.
    """
    names: list[str] = []
    taken: set[str] = set()
    empty = repeated = 0
    for number in range(width):
        given = first[number] if number < len(first) else ""
        wanted = " ".join(given.replace("\0", " ").split())[:120]
        if not wanted:
            empty += 1
            wanted = f"Field {number + 1}"
        name, suffix = wanted, 2
        while name.lower() in taken:
            name, suffix = f"{wanted} {suffix}", suffix + 1
        repeated += name != wanted
        taken.add(name.lower())
        names.append(name)
    remarks = []
    if header and empty:
        remarks.append(f"{empty:,} {'field' if empty == 1 else 'fields'} had no name and got one.")
    if repeated:
        verb = "field had a name" if repeated == 1 else "fields had names"
        remarks.append(f"{repeated:,} {verb} already taken and got a number.")
    return names, remarks
