"""Values that come in for fields that take some of them only: money, choices, addresses, ranges."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from myapp.store import Kind, Limits, StoreError, Value, parse_value

from .cells import plain_cell
from .kinds import NULLS, Converted
from .numbers import read_number
from .plan import ReadOptions

CHOSEN = (Kind.CHOICE, Kind.CHOICES)
SPECIAL = (*CHOSEN, Kind.MONEY, Kind.WEB, Kind.EMAIL, Kind.PHONE)
CENT = Decimal("0.01")


def convert_special(
    kind: Kind, values: Sequence[Any], options: ReadOptions, limits: Limits
) -> Converted:
    """A batch of one field; each text and number is looked at once."""

    def read(cell: Any) -> Value:
        value = plain_cell(cell)
        if kind is Kind.MONEY and isinstance(value, float):
            # A spreadsheet's sums have parts of a cent that nobody sees.
            rounded = round(Decimal(repr(value)), 2)
            value = str(rounded if abs(Decimal(repr(value)) - rounded) < CENT / 10**6 else value)
        elif kind is Kind.MONEY and isinstance(value, str):
            value = read_number(value, options.number_style, whole=False) or value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return parse_value("", kind, None if value is None else str(value), limits)

    return each_once(values, read)


def within(kind: Kind, found: Converted, limits: Limits) -> Converted:
    """What fits its kind already, judged by the field's limits."""

    def read(value: Any) -> Value:
        if isinstance(value, bytes) or value in found.missed:
            return None
        parse_value("", kind, str(value), limits)
        return value  # type: ignore[no-any-return]

    judged = each_once(found.values, read)
    missed = set(judged.missed) | set(found.missed)
    return replace(judged, missed=missed, altered=found.altered, fractions=found.fractions)


def each_once(values: Sequence[Any], read: Callable[[Any], Value]) -> Converted:
    known: dict[tuple[type, Any], Value] = {}
    missed: set[str] = set()
    result: list[Value] = []
    for cell in values:
        if cell is None or cell == "":
            result.append(None)
            continue
        key = (type(cell), cell if isinstance(cell, str | int | float) else repr(cell))
        if key not in known:
            try:
                known[key] = read(cell)
            except StoreError:
                known[key] = None
            text = str(plain_cell(cell))
            if known[key] is None and text.strip() and text not in NULLS:
                known[key] = text
                missed.add(text)
        result.append(known[key])
    return Converted(result, missed, altered=bool(missed))
