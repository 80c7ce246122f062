"""Look into a file before anything is written: its fields, their kinds, its first records."""

import codecs
from dataclasses import replace
from pathlib import Path

from myapp.store import Kind

from .errors import EmptyFile, TooWide
from .kinds import find_date_order, find_kind
from .plan import Preview, PreviewColumn, ReadOptions
from .reading import Records, decide_delimiter, decide_encoding, open_text, read_sample

MOST_FIELDS = 1_999
LOOKED_AT = 50_000
LOOKED_AT_CELLS = 1_000_000
SHOWN = 20


def read_preview(path: Path, name: str, options: ReadOptions | None = None) -> Preview:
    """Find out how to read `path`, shown as `name`, and what is in it.

    Raises EmptyFile, NotText, TooWide, CellTooLong, QuoteNeverCloses, ImportFileGone.
    """
    options = options or ReadOptions()
    sample = read_sample(path, name)
    encoding = options.encoding or decide_encoding(sample, name)
    beginning = sample.decode(encoding, "replace")[:200_000]
    delimiter = options.delimiter or decide_delimiter(beginning)
    with open_text(path, name, encoding) as (text, _raw):
        rows, whole = take(Records(text, path, name, delimiter))
    if not rows:
        raise EmptyFile(name)
    width = max(map(len, rows))
    if width > MOST_FIELDS:
        raise TooWide(name, width)
    header = looks_like_header(rows) if options.header is None else options.header
    first = rows[0] if header else []
    body = rows[1:] if header else rows
    columns = [[row[n] if n < len(row) else "" for row in body] for n in range(width)]
    comma = delimiter != "," and uses_decimal_comma(columns)
    order = find_date_order(columns)
    names, remarks = name_fields(first, width, header=header)
    if encoding == "utf-8" and not is_utf8(sample):
        remarks.append("Some letters were in another encoding (Windows-1252) and were read so.")
    if "\0" in beginning:
        remarks.append("The file holds NUL characters; they are kept.")
    ragged = sum(len(row) != width for row in body)
    if ragged:
        remarks.append(f"{ragged:,} records have fewer fields than the others; those are empty.")
    return Preview(
        options=replace(
            options,
            encoding=encoding,
            delimiter=delimiter,
            header=header,
            decimal_comma=comma,
            date_order=order,
        ),
        table=" ".join(Path(name).stem.replace("_", " ").split()) or "Table",
        columns=tuple(
            PreviewColumn(field, find_kind(values, order, comma=comma), values.count(""))
            for field, values in zip(names, columns, strict=True)
        ),
        records=tuple(tuple(values[n] for values in columns) for n in range(len(body[:SHOWN]))),
        looked_at=len(body),
        whole=whole,
        size=path.stat().st_size,
        remarks=tuple(remarks),
    )


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
    kinds = [find_kind([name], "ymd", comma=False) for name in filled]
    return all(kind is Kind.TEXT or kind is Kind.BOOLEAN for kind in kinds)


def uses_decimal_comma(columns: list[list[str]]) -> bool:
    """Whether a field becomes numeric only when its comma is read as the decimal mark."""
    return any(
        find_kind(values, "ymd", comma=True) is Kind.DECIMAL
        and find_kind(values, "ymd", comma=False) is Kind.TEXT
        for values in columns
    )


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


def is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True
