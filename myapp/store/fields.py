"""Change the fields of a table that is there, and take such a change back."""

import json

import apsw

from . import history
from .applying import MOST_FIELDS, writable_table
from .changes import AddField, FieldChange
from .errors import BadName, CannotUndo, NameTaken, TableReadOnly, TooManyFields
from .schema import Schema, Table, quote
from .search_index import note_fields


def change_field(connection: apsw.Connection, schema: Schema, change: FieldChange) -> None:
    """Inside a transaction. Raises NoSuchTable, NoSuchField, TableReadOnly, BadName, NameTaken,
    TooManyFields."""
    table = writable_table(schema, change.table)
    if table.type != "table":
        raise TableReadOnly(table.name, "its fields belong to what it is made from.")
    if isinstance(change, AddField):
        if len(table.fields) >= MOST_FIELDS:
            raise TooManyFields(len(table.fields) + 1)
        check_field_name(table, change.field.name)
        detail = {"field": change.field.name, "declared": change.field.kind.declared}
        kind = "add field"
    else:
        field = table.field(change.field)
        if field.name.lower() != change.to.lower():
            check_field_name(table, change.to)
        detail = {"field": field.name, "to": change.to}
        kind = "rename field"
    carry_out(connection, table.name, kind, detail, redo=True)
    history.write_entry(
        connection,
        change.sentence,
        kind,
        table.name,
        changeset=json.dumps(detail, ensure_ascii=False).encode(),
    )


def check_field_name(table: Table, name: str) -> None:
    if not name.strip() or "\0" in name:
        raise BadName(name.replace("\0", "�"), "a field needs a name.")
    if any(field.name.lower() == name.lower() for field in table.fields):
        raise NameTaken(name)


def reverse_field(connection: apsw.Connection, entry: history.Entry, *, redo: bool) -> None:
    """Undo or redo. Raises CannotUndo where the table has changed otherwise since."""
    detail = json.loads(entry.changeset or b"{}")
    try:
        carry_out(connection, entry.table, entry.kind, detail, redo=redo)
    except apsw.SQLError as error:
        raise CannotUndo(entry.sentence) from error


def carry_out(
    connection: apsw.Connection, table: str, kind: str, detail: dict[str, str], *, redo: bool
) -> None:
    name, field = quote(table), quote(detail["field"])
    before = field_names(connection, table)
    if kind == "rename field":
        old, new = (field, quote(detail["to"])) if redo else (quote(detail["to"]), field)
        connection.execute(f"ALTER TABLE {name} RENAME COLUMN {old} TO {new}")
    elif redo:
        connection.execute(f"ALTER TABLE {name} ADD COLUMN {field} {detail['declared']}")
    else:
        # Another program may have filled it since.
        used = connection.execute(f"SELECT 1 FROM {name} WHERE {field} IS NOT NULL LIMIT 1")
        if used.fetchone() is not None:
            raise CannotUndo(f"Add the field {detail['field']} to {table}")
        connection.execute(f"ALTER TABLE {name} DROP COLUMN {field}")
    note_fields(connection, table, before, field_names(connection, table))


def field_names(connection: apsw.Connection, table: str) -> list[str]:
    listed = connection.execute(
        "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1 ORDER BY cid", (table,)
    )
    return [str(name) for (name,) in listed]
