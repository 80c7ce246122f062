"""What passes between reading a file, showing a preview and importing it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from myapp.store import Kind

DateOrder = Literal["ymd", "dmy", "mdy"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file. None means: find out."""

    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    decimal_comma: bool = False
    date_order: DateOrder = "ymd"
    quote: str = '"'
    escape: str = ""
    """A character that takes the next one literally; "" where quotation marks are doubled."""
    loose_quotes: bool = False
    """Text follows a closing quotation mark somewhere: each record must then be one line."""
    skip_spaces: bool = False
    """Whether a space after a delimiter is left out, as in `1, "two, three"`."""
    skip: int = 0
    """Lines before the first record: comments, Excel's `sep=;`."""


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A field as found; `empty` of the values looked at are empty."""

    name: str
    kind: Kind
    empty: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`records` are the first ones as text; `looked_at` is how many the types were found from."""

    options: ReadOptions
    table: str
    columns: tuple[PreviewColumn, ...]
    records: tuple[tuple[str, ...], ...]
    looked_at: int
    whole: bool
    size: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    name: str
    kind: Kind
    keep: bool = True


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything that an import needs to know; `columns` are in the file's order."""

    path: Path
    name: str
    options: ReadOptions
    table: str
    columns: tuple[PlannedColumn, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    records: int
    bytes_read: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class Misfit:
    """`count` values of `field` do not fit its kind and were kept as text."""

    field: str
    count: int
    example: str
    first_line: int = 0


@dataclass(frozen=True, slots=True)
class ImportResult:
    table: str
    records: int
    misfits: tuple[Misfit, ...]
    remarks: tuple[str, ...]
    seconds: float
