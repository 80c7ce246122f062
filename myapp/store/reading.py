"""Fetch records: a window of a view, or one whole record, with the names of what they link to."""

import json
from collections.abc import Iterable, Iterator, Sequence

import apsw

from .connection import blob_sql, row_of, rows_of, text_of
from .errors import NoSuchRecord
from .ids import Key, decode_id, encode_id, id_columns, keys_sql, match_sql
from .query import Query, Record, RecordId, WholeRecord
from .schema import OWN_PREFIX, Schema, Table, quote
from .selection import select_for
from .values import BlobSize, Kind, LongText, Shown, Value

MOST_COLUMNS = 2_000
"""What SQLite takes in one SELECT; a table may have as many, without its rowid."""

LARGE_FILE = 1 << 20
"""Bytes of a file that is not read with its record."""


def window_columns(table: Table, long_text: int, *, lossy: bool = False) -> str:
    """Every field, with long texts cut and blobs measured inside SQLite.

    A blob in the answer is always one of our marks: `b<size>`, `t<chars>:<beginning>`, or, where
    `lossy` asks for texts that may not be UTF-8, `u<text>`.
    """
    text = "WHEN typeof({0}) = 'text' THEN CAST('u' || {0} AS BLOB) " if lossy else ""
    parts = []
    for field in table.fields:
        column = f"t.{quote(field.name)}"
        parts.append(
            f"CASE WHEN typeof({column}) = 'blob'"
            f" THEN CAST('b' || octet_length({column}) AS BLOB)"
            f" WHEN octet_length({column}) > {long_text} AND length({column}) > {long_text}"
            f" THEN CAST('t' || length({column}) || ':' || substr({column}, 1, {long_text})"
            f" AS BLOB) {text.format(column)}ELSE {column} END"
        )
    return ", ".join(parts) or "NULL"


def shown(value: Value) -> Shown:
    if not isinstance(value, bytes):
        return value
    # The letter of a mark has two bytes in a file of UTF-16.
    big, little = value[:1] == b"\0", value[1:2] == b"\0"
    encoding = "utf-16-be" if big else "utf-16-le" if little else "utf-8"
    mark = value.decode(encoding, "replace")
    if mark[0] == "b":
        return BlobSize(int(mark[1:]))
    if mark[0] == "u":
        return mark[1:]
    chars, _, prefix = mark[1:].partition(":")
    return LongText(prefix, int(chars))


def fetch_records(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    keys: Sequence[Key],
    long_text: int,
) -> list[Record]:
    """The records with these keys, in this order; those that vanished are left out."""
    try:
        rows = fetch_rows(connection, table, keys, window_columns(table, long_text))
    except UnicodeDecodeError:
        lossy = window_columns(table, long_text, lossy=True)
        rows = fetch_rows(connection, table, keys, lossy)
    values = [tuple(map(shown, rows[key])) for key in keys if key in rows]
    ids = [encode_id(key) for key in keys if key in rows]
    return with_labels(connection, schema, table, ids, values)


def fetch_rows(
    connection: apsw.Connection, table: Table, keys: Sequence[Key], fields: str
) -> dict[Key, tuple[Value, ...]]:
    columns = f"{', '.join(id_columns(table))}, {fields}"
    rows: dict[Key, tuple[Value, ...]] = {}
    if len(id_columns(table)) + len(table.fields) > MOST_COLUMNS:
        sql = f"SELECT {fields} FROM {quote(table.name)} AS t WHERE {match_sql(table)}"
        for key in keys:
            for row in rows_of(connection, sql, key if isinstance(key, tuple) else (key,)):
                rows[key] = row
        return rows
    if table.rowid is not None:
        for row in rows_of(
            connection,
            f"SELECT {columns} FROM {quote(table.name)} AS t"
            f" WHERE t.{table.rowid} IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        ):
            rows[row[0]] = row[1:]
    elif table.type == "view":
        # All at once: each question may be a look through the whole view.
        condition, parameters = keys_sql(table, [k for k in keys if isinstance(k, tuple)], "t.")
        sql = f"SELECT {columns} FROM {quote(table.name)} AS t WHERE {condition}"
        for row in rows_of(connection, sql, parameters):
            rows[row[: len(table.key)]] = row[len(table.key) :]
    else:
        sql = f"SELECT {columns} FROM {quote(table.name)} AS t WHERE {match_sql(table)}"
        for key in keys:
            for row in rows_of(connection, sql, key if isinstance(key, tuple) else (key,)):
                rows[key] = row[len(table.key) :]
    return rows


def fetch_by_position(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    query: Query,
    start: int,
    count: int,
    long_text: int,
) -> list[Record]:
    """A window of an SQL view or a virtual table. Some views have a key, which need not be one:
    their records stand where the view has them. Without one, a record is told by its place in the
    whole view, whatever the query finds and however it sorts."""
    selection = select_for(schema, table, query)
    limited = f"{selection.where}{selection.order} LIMIT ? OFFSET ?"
    source = f"FROM {quote(table.name)} AS t{limited}"
    parameters = (*selection.parameters, count, start)
    key = id_columns(table)
    key = key if len(key) + len(table.fields) <= MOST_COLUMNS else []
    chosen = bool(query.sort or query.filters or query.search)
    placed = chosen and len(table.fields) < MOST_COLUMNS
    if placed and not key:
        return placed_records(connection, schema, table, limited, parameters, long_text)
    try:
        rows = fetch_keyed(connection, key, window_columns(table, long_text), source, parameters)
    except UnicodeDecodeError:
        lossy = window_columns(table, long_text, lossy=True)
        try:
            rows = fetch_keyed(connection, key, lossy, source, parameters)
        except UnicodeDecodeError:  # it stands in a key, which then can be no id
            if placed:
                return placed_records(connection, schema, table, limited, parameters, long_text)
            rows = fetch_keyed(connection, [], lossy, source, parameters)
    values = [tuple(map(shown, row)) for _, row in rows]
    ids = [encode_id(key) if key else f"n{start + offset}" for offset, (key, _) in enumerate(rows)]
    return with_labels(connection, schema, table, ids, values)


def placed_records(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    limited: str,
    parameters: tuple[Value, ...],
    long_text: int,
) -> list[Record]:
    place = quote(f"{OWN_PREFIX}place")
    counted = f"SELECT *, row_number() OVER () - 1 AS {place} FROM {quote(table.name)}"
    source = f"FROM ({counted}) AS t{limited}"
    try:
        columns = window_columns(table, long_text)
        rows = fetch_keyed(connection, [f"t.{place}"], columns, source, parameters)
    except UnicodeDecodeError:
        columns = window_columns(table, long_text, lossy=True)
        rows = fetch_keyed(connection, [f"t.{place}"], columns, source, parameters)
    values = [tuple(map(shown, row)) for _, row in rows]
    ids = [f"n{key[0]!r}" for key, _ in rows]
    return with_labels(connection, schema, table, ids, values)


def fetch_keyed(
    connection: apsw.Connection,
    key: Sequence[str],
    fields: str,
    source: str,
    parameters: tuple[Value, ...],
) -> list[tuple[tuple[Value, ...], tuple[Value, ...]]]:
    """Each record's key and fields."""
    columns = ", ".join((*key, fields))
    rows = rows_of(connection, f"SELECT {columns} {source}", parameters)
    return [(row[: len(key)], row[len(key) :]) for row in rows]


def keys_in_order(
    connection: apsw.Connection, schema: Schema, table: Table, query: Query
) -> Iterator[tuple[Value, ...]]:
    """The keys of an SQL view's records, in the order of its windows."""
    selection = select_for(schema, table, query)
    # Asked for the keys alone, SQLite may take another way through the tables.
    all_fields = ", ".join(f"typeof(t.{quote(field.name)})" for field in table.fields)
    source = f"FROM {quote(table.name)} AS t{selection.where}{selection.order}"
    key = id_columns(table)
    sql = f"SELECT {', '.join(key)}, {all_fields} {source}"
    return (row[: len(key)] for row in rows_of(connection, sql, selection.parameters))


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
    # As a blob: one title that is not UTF-8 must not take the window with it.
    return {
        key: text_of(label)
        for key, label in rows_of(
            connection,
            f"SELECT l.{quote(link.field)}, {blob_sql(target.label_sql('l', link.field))}"
            f" FROM {quote(target.name)} AS l WHERE l.{quote(link.field)}"
            " IN (SELECT value FROM json_each(?))",
            (json.dumps(values),),
        )
        if label is not None
    }


def fetch_whole(
    connection: apsw.Connection, schema: Schema, table: Table, id_: RecordId
) -> WholeRecord:
    """Raises NoSuchRecord."""
    source, parameters = source_of(table, id_)
    if table.type == "view" and id_.startswith("k"):
        from .sql_views import check_one

        check_one(connection, table, parameters)
    row = fetch_fields(connection, table, source, parameters)
    if row is None:
        raise NoSuchRecord(table.name)
    labels = with_labels(connection, schema, table, [id_], [row])[0].labels
    if table.type == "view" and table.key and id_.startswith("n"):
        key = [row[table.position_of(name)] for name in table.key]
        id_ = encode_id(tuple(None if isinstance(each, BlobSize) else each for each in key))
    return WholeRecord(id_, row, labels)


def source_of(table: Table, id_: RecordId) -> tuple[str, tuple[Value, ...]]:
    """FROM and what follows it, for one record, and the parameters. Raises NoSuchRecord."""
    source = f"FROM {quote(table.name)} AS t"
    # A record without a key, or with one that cannot be an id, goes by its position.
    if id_.startswith("n") and table.rowid is None and table.type != "table":
        if not id_[1:].isascii() or not id_[1:].isdigit() or len(id_) > 18:
            raise NoSuchRecord(table.name)
        return f"{source} LIMIT 1 OFFSET ?", (int(id_[1:]),)
    if not id_columns(table):
        raise NoSuchRecord(table.name)
    return f"{source} WHERE {match_sql(table)}", decode_id(table, id_)


def fetch_fields(
    connection: apsw.Connection, table: Table, source: str, parameters: tuple[Value, ...]
) -> tuple[Value | BlobSize, ...] | None:
    """All fields in full, but for large files; texts that are not UTF-8 with a mark in place of
    what is not."""
    names = [f"t.{quote(field.name)}" for field in table.fields]
    large = large_files(connection, table, source, parameters)
    for position in large:
        names[position] = "NULL"
    row = fetch_named(connection, names, source, parameters)
    if row is None or not large:
        return row
    return tuple(large.get(position, value) for position, value in enumerate(row))


def large_files(
    connection: apsw.Connection, table: Table, source: str, parameters: tuple[Value, ...]
) -> dict[int, BlobSize]:
    """What takes too much memory to be read with its record, by the place of its field."""
    places = [n for n, field in enumerate(table.fields) if field.kind is Kind.BLOB][:MOST_COLUMNS]
    if not places:
        return {}
    names = [f"t.{quote(table.fields[n].name)}" for n in places]
    sizes = ", ".join(f"iif(typeof({each}) = 'blob', octet_length({each}), 0)" for each in names)
    row = connection.execute(f"SELECT {sizes} {source}", parameters).fetchone() or ()
    return {
        place: BlobSize(size)
        for place, size in zip(places, row, strict=False)
        if isinstance(size, int) and size > LARGE_FILE
    }


def fetch_named(
    connection: apsw.Connection, names: Sequence[str], source: str, parameters: tuple[Value, ...]
) -> tuple[Value, ...] | None:
    try:
        return connection.execute(f"SELECT {', '.join(names)} {source}", parameters).fetchone()
    except UnicodeDecodeError:
        bytes_ = ", ".join(
            f"CASE WHEN typeof({name}) = 'text' THEN CAST({name} AS BLOB) ELSE {name} END"
            for name in names
        )
        types = ", ".join(f"typeof({name})" for name in names)
        row = row_of(connection, f"SELECT {types}, {bytes_} {source}", parameters)
        return tuple(
            value.decode("utf-8", "replace") if type_ == "text" else value
            for type_, value in zip(row[: len(names)], row[len(names) :], strict=True)
        )
