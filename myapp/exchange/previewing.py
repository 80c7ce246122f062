"""Look into a file before anything is written: its fields, their kinds, its first records."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any

from myapp.store import NO_LIMITS, Kind, Limits

from .batches import Source
from .cells import find_kind_of_cells, plain_cell
from .dates import DateOrder, FoundOrder, find_date_order, read_date, read_datetime
from .errors import EmptyFile, TooWide, UnknownOption
from .few_values import few_values
from .kinds import NULLS, distinct_values, find_kind
from .numbers import FoundStyle, find_style, read_number
from .parts import find_parts, open_source, title_of, with_encoding
from .plan import FilePart, Preview, PreviewColumn, ReadOptions
from .reading import check_text, read_sample
from .records import LooseQuotes
from .sniffing import BEGINNING, decide_dialect, decide_encoding

MOST_FIELDS = 1_999
LOOKED_AT = 50_000
LOOKED_AT_CELLS = 300_000
SHOWN = 20
YEAR = re.compile(r"(1[5-9]|20)\d\d", re.ASCII)


@dataclass(slots=True)
class Looked:
    """The first records of a part; `whole` where they are all."""

    rows: list[list[Any]]
    whole: bool
    typed: bool
    names: tuple[str, ...] | None
    kinds: tuple[Kind, ...] | None
    remarks: list[str]
    limits: tuple[Limits, ...] | None = None


def read_preview(
    path: Path,
    name: str,
    options: ReadOptions | None = None,
    part: FilePart | None = None,
    *,
    alone: bool = True,
) -> Preview:
    """Find out how to read a part of `path`, shown as `name`, and what is in it.

    Without `part` it is the first one; `alone` says that there is no other. Raises the refusals of
    this room, and what opening a database raises.
    """
    options = options or ReadOptions()
    if part is None:
        found = find_parts(path, name)
        part, alone = found[0], len(found) == 1
    if part.kind == "text":
        return preview_text(path, name, options, part, alone=alone)
    options = with_encoding(options, path, name, part)
    return describe(path, name, options, part, look(path, name, options, part), alone=alone)


def preview_text(
    path: Path, name: str, options: ReadOptions, part: FilePart, *, alone: bool
) -> Preview:
    sample = read_sample(path, name, part.member)
    check_text(sample, name)
    encoding = options.encoding or decide_encoding(sample, name)
    beginning = decode_sample(sample, encoding)
    options = decide_dialect(beginning, replace(options, encoding=encoding))
    try:
        looked = look(path, name, options, part)
    except LooseQuotes:
        options = replace(options, loose_quotes=True)
        looked = look(path, name, options, part)
        looked.remarks.append("Text follows a closing quotation mark in some values; it was kept.")
    if options.skip:
        verb = "line" if options.skip == 1 else "lines"
        looked.remarks.append(f"{options.skip:,} {verb} before the table left out.")
    if "\0" in beginning:
        looked.remarks.append("The file holds NUL characters; they are kept.")
    return describe(path, name, options, part, looked, alone=alone)


def describe(
    path: Path, name: str, options: ReadOptions, part: FilePart, looked: Looked, *, alone: bool
) -> Preview:
    rows = looked.rows
    if not rows and not looked.names:
        raise EmptyFile(part.title or name)
    width = max(len(looked.names or ()), max(map(len, rows), default=0))
    if width > MOST_FIELDS:
        raise TooWide(name, width)
    header = False
    first: Sequence[Any] = looked.names or ()
    if not looked.names:
        header = looks_like_header(rows) if options.header is None else options.header
        first, rows = (rows[0], rows[1:]) if header else ([], rows)
    blank = None if looked.typed else ""
    columns: list[list[Any]] = [
        [row[n] if n < len(row) else blank for row in rows] for n in range(width)
    ]
    names, said = name_fields(list(first), width, header=header)
    remarks = said + looked.remarks
    if looked.typed:
        kinds = [*(looked.kinds or map(find_kind_of_cells, columns))]
    else:
        ragged = sum(len(row) != width for row in rows)
        remarks += [short_records(ragged)] if ragged else []
        distinct = [distinct_values(values) for values in columns]
        order, style = find_date_order(distinct), find_style(distinct)
        dates, numbers = options.dates or order.order, options.numbers or style.style
        kinds = [find_kind(values, dates, numbers) for values in distinct]
        remarks += empty_words(columns, kinds)
        remarks += open_questions(names, columns, options, order, style)
        options = replace(options, dates=dates, numbers=numbers)
    return Preview(
        part=part,
        options=replace(options, header=header),
        table=title_of(name, part, alone=alone),
        columns=tuple(
            preview_column(field, values, kind, limits)
            for field, values, kind, limits in zip(
                names, columns, kinds, looked.limits or repeat(NO_LIMITS), strict=False
            )
        ),
        records=tuple(tuple(values[n] for values in columns) for n in range(len(rows[:SHOWN]))),
        typed=looked.typed,
        looked_at=len(rows),
        whole=looked.whole,
        size=path.stat().st_size,
        remarks=tuple(remarks),
    )


def open_questions(
    names: list[str],
    columns: list[list[str]],
    options: ReadOptions,
    order: FoundOrder,
    style: FoundStyle,
) -> list[str]:
    """What nothing in the file decides, so that the person is told where to."""
    asked = []
    if order.open_fields and options.dates is None:
        date = example(columns[order.open_fields[0]], two_days)
        asked.append(
            f"Dates such as {date} in {listed(names, order.open_fields)} can be read with the "
            "day or the month first. They stay text until you choose, under “How the file is read”."
        )
    if style.open_fields and options.numbers is None:
        number = example(columns[style.open_fields[0]], two_numbers)
        asked.append(
            f"Numbers such as {number} in {listed(names, style.open_fields)} can be thousands or "
            "fractions. They stay text until you choose, under “How the file is read”."
        )
    return asked


def example(values: list[str], unclear: Callable[[str], bool]) -> str:
    """The first value that can be read in two ways, or else the first one."""
    filled = [text for text in values if text]
    return next(filter(unclear, filled), filled[0])


def two_days(text: str) -> bool:
    """Whether this very date is another day with the month first: 03/03/2026 is not."""
    orders: tuple[DateOrder, ...] = ("dmy", "mdy")
    days = {read_date(text, order) or read_datetime(text, order) for order in orders}
    return len(days) > 1


def two_numbers(text: str) -> bool:
    return read_number(text, "1,234.5", whole=False) != read_number(text, "1234,5", whole=False)


def listed(names: list[str], numbers: tuple[int, ...]) -> str:
    shown = ", ".join(f"“{names[number]}”" for number in numbers[:3])
    more = len(numbers) - 3
    return f"{shown} and {more} more" if more > 0 else shown


def short_records(count: int) -> str:
    has = "record has" if count == 1 else "records have"
    return f"{count:,} {has} fewer fields than the others; those are empty."


def decode_sample(sample: bytes, encoding: str) -> str:
    try:
        return sample.decode(encoding, "replace")[:BEGINNING]
    except LookupError as error:
        raise UnknownOption("an encoding", encoding) from error


def look(path: Path, name: str, options: ReadOptions, part: FilePart) -> Looked:
    """The first records."""
    with open_source(path, name, part, options) as source:
        rows, whole = take(source)
        names = source.names
        kinds, limits = getattr(source, "kinds", None), getattr(source, "limits", None)
        return Looked(rows, whole, source.typed, names, kinds, source.remarks(), limits)


def empty_words(columns: list[list[str]], kinds: list[Kind]) -> list[str]:
    typed = [values for values, kind in zip(columns, kinds, strict=True) if kind is not Kind.TEXT]
    words = sorted({word for values in typed for word in NULLS.intersection(values)})
    if not words:
        return []
    spelled = ", ".join(f"“{word}”" for word in words)
    return [f"{spelled} among numbers, dates or yes/no means no value and is left empty."]


def preview_column(name: str, values: Sequence[Any], kind: Kind, limits: Limits) -> PreviewColumn:
    empty = values.count("") + values.count(None)
    if kind is not Kind.TEXT:
        empty += sum(map(values.count, NULLS))
    few = few_values(values) if kind is Kind.TEXT and limits == NO_LIMITS else ()
    return PreviewColumn(name, kind, empty, limits, few)


def take(source: Source) -> tuple[list[list[Any]], bool]:
    """The first records, bounded in number and in cells, and whether they are all."""
    rows: list[list[Any]] = []
    cells = 0
    for row in source.rows():
        if len(rows) >= LOOKED_AT or cells >= LOOKED_AT_CELLS:
            return rows, False
        rows.append(row)
        cells += len(row) + len("".join([cell for cell in row if type(cell) is str])) // 100
    return rows, True


def looks_like_header(rows: list[list[Any]]) -> bool:
    """A first record of distinct, non-numeric names above records that have other kinds."""
    first = [spelled(cell) for cell in rows[0]]
    if len(rows) == 1:
        return True
    filled = [name.strip() for name in first if name.strip()]
    if not filled or len(filled) < len(first) / 2:
        return False
    numbers = [
        (n, cell)
        for n, cell in enumerate(first)
        if cell and find_kind({cell}, "ymd") not in (Kind.TEXT, Kind.BOOLEAN)
    ]
    return not numbers or (len(numbers) < len(filled) and are_years(numbers, rows[1:]))


def spelled(cell: Any) -> str:
    """A cell as a name is written; Excel keeps 2026 as 2026.0."""
    value = plain_cell(cell)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def are_years(numbers: list[tuple[int, str]], body: list[list[Any]]) -> bool:
    """Whether fields are named after years, as in country,1990,1991: a run above other values."""
    if len(numbers) < 2 or not all(YEAR.fullmatch(cell) for _, cell in numbers):
        return False
    years = [int(cell) for _, cell in numbers]
    steps = {later - earlier for earlier, later in pairwise(years)}
    below = {spelled(row[n]) for row in body for n, _ in numbers if n < len(row) and row[n]}
    return len(steps) == 1 and steps != {0} and not all(map(YEAR.fullmatch, below))


def name_fields(first: list[Any], width: int, *, header: bool) -> tuple[list[str], list[str]]:
    """A name for each field; empty and repeated ones get one of their own. And what to say of it.

    SQLite folds the case of ASCII letters in names, so `Name` and `name` clash.
    """
    names: list[str] = []
    taken: set[str] = set()
    empty = repeated = 0
    for number in range(width):
        given = spelled(first[number]) if number < len(first) else ""
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
