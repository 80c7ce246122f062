"""The search index of one table: its words, kept beside it in the same file.

An index is a full-text table of the words without their texts, a list of the records changed
since, and triggers that fill the list. The triggers name no field and need no full-text extension:
any program, of any age of SQLite, can go on writing to the table, change its fields, or drop it.
Listed records are searched by scanning until they are taken in, some hundreds together: one by one
they would make an edit ten times slower.

Knows SQL and no transactions. Only tables whose rowid is a key of their own have an index: VACUUM
may renumber other rowids, and nobody would be told.
"""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import apsw

from .connection import has_table, plain_sql, row_of, rows_of
from .schema import OWN_PREFIX, Table, quote
from .schema import SEARCH_REGISTRY as REGISTRY

CHANGED = f"{OWN_PREFIX}changed_"
EVENTS = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}
TOKENIZER = ("unicode61", "remove_diacritics", "2")

MOST_ARGUMENTS = 100
"""Of one SQL function; SQLite has taken more only since 3.48."""

SHORT = 3
"""Letters. Beginnings of so many or fewer are indexed like words."""
LAST_ROWID = 2**63 - 1


class SearchIndex(NamedTuple):
    """`fields` are the table's as they were indexed; `next` is the id from which on its records
    are still to come, None where all are in."""

    id: int
    table: str
    fields: tuple[str, ...]
    next: int | None

    @property
    def ready(self) -> bool:
        return self.next is None

    @property
    def words(self) -> str:
        return f"{REGISTRY}_{self.id}"

    @property
    def changed(self) -> str:
        return f"{CHANGED}{self.id}"

    def fits(self, table: Table) -> bool:
        """Another program may have changed the fields, and with them what the records say."""
        return self.fields == tuple(field.name for field in table.fields) and table.numbered


def read_indexes(connection: apsw.Connection) -> list[SearchIndex]:
    """Whole ones, of tables that are there, the deleted ones too."""
    registry = read_registry(connection)
    if not registry:
        return []
    tables: dict[str, set[str]] = {}
    triggers = rows_of(
        connection,
        "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB ?",
        (f"{CHANGED}*",),
    )
    for name, table in triggers:
        number, _, event = name.removeprefix(CHANGED).rpartition("_")
        if event in EVENTS:
            tables.setdefault(f"{number} {table}", set()).add(event)
    watched = dict(key.split(" ", 1) for key, events in tables.items() if len(events) == 3)
    return [
        SearchIndex(id_, watched[str(id_)], tuple(json.loads(fields)), next_)
        for id_, fields, next_ in registry
        if str(id_) in watched
    ]


def read_registry(connection: apsw.Connection) -> list[tuple[int, str, int | None]]:
    if not has_table(connection, REGISTRY):
        return []
    # Another program may have put anything into a table of this name.
    return list(
        rows_of(
            connection,
            f"SELECT id, fields, next FROM {REGISTRY} WHERE typeof(id) = 'integer'"
            " AND json_valid(fields) AND json_type(fields) = 'array'"
            " AND typeof(next) IN ('integer', 'null') ORDER BY id",
        )
    )


def index_of(connection: apsw.Connection, table: Table) -> SearchIndex | None:
    """The index that finds all of the table's records by their words, where there is one."""
    for index in read_indexes(connection):
        if index.table.lower() == table.name.lower() and index.ready and index.fits(table):
            return index
    return None


# --- making and letting go


def create_index(connection: apsw.Connection, table: Table) -> SearchIndex:
    """An index without a record in it yet. From now on every change is listed."""
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {REGISTRY}"
        " (id INTEGER PRIMARY KEY, fields TEXT NOT NULL, next INTEGER)"
    )
    key = str(table.rowid)
    first = row_of(connection, f"SELECT min({key}) FROM {quote(table.name)}")[0]
    fields = tuple(field.name for field in table.fields)
    id_ = row_of(
        connection,
        f"INSERT INTO {REGISTRY} (fields, next) VALUES (?, ?) RETURNING id",
        (json.dumps(fields), first or 0),
    )[0]
    index = SearchIndex(id_, table.name, fields, first or 0)
    # No texts and no places of words: a third of the size.
    connection.execute(
        f"CREATE VIRTUAL TABLE {index.words} USING fts5(words, content='', contentless_delete=1,"
        f" detail=none, prefix='1 2 {SHORT}', tokenize='{' '.join(TOKENIZER)}')"
    )
    connection.execute(f"CREATE TABLE {index.changed} (id INTEGER PRIMARY KEY)")
    for event, sides in EVENTS.items():
        # OR IGNORE would give way to the OR of the statement that fires the trigger.
        listing = " ".join(
            f"INSERT INTO {index.changed} SELECT {side}.{key}"
            f" WHERE NOT EXISTS (SELECT 1 FROM {index.changed} AS c WHERE c.id = {side}.{key});"
            for side in sides
        )
        connection.execute(
            f"CREATE TRIGGER {index.changed}_{event} AFTER {event.upper()} ON {quote(table.name)}"
            f" BEGIN {listing} END"
        )
    return index


def drop_index(connection: apsw.Connection, id_: int) -> None:
    """Nothing of it stays, and nothing of the registry with the last one."""
    for event in EVENTS:
        connection.execute(f"DROP TRIGGER IF EXISTS {CHANGED}{id_}_{event}")
    connection.execute(f"DROP TABLE IF EXISTS {REGISTRY}_{id_}")
    connection.execute(f"DROP TABLE IF EXISTS {CHANGED}{id_}")
    connection.execute(f"DELETE FROM {REGISTRY} WHERE id = ?", (id_,))
    if row_of(connection, f"SELECT count(*) FROM {REGISTRY}")[0] == 0:
        connection.execute(f"DROP TABLE {REGISTRY}")


def orphans(connection: apsw.Connection) -> list[int]:
    """Indexes whose table is gone for good."""
    whole = {index.id for index in read_indexes(connection)}
    return [id_ for id_, _, _ in read_registry(connection) if id_ not in whole]


def note_fields(
    connection: apsw.Connection, table: str, before: Sequence[str], after: Sequence[str]
) -> None:
    """A field was renamed, or an empty one added or taken away: the records say the same."""
    for index in read_indexes(connection):
        if index.table.lower() == table.lower() and index.fields == tuple(before):
            connection.execute(
                f"UPDATE {REGISTRY} SET fields = ? WHERE id = ?",
                (json.dumps(tuple(after)), index.id),
            )


def note_rebuilt(
    connection: apsw.Connection,
    table: str,
    before: Sequence[str],
    after: Sequence[str],
    others: str | None,
) -> None:
    """A table was rebuilt with other fields; the query `others` gives the ids of records that say
    something else since."""
    for index in read_indexes(connection):
        if others is not None and index.table.lower() == table.lower():
            connection.execute(f"INSERT OR IGNORE INTO {index.changed} {others}")
    note_fields(connection, table, before, after)


# --- keeping it true


def add_records(
    connection: apsw.Connection, table: Table, index: SearchIndex, count: int
) -> int | None:
    """Index the next `count` records; gives how many there were, None where that was the end."""
    key = str(table.rowid)
    last, found = row_of(
        connection,
        f"SELECT max(k), count(*) FROM (SELECT {key} AS k FROM {quote(table.name)}"
        f" WHERE {key} >= ? ORDER BY {key} LIMIT ?)",
        (index.next, count),
    )
    if found:
        write_words(connection, table, index, f"BETWEEN {index.next} AND {last}")
    over = not found or last == LAST_ROWID
    connection.execute(
        f"UPDATE {REGISTRY} SET next = ? WHERE id = ?", (None if over else last + 1, index.id)
    )
    return None if over else found


def take_in(connection: apsw.Connection, table: Table, index: SearchIndex, count: int) -> int:
    """Index `count` of the changed records anew; gives how many there were."""
    chosen = [
        id_
        for (id_,) in rows_of(
            connection, f"SELECT id FROM {index.changed} ORDER BY id LIMIT ?", (count,)
        )
    ]
    if chosen:
        listed = f"IN (SELECT id FROM {index.changed} WHERE id <= {chosen[-1]})"
        connection.execute(f"DELETE FROM {index.words} WHERE rowid {listed}")
        write_words(connection, table, index, listed)
        connection.execute(f"DELETE FROM {index.changed} WHERE id <= ?", (chosen[-1],))
    return len(chosen)


def write_words(connection: apsw.Connection, table: Table, index: SearchIndex, which: str) -> None:
    connection.execute(f"INSERT INTO {index.words} (rowid, words) {words_sql(table, which)}")


def words_sql(table: Table, which: str) -> str:
    """Selects ids `k` and words `w` of the records whose id is `which`, in the order of the ids.
    Words beyond ASCII come without accents and case; the full-text table sees to the others."""
    key = str(table.rowid)
    return (
        f"SELECT k, {plain_sql('w')} AS w"
        f" FROM (SELECT t.{key} AS k, {all_words(table)} AS w FROM {quote(table.name)} AS t"
        f" WHERE t.{key} {which} ORDER BY t.{key})"
    )


def all_words(table: Table) -> str:
    """An SQL expression of all that a record says."""
    columns = [f"t.{quote(field.name)}" for field in table.fields]
    parts = [f"iif(typeof({each}) = 'blob', NULL, {each})" for each in columns]
    while len(parts) > 1:
        parts = [
            f"concat_ws(' ', {', '.join(parts[at : at + MOST_ARGUMENTS - 1])})"
            for at in range(0, len(parts), MOST_ARGUMENTS - 1)
        ]
    return f"CAST({parts[0]} AS TEXT)"


def count_changed(connection: apsw.Connection, index: SearchIndex, most: int) -> int:
    """How many records are still to be taken in; `most` where there are more."""
    counted = row_of(
        connection, f"SELECT count(*) FROM (SELECT 1 FROM {index.changed} LIMIT ?)", (most,)
    )
    return int(counted[0])


def note_changed(connection: apsw.Connection, index: SearchIndex, ids: Iterable[int]) -> None:
    """List records that changed while triggers were off."""
    connection.executemany(
        f"INSERT OR IGNORE INTO {index.changed} (id) VALUES (?)", ((id_,) for id_ in ids)
    )
