"""Links that led nowhere until a record came under their key, as other programs leave them.

Undo may let just these lead nowhere again, and takes no record from under any other link.
"""

from collections.abc import Collection
from typing import NamedTuple

import apsw

from .connection import has_table, row_of, rows_of
from .ids import decode_id, match_sql
from .linking import has_index
from .query import RecordId
from .schema import OWN_PREFIX, Schema, Table, quote

ADOPTED = f"{OWN_PREFIX}adopted"
LOOKED_THROUGH = 20_000
"""Records of a table whose links have no index, at most: an edit should not wait for more."""


def note_adopted(
    connection: apsw.Connection,
    table: Table,
    id_: RecordId,
    entry: int,
    edited: Collection[str] | None = None,
) -> None:
    """How many links lead to the record that the history's `entry` has just made, or where fields
    were `edited` that they may lead to."""
    sources = links_into(connection, table)
    if edited is not None:
        wanted = {each.lower() for each in edited}
        sources = [each for each in sources if each.target.lower() in wanted]
    if not sources or not all(is_quick(connection, each) for each in sources):
        return
    count = links_to(connection, table, id_)
    if not count and edited is None:
        return
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {ADOPTED} (entry INTEGER PRIMARY KEY, record TEXT, links INT)"
    )
    connection.execute(f"INSERT OR REPLACE INTO {ADOPTED} VALUES (?, ?, ?)", (entry, id_, count))


def is_adopted(connection: apsw.Connection, schema: Schema, table: str, entry: int) -> bool:
    """Whether no more links lead to the record that the entry made than when it was made."""
    there = schema.get(table)
    if there is None:
        return False
    if not links_into(connection, there):
        return True
    if not has_table(connection, ADOPTED):
        return False
    row = connection.execute(
        f"SELECT record, links FROM {ADOPTED} WHERE entry = ?", (entry,)
    ).fetchone()
    return row is not None and links_to(connection, there, str(row[0])) <= row[1]


def forget_adopted(connection: apsw.Connection) -> None:
    """Of entries that the history let go of."""
    if has_table(connection, ADOPTED):
        kept = f"SELECT id FROM {OWN_PREFIX}history"
        connection.execute(f"DELETE FROM {ADOPTED} WHERE entry NOT IN ({kept})")


class Source(NamedTuple):
    """A field of a table, which links to the field `target` of another one."""

    table: str
    field: str
    target: str


def links_into(connection: apsw.Connection, table: Table) -> list[Source]:
    """Those of one field, also of tables that were deleted and wait in the history."""
    listed = rows_of(
        connection,
        'SELECT m.name, f.id, f."from", f."to" FROM sqlite_schema AS m,'
        " pragma_foreign_key_list(m.name) AS f"
        " WHERE m.type = 'table' AND lower(f.\"table\") = lower(?)",
        (table.name,),
    )
    found: dict[tuple[str, int], list[Source]] = {}
    for name, number, field, target in listed:
        to = target or (table.key[0] if len(table.key) == 1 else "")
        found.setdefault((name, number), []).append(Source(name, field, to))
    return [each[0] for each in found.values() if len(each) == 1 and each[0].target]


def is_quick(connection: apsw.Connection, source: Source) -> bool:
    if has_index(connection, source.table, source.field):
        return True
    few = f"SELECT 1 FROM {quote(source.table)} LIMIT {LOOKED_THROUGH + 1}"
    return int(row_of(connection, f"SELECT count(*) FROM ({few})")[0]) <= LOOKED_THROUGH


def links_to(connection: apsw.Connection, table: Table, id_: RecordId) -> int:
    count = 0
    for source in links_into(connection, table):
        led_to = f"SELECT {quote(source.target)} FROM {quote(table.name)} WHERE {match_sql(table)}"
        counted = row_of(
            connection,
            f"SELECT count(*) FROM {quote(source.table)} WHERE {quote(source.field)} = ({led_to})",
            decode_id(table, id_),
        )
        count += int(counted[0])
    return count
