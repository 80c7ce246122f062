"""What triggers do that the history could not keep whole: a change of an SQL view that does it is
refused. Looked for while the change is made, inside its transaction."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from . import history
from .connection import rows_of
from .definition import names_in
from .errors import NotTakenBack
from .schema import OWN_PREFIX, Schema, Table, quote

KEEPS_TABLE = re.compile(r"content\s*=\s*(?!''|\"\")\S", re.IGNORECASE)
"""Of a full-text table that can be made anew from another one."""


@contextmanager
def recorded_whole(
    connection: apsw.Connection, schema: Schema, view: Table
) -> Iterator[apsw.Session]:
    """Note every change that the triggers of `view` make inside. Raises NotTakenBack."""
    written: set[str] = set()
    before = {
        name for name in mentioned(connection, view) if has_empty_keys(connection, schema, name)
    }
    with history.recorded(connection, written) as session:
        yield session
    check_search_tables(connection, view, written)
    for name in sorted(written):
        if name.lower() in before or has_empty_keys(connection, schema, name):
            raise NotTakenBack(view.name, f"“{name}” has records whose key is empty.")


def check_search_tables(connection: apsw.Connection, view: Table, written: set[str]) -> None:
    """What a virtual table keeps is not noted. Some of them are made anew after an undo."""
    kept = {
        name
        for name in history.search_indexes(connection, written)
        for (sql,) in rows_of(connection, "SELECT sql FROM sqlite_schema WHERE name = ?", (name,))
        if KEEPS_TABLE.search(sql)
    }
    for name in sorted(history.shadow_tables(connection) & written):
        owner = name.rpartition("_")[0]
        if owner not in kept and not name.lower().startswith(OWN_PREFIX):
            why = f"it writes to “{owner}”, a table kept by an SQLite extension."
            raise NotTakenBack(view.name, why)


def mentioned(connection: apsw.Connection, view: Table) -> set[str]:
    """Everything that the triggers of `view` name, in lower case."""
    listed = rows_of(
        connection,
        "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?)",
        (view.name,),
    )
    return {name for (sql,) in listed for name in names_in(str(sql))}


def has_empty_keys(connection: apsw.Connection, schema: Schema, name: str) -> bool:
    """Whether a record's key is empty, which SQLite's sessions pass over."""
    table = schema.get(name)
    if table is None or table.rowid is None or not table.key:
        return False
    if table.field(table.key[0]).automatic:
        return False
    condition = " OR ".join(f"{quote(field)} IS NULL" for field in table.key)
    sql = f"SELECT 1 FROM {quote(table.name)} WHERE {condition} LIMIT 1"
    return connection.execute(sql).fetchone() is not None
