"""Sheets of Excel and OpenDocument workbooks: .xlsx, .xlsm, .xlsb, .xls, .ods."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import DamagedFile, ImportFileGone, LockedWorkbook, NotText, UnpacksTooBig
from .plan import FilePart, ReadOptions
from .table_rows import TableRows

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

LARGEST_UNPACKED = 4 << 30
"""Bytes. The most that Excel's own limits lead to is far below."""


def list_sheets(path: Path, name: str) -> list[FilePart]:
    """The sheets with cells in them, hidden ones too. Raises as `open_workbook` does."""
    with open_workbook(path, name) as book:
        found = [FilePart("workbook", each.name) for each in book.sheets_metadata]
        return [part for part in found if is_sheet(book, part.title)]


def is_sheet(book: "CalamineWorkbook", title: str) -> bool:
    from python_calamine import CalamineError

    try:
        return bool(book.get_sheet_by_name(title).height)
    except CalamineError:  # a chart has no cells
        return False


@contextmanager
def open_workbook(path: Path, name: str) -> "Iterator[CalamineWorkbook]":
    """Raises DamagedFile, ImportFileGone, LockedWorkbook, UnpacksTooBig."""
    # Reads Excel nine times faster than openpyxl, and .xls and .ods too.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    check_size(path, name)
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise LockedWorkbook(name) from error
    except (CalamineError, ValueError) as error:
        raise DamagedFile(name) from error
    except OSError as error:
        raise ImportFileGone(name) from error
    except BaseException as error:
        raise unless_panic(error, name) from error
    try:
        yield book
    finally:
        book.close()


def unless_panic(error: BaseException, name: str) -> BaseException:
    """The library's own failures are no Exception: https://pyo3.rs/main/doc/pyo3/panic"""
    return DamagedFile(name) if type(error).__name__ == "PanicException" else error


def check_size(path: Path, name: str) -> None:
    """Raises UnpacksTooBig where a small file would fill the memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return  # the library says what is wrong
    if size > LARGEST_UNPACKED:
        raise UnpacksTooBig(name)


class Sheet(TableRows):
    """The cells of one sheet, with their types. The sheet lies in memory, as Excel keeps it."""

    def __init__(self, path: Path, name: str, part: FilePart, options: ReadOptions) -> None:
        from python_calamine import CalamineError

        closing = ExitStack()
        book = closing.enter_context(open_workbook(path, name))
        try:
            sheet = book.get_sheet_by_name(part.title)
        except CalamineError as error:
            raise NotText(name, f"a workbook without a sheet “{part.title}”") from error
        except BaseException as error:
            raise unless_panic(error, name) from error

        def rows() -> Iterator[list[Any]]:
            # An empty cell comes as an empty text.
            return ([None if cell == "" else cell for cell in row] for row in sheet.iter_rows())

        super().__init__(rows, options, typed=True, total=sheet.height, close=closing.close)
