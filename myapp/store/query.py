"""What to show of a table: the question, and the records that answer it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .values import Shown, Value

RecordId = str
"""Opaque text for addresses: the rowid in decimal, or an encoded key where there is no rowid."""


class Op(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    STARTS = "starts"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    EMPTY = "empty"
    NOT_EMPTY = "not_empty"


@dataclass(frozen=True, slots=True)
class Sort:
    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    op: Op
    value: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A view's question. Two equal queries share one ordered list of ids."""

    table: str
    sort: tuple[Sort, ...] = ()
    filters: tuple[Filter, ...] = ()
    search: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """`values` in the order of the table's fields; `labels` maps link fields to titles."""

    id: RecordId
    values: tuple[Shown, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WholeRecord:
    """One record with its values in full."""

    id: RecordId
    values: tuple[Value, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Window:
    """`records` from position `start` of the `total` that the query finds."""

    start: int
    total: int
    records: tuple[Record, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One record that a link can point to."""

    value: Value
    label: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """`count` records of `table` point here through `field`, holding `value` there."""

    table: str
    field: str
    count: int
    value: Value


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found by searching everywhere."""

    table: str
    id: RecordId
    title: str
    field: str
    excerpt: str
