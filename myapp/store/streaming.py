"""Read whole tables in one transaction, record after record, in memory that does not grow."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import apsw

from .blocks import Blocks
from .connection import connect, know_any_order, row_of, rows_of, sentences
from .errors import NoSuchTable, ReadStopped
from .hearing import PROGRESS_STEPS
from .ids import decode_id, keys_sql
from .lines import Lines, line_sql
from .link_names import columns_sql, with_names
from .query import Query, RecordId
from .schema import Schema, Table, quote, read_schema
from .selection import select_for
from .values import Value

CHUNK_BYTES = 1 << 20
CHUNK_RECORDS = 2_000
MANY = 5_000
"""Fewer records are not worth a thread."""


@dataclass(frozen=True, slots=True)
class Part:
    """What to take of a table: all that `query` finds, or of those only the records `ids`.

    The fields `hidden` are left out; with `names` each link has the name of its record beside it.
    """

    query: Query
    ids: tuple[RecordId, ...] | None = None
    hidden: tuple[str, ...] = ()
    names: bool = False

    @property
    def table(self) -> str:
        return self.query.table


@contextmanager
def open_snapshot(path: Path, stopped: Callable[[], bool]) -> Iterator["Snapshot"]:
    """The file as it is now, whatever is written to it meanwhile.

    Raises ReadStopped soon after `stopped` says so, and the other errors of this room.
    """
    with ExitStack() as opened:
        opened.enter_context(sentences(path))
        first, second = (
            opened.enter_context(interruptible(connect(path, keep_statements=False), stopped))
            for _ in range(2)
        )
        know_any_order(first)
        know_any_order(second)
        same = begin_together(first, second)
        # Ended before the connections are closed, whatever its thread does with them.
        thread = opened.enter_context(ThreadPoolExecutor(1, "export"))
        yield Snapshot(first, read_schema(first), (second, thread) if same else None)


def begin_together(first: apsw.Connection, second: apsw.Connection) -> bool:
    """Begin to read on both of them, and tell whether they see the same state.

    In a file without WAL this keeps others from committing until the end.
    """
    before = row_of(second, "PRAGMA data_version")
    for each in (first, second):
        each.execute("BEGIN")
        # A transaction sees what is there at its first query.
        row_of(each, "SELECT count(*) FROM sqlite_schema")
    return bool(row_of(second, "PRAGMA data_version") == before)


@contextmanager
def interruptible(
    connection: apsw.Connection, stopped: Callable[[], bool]
) -> Iterator[apsw.Connection]:
    """Closed at the end. Raises ReadStopped soon after `stopped` says so."""
    try:
        connection.set_progress_handler(stopped, PROGRESS_STEPS)
        yield connection
    except apsw.InterruptError as error:
        raise ReadStopped from error
    finally:
        connection.close(True)


class Snapshot:
    """Made by `Database.snapshot`; every answer is of the same moment."""

    def __init__(
        self,
        connection: apsw.Connection,
        schema: Schema,
        making: tuple[apsw.Connection, Executor] | None = None,
    ) -> None:
        self.connection, self.schema, self.making = connection, schema, making
        self.utf8 = row_of(connection, "PRAGMA encoding")[0] == "UTF-8"
        self.counts: dict[Part, int] = {}
        self.unreadable = 0
        """How many stretches of text were no UTF-8 and hold a mark now where their letters were."""

    def tables(self) -> tuple[Table, ...]:
        return tuple(self.schema.tables.values())

    def table(self, name: str) -> Table:
        """Raises NoSuchTable."""
        table = self.schema.get(name)
        if table is None:
            raise NoSuchTable(name)
        return table

    def shown(self, part: Part) -> Table:
        """The table with the fields that are taken of it. Raises NoSuchTable."""
        table = self.table(part.table)
        fields = tuple(field for field in table.fields if field.name not in part.hidden)
        fields = fields or table.fields
        return table._replace(fields=with_names(self.schema.get, fields) if part.names else fields)

    def count(self, part: Part) -> int:
        """How many records `part` has, counted once."""
        if part not in self.counts:
            source, parameters = self.source(replace(part, names=False), ordered=False)
            counted = row_of(self.connection, f"SELECT count(*) {source}", parameters)[0]
            self.counts[part] = int(counted)
        return self.counts[part]

    def source(self, part: Part, *, ordered: bool = True) -> tuple[str, tuple[Value, ...]]:
        """FROM and what follows it. Raises NoSuchTable, NoSuchField, NoSuchRecord."""
        table = self.table(part.table)
        selection = select_for(self.schema, table, part.query)
        where, parameters = selection.where, selection.parameters
        if part.ids is not None:
            condition, values = chosen_sql(table, part.ids)
            where = f"{where} AND {condition}" if where else f" WHERE {condition}"
            parameters = (*parameters, *values)
        order = selection.order if ordered else ""
        source = f"FROM {quote(table.name)} AS t{where}{order}"
        if part.names:
            fields = self.shown(replace(part, names=False)).fields
            source = f"FROM (SELECT {columns_sql(self.schema.get, fields)} {source}) AS t"
        return source, parameters

    def too_long(self, part: Part, units: int) -> dict[str, int]:
        """How many values of each field need more than `units` UTF-16 units as text; blobs as
        two hexadecimal digits a byte. Fields without one are left out."""
        table = self.shown(part)
        source, parameters = self.source(part, ordered=False)
        self.connection.create_scalar_function("myapp_units", utf16_units, 1, deterministic=True)
        counts = []
        for field in table.fields:
            column = f"t.{quote(field.name)}"
            counts.append(
                # The size is known without reading a value; few are ever looked at.
                f"coalesce(sum(CASE WHEN octet_length({column}) <= {units // 4} THEN 0"
                f" WHEN typeof({column}) = 'blob' THEN octet_length({column}) * 2 + 2 > {units}"
                f" WHEN octet_length({column}) <= {units} THEN 0"
                f" ELSE myapp_units(CAST({column} AS BLOB)) > {units} END), 0)"
            )
        found = row_of(self.connection, f"SELECT {', '.join(counts) or '0'} {source}", parameters)
        counted = zip((field.name for field in table.fields), found, strict=False)
        return {name: count for name, count in counted if count}

    def lines(self, part: Part, lines: Lines) -> Iterator[tuple[int, bytes]]:
        """The records as lines of text in UTF-8: how many, and their bytes, about a megabyte."""
        made = self.single_lines(part, lines)
        if self.making and self.is_whole(part):
            made = iter(Blocks(self.connection, *self.making, self.shown(part), lines))
        for count, text in gathered(made):
            yield count, self.readable(text)

    def is_whole(self, part: Part) -> bool:
        """Whether it is all of a table that blocks can be made of, and enough for several."""
        table = self.table(part.table)
        return (
            self.utf8
            and replace(part, hidden=()) == Part(Query(part.table))
            and table.rowid is not None
            and self.count(part) >= MANY
        )

    def single_lines(self, part: Part, lines: Lines) -> Iterator[tuple[int, bytes]]:
        for name, function in lines.functions.items():
            self.connection.create_scalar_function(name, function, -1, deterministic=True)
        source, parameters = self.source(part)
        line = line_sql(self.shown(part), lines)
        # As a blob a line comes without being decoded; in UTF-16 files that would be UTF-16.
        sql = f"SELECT {f'CAST({line} AS BLOB)' if self.utf8 else line} {source}"
        for (found,) in rows_of(self.connection, sql, parameters):
            yield 1, found if self.utf8 else found.encode()

    def readable(self, text: bytes) -> bytes:
        try:
            text.decode()
        except UnicodeDecodeError:
            mended = text.decode("utf-8", "replace")
            self.unreadable += mended.count("\ufffd") - text.count("\ufffd".encode())
            return mended.encode()
        return text

    def records(self, part: Part) -> Iterator[list[tuple[Value, ...]]]:
        """The records' values in full, in lists of bounded size."""
        with sentences(Path(self.connection.filename)):
            yield from self.read_records(part)

    def read_records(self, part: Part) -> Iterator[list[tuple[Value, ...]]]:
        table = self.shown(part)
        source, parameters = self.source(part)
        columns = [f"t.{quote(field.name)}" for field in table.fields]
        done = 0
        try:
            sql = f"SELECT {', '.join(columns)} {source}"
            for batch in batches(rows_of(self.connection, sql, parameters)):
                yield batch
                done += len(batch)
        except UnicodeDecodeError:
            # The order is the same again, so what came already can be left out.
            raw = ", ".join(
                f"CASE typeof({each}) WHEN 'text' THEN CAST('t' || {each} AS BLOB)"
                f" WHEN 'blob' THEN CAST('b' || {each} AS BLOB) ELSE {each} END"
                for each in columns
            )
            sql = f"SELECT {raw} {source} LIMIT -1 OFFSET {done}"
            for batch in batches(rows_of(self.connection, sql, parameters)):
                yield [tuple(map(self.unmarked, record)) for record in batch]

    def unmarked(self, value: Value) -> Value:
        if not isinstance(value, bytes):
            return value
        if value[:1] == b"b":
            return value[1:]
        return self.readable(value[1:]).decode()


def gathered(made: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Small pieces put together to about a megabyte."""
    chunk: list[bytes] = []
    records = size = 0
    for count, text in made:
        chunk.append(text)
        records += count
        size += len(text)
        if size >= CHUNK_BYTES:
            yield records, b"".join(chunk)
            chunk, records, size = [], 0, 0
    if chunk:
        yield records, b"".join(chunk)


def utf16_units(*text: Value) -> int:
    raw = text[0] if isinstance(text[0], bytes) else b""
    return len(raw.decode("utf-8", "replace").encode("utf-16-le")) // 2


def batches(records: Iterator[tuple[Value, ...]]) -> Iterator[list[tuple[Value, ...]]]:
    batch: list[tuple[Value, ...]] = []
    size = 0
    for record in records:
        batch.append(record)
        size += sum(len(value) for value in record if isinstance(value, str | bytes))
        if len(batch) >= CHUNK_RECORDS or size > CHUNK_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def chosen_sql(table: Table, ids: tuple[RecordId, ...]) -> tuple[str, tuple[Value, ...]]:
    """A condition that finds the records `ids`. Raises NoSuchRecord."""
    keys = [decode_id(table, id_) for id_ in ids]
    if table.type == "view":
        return keys_sql(table, keys, "t.")
    if table.rowid is not None:
        rowids = json.dumps([key[0] for key in keys])
        return f"t.{table.rowid} IN (SELECT value FROM json_each(?))", (rowids,)
    names = ", ".join(f"t.{quote(name)}" for name in table.key)
    marks = ", ".join([f"({', '.join('?' * len(table.key))})"] * len(keys))
    values = tuple(value for key in keys for value in key)
    return f"({names}) IN (VALUES {marks or '(NULL)'})", values
