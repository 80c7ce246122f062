"""What a value of another program's is not, though its field says so: “soon” in a date.

What is a date is what filters and groups take for one. The grid decides by the same rules, cell by
cell, in static/grid/values.js.
"""

import re
from datetime import date

from myapp.store import BlobSize, Field, Kind, LongText, Value, format_value

WHOLE = re.compile(r"(?<!PO)INT")
NUMERIC = re.compile(r"REAL|FLOA|DOUB|NUM|DEC|MONEY|CURRENCY")
"""Types that mean numbers; SQLite takes every word that it does not know for one."""

TIME = re.compile(
    r"[ T]\s*([01]\d|2[0-4]):[0-5]\d(:[0-5]\d(\.\d+)?)?\s*(Z|[+-]\d\d:\d\d)?", re.ASCII
)
LONGEST = 60


def must_be(field: Field) -> str:
    """What all values of the field are meant to be; nothing where that can be anything."""
    if field.link is not None:
        return ""
    declared = field.declared.upper()
    if field.kind is Kind.INTEGER:
        return "a whole number" if WHOLE.search(declared) else ""
    if field.kind in (Kind.DECIMAL, Kind.MONEY):
        return "a number" if NUMERIC.search(declared) else ""
    named = {Kind.BOOLEAN: "yes or no", Kind.DATE: "a date", Kind.DATETIME: "a date and time"}
    return named.get(field.kind, "")


def misfit_of(field: Field, value: Value | BlobSize | LongText) -> str:
    """A sentence without its point; nothing for a value that fits."""
    must = must_be(field)
    if not must or value is None or value == "" or fits(field.kind, value):
        return ""
    if isinstance(value, bytes | BlobSize):
        return f"Bytes are not {must}"
    text = value.prefix if isinstance(value, LongText) else format_value(field.kind, value)
    return f"“{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}” is not {must}"


def fits(kind: Kind, value: Value | BlobSize | LongText) -> bool:
    if kind in (Kind.DATE, Kind.DATETIME):
        return isinstance(value, str) and is_dated(value)
    if kind is Kind.BOOLEAN:
        return isinstance(value, int | float) and value in (0, 1)
    if kind is Kind.INTEGER and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int | float)


def is_dated(text: str) -> bool:
    day, rest = text[:10], text[10:]
    try:
        known = date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False
    return known and (not rest or TIME.fullmatch(rest) is not None)
