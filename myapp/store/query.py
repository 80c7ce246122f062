"""What to show of a table: the question, and the records that answer it."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from .values import BlobSize, Shown, Value

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
    IS_DATE = "is_date"
    NOT_DATE = "not_date"


class Sort(NamedTuple):
    field: str
    descending: bool = False


class Filter(NamedTuple):
    field: str
    op: Op
    value: str = ""


class FilterGroup(NamedTuple):
    """Holds where `any` of its conditions does, or else all of them; never empty."""

    of: "tuple[Condition, ...]"
    any: bool


Condition = Filter | FilterGroup


class Query(NamedTuple):
    """A view's question. Two equal queries share one ordered list of ids."""

    table: str
    sort: tuple[Sort, ...] = ()
    filters: tuple[Condition, ...] = ()
    search: str = ""


class SavedView(NamedTuple):
    """A view under a name. Fields are shown unless they are `hidden`, so that a new one is seen;
    `widths` are in pixels."""

    name: str
    sort: tuple[Sort, ...] = ()
    filters: tuple[Condition, ...] = ()
    search: str = ""
    hidden: tuple[str, ...] = ()
    widths: tuple[tuple[str, int], ...] = ()


class Record(NamedTuple):
    """`values` in the order of the table's fields; `labels` maps link fields to titles."""

    id: RecordId
    values: tuple[Shown, ...]
    labels: Mapping[str, str] = MappingProxyType({})


class WholeRecord(NamedTuple):
    """One record with its values in full; of large files their size alone."""

    id: RecordId
    values: tuple[Value | BlobSize, ...]
    labels: Mapping[str, str] = MappingProxyType({})


class Window(NamedTuple):
    """`records` from position `start` of the `total` that the query finds."""

    start: int
    total: int
    records: tuple[Record, ...]
    version: int


class Beginning(NamedTuple):
    """The first records that a query finds, before all of them are known. `total` is None where it
    is not known either."""

    total: int | None
    records: tuple[Record, ...]
    version: int


Sum = Value | Decimal
"""Sums of money are exact."""


class Unit(StrEnum):
    """How long the periods are by which dates are grouped."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Period(NamedTuple):
    """From the day `first` to the day `last`, both as 2026-03-31."""

    unit: Unit
    first: str
    last: str


class Group(NamedTuple):
    """How many `records` hold `value`, and the sums of their number fields; None where none
    has a number. `filter` finds these records alone, where a filter can. Of dates in a `period`
    and of values that are no dates, `value` is one."""

    value: Shown
    label: str | None
    records: int
    sums: tuple[Sum, ...]
    filter: Condition | None
    period: Period | None = None


class Groups(NamedTuple):
    """`summed` names the fields of the sums; `records` and `sums` are of all records, also of those
    in groups that are left out where there are `more`."""

    summed: tuple[str, ...]
    groups: tuple[Group, ...]
    records: int
    sums: tuple[Sum, ...]
    more: bool


class Choice(NamedTuple):
    """One record that a link can point to. `detail` tells it from others of the same name: its key,
    and some of its values."""

    value: Value
    label: str
    detail: str = ""


class Choices(NamedTuple):
    """The first records that a link can point to; there are `more` than these."""

    records: tuple[Choice, ...]
    more: bool = False


class Incoming(NamedTuple):
    """`total` records of `table` point here through `field`, holding `value` there.

    Of what points to several records, `value` is one. `first` are ids and titles of a few.
    """

    table: str
    field: str
    total: int
    value: Value
    first: tuple[tuple[RecordId, str], ...] = ()


class Piece(NamedTuple):
    """A stretch of a text; `found` where it is one of the words that were looked for."""

    text: str
    found: bool = False


class Place(NamedTuple):
    """The field of a record in which words were found, and the text around them."""

    field: str
    pieces: tuple[Piece, ...]

    @property
    def excerpt(self) -> str:
        return "".join(piece.text for piece in self.pieces)


class Hit(NamedTuple):
    """A record found by searching everywhere."""

    table: str
    id: RecordId
    title: str
    places: tuple[Place, ...]


class TableHits(NamedTuple):
    """The first records of a table that hold all words, and how many there are: exactly, or
    `more` than `total`. `indexed` says that a search index found them."""

    table: str
    hits: tuple[Hit, ...]
    total: int
    more: bool
    indexed: bool
