"""Numbers and days as people of different countries write them, where they can mean one thing only.

“1,5” and “31.12.2026” are clear to everybody. “1,500” and “1/2/2026” are not, and stay as they are.
Nor is “1.500” as an amount of money: fifteen hundred in one country, one and a half in another.
"""

import re

from .values import Kind

GAP = "[ \u00a0\u202f'’]"
DECIMAL_COMMA = re.compile(r"0,\d+|\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+", re.ASCII)
POINTS_AND_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}", re.ASCII)
COMMAS_AND_POINT = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}", re.ASCII)
GAPS = re.compile(rf"\d{{1,3}}(?:{GAP}\d{{3}})+(?:[.,]\d+)?", re.ASCII)
NUMBER = re.compile(rf"\d(?:[\d.,]|{GAP}(?=\d))*", re.ASCII)

DOTTED = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?=\D|$),?", re.ASCII)
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?=\D|$),?", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?=\D|$),?", re.ASCII)
ONE_POINT = re.compile(r"(?<![\d.,])\d{1,3}\.\d{3}(?![\d.,])", re.ASCII)
YEAR_AND_MONTH = re.compile(r"(\d{4})[-./](\d{1,2})", re.ASCII)
SHORT_HOUR = re.compile(r"^(\d{4}-\d\d-\d\d )(\d:\d\d)", re.ASCII)
LAST_MONTH = 12


def plainly(kind: Kind, text: str | None) -> str | None:
    """`text` with a point before the decimals, or the day as in 2026-03-31; otherwise as it is."""
    if text is None:
        return None
    if kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY):
        return NUMBER.sub(lambda found: plain_number(found[0]), text, count=1)
    if kind is Kind.DATE:
        return plain_day(text.strip())
    if kind is Kind.DATETIME:
        return SHORT_HOUR.sub(r"\g<1>0\2", plain_day(text.strip()))
    return text


def plain_asked(kind: Kind, text: str) -> str:
    """`text` as a filter compares it: of a date a year or month will do."""
    if kind not in (Kind.DATE, Kind.DATETIME):
        return plainly(kind, text) or ""
    if found := YEAR_AND_MONTH.fullmatch(text):
        return f"{found[1]}-{int(found[2]):02}"
    return plainly(Kind.DATETIME, text) or ""


def unclear_amount(text: str) -> bool:
    """Whether the point in an amount of money could part its thousands as well as its decimals."""
    found = ONE_POINT.search(text)
    return found is not None and not found[0].startswith("0")


def plain_number(text: str) -> str:
    """With a decimal point and nothing between the thousands, where it can mean one thing only."""
    if DECIMAL_COMMA.fullmatch(text):
        return text.replace(",", ".")
    if POINTS_AND_COMMA.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if COMMAS_AND_POINT.fullmatch(text):
        return text.replace(",", "")
    if GAPS.fullmatch(text):
        return re.sub(GAP, "", text).replace(",", ".")
    return text


def plain_day(text: str) -> str:
    if found := YEAR_FIRST.match(text):
        year, _, month, day = found.groups()
    elif found := DOTTED.match(text):
        day, month, year = found.groups()
    elif found := SLASHED.match(text):
        first, second, year = found.groups()
        if int(first) <= LAST_MONTH and int(second) <= LAST_MONTH and int(first) != int(second):
            return text
        day, month = (first, second) if int(first) > LAST_MONTH else (second, first)
    else:
        return text
    return f"{year}-{int(month):02}-{int(day):02}{text[found.end() :]}"
