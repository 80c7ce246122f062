"""Dates and moments as people write them: which order they are in, and their ISO form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

DateOrder = Literal["ymd", "dmy", "mdy"]
"""How 3/4/2026 is read: the 3rd of April, March the 4th, or ("ymd") not as a date."""

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
NATIONAL_DATE = re.compile(r"(\d{1,2})(?:([./-])(\d{1,2})\2(\d{4})|(/)(\d{2})/(\d{2}))", re.ASCII)
NAMED_MONTH = re.compile(
    r"(?:(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})|([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4}))",
    re.ASCII,
)
ISO_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
WITH_TIME = re.compile(
    r"(.{6,20}?),? +(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(?: ?([AaPp])\.?[Mm]\.?)?",
    re.ASCII,
)
WHOLE_SECONDS = len("2026-03-31 14:30:00")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
LAST_OF_2000S = 29
"""Two digits up to here are years after 2000, the others before, as spreadsheets read them."""

DIGITS = str.maketrans("123456789", "000000000")
PLAIN_DATETIME = "0000-00-00 00:00:00\n"
HOURS = frozenset((f"{hour:02}"[0], f"{hour:02}"[1]) for hour in range(24))


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """`open_fields` are the numbers of the fields whose dates could be read in either order."""

    order: DateOrder
    open_fields: tuple[int, ...] = ()


def find_date_order(columns: Sequence[set[str]]) -> FoundOrder:
    """Day or month first in dates like 31/12/2026, decided from all values of all fields.

    Where nothing decides it, slashes and hyphens stay text ("ymd"); points mean day first.
    """
    open_fields = []
    order: DateOrder | None = None
    for number, distinct in enumerate(columns):
        parts: list[re.Match[str]] = []
        for text in distinct:
            part = NATIONAL_DATE.fullmatch(text) or national_part(text)
            if part is None:
                parts = []
                break
            parts.append(part)
        if not parts:
            continue
        firsts = max(int(part[1]) for part in parts)
        seconds = max(int(part[3] or part[6]) for part in parts)
        if firsts > 12 >= seconds:
            order = order or "dmy"
        elif seconds > 12 >= firsts:
            order = order or "mdy"
        elif firsts <= 12 and any(part[2] != "." for part in parts):
            open_fields.append(number)
    if order is not None:
        return FoundOrder(order)
    return FoundOrder("ymd", tuple(open_fields))


def national_part(text: str) -> re.Match[str] | None:
    """The date of a moment like 31/12/2026 14:30."""
    moment = WITH_TIME.fullmatch(text)
    return NATIONAL_DATE.fullmatch(moment[1]) if moment else None


@lru_cache(maxsize=50_000)
def read_date(text: str, order: DateOrder) -> str | None:
    """`text` as an ISO date, or None where it is none."""
    if ISO_DATE.fullmatch(text):
        return iso_day(int(text[:4]), int(text[5:7]), int(text[8:]))
    if parts := NATIONAL_DATE.fullmatch(text):
        return read_national(parts, order)
    if parts := YEAR_FIRST.fullmatch(text):
        return iso_day(int(parts[1]), int(parts[3]), int(parts[4]))
    if parts := NAMED_MONTH.fullmatch(text):
        day, name, year = parts[1] or parts[5], parts[2] or parts[4], parts[3] or parts[6]
        known = [n for n, each in enumerate(MONTHS, 1) if name.lower() in (each, each[:3])]
        return iso_day(int(year), known[0], int(day)) if known else None
    return None


def read_national(parts: re.Match[str], order: DateOrder) -> str | None:
    if order == "ymd" and parts[2] != ".":
        return None
    first, second = int(parts[1]), int(parts[3] or parts[6])
    if parts[4]:
        year = int(parts[4])
    else:
        short = int(parts[7])
        year = short + (2000 if short <= LAST_OF_2000S else 1900)
    # Nobody writes the month first before points.
    month_first = order == "mdy" and parts[2] != "."
    return iso_day(year, *((first, second) if month_first else (second, first)))


def iso_day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def read_datetime(text: str, order: DateOrder = "ymd") -> str | None:
    """`text` as ISO with a space between date and time, or None where it is none."""
    if not ISO_DATETIME.fullmatch(text):
        return read_national_moment(text, order)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == WHOLE_SECONDS:
        return text if text[10] == " " else f"{text[:10]} {text[11:]}"
    return moment.isoformat(sep=" ")


def read_national_moment(text: str, order: DateOrder) -> str | None:
    """A moment like 31/12/2026 2:30 pm."""
    parts = WITH_TIME.fullmatch(text)
    day = read_date(parts[1], order) if parts else None
    if parts is None or day is None:
        return None
    hour, half = int(parts[2]), (parts[6] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    minute, second = int(parts[3]), int(parts[4] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = f".{parts[5].ljust(6, '0')}" if parts[5] and int(parts[5]) else ""
    return f"{day} {hour:02}:{minute:02}:{second:02}{fraction}"


def are_plain_dates(values: Sequence[str]) -> bool:
    """Whether all are blank or ISO dates, found mostly without a look at each."""
    return are_days(set(values) - {""})


def are_days(distinct: set[str]) -> bool:
    """Whether all are days of the calendar in ISO form."""
    new = distinct - KNOWN_DAYS
    if not all(read_date(text, "ymd") == text for text in new):
        return False
    if len(KNOWN_DAYS) < MOST_KNOWN_DAYS:
        KNOWN_DAYS.update(new)
    return True


KNOWN_DAYS: set[str] = set()
"""Days that were looked at before: a file has the same ones over and over."""

MOST_KNOWN_DAYS = 100_000


def are_plain_datetimes(values: Sequence[str]) -> bool:
    """Whether all are blank or like 2026-03-31 14:30:00, found mostly without a look at each."""
    filled = [text for text in values if text] if "" in values else values
    text = "".join([f"{moment}\n" for moment in filled])
    if not text.isascii() or text.translate(DIGITS) != PLAIN_DATETIME * len(filled):
        return False
    return (
        are_days({text[:10] for text in filled})
        and set(zip(text[11::20], text[12::20], strict=True)) <= HOURS
        and set(text[14::20] + text[17::20]) <= set("012345")
    )
