"""The order of the tables, where a person gave them one.

It lies in a table of our own, which is made when the first table is moved, with the whole order as
it was seen then. Tables without a place come after, by name. A renamed table keeps its place, and
one that is deleted has it again when it comes back. It is written anew each time, so that SQLite
counts a change of the schema and everybody who keeps a schema reads it again. Knows SQL and no
transactions.
"""

import json
import zlib
from collections.abc import Iterable, Sequence

import apsw

from . import history
from .changes import MoveTable, OrderByName
from .connection import has_table, rows_of
from .errors import NoSuchTable
from .schema import TABLE_ORDER, Schema

MOST = 100_000
"""Places that are read: another program may have written anything."""


def change_order(
    connection: apsw.Connection, schema: Schema, change: MoveTable | OrderByName
) -> None:
    """Make the change and record it. Raises NoSuchTable."""
    before = after = read_order(connection)
    if isinstance(change, OrderByName):
        table, after = "", None
    else:
        moved = schema.get(change.table)
        if moved is None:
            raise NoSuchTable(change.table)
        table = moved.name
        seen = [each.name for each in schema.tables.values()]
        to = min(max(change.to, 0), len(seen) - 1)
        if seen[to] != table:
            after = moved_to(places(connection, before or (), seen), seen, table, to)
    if after == before:
        return
    write(connection, after)
    # A thousand names, twice, would be most of what a move costs.
    detail = zlib.compress(json.dumps([before, after], ensure_ascii=False).encode())
    history.write_entry(connection, change.sentence, "order", table, changeset=detail)


def places(connection: apsw.Connection, kept: Iterable[str], seen: Sequence[str]) -> list[str]:
    """All places: those kept, also of tables in the trash, and after them the tables that have
    none. A table that another program took away has lost its own."""
    there = {str(name).lower() for (name,) in rows_of(connection, "SELECT name FROM sqlite_schema")}
    names = [each for each in kept if each.lower() in there]
    known = {each.lower() for each in names}
    return names + [each for each in seen if each.lower() not in known]


def moved_to(names: Sequence[str], seen: Sequence[str], table: str, to: int) -> list[str]:
    """With the table at the place `to` among those that are `seen`; what lies in the trash stays
    beside its neighbours."""
    rest = [each for each in names if each.lower() != table.lower()]
    folded = [each.lower() for each in rest]
    others = [each for each in seen if each != table]
    at = folded.index(others[to].lower()) if to < len(others) else len(rest)
    return [*rest[:at], table, *rest[at:]]


def reverse_order(connection: apsw.Connection, entry: history.Entry, *, redo: bool) -> None:
    """Undo or redo."""
    before, after = json.loads(zlib.decompress(entry.changeset or b""))
    write(connection, after if redo else before)


def read_order(connection: apsw.Connection) -> list[str] | None:
    """The names of tables in their order; None where a person gave them none."""
    if not has_table(connection, TABLE_ORDER):
        return None
    sql = (
        f"SELECT table_name FROM main.{TABLE_ORDER} WHERE typeof(table_name) = 'text'"
        f" ORDER BY place LIMIT {MOST}"
    )
    try:
        return [str(name) for (name,) in rows_of(connection, sql)]
    except (apsw.SQLError, UnicodeDecodeError):
        return None  # a table of this name that is not ours


def write(connection: apsw.Connection, names: Iterable[str] | None) -> None:
    """None is no order of a person's. What has our name and is not ours stays, and is refused."""
    if is_ours(connection):
        connection.execute(f"DROP TABLE {TABLE_ORDER}")
    if names is None:
        return
    connection.execute(
        f"CREATE TABLE {TABLE_ORDER} (place INTEGER PRIMARY KEY,"
        " table_name TEXT NOT NULL UNIQUE COLLATE NOCASE)"
    )
    sql = f"INSERT OR IGNORE INTO {TABLE_ORDER} (table_name) VALUES (?)"
    connection.executemany(sql, [(each,) for each in names])


def is_ours(connection: apsw.Connection) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM pragma_table_info(?, 'main') WHERE name IN ('place', 'table_name')",
        (TABLE_ORDER,),
    )
    return found.fetchone() == (2,) and has_table(connection, TABLE_ORDER)


def take_along(names: Iterable[str], target: apsw.Connection, shown: Iterable[str]) -> None:
    """Of the order `names` those that are `shown`: a file that is given away says nothing of what
    is in the trash, or left out."""
    known = {each.lower() for each in shown}
    write(target, [each for each in names if each.lower() in known] or None)


def follow_table(connection: apsw.Connection, source: str, target: str | None) -> None:
    """The table has another name now, or is gone for good."""
    if not is_ours(connection):
        return
    if target is not None and target.lower() != source.lower():
        # What is left of a table that another program took away.
        connection.execute(f"DELETE FROM {TABLE_ORDER} WHERE table_name = ?", (target,))
    if target is None:
        connection.execute(f"DELETE FROM {TABLE_ORDER} WHERE table_name = ?", (source,))
    else:
        connection.execute(
            f"UPDATE {TABLE_ORDER} SET table_name = ? WHERE table_name = ?", (target, source)
        )
