"""Cut delimited text into records: in one stroke, or by the csv module where it is quoted."""

import csv
import io
from collections.abc import Iterator
from functools import partial
from itertools import islice

from .batches import Batch, in_columns
from .errors import CellTooLong, DamagedFile, ImportFileGone, QuoteNeverCloses
from .plan import ReadOptions
from .reading import DAMAGE, LONGEST_CELL, allow_long_values, check_delimiter

CHUNK = 1 << 18
"""Characters: a chunk's cells fit the processor's cache, which makes reading twice as fast."""

LONGEST_LINE = 2 * LONGEST_CELL


class LooseQuotes(Exception):
    """Text follows a closing quotation mark: either a careless writer, or a stray mark."""


class Records:
    """The records of an open text; blank lines are left out.

    Raises CellTooLong, DamagedFile, ImportFileGone, LooseQuotes, and QuoteNeverCloses where a stray
    quotation mark would swallow the records that follow it.
    """

    def __init__(self, text: io.TextIOBase, name: str, options: ReadOptions) -> None:
        allow_long_values()
        check_delimiter(options.delimiter or ",")
        self.text, self.name, self.options = text, name, options
        self.delimiter = options.delimiter or ","
        self.line = 1
        self.chunks = self.read_chunks()

    def read_chunks(self) -> Iterator[str]:
        """The text in pieces that end where a line ends."""
        try:
            for _ in range(self.options.skip):
                self.text.readline(LONGEST_LINE)
                self.line += 1
            begun: list[str] = []
            size = 0
            while more := self.text.read(CHUNK):
                # A carriage return may have its line feed in the next piece.
                end = len(more) - more.endswith("\r")
                cut = max(more.rfind("\n", 0, end), more.rfind("\r", 0, end)) + 1
                if cut:
                    yield "".join(begun) + more[:cut]
                    begun, size = [], 0
                begun.append(more[cut:])
                size += len(more) - cut
                if size > LONGEST_LINE:
                    raise CellTooLong(self.name, self.line)
            if last := "".join(begun):
                yield last
        except DAMAGE as error:
            raise DamagedFile(self.name) from error
        except OSError as error:
            raise ImportFileGone(self.name) from error

    def batches(self, width: int) -> Iterator[Batch]:
        """All records, some hundreds at a time; those with more than `width` fields as they are."""
        for chunk in self.chunks:
            columns = self.split(chunk, width)
            if columns is None:
                batch, self.line = self.parse(chunk, width)
                if batch is not None:
                    yield batch
                continue
            first = self.line
            self.line += len(columns[0])
            yield Batch(list(columns), partial(int.__add__, first))

    def rows(self) -> Iterator[list[str]]:
        """All records, each as wide as it is."""
        width = 0
        for chunk in self.chunks:
            columns = self.split(chunk, width) if width else None
            if columns is not None:
                self.line += len(columns[0])
                yield from map(list, zip(*columns, strict=True))
                continue
            first = self.line
            rows, given = self.read_rows(chunk)
            self.line = first + given
            yield from (row for row in rows if row)
            width = len(rows[-1]) if rows else 0

    def split(self, chunk: str, width: int) -> list[list[str]] | None:
        """The fields of a chunk without quotes and with `width` fields a record, else None."""
        options, delimiter = self.options, self.delimiter
        if (
            (options.quote and options.quote in chunk)
            or (options.escape and options.escape in chunk)
            or options.skip_spaces
            or len(chunk) > LONGEST_CELL
        ):
            return None
        if not chunk.endswith(("\n", "\r")):
            chunk += "\n"
        if width == 1:
            lines = plain_breaks(chunk)
            blank = "\n\n" in lines or lines[0] == "\n"
            return None if blank or delimiter in lines else [lines[:-1].split("\n")]
        joined = chunk.replace("\r\n" if "\r" in chunk else "\n", f"{delimiter}\n")
        if "\r" in joined:
            joined = plain_breaks(chunk).replace("\n", f"{delimiter}\n")
        count = joined.count("\n")
        cells = joined.split(delimiter)
        # A blank line has too few of them, as has one with another break than those before it.
        if len(cells) != count * width + 1:
            return None
        # A line break now begins a cell: where all first fields but one have it, records are even.
        firsts = "".join(cells[width:-1:width])
        if firsts.count("\n") != count - 1:
            return None
        first = [cells[0], *firsts.split("\n")[1:]]
        return [first, *(cells[number:-1:width] for number in range(1, width))]

    def parse(self, chunk: str, width: int) -> tuple[Batch | None, int]:
        """The records that begin in `chunk`, and the line after them."""
        first = self.line
        rows, given = self.read_rows(chunk)
        full = [row for row in rows if row] if [] in rows else rows
        if not full:
            return None, first + given
        columns, short = in_columns(full, width, "")
        return Batch(columns, partial(line_of, rows, first), short), first + given

    def read_rows(self, chunk: str) -> tuple[list[list[str]], int]:
        """The records that begin in `chunk`, blank ones too, and how many lines they take."""
        rows: list[list[str]] = []
        feed = Feed(chunk, self.chunks, rows)
        options = self.options
        reader = csv.reader(
            feed,
            delimiter=self.delimiter,
            quotechar=options.quote or None,
            quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
            escapechar=options.escape or None,
            skipinitialspace=options.skip_spaces,
            strict=not options.loose_quotes,
        )
        try:
            rows.extend(reader)  # keeps those before an error
        except csv.Error as error:
            raise self.refusal(error, rows) from error
        if options.loose_quotes and feed.given != len(rows):
            # Where quotation marks are used loosely, one with line breaks after it is a stray one.
            stray = next((n for n, row in enumerate(rows) if lines_of(row) > 1), 0)
            raise QuoteNeverCloses(self.name, self.line + stray)
        return rows, feed.given

    def refusal(self, error: csv.Error, rows: list[list[str]]) -> Exception:
        line = self.line + sum(map(lines_of, rows))
        if "limit" in str(error):
            return CellTooLong(self.name, line)
        if "end of data" in str(error):
            return QuoteNeverCloses(self.name, line)
        return LooseQuotes()


def plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Feed:
    """Gives the csv module the lines of a chunk, and of those after it while a record is open."""

    def __init__(self, chunk: str, chunks: Iterator[str], rows: list[list[str]]) -> None:
        self.lines = iter(io.StringIO(chunk, newline=""))
        self.chunks, self.rows = chunks, rows
        self.given = 0

    def __iter__(self) -> "Feed":
        return self

    def __next__(self) -> str:
        line = next(self.lines, None)
        if line is None:
            # The list grows record by record, so that it tells where the reader stands.
            if self.given == len(self.rows) or self.given == sum(map(lines_of, self.rows)):
                raise StopIteration
            self.lines = iter(io.StringIO(next(self.chunks), newline=""))
            line = next(self.lines)
        self.given += 1
        return line


def line_of(rows: list[list[str]], line: int, number: int) -> int:
    """The line where the record `number` begins, blank lines not counted among the records."""
    for row in islice(rows, len(rows)):
        if row and number == 0:
            break
        number -= bool(row)
        line += lines_of(row)
    return line


def lines_of(row: list[str]) -> int:
    """How many lines of the file a record takes."""
    return 1 + sum(
        cell.count("\n") + cell.count("\r") - cell.count("\r\n")
        for cell in row
        if "\n" in cell or "\r" in cell
    )
