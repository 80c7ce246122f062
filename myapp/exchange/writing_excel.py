"""Write tables as an Excel workbook, a sheet each. Texts are texts there: no formula is written."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from myapp.store import Kind, Part, Snapshot, Value, format_value

from .export_errors import TooLongForExcel, TooManyForExcel
from .export_plan import ExportOptions
from .tally import Tally

# Source: "Excel specifications and limits", support.microsoft.com. The 16,384 columns are beyond
# what an SQLite table can have.
MOST_RECORDS = 1_048_576 - 1
MOST_CHARACTERS = 32_767
LONGEST_NAME = 31
LARGEST_EXACT = 2**53
FIRST_DAY = date(1899, 12, 30).toordinal()
FIRST_SAFE_SERIAL = 61
"""1 March 1900: Excel believes in a 29 February before it."""

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)", re.ASCII)
FORBIDDEN = re.compile(r"[\[\]:*?/\\\0-\x1f]")
Counted = Callable[[Part, int], None]


def check_limits(snapshot: Snapshot, parts: Sequence[Part], options: ExportOptions) -> None:
    """Raises TooManyForExcel, TooLongForExcel, before anything is written."""
    for part in parts:
        table = snapshot.table(part.table)
        records = snapshot.count(part)
        if records > MOST_RECORDS:
            raise TooManyForExcel(table.name, records, MOST_RECORDS)
        if not options.cut_long:
            long = snapshot.too_long(part, MOST_CHARACTERS)
            if long:
                raise TooLongForExcel(table.name, long, MOST_CHARACTERS)


class ExactSheet(Worksheet):  # type: ignore[misc]
    """Numbers with all their digits, and no text taken for markup."""

    def _xml_number_element(self, number: float, attributes: Any = ()) -> None:
        # The library writes 16 digits; some numbers need 17 to come back as they were.
        given = "".join([f' {name}="{value}"' for name, value in attributes])
        self.fh.write(f"<c{given}><v>{number!r}</v></c>")

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        # The library takes a text between <r> and </r> for its own formatting.
        self._xml_inline_string(string, True, attributes)


def write_workbook(
    path: Path,
    snapshot: Snapshot,
    parts: Sequence[Part],
    tally: Tally,
    counted: Counted,
) -> None:
    """`counted` hears each table's count. Its temporary files lie beside `path`."""
    book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    book.use_zip64()
    try:
        sheets = Sheets(book, tally)
        for part in parts:
            counted(part, sheets.write(snapshot, part))
        book.close()
        sheets.remark()
    finally:
        close_quietly(book)


def close_quietly(book: Workbook) -> None:
    """Without writing anything; the library would do so when it is thrown away."""
    book.fileclosed = 1
    for sheet in book.worksheets():
        sheet._opt_close()


class Sheets:
    """The sheets of one workbook, and what had to be written differently in them."""

    def __init__(self, book: Workbook, tally: Tally) -> None:
        self.book, self.tally = book, tally
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.money = book.add_format({"num_format": "#,##0.00"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.names: set[str] = set()
        self.numbers = self.dates = self.cut = 0

    def write(self, snapshot: Snapshot, part: Part) -> int:
        """How many records were written."""
        table = snapshot.shown(part)
        sheet = self.book.add_worksheet(self.name_for(table.name), ExactSheet)
        sheet.freeze_panes(1, 0)
        for column, field in enumerate(table.fields):
            shape = self.money if field.kind is Kind.MONEY else None
            sheet.set_column(column, column, width_of(field.kind, field.name), shape)
        for column, field in enumerate(table.fields):
            sheet.write_string(0, column, field.name[:MOST_CHARACTERS], self.bold)
        row = 0
        dated = frozenset(
            column
            for column, field in enumerate(table.fields)
            if field.kind in (Kind.DATE, Kind.DATETIME)
        )
        several = frozenset(
            column for column, field in enumerate(table.fields) if field.kind is Kind.CHOICES
        )
        yes_no = frozenset(
            column for column, field in enumerate(table.fields) if field.kind is Kind.BOOLEAN
        )
        string, number = sheet._write_string, sheet._write_number
        for batch in snapshot.records(part):
            for record in batch:
                row += 1
                for column, value in enumerate(record):
                    if value is None:
                        continue
                    if column in several:
                        self.write_text(sheet, row, column, format_value(Kind.CHOICES, value))
                    elif type(value) is str and column not in dated:
                        if string(row, column, value) == -2:
                            self.cut += 1
                    elif type(value) is int and column not in yes_no and abs(value) < LARGEST_EXACT:
                        number(row, column, value)
                    else:
                        self.write_other(sheet, row, column, value, column in yes_no)
            self.tally.add(len(batch))
        return row

    def write_other(
        self, sheet: ExactSheet, row: int, column: int, value: Value, yes_no: bool
    ) -> None:
        """Dates, yes and no, fractions, and what Excel has no cell for."""
        if isinstance(value, str):
            serial, moment = serial_of(value)
            if serial is None:
                self.dates += value != ""
                self.write_text(sheet, row, column, value)
            else:
                sheet._write_number(row, column, serial, self.moment if moment else self.day)
        elif isinstance(value, bytes):
            self.write_text(sheet, row, column, r"\x" + value.hex().upper())
        elif isinstance(value, float):
            if value - value == 0:
                sheet._write_number(row, column, value)
            else:
                self.write_text(sheet, row, column, "9.0e+999" if value > 0 else "-9.0e+999")
        elif yes_no and value in (0, 1):
            sheet.write_boolean(row, column, bool(value))
        elif value is not None and -LARGEST_EXACT <= value <= LARGEST_EXACT:
            sheet._write_number(row, column, value)
        else:
            self.numbers += 1
            self.write_text(sheet, row, column, str(value))

    def write_text(self, sheet: ExactSheet, row: int, column: int, text: str) -> None:
        if sheet._write_string(row, column, text) == -2:
            self.cut += 1

    def name_for(self, table: str) -> str:
        """A sheet's name: short, unique, without what Excel forbids."""
        clean = FORBIDDEN.sub("_", table).strip().strip("'") or "Table"
        if clean.lower() == "history":
            clean += "_"
        name, number = clean[:LONGEST_NAME], 1
        while name.lower() in self.names:
            number += 1
            suffix = f" {number}"
            name = clean[: LONGEST_NAME - len(suffix)] + suffix
        self.names.add(name.lower())
        return name

    def remark(self) -> None:
        remarks = self.tally.remarks
        if self.numbers:
            which = "whole number has" if self.numbers == 1 else "whole numbers have"
            remarks.append(
                f"{self.numbers:,} {which} more digits than Excel keeps, and stands as text."
            )
        if self.dates:
            which = "date stands" if self.dates == 1 else "dates stand"
            remarks.append(
                f"{self.dates:,} {which} as text: before March 1900, with a time zone or parts "
                "of a second, or no date at all."
            )
        if self.cut:
            which = "value was" if self.cut == 1 else "values were"
            remarks.append(
                f"{self.cut:,} {which} cut after {MOST_CHARACTERS:,} characters, as chosen."
            )


@lru_cache(maxsize=50_000)
def serial_of(text: str) -> tuple[float | None, bool]:
    """Excel's number for an ISO date or moment, and whether it has a time; None for others."""
    moment = MOMENT.fullmatch(text)
    if not moment and not DATE.fullmatch(text):
        return None, False
    try:
        day = date.fromisoformat(moment[1] if moment else text).toordinal() - FIRST_DAY
    except ValueError:
        return None, False
    if day < FIRST_SAFE_SERIAL:
        return None, False
    if not moment:
        return day, False
    seconds = int(moment[2]) * 3600 + int(moment[3]) * 60 + int(moment[4])
    return day + seconds / 86_400, True


def width_of(kind: Kind, name: str) -> int:
    usual = {Kind.TEXT: 24, Kind.DATE: 11, Kind.DATETIME: 19, Kind.INTEGER: 10, Kind.DECIMAL: 12}
    usual |= {Kind.LONG: 40, Kind.MONEY: 14, Kind.WEB: 32, Kind.EMAIL: 28, Kind.PHONE: 18}
    return max(usual.get(kind, 10), min(len(name) + 2, 30))
