"""A whole table as lines of text, many records to a block, each made while the one before is used.

SQLite joins the lines of a block itself and needs no lock of Python's meanwhile. A second maker of
blocks made it slower: SQLite's memory is behind one lock, and its driver lets nobody switch off the
accounts that it keeps there.
"""

from collections.abc import Iterator
from concurrent.futures import Executor

import apsw

from .connection import row_of, rows_of
from .lines import CsvLines, Lines, line_sql
from .schema import Table, quote

BLOCK_BYTES = 1 << 20
"""What a block should come to."""

LARGEST_BLOCK = 32 << 20
"""Bytes. Where records are far larger than those before them, they are taken one by one."""

FEWEST, MOST = 64, 20_000
LARGEST_VALUE = 1_000_000_000
"""SQLite's own limit: https://sqlite.org/limits.html"""

Bounds = tuple[int, int]
"""The first and the last rowid that a block may have."""

Block = tuple[int, bytes]
"""How many records, and their lines."""


class Blocks:
    """The lines of a table with rowids, in their order, made on the connection `maker` in `thread`.

    `connection` sees the same state of a UTF-8 file.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        maker: apsw.Connection,
        thread: Executor,
        table: Table,
        lines: Lines,
    ) -> None:
        self.connection, self.maker, self.thread = connection, maker, thread
        self.guard = lines.guard if isinstance(lines, CsvLines) else None
        for name, function in lines.functions.items():
            maker.create_scalar_function(name, function, -1, deterministic=True)
        line, rowid, name = line_sql(table, lines), f"t.{table.rowid}", quote(table.name)
        self.ends = f"SELECT min({rowid}), max({rowid}) FROM {name} AS t"
        # Without an index the records come in the order of their rowids.
        source = f"FROM {name} AS t NOT INDEXED WHERE {rowid} >= ?"
        self.last_of_next = f"SELECT {rowid} {source} ORDER BY {rowid} LIMIT 1 OFFSET ?"
        source += f" AND {rowid} <= ? ORDER BY {rowid}"
        self.together = (
            "SELECT count(*), CAST(coalesce(group_concat(line, ''), '') AS BLOB)"
            f" FROM (SELECT {line} AS line {source})"
        )
        self.single = f"SELECT CAST({line} AS BLOB) {source}"
        self.records = FEWEST

    def __iter__(self) -> Iterator[Block]:
        ranges = self.ranges()
        bounds = next(ranges, None)
        making = self.thread.submit(self.make, bounds) if bounds else None
        while bounds and making:
            upcoming = next(ranges, None)
            block = making.result()
            if block is None:
                self.records = FEWEST
                yield from self.make_singly(bounds)
            making = self.thread.submit(self.make, upcoming) if upcoming else None
            if block is not None:
                self.learn(*block)
                yield block
            bounds = upcoming

    def ranges(self) -> Iterator[Bounds]:
        start, last = row_of(self.connection, self.ends)
        while start is not None:
            parameters = (start, self.records - 1)
            (end,) = next(rows_of(self.connection, self.last_of_next, parameters), (last,))
            yield start, end
            start = end + 1 if end < last else None

    def make(self, bounds: Bounds) -> Block | None:
        """None where the records are too large for a block."""
        guarded = self.guard.count if self.guard else 0
        self.maker.limit(apsw.SQLITE_LIMIT_LENGTH, LARGEST_BLOCK)
        try:
            count, text = row_of(self.maker, self.together, bounds)
        except apsw.TooBigError:
            if self.guard:
                self.guard.count = guarded
            return None
        return count, text

    def make_singly(self, bounds: Bounds) -> Iterator[Block]:
        self.maker.limit(apsw.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
        return ((1, text) for (text,) in rows_of(self.maker, self.single, bounds))

    def learn(self, count: int, text: bytes) -> None:
        """From a block's size how many records the next ones may have."""
        wanted = count * BLOCK_BYTES // max(len(text), 1)
        self.records = max(FEWEST, min(wanted, self.records * 4, MOST))
