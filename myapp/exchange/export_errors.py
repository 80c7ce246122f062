"""Why an export was not made. Whatever was asked for, no half file is left under its name."""

from pathlib import Path

from myapp.store import AppError


class ExportRefused(AppError):
    """Nothing was exported, and nothing in the database has changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{sentence} Nothing was exported.")


class ExportCancelled(ExportRefused):
    def __init__(self) -> None:
        super().__init__("The export was cancelled.")


class TargetExists(ExportRefused):
    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is there already.")


class CannotWrite(ExportRefused):
    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name} cannot be written: {why}.")


class DiskFullForExport(ExportRefused):
    def __init__(self, path: Path) -> None:
        super().__init__(f"The disk is full, so {path.name} could not be written whole.")


class NothingToExport(ExportRefused):
    def __init__(self) -> None:
        super().__init__("This file has no table.")


class OneTableOnly(ExportRefused):
    def __init__(self, format_: str) -> None:
        super().__init__(
            f"A {format_} file holds one table, and this would be several. Name one table, or "
            "write a .zip archive of them."
        )


class TooManyForExcel(ExportRefused):
    def __init__(self, table: str, records: int, most: int) -> None:
        super().__init__(
            f"Excel holds {most:,} records in a sheet, and “{table}” would have {records:,}. "
            "Filter the view to fewer, or choose CSV or SQLite, which have no limit."
        )


class TooLongForExcel(ExportRefused):
    """Some texts are longer than a cell may be; they can be cut on request."""

    def __init__(self, table: str, fields: dict[str, int], most: int) -> None:
        count = sum(fields.values())
        names = ", ".join(f"“{name}”" for name in list(fields)[:3])
        which = "value is" if count == 1 else "values are"
        super().__init__(
            f"Excel holds {most:,} characters in a cell, and {count:,} {which} longer, in "
            f"{names} of “{table}”. Have them shortened, or choose CSV or SQLite, which keep them."
        )


class Incomplete(ExportRefused):
    def __init__(self, table: str, written: int, found: int) -> None:
        super().__init__(
            f"Only {written:,} of {found:,} records of “{table}” were written, so the file was "
            "thrown away. Try again; if it happens again, the database may be damaged."
        )
