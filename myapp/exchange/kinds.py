"""Find out what the values of a field are, and turn their text into values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from myapp.store import Kind

from .dates import DateOrder, are_plain_dates, are_plain_datetimes, read_date, read_datetime
from .numbers import (
    NOT_EXACT,
    NUMBER,
    PLAIN,
    NumberStyle,
    are_plain_numbers,
    are_whole,
    are_whole_numbers,
    fits,
    has_point,
    read_number,
)

NULLS = frozenset({"NULL", "null", "\\N", "NA", "N/A", "n/a", "#N/A", "NaN", "nan"})
"""Mean "no value" among numbers, dates and yes/no. In a text field they stay what they are."""

WORDS = {"yes": 1, "no": 0, "true": 1, "false": 0, "y": 1, "n": 0, "t": 1, "f": 0}
CLEAR_WORDS = frozenset({"yes", "true", "false"})
PAIRS = (
    frozenset({"yes", "no"}),
    frozenset({"true", "false"}),
    frozenset({"y", "n"}),
    frozenset({"t", "f"}),
)
Text = str | int | None


def distinct_values(values: Iterable[str]) -> set[str]:
    """The texts that mean something."""
    return {value for value in values if value} - NULLS


def find_kind(distinct: set[str], order: DateOrder, style: NumberStyle = PLAIN) -> Kind:
    """The narrowest kind that holds every one of these texts."""
    if not distinct:
        return Kind.TEXT
    if any(distinct_fits(distinct, pair) for pair in PAIRS):
        return Kind.BOOLEAN
    # Beside a decimal comma, 1.5 may be anything.
    for tried in dict.fromkeys((style, *([PLAIN] if has_point(style) else []))):
        if fits(distinct, tried):
            return Kind.INTEGER if are_whole(distinct, tried) else Kind.DECIMAL
    if all(read_date(value, order) for value in distinct):
        return Kind.DATE
    if all(read_datetime(value, order) for value in distinct):
        return Kind.DATETIME
    return Kind.TEXT


def distinct_fits(distinct: set[str], pair: frozenset[str]) -> bool:
    """A field of nothing but NO may hold countries, one of F sexes."""
    if len(distinct) > 6:
        return False
    words = {value.casefold() for value in distinct}
    return words == pair or (words <= pair and not words.isdisjoint(CLEAR_WORDS))


def read_boolean(text: str) -> int | None:
    return WORDS.get(text.casefold(), {"1": 1, "0": 0}.get(text))


@dataclass(frozen=True, slots=True)
class Converted:
    """A batch of one field as the database takes it; misfits are still the texts they were."""

    values: Sequence[str | int | float | bytes | None]
    missed: frozenset[str] | set[str] = frozenset()
    """The texts that do not fit."""
    altered: bool = False
    """Whether the field would change one of its misfits beyond recognition: see NOT_EXACT."""
    fractions: bool = False
    """Whether every misfit is a decimal number, in a field of whole ones."""


def convert(
    kind: Kind, values: Sequence[str], order: DateOrder, style: NumberStyle = PLAIN
) -> Converted:
    """A batch of one field's texts as the database takes them.

    Numbers stay text: the field's affinity turns them into numbers, faster than Python. Dates and
    yes/no have a numeric affinity too, so a misfit among them could lose a leading zero.
    """
    quick = QUICK.get(kind)
    if kind is Kind.DECIMAL and not has_point(style):
        quick = are_whole_numbers
    if quick is None or quick(values):
        return Converted([text or None for text in values] if "" in values else values)
    distinct = set(values)
    if kind in READERS:
        found = map(READERS[kind], distinct, repeat(order))
        return convert_each(values, dict(zip(distinct, found, strict=True)))
    whole = kind is Kind.INTEGER
    read: dict[str, Text] = {text: read_number(text, style, whole=whole) for text in distinct}
    if has_point(style):
        # SQLite reads more forms than we would call a number of this kind.
        plain = {text for text in distinct if NUMBER.fullmatch(text) and not NOT_EXACT.match(text)}
        read.update({text: text for text in plain if not whole or "." not in text})
    found_all = convert_each(values, read)
    missed = found_all.missed
    fractions = bool(missed) and whole and fits(set(missed), style)
    # 1.500 may be fifteen hundred there, and would become one and a half.
    altered = any(map(NUMBER.fullmatch if whole or not has_point(style) else is_altered, missed))
    return replace(found_all, altered=altered, fractions=fractions)


def convert_each(values: Sequence[str], read: dict[str, Text]) -> Converted:
    """`read` holds each distinct text as its value, or None where it is none."""
    missed = {text for text, value in read.items() if value is None and text} - NULLS
    read.update({text: text for text in missed})
    return Converted([read[text] for text in values], missed, any(map(is_altered, missed)))


def is_altered(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None and NOT_EXACT.match(text) is not None


QUICK: dict[Kind, Callable[[Sequence[str]], bool]] = {
    Kind.INTEGER: are_whole_numbers,
    Kind.DECIMAL: are_plain_numbers,
    Kind.DATE: are_plain_dates,
    Kind.DATETIME: are_plain_datetimes,
    Kind.BOOLEAN: lambda _: False,
}
"""Whether a batch needs no look at each value. Other kinds take any text as it is."""

READERS: dict[Kind, Callable[[str, DateOrder], Text]] = {
    Kind.BOOLEAN: lambda text, _: read_boolean(text),
    Kind.DATE: read_date,
    Kind.DATETIME: read_datetime,
}
