"""Values as JSON cells, so that a browser shows them without changing a digit."""

from typing import Any

from myapp.store import BlobSize, LongText, Record, Table, Value, WholeRecord

EXACT_IN_BROWSER = 2**53


def cell(value: object, label: str | None = None) -> Any:
    if label is not None:
        return {"link": cell(value), "label": label}
    if isinstance(value, int) and abs(value) >= EXACT_IN_BROWSER:
        return {"int": str(value)}
    if isinstance(value, LongText):
        return {"text": value.prefix, "chars": value.chars}
    if isinstance(value, BlobSize):
        return {"blob": value.bytes}
    if isinstance(value, bytes):
        return {"blob": len(value)}
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return str(value)
    return value


def cells(table: Table, record: Record | WholeRecord) -> list[Any]:
    return [
        cell(value, record.labels.get(field.name))
        for field, value in zip(table.fields, record.values, strict=True)
    ]


def raw_value(shown: Any) -> Value:
    """The value behind a JSON cell that a page sends back as what it saw."""
    if isinstance(shown, dict):
        if "int" in shown:
            return int(shown["int"])
        return raw_value(shown.get("link"))
    return shown if isinstance(shown, int | float | str) else None


def comparable(shown: Any) -> bool:
    """Whether a page saw the value in full."""
    return not isinstance(shown, dict) or "int" in shown or "link" in shown
