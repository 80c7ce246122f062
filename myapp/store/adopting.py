"""Links that led nowhere until a record came under their key, as other programs leave them.

Undo may let just these lead nowhere again, and takes no record from under any other link.
"""

from collections.abc import Collection

import apsw

from .connection import has_table, row_of
from .linking import has_index
from .links import find_incoming
from .query import RecordId
from .reading import fetch_whole
from .schema import OWN_PREFIX, Schema, Table, quote

ADOPTED = f"{OWN_PREFIX}adopted"
LOOKED_THROUGH = 20_000
"""Records of a table whose links have no index, at most: an edit should not wait for more."""


def note_adopted(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    id_: RecordId,
    entry: int,
    edited: Collection[str] | None = None,
) -> None:
    """How many links lead to the record that the history's `entry` has just made, or where fields
    were `edited` that they may lead to."""
    sources = linking_fields(schema, table, edited)
    if not sources or not all(is_quick(connection, *each) for each in sources):
        return
    count = links_to(connection, schema, table, id_)
    if not count:
        return
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {ADOPTED} (entry INTEGER PRIMARY KEY, record TEXT, links INT)"
    )
    connection.execute(f"INSERT OR REPLACE INTO {ADOPTED} VALUES (?, ?, ?)", (entry, id_, count))


def is_adopted(connection: apsw.Connection, schema: Schema, table: str, entry: int) -> bool:
    """Whether as many links lead to the record that the entry made as when it was made."""
    there = schema.get(table)
    if there is None or not has_table(connection, ADOPTED):
        return False
    row = connection.execute(
        f"SELECT record, links FROM {ADOPTED} WHERE entry = ?", (entry,)
    ).fetchone()
    return row is not None and links_to(connection, schema, there, str(row[0])) == row[1]


def forget_adopted(connection: apsw.Connection) -> None:
    """Of entries that the history let go of."""
    if has_table(connection, ADOPTED):
        kept = f"SELECT id FROM {OWN_PREFIX}history"
        connection.execute(f"DELETE FROM {ADOPTED} WHERE entry NOT IN ({kept})")


def linking_fields(
    schema: Schema, table: Table, targets: Collection[str] | None
) -> list[tuple[str, str]]:
    """Tables and their fields that link to the table, or to these fields of it."""
    wanted = None if targets is None else {each.lower() for each in targets}
    return [
        (other.name, field.name)
        for other in schema.tables.values()
        for field in (other.fields if other.type == "table" else ())
        if field.link is not None
        and field.link.table.lower() == table.name.lower()
        and (wanted is None or field.link.field.lower() in wanted)
    ]


def is_quick(connection: apsw.Connection, table: str, field: str) -> bool:
    if has_index(connection, table, field):
        return True
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {quote(table)} LIMIT {LOOKED_THROUGH + 1})"
    return int(row_of(connection, counted)[0]) <= LOOKED_THROUGH


def links_to(connection: apsw.Connection, schema: Schema, table: Table, id_: RecordId) -> int:
    record = fetch_whole(connection, schema, table, id_)
    return sum(each.total for each in find_incoming(connection, schema, table, record))
