"""Bring staged records into a table that is there: added to it, or updating what a key finds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import apsw

from .applying import writable_table
from .connection import row_of
from .errors import KeyRepeated, RuleBroken, TableReadOnly
from .schema import Schema, Table, quote
from .stretches import noting, paced

AT_ONCE = 20_000
"""Records between two words about how many are in, at most."""

MATCHES = "temp.myapp_matches"


@dataclass(frozen=True, slots=True)
class Staged:
    """A hidden table with `records`, numbered from 1 in its field `number`."""

    name: str
    number: str
    fields: tuple[str, ...]
    records: int


def check_target(
    schema: Schema, name: str, fields: Sequence[str], key: Sequence[str]
) -> tuple[Table, tuple[str, ...]]:
    """The table and its own spelling of `fields`.

    Raises NoSuchTable, NoSuchField, TableReadOnly, RuleBroken.
    """
    table = writable_table(schema, name)
    if table.type != "table":
        raise TableReadOnly(table.name, "only tables can take in a file.")
    found = [table.field(field) for field in fields]
    for field in found:
        if not field.writable:
            raise TableReadOnly(table.name, f"the field “{field.name}” is computed from others.")
    given = {field.name for field in found}
    for name in key:
        if name not in given:
            raise RuleBroken(f"The field “{name}” is the key, so it must come in.", name)
    return table, tuple(field.name for field in found)


def merge(
    connection: apsw.Connection,
    table: Table,
    staged: Staged,
    key: Sequence[str],
    sentence: str,
    added: Callable[[int], None],
) -> int:
    """Inside a transaction; gives how many records were updated. `added` hears how many are done.

    Raises RuleBroken, KeyRepeated, StepTooLarge.
    """
    # What a record points to may come later in the same file.
    connection.execute("PRAGMA defer_foreign_keys = ON")
    check_keys(connection, table, staged)
    if key:
        check_repeated(connection, staged, key)
        find_matches(connection, table, staged, key)
    updated = 0
    try:
        with noting(connection, sentence, table.name) as notes:
            for some in paced(notes, staged.records, AT_ONCE):
                first, last = some.start + 1, some.stop
                if key:
                    updated += update(connection, table, staged, key, first, last)
                insert(connection, table, staged, first, last, new_only=bool(key))
                added(last)
    finally:
        if key:
            connection.execute(f"DROP TABLE IF EXISTS {MATCHES}")
    return updated


def check_keys(connection: apsw.Connection, table: Table, staged: Staged) -> None:
    """Raises RuleBroken where a record would come in without what tells it apart."""
    for name in table.key:
        if table.field(name).automatic:
            continue
        empty = (
            name not in staged.fields
            or row_of(
                connection,
                f"SELECT count(*) FROM {quote(staged.name)} WHERE {quote(name)} IS NULL",
            )[0]
        )
        if empty:
            raise RuleBroken(f"The field “{name}” tells records apart and must not be empty.", name)


def check_repeated(connection: apsw.Connection, staged: Staged, key: Sequence[str]) -> None:
    columns = ", ".join(map(quote, key))
    filled = " AND ".join(f"{quote(name)} IS NOT NULL" for name in key)
    row = connection.execute(
        f"SELECT {columns} FROM {quote(staged.name)} WHERE {filled}"
        f" GROUP BY {columns} HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if row is not None:
        raise KeyRepeated(", ".join(map(str, row)))


def find_matches(
    connection: apsw.Connection, table: Table, staged: Staged, key: Sequence[str]
) -> None:
    """Which staged record goes with which of the table, where records have a rowid."""
    same = " AND ".join(f"t.{quote(name)} = s.{quote(name)}" for name in key)
    target = f"t.{table.rowid}" if table.rowid else "NULL"
    connection.execute(f"DROP TABLE IF EXISTS {MATCHES}")
    connection.execute(
        f"CREATE TABLE {MATCHES} AS SELECT s.{quote(staged.number)} AS source, {target} AS target"
        f" FROM {quote(staged.name)} AS s JOIN {quote(table.name)} AS t ON {same}"
    )
    connection.execute(f"CREATE INDEX {MATCHES}_source ON myapp_matches (source)")


def update(
    connection: apsw.Connection,
    table: Table,
    staged: Staged,
    key: Sequence[str],
    first: int,
    last: int,
) -> int:
    others = [name for name in staged.fields if name not in key]
    if not others:
        return 0
    name, number = quote(table.name), quote(staged.number)
    changes = ", ".join(f"{quote(each)} = s.{quote(each)}" for each in others)
    if table.rowid:
        sql = (
            f"UPDATE {name} SET {changes} FROM {MATCHES} AS m"
            f" JOIN {quote(staged.name)} AS s ON s.{number} = m.source"
            f" WHERE m.source BETWEEN ? AND ? AND {name}.{table.rowid} = m.target"
        )
    else:
        same = " AND ".join(f"{name}.{quote(each)} = s.{quote(each)}" for each in key)
        sql = (
            f"UPDATE {name} SET {changes} FROM {quote(staged.name)} AS s"
            f" WHERE s.{number} BETWEEN ? AND ? AND {same}"
        )
    connection.execute(sql, (first, last))
    return connection.changes()


def insert(
    connection: apsw.Connection,
    table: Table,
    staged: Staged,
    first: int,
    last: int,
    *,
    new_only: bool,
) -> None:
    names = ", ".join(map(quote, staged.fields))
    number = quote(staged.number)
    unless = f" AND {number} NOT IN (SELECT source FROM {MATCHES})" if new_only else ""
    connection.execute(
        f"INSERT INTO {quote(table.name)} ({names}) SELECT {names} FROM {quote(staged.name)}"
        f" WHERE {number} BETWEEN ? AND ?{unless} ORDER BY {number}",
        (first, last),
    )
