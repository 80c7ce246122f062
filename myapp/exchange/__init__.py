"""Files in and out: reads and writes files, and reaches the database through `myapp.store`."""

from .errors import Cancelled, ImportRefused
from .export_errors import ExportCancelled, ExportRefused
from .export_plan import (
    CsvStyle,
    ExportOptions,
    ExportPlan,
    ExportProgress,
    ExportResult,
    Format,
)
from .exporting import clear_leftovers, file_name, run_export
from .importing import run_import
from .plan import ImportPlan, ImportResult, PlannedColumn, Preview, Progress, ReadOptions
from .previewing import read_preview

__all__ = [
    "Cancelled",
    "CsvStyle",
    "ExportCancelled",
    "ExportOptions",
    "ExportPlan",
    "ExportProgress",
    "ExportRefused",
    "ExportResult",
    "Format",
    "ImportPlan",
    "ImportRefused",
    "ImportResult",
    "PlannedColumn",
    "Preview",
    "Progress",
    "ReadOptions",
    "clear_leftovers",
    "file_name",
    "read_preview",
    "run_export",
    "run_import",
]
