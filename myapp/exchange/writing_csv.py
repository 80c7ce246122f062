"""Write a table as CSV. NULL is an empty field and empty text is `""`, so both come back."""

from typing import BinaryIO

from myapp.store import CsvLines, Part, Snapshot

from .export_plan import CsvStyle, ExportOptions
from .tally import Tally

BYTE_ORDER_MARK = "\ufeff"


def write_csv(
    file: BinaryIO, snapshot: Snapshot, part: Part, options: ExportOptions, tally: Tally
) -> int:
    """How many records were written."""
    comma = options.csv is CsvStyle.EXCEL_COMMA
    guard = None if options.keep_formulas else tally.guard
    lines = CsvLines(delimiter=";" if comma else ",", decimal_comma=comma, guard=guard)
    head = lines.head([field.name for field in snapshot.shown(part).fields])
    if options.csv is not CsvStyle.EXACT:
        head = BYTE_ORDER_MARK + head
    file.write(head.encode("utf-8", "replace"))
    written = 0
    for count, text in snapshot.lines(part, lines):
        file.write(text)
        written += count
        tally.add(count)
    return written
