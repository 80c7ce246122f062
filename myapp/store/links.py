"""Links between tables: what a link can point to, where it leads, and the other side."""

import json
from collections.abc import Iterable

import apsw

from .connection import row_of, rows_of
from .ids import encode_id, id_columns
from .query import Choice, Incoming, RecordId, WholeRecord
from .schema import Field, Schema, Table, quote
from .selection import case_variants, escape_like
from .values import BlobSize, Value

FEW = 5
"""Records of the other side that are named."""


def find_choices(
    connection: apsw.Connection, schema: Schema, table: Table, field: str, text: str, limit: int
) -> tuple[Choice, ...]:
    link = table.field(field).link
    target = schema.get(link.table) if link else None
    if link is None or target is None:
        return ()
    key = f"l.{quote(link.field)}"
    title = target.title_sql("l") or key
    variants = case_variants(f"%{escape_like(text.strip())}%")
    matches = " OR ".join(rf"{title} LIKE ? ESCAPE '\'" for _ in variants)
    rows = rows_of(
        connection,
        f"SELECT {key}, substr({title}, 1, 200) FROM {quote(target.name)} AS l"
        f" WHERE {matches} OR {key} = ? ORDER BY {title} COLLATE NOCASE LIMIT ?",
        (*variants, text.strip(), limit),
    )
    return tuple(Choice(value, str(value if label is None else label)) for value, label in rows)


def find_named(
    connection: apsw.Connection, schema: Schema, field: Field, names: Iterable[str]
) -> dict[str, list[Value]]:
    """What a link field would hold to point to records of these names, a few for each name."""
    target = schema.get(field.link.table) if field.link else None
    title = target.title_sql("l") if target else None
    found: dict[str, list[Value]] = {}
    if field.link is None or target is None or title is None:
        return found
    # As they are shown, where long titles are cut.
    shown = f"substr(CAST({title} AS TEXT), 1, 200)"
    rows = rows_of(
        connection,
        f"SELECT {shown}, l.{quote(field.link.field)} FROM {quote(target.name)} AS l"
        f" WHERE {shown} IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(names)),),
    )
    for name, key in rows:
        if len(keys := found.setdefault(name, [])) < 2:
            keys.append(key)
    return found


def find_incoming(
    connection: apsw.Connection, schema: Schema, table: Table, record: WholeRecord
) -> tuple[Incoming, ...]:
    incoming = []
    for other in schema.tables.values():
        for field in other.fields:
            link = field.link
            if link is None or link.table.lower() != table.name.lower():
                continue
            pointed = next((f for f in table.fields if f.name.lower() == link.field.lower()), None)
            if pointed is None:
                continue
            value = record.values[table.position_of(pointed.name)]
            if isinstance(value, BlobSize):
                continue
            count = row_of(
                connection,
                f"SELECT count(*) FROM {quote(other.name)} WHERE {quote(field.name)} = ?",
                (value,),
            )[0]
            first = first_of(connection, other, field, value) if count else ()
            incoming.append(Incoming(other.name, field.name, count, value, first))
    return tuple(incoming)


def first_of(
    connection: apsw.Connection, table: Table, field: Field, value: Value
) -> tuple[tuple[RecordId, str], ...]:
    """Ids and titles of the first records whose field holds `value`."""
    columns, title = id_columns(table), table.title_sql("t")
    if not columns or title is None:
        return ()
    # As a blob: one title that is not UTF-8 must not take the page with it.
    rows = rows_of(
        connection,
        f"SELECT CAST(substr(CAST({title} AS TEXT), 1, 200) AS BLOB), {', '.join(columns)}"
        f" FROM {quote(table.name)} AS t WHERE t.{quote(field.name)} = ? LIMIT {FEW}",
        (value,),
    )
    return tuple(
        (
            encode_id(row[1] if table.rowid is not None else row[1:]),
            bytes(row[0] or b"").decode("utf-8", "replace").strip(),
        )
        for row in rows
    )


def find_by(connection: apsw.Connection, table: Table, field: str, value: Value) -> RecordId | None:
    columns = id_columns(table)
    if not columns:
        return None
    column = quote(table.field(field).name)
    row = connection.execute(
        f"SELECT {', '.join(columns)} FROM {quote(table.name)} AS t WHERE t.{column} = ? LIMIT 1",
        (value,),
    ).fetchone()
    if row is None:
        return None
    return encode_id(row[0] if table.rowid is not None else row)
