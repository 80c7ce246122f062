"""Find out what the values of a field are, and turn their text into values."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import repeat

from myapp.store import Kind

from .plan import DateOrder

# A plus sign begins a telephone number, a leading zero a code. Eighteen digits always fit
# SQLite's 64 bits.
INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
# An exponent needs a point or a sign: 1E5 is as likely a code as a number.
DECIMAL = re.compile(
    r"-?((0|[1-9]\d{0,17})(\.\d*)?|\.\d+|\d*\.\d+[eE]\d{1,3}|\d(\.\d+)?[eE][+-]\d{1,3})",
    re.ASCII,
)
DECIMAL_COMMA = re.compile(r"-?(0|[1-9]\d{0,17})(,\d+)?", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NATIONAL_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})", re.ASCII)
ISO_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
NOT_EXACT = re.compile(
    r"\s*(?:\+.*|-?0\d.*|-?\d{19}.*|-?0*\.?0*(?:\d\.?){18,}.*|-?\d+[eE]\d+\s*)",
    re.ASCII | re.DOTALL,
)
"""A number that SQLite would not keep as it is written: a leading zero, the plus sign of
a telephone number, a code like 1E5, or more digits than it keeps."""

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
"""What SQLite turns into a number where a field's affinity is numeric."""

MOST_DIGITS = 17
NULLS = frozenset({"NULL", "null", "\\N", "NA", "N/A", "n/a", "#N/A", "NaN", "nan"})
"""Mean "no value" among numbers, dates and yes/no. In a text field they stay what they are."""

WORDS = {"yes": 1, "no": 0, "true": 1, "false": 0, "y": 1, "n": 0, "t": 1, "f": 0}
DIGITS = str.maketrans("123456789", "000000000")
PLAIN_DATETIME = "0000-00-00 00:00:00\n"
HOURS = frozenset(f"{hour:02}" for hour in range(24))
WHOLE_SECONDS = len("2026-03-31 14:30:00")
CLEAR_WORDS = frozenset({"yes", "true", "false"})
PAIRS = (
    frozenset({"yes", "no"}),
    frozenset({"true", "false"}),
    frozenset({"y", "n"}),
    frozenset({"t", "f"}),
)


def find_kind(values: Iterable[str], order: DateOrder, *, comma: bool) -> Kind:
    """The narrowest kind that holds every one of the non-empty values."""
    distinct = {value for value in values if value} - NULLS
    if not distinct:
        return Kind.TEXT
    if any(distinct_fits(distinct, pair) for pair in PAIRS):
        return Kind.BOOLEAN
    if all(map(INTEGER.fullmatch, distinct)):
        return Kind.INTEGER
    decimal = DECIMAL_COMMA if comma else DECIMAL
    if all(decimal.fullmatch(value) and not NOT_EXACT.match(value) for value in distinct):
        return Kind.DECIMAL
    if all(read_date(value, order) for value in distinct):
        return Kind.DATE
    if all(read_datetime(value) for value in distinct):
        return Kind.DATETIME
    return Kind.TEXT


def distinct_fits(distinct: set[str], pair: frozenset[str]) -> bool:
    """A field of nothing but NO may hold countries, one of F sexes."""
    if len(distinct) > 6:
        return False
    words = {value.casefold() for value in distinct}
    return words == pair or (words <= pair and not words.isdisjoint(CLEAR_WORDS))


def find_date_order(columns: Sequence[Sequence[str]]) -> DateOrder:
    """Day or month first in dates like 31/12/2026, decided from all values of all fields.

    Where nothing decides it, slashes and hyphens stay text ("ymd"); points mean day first.
    """
    for values in columns:
        parts = [NATIONAL_DATE.fullmatch(value) for value in set(values) - NULLS if value]
        if not parts or not all(parts):
            continue
        firsts = [int(part[1]) for part in parts if part]
        seconds = [int(part[3]) for part in parts if part]
        if max(firsts) > 12 >= max(seconds):
            return "dmy"
        if max(seconds) > 12 >= max(firsts):
            return "mdy"
    return "ymd"


@lru_cache(maxsize=50_000)
def read_date(text: str, order: DateOrder) -> str | None:
    """`text` as an ISO date, or None where it is none."""
    if ISO_DATE.fullmatch(text):
        return text if is_day(int(text[:4]), int(text[5:7]), int(text[8:])) else None
    parts = NATIONAL_DATE.fullmatch(text)
    if parts is None or (order == "ymd" and parts[2] != "."):
        return None
    day, month = (parts[3], parts[1]) if order == "mdy" else (parts[1], parts[3])
    if not is_day(int(parts[4]), int(month), int(day)):
        return None
    return f"{parts[4]}-{int(month):02}-{int(day):02}"


def is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def read_datetime(text: str) -> str | None:
    """`text` as ISO with a space between date and time, or None where it is none."""
    if not ISO_DATETIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == WHOLE_SECONDS:
        return text if text[10] == " " else f"{text[:10]} {text[11:]}"
    return moment.isoformat(sep=" ")


def read_boolean(text: str) -> int | None:
    return WORDS.get(text.casefold(), {"1": 1, "0": 0}.get(text))


def uses_decimal_comma(columns: Iterable[Sequence[str]]) -> bool:
    """Whether a field becomes numeric only when its comma is read as the decimal mark.

    Where every comma has three digits after it, as in 1,234, it may mark thousands: no.
    """
    for values in columns:
        distinct = {value for value in values if value} - NULLS
        commas = {value for value in distinct if "," in value}
        if commas and all(map(DECIMAL_COMMA.fullmatch, distinct)):
            parts = [value.lstrip("+-").partition(",") for value in commas]
            if any(len(rest) != 3 or len(whole) > 3 or whole == "0" for whole, _, rest in parts):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Converted:
    values: Sequence[str | int | None]
    missed: frozenset[str] | set[str] = frozenset()
    """The texts that do not fit; they stay text."""
    altered: bool = False
    """Whether the field would change one of its texts beyond recognition: see NOT_EXACT."""


def convert(kind: Kind, values: Sequence[str], order: DateOrder, *, comma: bool) -> Converted:
    """A batch of one field's texts as the database takes them.

    Numbers stay text: the field's affinity turns them into numbers, faster than Python. Dates and
    yes/no have a numeric affinity too, so a misfit among them could lose a leading zero.
    """
    if kind is Kind.DATETIME and are_plain_datetimes(values):
        return Converted([text or None for text in values] if "" in values else values)
    if kind in READERS:
        distinct = set(values)
        return convert_each(
            values, dict(zip(distinct, map(READERS[kind], distinct, repeat(order)), strict=True))
        )
    comma = comma and kind is Kind.DECIMAL
    numeric = kind in (Kind.INTEGER, Kind.DECIMAL)
    if not numeric or (not comma and are_plain_numbers(values)):
        return Converted([text or None for text in values] if "" in values else values)
    if comma:
        read: dict[str, str | int | None] = {
            text: text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text) else None
            for text in set(values)
        }
        # 1.500 may be fifteen hundred there, and would become one and a half
        found = convert_each(values, read)
        return replace(found, altered=any(map(NUMBER.fullmatch, found.missed)))
    distinct = set(values)
    read = {text: text if NUMBER.fullmatch(text) else None for text in distinct}
    return replace(convert_each(values, read), altered=any(map(is_altered, distinct)))


def convert_each(values: Sequence[str], read: dict[str, str | int | None]) -> Converted:
    """`read` holds each distinct text as its value, or None where it is none."""
    missed = {text for text, value in read.items() if value is None and text} - NULLS
    read.update({text: text for text in missed})
    return Converted([read[text] for text in values], missed, any(map(is_altered, missed)))


def is_altered(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None and NOT_EXACT.match(text) is not None


def are_plain_datetimes(values: Sequence[str]) -> bool:
    """Whether all are blank or like 2026-03-31 14:30:00, found mostly without a look at each."""
    filled = [text for text in values if text] if "" in values else values
    text = "".join([f"{moment}\n" for moment in filled])
    if not text.isascii() or text.translate(DIGITS) != PLAIN_DATETIME * len(filled):
        return False
    return (
        None not in map(read_date, {text[:10] for text in filled}, repeat("ymd"))
        and {text[11:13] for text in filled} <= HOURS
        and set(text[14::20] + text[17::20]) <= set("012345")
    )


def are_plain_numbers(values: Sequence[str]) -> bool:
    """Whether all are blank or short plain numbers, found without looking at each of them."""
    text = "\n" + "\n".join(values) + "\n"
    try:
        points = text.encode("ascii").translate(None, b"0123456789-")
    except UnicodeEncodeError:
        return False
    if points.translate(None, b".\n") or b".." in points or "\n.\n" in text:
        return False
    if "-" in text:
        if text.count("-") != text.count("\n-") or "-\n" in text or "-." in text:
            return False
        text = text.replace("-", "")
    zeros = text.count("\n0") != text.count("\n0.") + text.count("\n0\n")
    return not zeros and max(map(len, values)) <= MOST_DIGITS


READERS: dict[Kind, Callable[[str, DateOrder], str | int | None]] = {
    Kind.BOOLEAN: lambda text, _: read_boolean(text),
    Kind.DATE: read_date,
    Kind.DATETIME: lambda text, _: read_datetime(text),
}
