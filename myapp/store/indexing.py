"""Make search fast, and keep it fast: build a table's search index in steps that others hardly
notice, go on with one that was left half-built, and take in what changed in bulk."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import apsw

from .connection import row_of
from .errors import CannotIndex
from .schema import Table, quote
from .search_index import (
    SearchIndex,
    add_records,
    count_changed,
    create_index,
    drop_index,
    orphans,
    read_indexes,
    take_in,
)

if TYPE_CHECKING:
    from .database import Database

FIRST_STEP, LARGEST_STEP = 500, 20_000
HELD = 0.1
"""Seconds for which one step keeps others from writing, about."""

PAUSE = 0.01
"""Seconds between two steps, in which others may write."""

COUNTED = 100_000
CHECKPOINT_PAGES = 20_000


class IndexState(NamedTuple):
    """What is to be told of a table's index: `ready` finds all, `waiting` records changed since."""

    table: str
    ready: bool
    waiting: int


class IndexProgress(NamedTuple):
    records: int
    total: int


Note = Callable[[IndexProgress], None]


def list_indexes(database: "Database") -> dict[str, IndexState]:
    """The state of every index, by the name of its table. One that does not fit the table's
    fields any more is left out."""
    found = {}
    with database.reading() as connection:
        schema = database.schema(connection)
        for index in read_indexes(connection):
            table = schema.get(index.table)
            if table is not None and index.fits(table):
                waiting = count_changed(connection, index, COUNTED)
                found[table.name] = IndexState(table.name, index.ready, waiting)
    return found


def drop_indexes(database: "Database", table: str) -> None:
    """Leave no index of this table. Raises NoSuchTable, ReadOnlyFile."""
    name = database.table(table).name
    with database.writing_aside() as connection:
        for index in read_indexes(connection):
            if index.table.lower() == name.lower():
                drop_index(connection, index.id)


def drop_orphans(database: "Database") -> None:
    """Leave no index whose table is gone for good."""
    with database.reading() as connection:
        lost = orphans(connection)
    if lost:
        with database.writing_aside() as connection:
            for id_ in lost:
                drop_index(connection, id_)


def build_index(
    database: "Database",
    table: str,
    note: Note = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """Make an index of this table, or go on with the one that is there, until it has everything.

    Gives False where it was stopped before; what is done stays, to go on with or to drop. Raises
    NoSuchTable, CannotIndex, ReadOnlyFile, DiskFull and the other errors of this room.
    """
    index = begin(database, table)
    with database.reading() as connection:
        wal = row_of(connection, "PRAGMA journal_mode")[0] == "wal"
        found = database.schema(connection).get(index.table)
        total = records = 0
        if found is not None and index.next is not None:
            key, name = found.rowid, quote(found.name)
            total, records = row_of(
                connection,
                f"SELECT count(*), count(*) FILTER (WHERE {key} < ?) FROM {name}",
                (index.next,),
            )
    step = FIRST_STEP
    while not stopped():
        note(IndexProgress(records, max(total, records)))
        began = time.monotonic()
        # What is half-built is known to be so: in WAL mode a power cut takes back some steps.
        done = take_step(database, index.id, step, durable=not wal)
        if done is None:
            return True
        records += done
        took = max(time.monotonic() - began, 0.001)
        step = max(FIRST_STEP, min(LARGEST_STEP, int(step * HELD / took), step * 2))
        time.sleep(PAUSE)
    return False


def begin(database: "Database", name: str) -> SearchIndex:
    """The table's index; made where there is none that fits."""
    with database.writing_aside() as connection:
        schema = database.schema(connection)
        table = schema.get(name)
        if table is None or not table.numbered:
            raise CannotIndex(name)
        usable: SearchIndex | None = None
        for index in read_indexes(connection):
            if index.table.lower() != table.name.lower():
                continue
            if usable is None and index.fits(table):
                usable = index
            else:
                drop_index(connection, index.id)
        connection.wal_autocheckpoint(CHECKPOINT_PAGES)
        return usable or create_index(connection, table)


def take_step(database: "Database", id_: int, count: int, *, durable: bool) -> int | None:
    """How many records came in; None where all are in, or the index went away meanwhile."""
    with database.writing_aside(durable=durable) as connection:
        index = next((each for each in read_indexes(connection) if each.id == id_), None)
        table = found_table(database, connection, index)
        if index is None or table is None:
            return None
        if index.ready:
            return take_in(connection, table, index, count) or None
        return add_records(connection, table, index, count) or 0


def found_table(
    database: "Database", connection: apsw.Connection, index: SearchIndex | None
) -> Table | None:
    table = database.schema(connection).get(index.table) if index else None
    return table if index and table and index.fits(table) else None
