"""Numbers as people write them: which marks they use, and their plain form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

NumberStyle = Literal["1234.5", "1234,5", "1,234.5", "1.234,5", "1 234,5", "1'234.5"]
"""An example of how numbers are written: the decimal mark and the one between thousands."""

STYLES: tuple[NumberStyle, ...] = get_args(NumberStyle)
PLAIN: NumberStyle = "1234.5"

# A plus sign begins a telephone number, a leading zero a code. Eighteen digits always fit
# SQLite's 64 bits.
INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
# An exponent needs a point or a sign: 1E5 is as likely a code as a number.
DECIMAL = re.compile(
    r"-?((0|[1-9]\d{0,17})(\.\d*)?|\.\d+|\d*\.\d+[eE]\d{1,3}|\d(\.\d+)?[eE][+-]\d{1,3})",
    re.ASCII,
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
SPACES = "  \u202f"  # plain, no-break and narrow


@dataclass(frozen=True, slots=True)
class Marks:
    """`whole` and `decimal` are what numbers of a style look like."""

    whole: re.Pattern[str]
    decimal: re.Pattern[str]
    point: str
    dropped: str

    def plain(self, text: str) -> str:
        """`text`, which `decimal` matches, as SQLite writes numbers."""
        for mark in self.dropped:
            text = text.replace(mark, "")
        return text.replace(self.point, ".")


def marks(point: str, between: str) -> Marks:
    digits = r"0|[1-9]\d{0,17}"
    if between:
        digits += rf"|[1-9]\d{{0,2}}(?:[{re.escape(between)}]\d{{3}}){{1,5}}"
    whole = rf"-?(?:{digits})"
    decimal = rf"{whole}(?:{re.escape(point)}\d+)?"
    return Marks(re.compile(whole, re.ASCII), re.compile(decimal, re.ASCII), point, between)


MARKS: dict[NumberStyle, Marks] = {
    PLAIN: Marks(INTEGER, DECIMAL, ".", ""),
    "1234,5": marks(",", ""),
    "1,234.5": marks(".", ","),
    "1.234,5": marks(",", "."),
    "1 234,5": marks(",", SPACES),
    "1'234.5": marks(".", "'’"),
}


@dataclass(frozen=True, slots=True)
class FoundStyle:
    """`open_fields` are the numbers of the fields whose commas could mean either."""

    style: NumberStyle
    open_fields: tuple[int, ...] = ()


def find_style(columns: Sequence[set[str]]) -> FoundStyle:
    """How numbers are written, decided from all values of all fields.

    1,234 may be a thousand or a fraction: where nothing else decides it, such fields stay text.
    """
    left = list(STYLES)
    open_fields = []
    for number, distinct in enumerate(columns):
        if not distinct or all(map(DECIMAL.fullmatch, distinct)):
            continue
        first = next(iter(distinct))
        if not first[-1:].isdigit():
            continue
        fit = [style for style in STYLES[1:] if fits(distinct, style)]
        if not fit:
            continue
        if "1,234.5" in fit and "1234,5" in fit:
            open_fields.append(number)
            continue
        left = [style for style in left if style in fit] or left
    style = PLAIN if len(left) == len(STYLES) else left[0]
    return FoundStyle(style, tuple(open_fields) if style == PLAIN else ())


def fits(distinct: set[str], style: NumberStyle) -> bool:
    """Whether every text is a number of this style that SQLite keeps exactly."""
    if has_point(style) and are_plain_numbers(list(distinct)):
        return True
    known = MARKS[style]
    matched = map(known.decimal.fullmatch, distinct)
    return all(matched) and not any(NOT_EXACT.match(known.plain(text)) for text in distinct)


def has_point(style: NumberStyle) -> bool:
    return MARKS[style].point == "."


def are_whole(distinct: set[str], style: NumberStyle) -> bool:
    return all(map(MARKS[style].whole.fullmatch, distinct))


def read_number(text: str, style: NumberStyle, *, whole: bool) -> str | None:
    """`text` in SQLite's own form, or None where it is no number of this style."""
    known = MARKS[style]
    if not (known.whole if whole else known.decimal).fullmatch(text):
        return None
    return known.plain(text)


def are_plain_numbers(values: Sequence[str], *, whole: bool = False) -> bool:
    """Whether all are blank or short plain numbers, found without looking at each of them."""
    text = "\n" + "\n".join(values) + "\n"
    try:
        points = text.encode("ascii").translate(None, b"0123456789-")
    except UnicodeEncodeError:
        return False
    if points.translate(None, b"\n" if whole else b".\n"):
        return False
    # Without the digits, two points of one value stand side by side.
    if not whole and (b".." in points or "\n.\n" in text):
        return False
    if "-" in text:
        if text.count("-") != text.count("\n-") or "-\n" in text or "-." in text:
            return False
        text = text.replace("-", "")
    zeros = text.count("\n0") != text.count("\n0.") + text.count("\n0\n")
    return not zeros and max(map(len, values)) <= MOST_DIGITS


def are_whole_numbers(values: Sequence[str]) -> bool:
    """Like `are_plain_numbers`, without a decimal mark."""
    return are_plain_numbers(values, whole=True)
