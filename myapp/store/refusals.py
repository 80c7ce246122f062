"""Why a record cannot be written as it was typed: every field that does not fit, at once.

SQLite tells the first only. Asked after a refusal, so that nothing is refused here that SQLite
would have taken; what it alone can tell, such as another program's CHECK, is not among these.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import apsw

from .applying import parsed
from .changes import InsertRecord, UpdateRecord
from .connection import rows_of
from .errors import NoSuchRecord, NotLinkable, RuleBroken, StoreError
from .ids import decode_id, match_sql
from .links import find_by
from .schema import Field, Schema, Table, quote
from .values import Value


class Unique(NamedTuple):
    """Fields that no two records may have the same, and how each is compared."""

    fields: tuple[str, ...]
    collations: tuple[str, ...]


def find_refusals(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    change: InsertRecord | UpdateRecord,
) -> Iterator[StoreError]:
    """At most one a field, in the order of the fields. Raises NoSuchField, NoSuchRecord."""
    values: dict[str, Value] = {}
    refused: dict[str, StoreError] = {}
    new = isinstance(change, InsertRecord)
    for name, text in change.values.items():
        try:
            values |= parsed(table, {name: text})
        except StoreError as error:
            refused[table.field(name).name] = error
    filled = must_be_filled(connection, table) - {each.field for each in change.files}
    for field in table.fields:
        given = field.name in values or (new and field.writable and field.name not in refused)
        if not given:
            continue
        why: RuleBroken | None
        if values.get(field.name) is not None:
            why = leads_nowhere(connection, schema, table, field, values)
        elif field.automatic or table.type == "view" or (new and field.default is not None):
            why = None
        else:
            why = why_not_empty(table, field, filled)
        if why is not None:
            refused[field.name] = why
    whole = {**stored(connection, table, change), **values}
    for unique in read_uniques(connection, table):
        fields = [name for name in unique.fields if name in values]
        judged = fields and not refused.keys() & set(unique.fields)
        if judged and is_taken(connection, table, unique, whole, change):
            refused[fields[0]] = repeated(unique.fields, fields[0])
    yield from (refused[field.name] for field in table.fields if field.name in refused)


def must_be_filled(connection: apsw.Connection, table: Table) -> frozenset[str]:
    rows = rows_of(
        connection,
        "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE \"notnull\"",
        (table.name,),
    )
    return frozenset(str(name) for (name,) in rows)


def why_not_empty(table: Table, field: Field, filled: frozenset[str]) -> RuleBroken | None:
    if field.name in filled:
        return RuleBroken(f"The field “{field.name}” must not be empty.", field.name)
    if field.name in table.key:
        sentence = f"The field “{field.name}” tells records apart and must not be empty."
        return RuleBroken(sentence, field.name)
    return None


def leads_nowhere(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    field: Field,
    values: Mapping[str, Value],
) -> NotLinkable | None:
    if field.link is None:
        return None
    value, target = values[field.name], schema.get(field.link.table)
    # A record may point to itself, also one that is only being made.
    if target is not None and target.name == table.name and values.get(field.link.field) == value:
        return None
    if target is None or find_by(connection, target, field.link.field, value) is None:
        return NotLinkable(field.name, str(value), field.link.table)
    return None


def stored(
    connection: apsw.Connection, table: Table, change: InsertRecord | UpdateRecord
) -> dict[str, Value]:
    """What the record holds in the fields that tell records apart and are not changed."""
    if isinstance(change, InsertRecord):
        return {}
    names = [name for each in read_uniques(connection, table) for name in each.fields]
    if not names:
        return {}
    columns = ", ".join(map(quote, names))
    row = connection.execute(
        f"SELECT {columns} FROM {quote(table.name)} WHERE {match_sql(table)}",
        decode_id(table, change.id),
    ).fetchone()
    if row is None:
        raise NoSuchRecord(table.name)
    return dict(zip(names, row, strict=True))


def read_uniques(connection: apsw.Connection, table: Table) -> list[Unique]:
    """Those that are about whole fields of all records."""
    found: dict[str, list[tuple[str | None, str]]] = {}
    rows = rows_of(
        connection,
        "SELECT l.name, i.name, i.coll FROM pragma_index_list(?, 'main') AS l,"
        " pragma_index_xinfo(l.name, 'main') AS i WHERE l.\"unique\" AND NOT l.partial AND i.key"
        " ORDER BY l.seq, i.seqno",
        (table.name,),
    )
    for index, name, collation in rows:
        found.setdefault(index, []).append((name, collation))
    uniques = [
        Unique(tuple(str(name) for name, _ in each), tuple(collation for _, collation in each))
        for each in found.values()
        if all(name is not None for name, _ in each)
    ]
    numbered = [Unique((field.name,), ("BINARY",)) for field in table.fields if field.automatic]
    return [*numbered, *uniques]


def is_taken(
    connection: apsw.Connection,
    table: Table,
    unique: Unique,
    values: Mapping[str, Value],
    change: InsertRecord | UpdateRecord,
) -> bool:
    asked: list[Value] = [values.get(name) for name in unique.fields]
    if any(value is None for value in asked):
        # Nothing is the same as no value; and a default is SQLite's to tell.
        return False
    condition = " AND ".join(
        f"{quote(name)} = ? COLLATE {quote(collation)}"
        for name, collation in zip(unique.fields, unique.collations, strict=True)
    )
    if isinstance(change, UpdateRecord):
        condition += f" AND NOT ({match_sql(table)})"
        asked += decode_id(table, change.id)
    sql = f"SELECT 1 FROM {quote(table.name)} WHERE {condition} LIMIT 1"
    return connection.execute(sql, asked).fetchone() is not None


def repeated(fields: Sequence[str], first: str) -> RuleBroken:
    listed = ", ".join(f"“{name}”" for name in fields)
    return RuleBroken(f"Another record has the same {listed} already.", first)
