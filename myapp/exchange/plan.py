"""What passes between reading a file, showing a preview and importing it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from myapp.store import NO_LIMITS, Kind, Limits

from .dates import DateOrder
from .numbers import PLAIN, NumberStyle

PartKind = Literal["text", "workbook", "json", "table", "web table"]
CHECKED = (Kind.MONEY, Kind.WEB, Kind.EMAIL)
"""Kinds whose fields have a rule by themselves."""

WhenMisfit = Literal["ask", "text", "empty", "skip"]
"""What becomes of a value that does not fit its field: it is kept as text, left empty, its record
is left out, or the import stops before anything is visible and asks."""

Mode = Literal["new", "append", "update"]


@dataclass(frozen=True, slots=True)
class FilePart:
    """One table's worth of a file: a text, a sheet, an array, a table."""

    kind: PartKind = "text"
    title: str = ""
    """What the part is called inside the file; "" where the file is the part."""

    member: str = ""
    """Its path inside a zip archive."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file. None means: find out."""

    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    numbers: NumberStyle | None = None
    dates: DateOrder | None = None
    quote: str = '"'
    escape: str = ""
    """A character that takes the next one literally; "" where quotation marks are doubled."""
    loose_quotes: bool = False
    """Text follows a closing quotation mark somewhere: each record must then be one line."""
    skip_spaces: bool = False
    """Whether a space after a delimiter is left out, as in `1, "two, three"`."""
    skip: int = 0
    """Lines before the first record: comments, Excel's `sep=;`."""
    flatten: bool = False
    """Whether an object inside a JSON object gives fields of its own, as in `address.town`."""

    @property
    def number_style(self) -> NumberStyle:
        return self.numbers or PLAIN

    @property
    def date_order(self) -> DateOrder:
        return self.dates or "ymd"


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A field as found; `empty` of the values looked at are empty."""

    name: str
    kind: Kind
    empty: int
    limits: Limits = NO_LIMITS
    choices: tuple[str, ...] = ()
    """Its values, where they are so few that the field could be a choice of them."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`records` are the first ones, as texts or with the file's own types; `looked_at` is how many
    the types were found from."""

    part: FilePart
    options: ReadOptions
    table: str
    columns: tuple[PreviewColumn, ...]
    records: tuple[tuple[Any, ...], ...]
    typed: bool
    looked_at: int
    whole: bool
    size: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """A field of the file; `name` is the field of the table that it goes into."""

    name: str
    kind: Kind
    keep: bool = True
    when_misfit: WhenMisfit = "text"
    limits: Limits = NO_LIMITS
    """What the field of a table that is there takes."""

    @property
    def checked(self) -> bool:
        """Whether a rule of the table keeps out what does not fit, also as a text."""
        return self.kind in CHECKED or self.limits != NO_LIMITS


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything that an import needs to know; `columns` are in the file's order."""

    path: Path
    name: str
    options: ReadOptions
    table: str
    columns: tuple[PlannedColumn, ...]
    part: FilePart = FilePart()
    mode: Mode = "new"
    key: tuple[str, ...] = ()
    """The fields by which records of the table are found and updated."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`adding` says that all is read, and the records go into their table."""

    records: int
    bytes_read: int
    bytes_total: int
    adding: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """`count` values of `field` do not fit its kind; `lines` are the first ones' and examples."""

    field: str
    count: int
    lines: tuple[tuple[int, str], ...] = ()

    @property
    def example(self) -> str:
        return self.lines[0][1] if self.lines else ""

    @property
    def first_line(self) -> int:
        return self.lines[0][0] if self.lines else 0


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`records` came in; of those `updated` changed one that was there. `skipped` did not fit."""

    table: str
    records: int
    misfits: tuple[Misfit, ...]
    remarks: tuple[str, ...]
    seconds: float
    updated: int = 0
    skipped: int = 0
