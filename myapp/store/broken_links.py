"""Find out which link a refused change would have broken: SQLite says only that one would."""

import json

import apsw

from .changes import Change, DeleteFound, DeleteRecords, InsertRecord, UpdateRecord
from .connection import row_of, rows_of
from .errors import LinkedFromTrash, LinkLost, NotLinkable, RuleBroken, StillLinked
from .ids import decode_id, match_sql
from .linking import is_lost, links_from_trash
from .links import find_by
from .query import Incoming, RecordId
from .schema import Schema, Table, quote
from .selection import select_for
from .values import Value, parse_value

LISTED = "SELECT value FROM json_each(?)"


def explain(connection: apsw.Connection, schema: Schema, change: Change) -> RuleBroken | None:
    """Which link a refused change would have broken; None where it is not one of a single field."""
    table = schema.get(getattr(change, "table", ""))
    if table is None:
        return None
    if isinstance(change, DeleteRecords | DeleteFound):
        if table.type == "view":
            return None
        count = change.told if isinstance(change, DeleteFound) else len(change.ids)
        incoming = find_blocking(connection, schema, table, change)
        if not incoming and links_from_trash(connection, table.name):
            return LinkedFromTrash(count)
        return StillLinked(count, incoming) if incoming else None
    if not isinstance(change, InsertRecord | UpdateRecord):
        return None
    for name, text in change.values.items():
        field = table.field(name)
        if field.link is None and text and is_lost(connection, table.name, name):
            return LinkLost(name)
        target = schema.get(field.link.table) if field.link else None
        value = parse_value(name, field.kind, text)
        if field.link is None or value is None:
            continue
        if target is None or find_by(connection, target, field.link.field, value) is None:
            return NotLinkable(name, text or "", field.link.table)
    return None


def find_blocking(
    connection: apsw.Connection, schema: Schema, table: Table, change: DeleteRecords | DeleteFound
) -> list[Incoming]:
    """Records that point to these, where the deletion does not take them along."""
    blocking = []
    for other in schema.tables.values():
        if other.type == "view":
            continue
        carried = carried_along(connection, other)
        for field in other.fields:
            link = field.link
            if (
                link is None
                or link.table.lower() != table.name.lower()
                or field.name.lower() in carried
            ):
                continue
            pointed = next((f for f in table.fields if f.name.lower() == link.field.lower()), None)
            if pointed is None:
                continue
            gone, lists = chosen(connection, schema, table, change, quote(pointed.name))
            condition = f"{quote(field.name)} IN ({gone})"
            if other.name == table.name and table.rowid is not None:
                gone, more = chosen(connection, schema, table, change, table.rowid)
                condition += f" AND {table.rowid} NOT IN ({gone})"
                lists += more
            counted = f"SELECT count(*), min({quote(field.name)}) FROM {quote(other.name)}"
            total, first = row_of(connection, f"{counted} WHERE {condition}", lists)
            if total:
                blocking.append(Incoming(other.name, field.name, total, first))
    return blocking


def chosen(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    change: DeleteRecords | DeleteFound,
    column: str,
) -> tuple[str, list[Value]]:
    """A query for the values of a column, given as SQL, in the records to be deleted: a view may
    find more than should lie in memory."""
    if isinstance(change, DeleteRecords):
        return LISTED, [json.dumps(values_of(connection, table, column, change.ids))]
    selection = select_for(schema, table, change.query)
    sql = f"SELECT t.{column} FROM {quote(table.name)} AS t{selection.where}"
    return sql, list(selection.parameters)


def carried_along(connection: apsw.Connection, table: Table) -> set[str]:
    """The link fields that a deletion empties, or whose records it deletes as well."""
    rows = rows_of(
        connection,
        "SELECT \"from\" FROM pragma_foreign_key_list(?, 'main')"
        " WHERE on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT')",
        (table.name,),
    )
    return {name.lower() for (name,) in rows}


def values_of(
    connection: apsw.Connection, table: Table, column: str, ids: tuple[RecordId, ...]
) -> list[Value]:
    sql = f"SELECT {column} FROM {quote(table.name)} AS t WHERE {match_sql(table)}"
    rows = [connection.execute(sql, decode_id(table, id_)).fetchone() for id_ in ids]
    return [row[0] for row in rows if row is not None and isinstance(row[0], int | float | str)]
