"""What can be wrong with a file that somebody wants to bring in."""

from typing import TYPE_CHECKING

from myapp.store import AppError

if TYPE_CHECKING:
    from .plan import Misfit


class ImportRefused(AppError):
    """A file cannot be imported. Nothing was imported, and nothing already there has changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{sentence} Nothing was imported.")


class EmptyFile(ImportRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is empty.")


class NotText(ImportRefused):
    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} is not a text file with fields, but {what}.")


class DamagedFile(ImportRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is compressed, and damaged or cut off.")


class UnknownOption(ImportRefused):
    def __init__(self, what: str, value: str) -> None:
        super().__init__(f"“{value}” is not {what}.")


class ImportFileGone(ImportRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not there any more, or cannot be read.")


class FileChanged(ImportRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was changed by another program while it was read.")


class TooWide(ImportRefused):
    def __init__(self, name: str, count: int) -> None:
        super().__init__(f"{name} has {count:,} fields in a record; a table can have 1,999.")


class CellTooLong(ImportRefused):
    def __init__(self, name: str, line: int) -> None:
        super().__init__(
            f"{name} has a value of more than 64 MB near line {line:,}, "
            "or a quotation mark there is never closed."
        )


class QuoteNeverCloses(ImportRefused):
    def __init__(self, name: str, line: int) -> None:
        super().__init__(f"A quotation mark in {name} opens in line {line:,} and never closes.")


class NothingChosen(ImportRefused):
    def __init__(self) -> None:
        super().__init__("No field was chosen.")


class Cancelled(ImportRefused):
    def __init__(self) -> None:
        super().__init__("The import was cancelled.")


class LockedWorkbook(ImportRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is locked with a password. Save it without one and try again.")


class UnpacksTooBig(ImportRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is larger inside than this program can take in at once.")


class CellsFarApart(ImportRefused):
    def __init__(self, name: str, rows: int, columns: int) -> None:
        super().__init__(
            f"{name} has a sheet whose cells lie too far apart: {rows:,} rows by {columns:,} "
            "columns, most of them empty. Delete what stands far below or far to the right, save "
            "it and try again. Nothing was imported."
        )


class NotJson(ImportRefused):
    def __init__(self, name: str, line: int) -> None:
        super().__init__(f"{name} stops making sense as JSON in line {line:,}.")


class NothingInside(ImportRefused):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} holds nothing that could become a table.")


class MisfitsFound(ImportRefused):
    """Some values do not fit, and what becomes of them was not said. Nothing is visible yet."""

    def __init__(self, misfits: "tuple[Misfit, ...]") -> None:
        self.misfits = misfits
        count = sum(each.count for each in misfits)
        verb = "value does" if count == 1 else "values do"
        super().__init__(f"{count:,} {verb} not fit. Choose what becomes of them.")
