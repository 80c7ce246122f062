"""What can be wrong with a file that somebody wants to bring in."""

from myapp.store import AppError


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
