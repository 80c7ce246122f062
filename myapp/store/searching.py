"""Search one table of many for words, a few hits of each, and say where they stand."""

import apsw

from .ids import encode_id, id_columns
from .query import Hit, Query
from .reading import shown, window_columns
from .schema import Schema, Table, quote
from .selection import select_for
from .values import LongText, Shown

EXCERPT = 80


def search_everywhere(
    connection: apsw.Connection, schema: Schema, table: Table, text: str, limit: int
) -> list[Hit]:
    """At most `limit` records of `table` that hold every word of `text`."""
    columns = id_columns(table)
    if not columns or not text.strip():
        return []
    selection = select_for(schema, table, Query(table.name, search=text))
    rows = connection.execute(
        f"SELECT {', '.join(columns)}, {window_columns(table, 2_000)}"
        f" FROM {quote(table.name)} AS t{selection.where} LIMIT ?",
        (*selection.parameters, limit),
    )
    hits = []
    for row in rows:
        key = row[0] if table.rowid is not None else row[: len(columns)]
        values = tuple(map(shown, row[len(columns) :]))
        field, excerpt = best_excerpt(table, values, text)
        hits.append(Hit(table.name, encode_id(key), title_of(table, values), field, excerpt))
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


def best_excerpt(table: Table, values: tuple[Shown, ...], text: str) -> tuple[str, str]:
    """The first field that holds one of the words, and the text around it."""
    words = [word.casefold() for word in text.split()]
    for field, value in zip(table.fields, values, strict=True):
        content = " ".join(plain(value).split())
        folded = content.casefold()
        word = next((each for each in words if each in folded), None)
        if word is not None:
            at = folded.find(word)
            start = max(0, at - EXCERPT // 2)
            end = at + len(word) + EXCERPT // 2
            cut = content[start:end]
            return field.name, f"{'…' if start else ''}{cut}{'…' if end < len(content) else ''}"
    return "", ""
