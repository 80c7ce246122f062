"""Change the fields of a table that is there, and take such a change back.

A field is added and renamed in place. It is dropped, changed, moved, and added with rules, by a
rebuild of its table.
"""

import json

import apsw

from . import field_settings, history, saved_views, titles
from .altering import alter, check_order
from .applying import MOST_FIELDS, checks_of, writable_table
from .changes import AddField, ChangeField, DropField, FieldChange, MoveField
from .definition import tokens_of
from .errors import BadName, CannotUndo, NameTaken, RuleBroken, TableReadOnly, TooManyFields
from .field_settings import NO_SETTINGS, as_json, from_json, put_settings, settings_for
from .hearing import Told
from .linking import index_sql, is_strict, linked_type, reference_sql, target_of
from .rebuilding import nobody
from .rebuilt_fields import Detail, field_names, rebuild_again, rebuild_for, write
from .schema import NewField, Schema, Table, name_beside, name_field, quote
from .search_index import note_fields
from .values import Kind


def change_field(
    connection: apsw.Connection, schema: Schema, change: FieldChange, told: Told = nobody
) -> None:
    """Inside a transaction. Raises NoSuchTable, NoSuchField, TableReadOnly, BadName, NameTaken,
    TooManyFields; where a rebuild is needed FieldFixed, FieldInUse, RuleBroken, ValueDoesNotFit."""
    table = writable_table(schema, change.table)
    if table.type != "table":
        raise TableReadOnly(table.name, "its fields belong to what it is made from.")
    check_order(connection, table.name)
    if isinstance(change, DropField | ChangeField | MoveField):
        rebuild_for(connection, schema, table, change, told)
        return
    if isinstance(change, AddField):
        if len(table.fields) >= MOST_FIELDS:
            raise TooManyFields(len(table.fields) + 1)
        check_field_name(table, change.field.name)
        if change.field.ruled:
            from .ruled_fields import add_ruled

            add_ruled(connection, schema, table, change, told)
            return
        detail = added_detail(connection, schema, table, change.field)
        if change.beside is not None:
            check_field_name(table, change.beside.name)
            detail["beside"] = change.beside.name
        kind = "add field"
    else:
        field = table.field(change.field)
        if field.name.lower() != change.to.lower():
            check_field_name(table, change.to)
        detail = {"field": field.name, "to": change.to}
        beside = name_field(table, field) if field.kind is Kind.BLOB else None
        if beside is not None and field.name.lower() != change.to.lower():
            check_field_name(table, name_beside(change.to))
            detail |= {"beside": beside.name, "beside_to": name_beside(change.to)}
        kind = "rename field"
    alter_field(connection, table.name, kind, detail, redo=True)
    write(connection, change, kind, table.name, detail)


def added_detail(
    connection: apsw.Connection, schema: Schema, table: Table, field: NewField
) -> dict[str, str]:
    """Its type with its checks or its reference, and its settings where it has some.

    Raises RuleBroken, NoSuchTable, CannotLink.
    """
    if field.link is not None:
        target, key = target_of(schema, field.link)
        declared = linked_type(key, strict=is_strict(connection, table.name))
        reference = reference_sql(target.name, key.name, field.link.on_delete)
        index, _ = index_sql(connection, table.name, field.name)
        return {"field": field.name, "declared": f"{declared} {reference}", "index": index}
    declared = f"{field.kind.declared}{checks_of(field)}"
    colours = dict(zip(field.limits.choices, field.colours, strict=False))
    settings = settings_for(field.limits.choices, colours, field.currency)
    detail = {"field": field.name, "declared": declared}
    return detail | ({"settings": as_json(settings)} if settings != NO_SETTINGS else {})


def check_field_name(table: Table, name: str) -> None:
    if not name.strip() or "\0" in name:
        raise BadName(name.replace("\0", "�"), "a field needs a name.")
    if any(field.name.lower() == name.lower() for field in table.fields):
        raise NameTaken(name)


def reverse_field(
    connection: apsw.Connection, entry: history.Entry, *, redo: bool, told: Told = nobody
) -> None:
    """Undo or redo. Raises CannotUndo where the table has changed otherwise since."""
    try:
        detail = json.loads(entry.changeset or b"{}")
        if entry.kind == history.ADD_RULED:
            from .ruled_fields import Ruled, add_again

            add_again(connection, entry, Ruled(**detail), redo=redo, told=told)
        elif entry.kind in history.REBUILDS:
            rebuild_again(connection, entry, Detail(**detail), redo=redo, told=told)
        else:
            alter_field(connection, entry.table, entry.kind, detail, redo=redo)
    except (apsw.SQLError, apsw.ConstraintError, RuleBroken, ValueError, TypeError) as error:
        raise CannotUndo(entry.sentence) from error


def alter_field(
    connection: apsw.Connection, table: str, kind: str, detail: dict[str, str], *, redo: bool
) -> None:
    name, field = quote(table), quote(detail["field"])
    before = field_names(connection, table)
    if kind == "rename field":
        rename_column(connection, table, detail["field"], detail["to"], redo=redo)
        if "beside" in detail:
            rename_column(connection, table, detail["beside"], detail["beside_to"], redo=redo)
    elif redo:
        if any(token.text == ";" for token in tokens_of(detail["declared"])):
            raise CannotUndo(f"Add the field {detail['field']} to {table}")
        if "beside" in detail:
            # Before it: SQLite takes a large value in pieces only at the end of a record.
            beside = f"{quote(detail['beside'])} {Kind.TEXT.declared}"
            alter(connection, f"ALTER TABLE {name} ADD COLUMN {beside}")
        alter(connection, f"ALTER TABLE {name} ADD COLUMN {field} {detail['declared']}")
        settings = from_json(detail.get("settings", "{}"))
        put_settings(connection, table, {detail["field"]: settings})
        if "index" in detail:
            connection.execute(f"CREATE INDEX {quote(detail['index'])} ON {name} ({field})")
    else:
        # Another program may have filled it since.
        fields = [field, *([quote(detail["beside"])] if "beside" in detail else [])]
        filled = " OR ".join(f"{each} IS NOT NULL" for each in fields)
        used = connection.execute(f"SELECT 1 FROM {name} WHERE {filled} LIMIT 1")
        if used.fetchone() is not None:
            raise CannotUndo(f"Add the field {detail['field']} to {table}")
        if "index" in detail:
            connection.execute(f"DROP INDEX IF EXISTS {quote(detail['index'])}")
        for each in fields:
            alter(connection, f"ALTER TABLE {name} DROP COLUMN {each}")
        put_settings(connection, table, {detail["field"]: NO_SETTINGS})
    note_fields(connection, table, before, field_names(connection, table))


def rename_column(
    connection: apsw.Connection, table: str, old: str, new: str, *, redo: bool
) -> None:
    source, target = (old, new) if redo else (new, old)
    sql = f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(source)} TO {quote(target)}"
    alter(connection, sql)
    for room in (saved_views, titles, field_settings):
        room.follow_field(connection, table, source, target)
