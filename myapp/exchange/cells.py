"""Values that a file keeps with their types, as in a workbook or JSON: their kinds, their fit."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from myapp.store import Kind, Value

from .dates import are_plain_dates, are_plain_datetimes, read_date, read_datetime
from .kinds import Converted, is_altered

LARGEST = 2**63


def plain_cell(cell: Any) -> Value:
    """A cell as the database keeps it: moments and days as ISO text, nested values as JSON."""
    if cell is None or isinstance(cell, str | bytes | float):
        return cell
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, int):
        return cell if -LARGEST <= cell < LARGEST else str(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return duration(cell)
    return json.dumps(cell, ensure_ascii=False, separators=(",", ":"))


def duration(span: timedelta) -> str:
    """Hours, minutes and seconds, as a spreadsheet shows a span of time."""
    seconds = span.total_seconds()
    sign, whole = ("-" if seconds < 0 else ""), abs(int(seconds))
    return f"{sign}{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"


def find_kind_of_cells(cells: Iterable[Any]) -> Kind:
    """The narrowest kind that holds every cell that is not empty.

    A text is never taken for a number: whoever wrote it as a text had a reason.
    """
    filled = [cell for cell in cells if cell is not None and cell != ""]
    types = set(map(type, filled))
    if not types:
        return Kind.TEXT
    if types == {bool}:
        return Kind.BOOLEAN
    if types <= {int, float}:
        numbers = all(isinstance(cell, int) or cell.is_integer() for cell in filled)
        small = all(-LARGEST <= cell < LARGEST for cell in filled)
        return Kind.INTEGER if numbers and small else Kind.DECIMAL
    if types == {bytes}:
        return Kind.BLOB
    if types == {date}:
        return Kind.DATE
    if types <= {date, datetime}:
        return Kind.DATETIME
    if types == {str}:
        if all(read_date(text, "ymd") == text for text in filled):
            return Kind.DATE
        if all(read_datetime(text) for text in filled):
            return Kind.DATETIME
    return Kind.TEXT


def convert_cells(kind: Kind, cells: Sequence[Any]) -> Converted:
    """A batch of one field as the database takes it; what does not fit stays what it is."""
    types = set(map(type, cells)) - {type(None)}
    if types <= PLAIN_TYPES.get(kind, frozenset()):
        return Converted(cells)
    only = (kind, next(iter(types))) if len(types) == 1 else None
    if only in READ_ALIKE:
        read = READ_ALIKE[only]
        return Converted([None if cell is None else read(cell) for cell in cells])
    quick = QUICK.get(only) if only else None
    if quick and "" not in cells and quick([cell for cell in cells if cell is not None]):
        return Converted(cells)
    values: list[Value] = []
    missed: set[str] = set()
    for cell in cells:
        value = plain_cell(cell)
        if value == "" and kind not in (Kind.TEXT, Kind.ANY):
            value = None
        elif value is not None:
            fitted = fit(kind, cell, value)
            if fitted is None:
                value = str(value)
                missed.add(value)
            else:
                value = fitted
        values.append(value)
    return Converted(values, missed, any(map(is_altered, missed)))


def is_huge(numbers: Sequence[float]) -> bool:
    return max(numbers) >= LARGEST or min(numbers) < -LARGEST


def fit(kind: Kind, cell: Any, value: Value) -> Value:
    """`value` in a field of this kind; None where it does not fit."""
    if kind in (Kind.TEXT, Kind.ANY, Kind.BLOB):
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value)) if kind is Kind.TEXT else value
        return str(value) if kind is Kind.TEXT and not isinstance(value, bytes) else value
    if kind is Kind.BOOLEAN:
        return value if value in (0, 1) and not isinstance(value, str | bytes) else None
    if kind in (Kind.INTEGER, Kind.DECIMAL):
        if isinstance(value, str | bytes):
            return None
        if kind is Kind.INTEGER and isinstance(value, float):
            return int(value) if value.is_integer() and abs(value) < LARGEST else None
        return value
    if not isinstance(value, str):
        return None
    if kind is Kind.DATE:
        if isinstance(cell, datetime) and value.endswith(" 00:00:00"):
            return value[:10]
        return read_date(value, "ymd")
    return read_datetime(value) or (f"{value} 00:00:00" if read_date(value, "ymd") else None)


PLAIN_TYPES: dict[Kind, frozenset[type]] = {
    Kind.INTEGER: frozenset({int}),
    Kind.DECIMAL: frozenset({int, float}),
    Kind.TEXT: frozenset({str}),
    Kind.BLOB: frozenset({bytes}),
    Kind.ANY: frozenset({int, float, str, bytes}),
}
"""Python's types that a kind takes without a look at each value."""

READ_ALIKE: dict[tuple[Kind, type], Callable[[Any], Value]] = {
    (Kind.BOOLEAN, bool): int,
    (Kind.DATE, date): str,
    (Kind.DATETIME, datetime): str,
}
"""What reads all cells of one type, none of which can be a misfit."""

QUICK: dict[tuple[Kind, type], Callable[[Sequence[Any]], bool]] = {
    (Kind.INTEGER, float): lambda cells: all(map(float.is_integer, cells)) and not is_huge(cells),
    (Kind.DATE, str): are_plain_dates,
    (Kind.DATETIME, str): are_plain_datetimes,
}
"""Whether the cells of one type can stay as they are; the affinity turns 3.0 into 3."""
