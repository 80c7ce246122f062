"""What passes between choosing an export, carrying it out and telling of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from myapp.store import Part


class Format(StrEnum):
    CSV = "csv"
    EXCEL = "xlsx"
    JSON = "json"
    NDJSON = "ndjson"
    SQLITE = "sqlite"
    HTML = "html"


class CsvStyle(StrEnum):
    """Who shall read the CSV file."""

    EXACT = "exact"
    """Other programs: commas, UTF-8, as RFC 4180 has it."""
    EXCEL = "excel"
    """A spreadsheet that writes 1.5: commas, and a mark that tells it the encoding."""
    EXCEL_COMMA = "excel-comma"
    """A spreadsheet that writes 1,5, as in most of Europe: semicolons and decimal commas."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    csv: CsvStyle = CsvStyle.EXACT
    keep_formulas: bool = False
    """Write texts that a spreadsheet would run as formulas as they are."""
    cut_long: bool = False
    """Shorten texts that are longer than an Excel cell."""
    names: bool = False
    """Write the name of the linked record beside each link; not into SQLite files."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """`parts` None means everything in the file, as one archive or one file of many tables.

    `packed` writes CSV and NDJSON as a zip archive even of a single table.
    """

    parts: tuple[Part, ...] | None
    format: Format
    options: ExportOptions = field(default_factory=ExportOptions)
    packed: bool = False


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """Records written of those found; 0 of 0 where SQLite copies by itself."""

    records: int
    total: int


@dataclass(frozen=True, slots=True)
class Written:
    table: str
    records: int


@dataclass(frozen=True, slots=True)
class ExportResult:
    """`tables` are checked: as many records were written as were found."""

    path: Path
    tables: tuple[Written, ...]
    size: int
    remarks: tuple[str, ...]
    seconds: float

    @property
    def records(self) -> int:
        return sum(table.records for table in self.tables)
