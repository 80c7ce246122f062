"""Search one table of many for words, a few hits of each, and say where they stand."""

import apsw

from .connection import rows_of
from .ids import Key, id_columns
from .query import Hit, Query, Record
from .reading import fetch_records
from .schema import Schema, Table, quote
from .selection import select_for
from .values import LongText, Shown

EXCERPT = 80
LOOKED_AT = 2_000
"""Characters of a text in which a word is looked for to show its place."""


def search_everywhere(
    connection: apsw.Connection, schema: Schema, table: Table, text: str, limit: int
) -> list[Hit]:
    """At most `limit` records of `table` that hold every word of `text`."""
    columns = id_columns(table)
    if not columns or not text.strip():
        return []
    selection = select_for(schema, table, Query(table.name, search=text))
    rows = rows_of(
        connection,
        f"SELECT {', '.join(columns)} FROM {quote(table.name)} AS t{selection.where} LIMIT ?",
        (*selection.parameters, limit),
    )
    keys: list[Key] = [row[0] if table.rowid is not None else row for row in rows]
    found = fetch_records(connection, schema, table, keys, LOOKED_AT)
    hits = []
    for record in found:
        field, excerpt = best_excerpt(table, record, text)
        title = title_of(table, record.values)
        hits.append(Hit(table.name, record.id, title, field, excerpt))
    return hits


def title_of(table: Table, values: tuple[Shown, ...]) -> str:
    title = " ".join(plain(values[table.position_of(name)]) for name in table.title_fields).strip()
    if title:
        return title[:EXCERPT]
    return next((plain(value)[:EXCERPT] for value in values if plain(value)), "")


def plain(value: Shown) -> str:
    if isinstance(value, LongText):
        return value.prefix
    return str(value) if isinstance(value, int | float | str) else ""


def best_excerpt(table: Table, record: Record, text: str) -> tuple[str, str]:
    """The first field, or name of a linked record, that holds a word, and the text around it."""
    words = [word.casefold() for word in text.split()]
    for field, value in zip(table.fields, record.values, strict=True):
        content = " ".join(record.labels.get(field.name, plain(value)).split())
        folded = content.casefold()
        word = next((each for each in words if each in folded), None)
        if word is not None:
            at = folded.find(word)
            start = max(0, at - EXCERPT // 2)
            end = at + len(word) + EXCERPT // 2
            cut = content[start:end]
            return field.name, f"{'…' if start else ''}{cut}{'…' if end < len(content) else ''}"
    return "", ""
