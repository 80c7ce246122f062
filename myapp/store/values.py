"""The kinds of value that a field holds, and the way between a value and what a person types."""

import re
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .errors import ValueDoesNotFit

Value = int | float | str | bytes | None

SMALLEST, LARGEST = -(2**63), 2**63 - 1
YES = frozenset({"1", "yes", "y", "true", "t", "on"})
NO = frozenset({"0", "no", "n", "false", "f", "off"})
INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class Kind(StrEnum):
    """What a field holds, in the person's terms; SQLite's declared types map onto these."""

    TEXT = "text"
    LONG = "long"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    CHOICES = "choices"
    WEB = "web"
    EMAIL = "email"
    PHONE = "phone"
    BLOB = "blob"
    ANY = "any"

    @property
    def declared(self) -> str:
        """The SQL type that a new field of this kind is declared with. Choices are text with a
        rule: see `checks`."""
        return DECLARED.get(self, self.value.upper())


DECLARED = {
    Kind.LONG: "LONGTEXT",
    Kind.CHOICE: "TEXT",
    Kind.CHOICES: "TEXT",
    Kind.WEB: "URL TEXT",
    Kind.EMAIL: "EMAIL TEXT",
    Kind.PHONE: "PHONE TEXT",
    Kind.ANY: "",
}
KNOWN = {
    Kind.LONG.declared: Kind.LONG,
    Kind.MONEY.declared: Kind.MONEY,
    Kind.WEB.declared: Kind.WEB,
    Kind.EMAIL.declared: Kind.EMAIL,
    Kind.PHONE.declared: Kind.PHONE,
}
"""Types that say more than SQLite's affinity; other programs read them as text or numbers."""

TEXTS = frozenset((Kind.TEXT, Kind.LONG, Kind.CHOICE, Kind.CHOICES, Kind.WEB, Kind.EMAIL))
TEXTS |= {Kind.PHONE}
SPECIAL = frozenset((Kind.MONEY, Kind.CHOICE, Kind.CHOICES, Kind.WEB, Kind.EMAIL, Kind.PHONE))
"""Kinds whose values `special` reads."""

CHOSEN = (Kind.CHOICE, Kind.CHOICES)


class Limits(NamedTuple):
    """What a field takes, beside its kind: one or several of `choices`, in their order, or what
    lies between two values, either of which may be missing."""

    choices: tuple[str, ...] = ()
    smallest: int | float | str | None = None
    largest: int | float | str | None = None


NO_LIMITS = Limits()


class LongText(NamedTuple):
    """The beginning of a text that a window leaves out; `chars` is its whole length."""

    prefix: str
    chars: int


class BlobSize(NamedTuple):
    """Stands for a blob in a window; `bytes` is its size."""

    bytes: int


Shown = Value | LongText | BlobSize


def kind_of(declared: str) -> Kind:
    """The kind of a declared SQL type, by SQLite's affinity rules and the usual type names.

    Source: https://sqlite.org/datatype3.html, section 3.1, with date and yes/no names before it.
    """
    name = declared.upper()
    if not name or name == "ANY":
        return Kind.ANY
    if name in KNOWN:
        return KNOWN[name]
    if "BOOL" in name:
        return Kind.BOOLEAN
    if "DATETIME" in name or "TIMESTAMP" in name:
        return Kind.DATETIME
    if name.startswith("DATE"):
        return Kind.DATE
    if "INT" in name:
        return Kind.INTEGER
    if any(part in name for part in ("CHAR", "CLOB", "TEXT", "STRING", "TIME", "UUID", "JSON")):
        return Kind.TEXT
    if "BLOB" in name or "BINARY" in name:
        return Kind.BLOB
    return Kind.DECIMAL


def parse_value(field: str, kind: Kind, text: str | None, limits: Limits = NO_LIMITS) -> Value:
    """The value that `text`, as a person typed it, means in a field of this kind.

    None means empty. Raises ValueDoesNotFit with a sentence that names the field, and
    ValueNotAllowed where `limits` do not let the value in.
    """
    if limits is not NO_LIMITS and limits != NO_LIMITS:
        from .special import check_limits

        value = parse_value(field, kind, text) if kind not in CHOSEN else text
        return check_limits(field, kind, limits, value)
    if text is None:
        return None
    if kind in (Kind.TEXT, Kind.LONG, Kind.BLOB):
        return text
    if kind in SPECIAL:
        from .special import parse_special

        return parse_special(field, kind, text.strip())
    if kind is Kind.ANY:
        return plain_number(text) if text.strip() == text else text
    stripped = text.strip()
    if not stripped:
        return None
    if kind is Kind.INTEGER:
        return parse_integer(field, stripped)
    if kind is Kind.DECIMAL:
        return parse_decimal(field, stripped)
    if kind is Kind.BOOLEAN:
        return parse_boolean(field, stripped)
    if kind is Kind.DATE:
        return parse_date(field, stripped)
    return parse_datetime(field, stripped)


def plain_number(text: str) -> int | float | str:
    """`text` as a number where that loses nothing, otherwise the text itself."""
    if INTEGER.fullmatch(text) and len(text) < 20 and str(int(text)) == text:
        number = int(text)
        return number if SMALLEST <= number <= LARGEST else text
    if DECIMAL.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return text


def parse_integer(field: str, text: str) -> int:
    if len(text) > 40 or not INTEGER.fullmatch(text):
        raise ValueDoesNotFit(field, text, "a whole number")
    number = int(text)
    if not SMALLEST <= number <= LARGEST:
        raise ValueDoesNotFit(field, text, "a whole number of at most 18 digits")
    return number


def parse_decimal(field: str, text: str) -> int | float:
    if INTEGER.fullmatch(text) and len(text) < 19:
        return int(text)
    if not DECIMAL.fullmatch(text) or float(text) in (float("inf"), float("-inf")):
        raise ValueDoesNotFit(field, text, "a number (with a point before the decimals)")
    number = float(text)
    if Decimal(repr(number)) != Decimal(text):
        raise ValueDoesNotFit(field, text, "a number of at most 15 digits, so that none is lost")
    return number


def parse_boolean(field: str, text: str) -> int:
    word = text.casefold()
    if word in YES:
        return 1
    if word in NO:
        return 0
    raise ValueDoesNotFit(field, text, "yes or no")


def parse_date(field: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueDoesNotFit(field, text, "a date like 2026-03-31") from None


def parse_datetime(field: str, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueDoesNotFit(field, text, "a date and time like 2026-03-31 14:30") from None
    return moment.isoformat(sep=" ")


def format_value(kind: Kind, value: Value) -> str:
    """What an input shows for `value`; `parse_value` gives the same value back."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    if kind is Kind.BOOLEAN and value in (0, 1):
        return "yes" if value else "no"
    if kind in (Kind.MONEY, Kind.CHOICES):
        from .special import format_special

        return format_special(kind, value)
    if isinstance(value, float):
        return repr(value)
    return str(value)
