"""Find out what the values of a field are, and turn their text into values."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from myapp.store import Kind

from .plan import DateOrder

# Eighteen digits always fit SQLite's 64 bits; a leading zero is part of a code, not of a number.
INTEGER = re.compile(r"[+-]?(0|[1-9]\d{0,17})", re.ASCII)
DECIMAL = re.compile(r"[+-]?((0|[1-9]\d{0,17})(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
DECIMAL_COMMA = re.compile(r"[+-]?(0|[1-9]\d{0,17})(,\d+)?", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NATIONAL_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})", re.ASCII)
ISO_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
NOT_EXACT = re.compile(r"^\s*[+-]?(?:0\d|\d{19})", re.MULTILINE | re.ASCII)
"""A number that SQLite would not keep as it is written: a leading zero, or too many digits."""

WORDS = {"yes": 1, "no": 0, "true": 1, "false": 0, "y": 1, "n": 0, "t": 1, "f": 0}
WHOLE_SECONDS = len("2026-03-31 14:30:00")
PAIRS = (
    frozenset({"yes", "no"}),
    frozenset({"true", "false"}),
    frozenset({"y", "n"}),
    frozenset({"t", "f"}),
)


def find_kind(values: Iterable[str], order: DateOrder, *, comma: bool) -> Kind:
    """The narrowest kind that holds every one of the non-empty values."""
    distinct = {value for value in values if value}
    if not distinct:
        return Kind.TEXT
    if any(distinct_fits(distinct, pair) for pair in PAIRS):
        return Kind.BOOLEAN
    if all(map(INTEGER.fullmatch, distinct)):
        return Kind.INTEGER
    if all(map((DECIMAL_COMMA if comma else DECIMAL).fullmatch, distinct)):
        return Kind.DECIMAL
    if all(read_date(value, order) for value in distinct):
        return Kind.DATE
    if all(read_datetime(value) for value in distinct):
        return Kind.DATETIME
    return Kind.TEXT


def distinct_fits(distinct: set[str], pair: frozenset[str]) -> bool:
    return len(distinct) <= 6 and {value.casefold() for value in distinct} <= pair


def find_date_order(columns: Sequence[Sequence[str]]) -> DateOrder:
    """Day or month first in dates like 31/12/2026, decided from all values of all fields.

    Where nothing decides it, points mean day first, and slashes stay text ("ymd").
    """
    points = False
    for values in columns:
        parts = [NATIONAL_DATE.fullmatch(value) for value in set(values) if value]
        if not parts or not all(parts):
            continue
        firsts = [int(part[1]) for part in parts if part]
        seconds = [int(part[3]) for part in parts if part]
        if max(firsts) > 12 >= max(seconds):
            return "dmy"
        if max(seconds) > 12 >= max(firsts):
            return "mdy"
        points = points or any(part[2] == "." for part in parts if part)
    return "dmy" if points else "ymd"


def read_date(text: str, order: DateOrder) -> str | None:
    """`text` as an ISO date, or None where it is none."""
    if ISO_DATE.fullmatch(text):
        return text if is_day(int(text[:4]), int(text[5:7]), int(text[8:])) else None
    parts = NATIONAL_DATE.fullmatch(text) if order != "ymd" else None
    if parts is None:
        return None
    day, month = (parts[1], parts[3]) if order == "dmy" else (parts[3], parts[1])
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


def loses_digits(kind: Kind, values: Sequence[str]) -> bool:
    """Whether a number field would change how one of these values is written."""
    if kind not in (Kind.INTEGER, Kind.DECIMAL):
        return False
    return NOT_EXACT.search("\n".join(values)) is not None


def convert(
    kind: Kind, values: Sequence[str], order: DateOrder, *, comma: bool
) -> tuple[Sequence[str | int | None], list[str]]:
    """A batch of one field's texts as the database takes them, and those that do not fit.

    What does not fit stays text. Numbers stay text too: the field's affinity turns them into
    numbers, faster than Python, and the store tells afterwards which it could not.
    """
    if kind in READERS:
        read = READERS[kind]
        known: dict[str, str | int | None] = {text: read(text, order) for text in set(values)}
        known[""] = ""
        missed = {text for text, value in known.items() if value is None}
        if not missed and "" not in values:
            return [known[text] for text in values], []
        wrong = [text for text in values if text in missed]
        known.update({text: text for text in missed})
        known[""] = None
        return [known[text] for text in values], wrong
    if kind is Kind.DECIMAL and comma:
        values = [
            text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text) else text for text in values
        ]
    return ([text or None for text in values] if "" in values else values), []


READERS: dict[Kind, Callable[[str, DateOrder], str | int | None]] = {
    Kind.BOOLEAN: lambda text, _: read_boolean(text),
    Kind.DATE: read_date,
    Kind.DATETIME: lambda text, _: read_datetime(text),
}
