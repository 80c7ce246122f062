"""Fetch records: a window of a view, or one whole record, with the names of what they link to."""

import json
from collections.abc import Iterable, Sequence

import apsw

from .connection import rows_of
from .errors import NoSuchRecord
from .ids import Key, decode_id, encode_id, id_columns, match_sql
from .query import Query, Record, RecordId, WholeRecord
from .schema import Schema, Table, quote
from .selection import select_for
from .values import BlobSize, LongText, Shown, Value


def window_columns(table: Table, long_text: int) -> str:
    """Every field, with long texts cut and blobs measured inside SQLite.

    A blob in the answer is always one of our marks: `b<size>`, or `t<chars>:<beginning>`.
    """
    parts = []
    for field in table.fields:
        column = f"t.{quote(field.name)}"
        parts.append(
            f"CASE WHEN typeof({column}) = 'blob'"
            f" THEN CAST('b' || octet_length({column}) AS BLOB)"
            f" WHEN octet_length({column}) > {long_text} AND length({column}) > {long_text}"
            f" THEN CAST('t' || length({column}) || ':' || substr({column}, 1, {long_text})"
            f" AS BLOB) ELSE {column} END"
        )
    return ", ".join(parts) or "NULL"


def shown(value: Value) -> Shown:
    if not isinstance(value, bytes):
        return value
    if value[:1] == b"b":
        return BlobSize(int(value[1:]))
    chars, _, prefix = value[1:].partition(b":")
    return LongText(prefix.decode("utf-8", "replace"), int(chars))


def fetch_records(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    keys: Sequence[Key],
    long_text: int,
) -> list[Record]:
    """The records with these keys, in this order; those that vanished are left out."""
    columns = f"{', '.join(id_columns(table))}, {window_columns(table, long_text)}"
    rows: dict[Key, tuple[Value, ...]] = {}
    if table.rowid is not None:
        for row in rows_of(
            connection,
            f"SELECT {columns} FROM {quote(table.name)} AS t"
            f" WHERE t.{table.rowid} IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        ):
            rows[row[0]] = row[1:]
    else:
        sql = f"SELECT {columns} FROM {quote(table.name)} AS t WHERE {match_sql(table)}"
        for key in keys:
            for row in rows_of(connection, sql, key if isinstance(key, tuple) else (key,)):
                rows[key] = row[len(table.key) :]
    values = [tuple(map(shown, rows[key])) for key in keys if key in rows]
    ids = [encode_id(key) for key in keys if key in rows]
    return with_labels(connection, schema, table, ids, values)


def fetch_by_position(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    query: Query,
    start: int,
    count: int,
    long_text: int,
) -> list[Record]:
    """A window of an SQL view or a virtual table, whose records have no key."""
    selection = select_for(schema, table, query)
    rows = rows_of(
        connection,
        f"SELECT {window_columns(table, long_text)} FROM {quote(table.name)} AS t"
        f"{selection.where}{selection.order} LIMIT ? OFFSET ?",
        (*selection.parameters, count, start),
    )
    values = [tuple(map(shown, row)) for row in rows]
    ids = [f"n{start + offset}" for offset in range(len(values))]
    return with_labels(connection, schema, table, ids, values)


def with_labels(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    ids: Sequence[RecordId],
    values: Sequence[tuple[Shown, ...]],
) -> list[Record]:
    """One query for each link field fetches all the titles that the window needs."""
    titles: dict[int, dict[Shown, str]] = {}
    for position, field in enumerate(table.fields):
        if field.link is not None:
            wanted = {row[position] for row in values if isinstance(row[position], int | str)}
            titles[position] = fetch_titles(connection, schema, table, position, wanted)
    records = []
    for id_, row in zip(ids, values, strict=True):
        labels = {
            table.fields[position].name: found[row[position]]
            for position, found in titles.items()
            if row[position] in found
        }
        records.append(Record(id_, row, labels))
    return records


def fetch_titles(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    position: int,
    wanted: Iterable[Shown],
) -> dict[Shown, str]:
    link = table.fields[position].link
    target = schema.get(link.table) if link else None
    values = [value for value in wanted if value is not None]
    if link is None or target is None or not values:
        return {}
    title = target.title_sql("l") or f"l.{quote(link.field)}"
    return {
        key: str(label)
        for key, label in rows_of(
            connection,
            f"SELECT l.{quote(link.field)}, substr({title}, 1, 200) FROM {quote(target.name)} AS l"
            f" WHERE l.{quote(link.field)} IN (SELECT value FROM json_each(?))",
            (json.dumps(values),),
        )
        if label is not None
    }


def fetch_whole(
    connection: apsw.Connection, schema: Schema, table: Table, id_: RecordId
) -> WholeRecord:
    """Raises NoSuchRecord."""
    if id_.startswith("n") and not id_columns(table):
        return fetch_whole_by_position(connection, table, id_)
    if not id_columns(table):
        raise NoSuchRecord(table.name)
    columns = ", ".join(f"t.{quote(field.name)}" for field in table.fields)
    row = connection.execute(
        f"SELECT {columns} FROM {quote(table.name)} AS t WHERE {match_sql(table)}",
        decode_id(table, id_),
    ).fetchone()
    if row is None:
        raise NoSuchRecord(table.name)
    labels = with_labels(connection, schema, table, [id_], [row])[0].labels
    return WholeRecord(id_, row, labels)


def fetch_whole_by_position(
    connection: apsw.Connection, table: Table, id_: RecordId
) -> WholeRecord:
    try:
        position = int(id_[1:])
    except ValueError as error:
        raise NoSuchRecord(table.name) from error
    columns = ", ".join(quote(field.name) for field in table.fields)
    row = connection.execute(
        f"SELECT {columns} FROM {quote(table.name)} LIMIT 1 OFFSET ?", (position,)
    ).fetchone()
    if row is None:
        raise NoSuchRecord(table.name)
    return WholeRecord(id_, row)
