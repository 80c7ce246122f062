"""Copy tables into a new, plain SQLite file: definitions, keys, links, indexes and records."""

import os
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import apsw

from . import table_order
from .connection import connect, has_table, row_of, rows_of, sentences
from .field_settings import stored, take_along
from .schema import FIELD_SETTINGS, OWN_PREFIX, Table, quote, read_schema
from .streaming import Part, Snapshot, interruptible

Counted = dict[str, int]
"""How many records of each table the new file holds."""


def copy_whole(path: Path, target: Path, stopped: Callable[[], bool]) -> tuple[Counted, Counted]:
    """Everything in the file, its search indexes and triggers too, without what is MyApp's own but
    the colours and currencies of its fields, and the order of its tables.

    `target` must not exist. Raises ReadStopped.
    """
    with sentences(path), interruptible(connect(path), stopped) as source:
        before = row_of(source, "PRAGMA data_version")
        source.execute("VACUUM INTO ?", (os.fspath(target),))
        found = count_tables(source)
        changed = row_of(source, "PRAGMA data_version") != before
    with sentences(target), interruptible(connect(target, write=True), stopped) as copy:
        own = [
            (kind, name)
            for kind, name in rows_of(
                copy,
                "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'trigger') AND name"
                " NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')",
            )
            if name.lower().startswith(OWN_PREFIX)
        ]
        settings = stored(copy) if has_table(copy, FIELD_SETTINGS) else []
        order = table_order.read_order(copy) or ()
        # A trigger goes with its table, and what a search index keeps with the index.
        for kind, name in own:
            copy.execute(f"DROP {kind} IF EXISTS {quote(name)}")
        tables = read_schema(copy).tables.values()
        take_along(settings, copy, {each.name: names_of(each) for each in tables})
        table_order.take_along(order, copy, [each.name for each in tables])
        if own:
            # Without it, deleted records could still be read from the file's free pages.
            copy.execute("VACUUM")
        written = count_tables(copy)
    # Where somebody changed the file meanwhile, what was found is told by the copy alone.
    return (written if changed else found), written


def copy_parts(
    path: Path, target: Path, parts: Sequence[Part], stopped: Callable[[], bool]
) -> tuple[Counted, Counted]:
    """What each part finds, in a table of the same definition. Raises ReadStopped."""
    with sentences(path), interruptible(connect(path, attach=True), stopped) as connection:
        connection.execute("ATTACH ? AS target", (os.fspath(target),))
        connection.execute("PRAGMA target.synchronous = OFF")
        # A rule of the table may be younger than its records.
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("BEGIN")
        snapshot = Snapshot(connection, read_schema(connection))
        found = {snapshot.table(part.table).name: snapshot.count(part) for part in parts}
        for part in parts:
            copy_part(snapshot, part)
        written = {name: count_records(connection, "target", name) for name in found}
        settings = stored(connection) if has_table(connection, FIELD_SETTINGS) else []
        order = table_order.read_order(connection) or ()
        shown = {each.name: names_of(each) for each in map(snapshot.shown, parts)}
        connection.execute("COMMIT")
    if settings or order:
        with sentences(target), closing(connect(target, write=True)) as copy:
            take_along(settings, copy, shown)
            table_order.take_along(order, copy, shown)
    return found, written


def names_of(table: Table) -> list[str]:
    return [field.name for field in table.fields]


def count_tables(connection: apsw.Connection) -> Counted:
    tables = read_schema(connection).tables.values()
    return {
        table.name: count_records(connection, "main", table.name)
        for table in tables
        if table.type == "table"
    }


def count_records(connection: apsw.Connection, file: str, table: str) -> int:
    return int(row_of(connection, f"SELECT count(*) FROM {file}.{quote(table)}")[0])


def copy_part(snapshot: Snapshot, part: Part) -> None:
    connection, table = snapshot.connection, snapshot.shown(part)
    whole = table.fields == snapshot.table(part.table).fields
    # Keys and rules may name a field that is left out: what is left is a table of values.
    as_it_is = table.type == "table" and whole
    connection.execute(definition_of(connection, table) if as_it_is else plain_definition(table))
    names = [quote(f.name) for f in table.fields if not (as_it_is and f.generated)]
    source, parameters = snapshot.source(part, ordered=False)
    into = list(names)
    if as_it_is and table.rowid is not None and table.rowid not in names:
        names.insert(0, f"t.{table.rowid}")
        into.insert(0, table.rowid)
    connection.execute(
        f"INSERT INTO target.{quote(table.name)} ({', '.join(into)})"
        f" SELECT {', '.join(names)} {source}",
        parameters,
    )
    if not as_it_is:
        return
    # Built after the records, which is three times as fast.
    indexes = rows_of(
        connection,
        "SELECT sql FROM main.sqlite_schema"
        " WHERE type = 'index' AND tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL",
        (table.name,),
    )
    for (sql,) in list(indexes):
        connection.execute(in_target(sql))
    with suppress(apsw.SQLError):  # only files with AUTOINCREMENT have this table
        connection.execute(
            "UPDATE target.sqlite_sequence SET seq = (SELECT max(m.seq) FROM"
            " main.sqlite_sequence AS m WHERE m.name = ?1) WHERE name = ?1",
            (table.name,),
        )


def definition_of(connection: apsw.Connection, table: Table) -> str:
    """The table's own CREATE TABLE."""
    (sql,) = row_of(
        connection,
        "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE",
        (table.name,),
    )
    return in_target(sql)


def plain_definition(table: Table) -> str:
    """For what cannot be made as it is: SQL views, virtual tables, some fields of a table."""
    fields = ", ".join(
        f"{quote(field.name)} {field.declared}{' PRIMARY KEY' if field.automatic else ''}".strip()
        for field in table.fields
    )
    return f"CREATE TABLE target.{quote(table.name)} ({fields})"


def in_target(sql: str) -> str:
    """SQLite keeps definitions with the first words normalised and no file's name before the name.

    Source: https://sqlite.org/schematab.html
    """
    for words in ("CREATE TABLE ", "CREATE UNIQUE INDEX ", "CREATE INDEX "):
        if sql.startswith(words):
            return f"{words}target.{sql.removeprefix(words)}"
    raise ValueError(f"unexpected definition: {sql[:60]}")
