"""Files in and out: reads and writes files, and reaches the database through `myapp.store`."""

from .errors import Cancelled, ImportRefused
from .importing import run_import
from .plan import ImportPlan, ImportResult, PlannedColumn, Preview, Progress, ReadOptions
from .previewing import read_preview

__all__ = [
    "Cancelled",
    "ImportPlan",
    "ImportRefused",
    "ImportResult",
    "PlannedColumn",
    "Preview",
    "Progress",
    "ReadOptions",
    "read_preview",
    "run_import",
]
