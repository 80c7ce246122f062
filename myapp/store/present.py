"""Records of today, found by what told them apart in the history, and their titles."""

import apsw

from .connection import blob_sql, rows_of, text_of
from .ids import decode_key, encode_id, id_columns
from .query import RecordId
from .schema import Table, quote
from .values import Value

LONGEST_TITLE = 60
NO_ROW = -(2**63)


def find_record(
    connection: apsw.Connection, table: Table, identity: tuple[Value, ...]
) -> tuple[RecordId, str] | None:
    """The id and title of the record that is told apart by this; None where it is not there."""
    title = table.title_sql("t") or "NULL"
    key = [f"t.{quote(name)}" for name in table.key] or [f"t.{table.rowid}"]
    matched = " AND ".join(f"{column} IS ?" for column in key)
    # As a blob: a title need not be UTF-8.
    said = blob_sql(f"substr(CAST({title} AS TEXT), 1, {LONGEST_TITLE + 1})")
    row = connection.execute(
        f"SELECT {said}, {', '.join(id_columns(table))} FROM {quote(table.name)} AS t"
        f" WHERE {matched}",
        identity,
    ).fetchone()
    if row is None:
        return None
    return encode_id(row[1] if table.rowid is not None else row[1:]), cut(text_of(row[0]))


def key_of_row(connection: apsw.Connection, table: Table, rowid: int) -> tuple[Value, ...] | None:
    if not table.key or table.numbered:
        return (rowid,)
    columns = ", ".join(quote(name) for name in table.key)
    return connection.execute(
        f"SELECT {columns} FROM {quote(table.name)} WHERE {table.rowid} = ?", (rowid,)
    ).fetchone()


def row_of_key(connection: apsw.Connection, table: str, rowid: str, key: RecordId) -> int:
    """The `rowid` of a record by its key; one that no record has where it is not there."""
    listed = "SELECT name FROM pragma_table_info(?, 'main') WHERE pk ORDER BY pk"
    fields = [f"{quote(str(name))} IS ?" for (name,) in rows_of(connection, listed, (table,))]
    values = decode_key(key)
    if not fields or len(fields) != len(values):
        return NO_ROW
    sql = f"SELECT {rowid} FROM {quote(table)} WHERE {' AND '.join(fields)}"
    return next((int(found) for (found,) in rows_of(connection, sql, values)), NO_ROW)


def key_for(table: Table, identity: tuple[Value, ...]) -> int | tuple[Value, ...]:
    first = identity[0]
    return first if table.rowid is not None and isinstance(first, int) else identity


def cut(title: str) -> str:
    words = title.strip()
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1]}…"
