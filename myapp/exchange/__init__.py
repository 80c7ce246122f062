"""Files in and out: reads and writes files, and reaches the database through `myapp.store`."""

from .errors import Cancelled, ImportRefused, MisfitsFound
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
from .importing import converted, run_import
from .numbers import STYLES as NUMBER_STYLES
from .parts import files_in, find_parts
from .plan import (
    FilePart,
    ImportPlan,
    ImportResult,
    Misfit,
    PlannedColumn,
    Preview,
    Progress,
    ReadOptions,
)
from .planning import matched, plan_new
from .previewing import read_preview

__all__ = [
    "NUMBER_STYLES",
    "Cancelled",
    "CsvStyle",
    "ExportCancelled",
    "ExportOptions",
    "ExportPlan",
    "ExportProgress",
    "ExportRefused",
    "ExportResult",
    "FilePart",
    "Format",
    "ImportPlan",
    "ImportRefused",
    "ImportResult",
    "Misfit",
    "MisfitsFound",
    "PlannedColumn",
    "Preview",
    "Progress",
    "ReadOptions",
    "clear_leftovers",
    "converted",
    "file_name",
    "files_in",
    "find_parts",
    "matched",
    "plan_new",
    "read_preview",
    "run_export",
    "run_import",
]
