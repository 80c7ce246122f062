"""The field that names a table's records, where a person chose one.

The choices lie in a table of our own, which is made with the first of them. A renamed table or
field is followed. A choice of a field that is gone is passed over, and holds again when the field
comes back; that of a deleted table waits beside it. Knows SQL and no transactions.
"""

import json

import apsw

from . import history
from .changes import ChooseTitle
from .connection import rows_of
from .errors import NoSuchTable, StoreError
from .schema import TITLES, Schema, may_title


class CannotTitle(StoreError):
    def __init__(self, field: str) -> None:
        super().__init__(
            f"The field “{field}” cannot name the records: it holds links or data. "
            "Nothing was changed."
        )


def choose_title(connection: apsw.Connection, schema: Schema, change: ChooseTitle) -> None:
    """Make the change and record it. Raises NoSuchTable, NoSuchField, CannotTitle."""
    table = schema.get(change.table)
    if table is None:
        raise NoSuchTable(change.table)
    if change.field is not None and not may_title(table.field(change.field)):
        raise CannotTitle(change.field)
    before = chosen(connection, table.name)
    if before == change.field:
        return
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {TITLES}"
        " (table_name TEXT PRIMARY KEY COLLATE NOCASE, field TEXT NOT NULL) WITHOUT ROWID"
    )
    put(connection, table.name, change.field)
    detail = json.dumps({"before": before, "after": change.field}, ensure_ascii=False)
    history.write_entry(connection, change.sentence, "title", table.name, changeset=detail.encode())


def reverse_title(connection: apsw.Connection, entry: history.Entry, *, redo: bool) -> None:
    """Undo or redo."""
    detail = json.loads(entry.changeset or b"{}")
    if exists(connection):
        put(connection, entry.table, detail["after" if redo else "before"])


def put(connection: apsw.Connection, table: str, field: str | None) -> None:
    connection.execute(f"DELETE FROM {TITLES} WHERE table_name = ?", (table,))
    if field is not None:
        connection.execute(f"INSERT INTO {TITLES} VALUES (?, ?)", (table, field))


def chosen(connection: apsw.Connection, table: str) -> str | None:
    if not exists(connection):
        return None
    sql = f"SELECT field FROM {TITLES} WHERE table_name = ?"
    return next((str(field) for (field,) in rows_of(connection, sql, (table,))), None)


def exists(connection: apsw.Connection) -> bool:
    """Whether there is such a table, and it is ours."""
    found = connection.execute(
        "SELECT count(*) FROM pragma_table_info(?, 'main') WHERE name IN ('table_name', 'field')",
        (TITLES,),
    )
    return found.fetchone() == (2,)


# --- what else happens to a table and its fields


def follow_table(connection: apsw.Connection, source: str, target: str | None) -> None:
    """The table has another name now, or is gone for good."""
    if not exists(connection):
        return
    if target is None:
        put(connection, source, None)
    else:
        connection.execute(
            f"UPDATE OR REPLACE {TITLES} SET table_name = ? WHERE table_name = ?", (target, source)
        )


def follow_field(connection: apsw.Connection, table: str, old: str, new: str) -> None:
    """The field has another name now."""
    if chosen(connection, table) == old:
        put(connection, table, new)
