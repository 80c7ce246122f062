"""Sheets of Excel and OpenDocument workbooks: .xlsx, .xlsm, .xlsb, .xls, .ods."""

import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import DamagedFile, ImportFileGone, LockedWorkbook, NotText, UnpacksTooBig
from .plan import FilePart, ReadOptions
from .sheet_extent import check_extent
from .table_rows import TableRows

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

LARGEST_UNPACKED = 4 << 30
"""Bytes. The most that Excel's own limits lead to is far below."""

LARGEST_TRUSTED, MOST_FOLD = 256 << 20, 100
"""A larger one that unpacks to more than so many times its size was made to fill the memory: what
Excel writes unpacks to ten or twenty times, of the same cells over and over to fifty."""

KEPT_SECONDS = 60
KEPT_CELLS = 12_000_000
"""About 40 bytes each; a sheet of ten fields is as long as Excel allows."""


def list_sheets(path: Path, name: str) -> list[FilePart]:
    """The sheets with cells in them, hidden ones too.

    Raises CellsFarApart, and as `open_workbook` does.
    """
    titles = KEPT.find_titles(path)
    if titles is None:
        check_extent(path, name)
        with open_workbook(path, name) as book:
            titles = [each.name for each in book.sheets_metadata if is_sheet(path, book, each.name)]
        KEPT.keep_titles(path, titles)
    return [FilePart("workbook", title) for title in titles]


def is_sheet(path: Path, book: "CalamineWorkbook", title: str) -> bool:
    from python_calamine import CalamineError

    try:
        sheet = book.get_sheet_by_name(title)
    except CalamineError:  # a chart has no cells
        return False
    KEPT.keep(path, title, sheet)
    return bool(sheet.height)


def read_sheet(path: Path, name: str, title: str) -> "CalamineSheet":
    """Raises as `open_workbook` does, and NotText."""
    from python_calamine import CalamineError

    kept = KEPT.find(path, title)
    if kept is not None:
        return kept
    with open_workbook(path, name) as book:
        try:
            sheet = book.get_sheet_by_name(title)
        except CalamineError as error:
            raise NotText(name, f"a workbook without a sheet “{title}”") from error
        except BaseException as error:
            raise unless_panic(error, name) from error
    KEPT.keep(path, title, sheet)
    return sheet


class KeptSheets:
    """The sheets of the workbook that was read last.

    Listing, preview and import look into the same sheet one after the other, and taking it apart
    is most of their time.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.file: tuple[Path, int, int] | None = None
        self.titles: list[str] | None = None
        self.sheets: dict[str, CalamineSheet] = {}
        self.forgetting: threading.Timer | None = None

    def keep(self, path: Path, title: str, sheet: "CalamineSheet") -> None:
        with self.lock:
            self.turn_to(path)
            cells = sum(each.height * each.width for each in (*self.sheets.values(), sheet))
            if self.file is not None and cells <= KEPT_CELLS:
                self.sheets[title] = sheet

    def keep_titles(self, path: Path, titles: list[str]) -> None:
        with self.lock:
            self.turn_to(path)
            self.titles = titles if self.file is not None else None

    def find(self, path: Path, title: str) -> "CalamineSheet | None":
        with self.lock:
            self.turn_to(path)
            return self.sheets.get(title)

    def find_titles(self, path: Path) -> list[str] | None:
        with self.lock:
            self.turn_to(path)
            return self.titles

    def turn_to(self, path: Path) -> None:
        """Forget another file, or what this one held before it changed."""
        file = identify(path)
        if file != self.file:
            self.file, self.titles, self.sheets = file, None, {}
        self.forget_later()

    def forget_later(self) -> None:
        if self.forgetting is not None:
            self.forgetting.cancel()
        self.forgetting = threading.Timer(KEPT_SECONDS, self.forget)
        self.forgetting.daemon = True
        self.forgetting.start()

    def forget(self) -> None:
        with self.lock:
            self.file, self.titles, self.sheets = None, None, {}


def identify(path: Path) -> tuple[Path, int, int] | None:
    """A file by its place, size and time; None where it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return path, found.st_size, found.st_mtime_ns


KEPT = KeptSheets()


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
    suspicious = size > LARGEST_TRUSTED and size > MOST_FOLD * path.stat().st_size
    if size > LARGEST_UNPACKED or suspicious:
        raise UnpacksTooBig(name)


class Sheet(TableRows):
    """The cells of one sheet, with their types. The sheet lies in memory, as Excel keeps it."""

    def __init__(self, path: Path, name: str, part: FilePart, options: ReadOptions) -> None:
        sheet = read_sheet(path, name, part.title)
        # An empty cell comes as an empty text.
        super().__init__(
            sheet.iter_rows, options, typed=True, empty_texts=False, total=sheet.height
        )
