"""A whole table as lines of text, many records to a block, made while others are written.

SQLite joins the lines of a block itself and needs no lock of Python's meanwhile.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace

import apsw

from .connection import row_of, rows_of
from .lines import CsvLines, Guard, Lines, line_sql
from .schema import Table, quote

BLOCK_BYTES = 1 << 20
"""What a block should come to."""

LARGEST_BLOCK = 32 << 20
"""Bytes. Where records are far larger than those before them, they are taken one by one."""

FEWEST, MOST = 64, 20_000
LARGEST_VALUE = 1_000_000_000
"""SQLite's own limit: https://sqlite.org/limits.html"""

LOWEST_ROWID = -(2**63)
Bounds = tuple[int, int]
"""The rowids above the first, up to the second."""


class Maker:
    """Makes the blocks of one connection."""

    def __init__(self, connection: apsw.Connection, table: Table, lines: Lines) -> None:
        self.connection = connection
        self.guard = Guard()
        if isinstance(lines, CsvLines) and lines.guard is not None:
            lines = replace(lines, guard=self.guard)
        for name, function in lines.functions.items():
            connection.create_scalar_function(name, function, -1, deterministic=True)
        line, rowid = line_sql(table, lines), f"t.{table.rowid}"
        # Without an index the records come in the order of their rowids.
        source = (
            f"FROM {quote(table.name)} AS t NOT INDEXED"
            f" WHERE {rowid} > ? AND {rowid} <= ? ORDER BY {rowid}"
        )
        self.together = (
            "SELECT count(*), CAST(coalesce(group_concat(line, ''), '') AS BLOB)"
            f" FROM (SELECT {line} AS line {source})"
        )
        self.single = f"SELECT CAST({line} AS BLOB) {source}"

    def make(self, bounds: Bounds) -> tuple[int, bytes] | None:
        """How many records, and their lines; None where they are too large for a block."""
        guarded = self.guard.count
        self.connection.limit(apsw.SQLITE_LIMIT_LENGTH, LARGEST_BLOCK)
        try:
            count, text = row_of(self.connection, self.together, bounds)
        except apsw.TooBigError:
            self.guard.count = guarded
            return None
        return count, text

    def make_singly(self, bounds: Bounds) -> Iterator[tuple[int, bytes]]:
        self.connection.limit(apsw.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
        return ((1, text) for (text,) in rows_of(self.connection, self.single, bounds))


class Blocks:
    """The lines of a table with rowids, in their order, made by `connections` in `threads`.

    `connection` and they see the same state of a UTF-8 file.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        connections: Sequence[apsw.Connection],
        threads: Executor,
        table: Table,
        lines: Lines,
    ) -> None:
        self.connection, self.threads, self.lines = connection, threads, lines
        self.makers = [Maker(each, table, lines) for each in connections]
        rowid, name = f"t.{table.rowid}", quote(table.name)
        self.ends = f"SELECT min({rowid}), max({rowid}) FROM {name} AS t"
        self.next_end = (
            f"SELECT {rowid} FROM {name} AS t NOT INDEXED WHERE {rowid} > ?"
            f" ORDER BY {rowid} LIMIT 1 OFFSET ?"
        )
        self.records = FEWEST

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        try:
            yield from self.make_all()
        finally:
            if isinstance(self.lines, CsvLines) and self.lines.guard is not None:
                self.lines.guard.count += sum(maker.guard.count for maker in self.makers)

    def make_all(self) -> Iterator[tuple[int, bytes]]:
        ranges = self.ranges()
        idle = deque(self.makers)
        waiting: deque[tuple[Maker, Bounds, Future[tuple[int, bytes] | None]]] = deque()
        while True:
            while idle and (bounds := next(ranges, None)):
                maker = idle.popleft()
                waiting.append((maker, bounds, self.threads.submit(maker.make, bounds)))
            if not waiting:
                return
            maker, bounds, future = waiting.popleft()
            made = future.result()
            if made is None:
                self.records = FEWEST
                yield from maker.make_singly(bounds)
            else:
                self.learn(*made)
                yield made
            idle.append(maker)

    def ranges(self) -> Iterator[Bounds]:
        first, last = row_of(self.connection, self.ends)
        if first is None:
            return
        start = first - 1
        while start < last:
            parameters = (start, self.records - 1)
            (end,) = next(rows_of(self.connection, self.next_end, parameters), (last,))
            yield start, end
            start = end

    def learn(self, count: int, text: bytes) -> None:
        """From a block's size how many records the next ones may have."""
        wanted = count * BLOCK_BYTES // max(len(text), 1)
        self.records = max(FEWEST, min(wanted, self.records * 4, MOST))


def has_ordinary_rowids(connection: apsw.Connection, table: Table) -> bool:
    """Whether there is a number below the lowest, for a range to begin at."""
    lowest = f"SELECT min(t.{table.rowid}) FROM {quote(table.name)} AS t"
    return bool(row_of(connection, lowest)[0] != LOWEST_ROWID)
