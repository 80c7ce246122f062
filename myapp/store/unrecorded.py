"""What triggers do that the history could not keep whole: a change of an SQL view that does it is
refused. Looked for while the change is made, inside its transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from . import history
from .connection import rows_of
from .definition import names_in
from .errors import NotTakenBack
from .schema import Schema, Table, quote
from .virtual_tables import KEPT_BY_EXTENSION, kept_by_triggers, owners


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
    check_virtual_tables(connection, view, written)
    for name in sorted(written):
        if name.lower() in before or has_empty_keys(connection, schema, name):
            raise NotTakenBack(view.name, f"“{name}” has records whose key is empty.")


def check_virtual_tables(connection: apsw.Connection, view: Table, written: set[str]) -> None:
    """What a virtual table keeps is not noted. Some of them are made anew after an undo."""
    kept = kept_by_triggers(connection, written)
    for name, source in owners(connection, written).items():
        if source is None or (source == "others' texts" and name not in kept):
            raise NotTakenBack(view.name, KEPT_BY_EXTENSION.format(name))


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
