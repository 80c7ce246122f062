"""Search one table of many for words, by its index or by scanning, and say where they stand."""

from collections.abc import Sequence

import apsw

from .connection import rows_of
from .finding import find_changed, find_ids, words_of
from .ids import Key, id_columns
from .marking import EXCERPT, Wanted, folded_words, mark
from .query import Hit, Place, Query, Record, TableHits
from .reading import fetch_records
from .schema import Schema, Table, quote
from .search_index import SearchIndex, index_of
from .selection import select_for
from .values import Kind, LongText, Shown, format_value

LOOKED_AT = 20_000
"""Characters of a text in which words are looked for to show their place."""

COUNTED = 1_000
"""An index counts up to so many records, in a millisecond; a scan no more than are shown."""

MOST_PLACES = 3


def search_table(
    connection: apsw.Connection, schema: Schema, table: Table, text: str, limit: int
) -> TableHits:
    """The first `limit` records of `table` that hold every word of `text`."""
    # What a view shows is found in the tables that it is made from.
    if id_columns(table) and table.type != "view" and text.strip():
        index = index_of(connection, table)
        if index is not None:
            try:
                return search_index(connection, schema, table, index, text, limit)
            except (apsw.CorruptError, apsw.SQLError):
                pass  # a damaged index is no reason to find nothing
        return scan(connection, schema, table, text, limit)
    return TableHits(table.name, (), 0, more=False, indexed=False)


def search_index(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    index: SearchIndex,
    text: str,
    limit: int,
) -> TableHits:
    words = words_of(connection, text)
    if not words:
        return scan(connection, schema, table, text, limit)
    most = COUNTED + 1
    # One moment for both: a record goes from the list of changed ones into the index.
    with connection:
        ids = find_ids(connection, index, words, most)
        ids += find_changed(connection, table, index, words, most)
    found = sorted(ids)[:most]
    hits = hits_for(connection, schema, table, found[:limit], Wanted(tuple(words), whole=True))
    more = len(found) > COUNTED
    return TableHits(table.name, tuple(hits), min(len(found), COUNTED), more, indexed=True)


def scan(
    connection: apsw.Connection, schema: Schema, table: Table, text: str, limit: int
) -> TableHits:
    selection = select_for(schema, table, Query(table.name, search=text))
    rows = rows_of(
        connection,
        f"SELECT {', '.join(id_columns(table))} FROM {quote(table.name)} AS t{selection.where}"
        " LIMIT ?",
        (*selection.parameters, limit + 1),
    )
    keys: list[Key] = [row[0] if table.rowid is not None else row for row in rows]
    hits = hits_for(connection, schema, table, keys[:limit], Wanted(folded_words(text)))
    more = len(keys) > limit
    return TableHits(table.name, tuple(hits), min(len(keys), limit), more, indexed=False)


def hits_for(
    connection: apsw.Connection, schema: Schema, table: Table, keys: Sequence[Key], wanted: Wanted
) -> list[Hit]:
    return [
        Hit(table.name, record.id, title_of(table, record.values), places(table, record, wanted))
        for record in fetch_records(connection, schema, table, keys, LOOKED_AT)
    ]


def title_of(table: Table, values: tuple[Shown, ...]) -> str:
    """Empty where no field names the record, and its number does."""
    title = " ".join(plain(values[table.position_of(name)]) for name in table.title_fields).strip()
    if title or table.rowid is not None:
        return title[:EXCERPT]
    return next((plain(value)[:EXCERPT] for value in values if plain(value)), "")


def plain(value: Shown) -> str:
    if isinstance(value, LongText):
        return value.prefix
    return str(value) if isinstance(value, int | float | str) else ""


def places(table: Table, record: Record, wanted: Wanted) -> tuple[Place, ...]:
    """The fields, or names of linked records, that hold the words: each word once."""
    found: list[Place] = []
    seen: set[str] = set()
    for field, value in zip(table.fields, record.values, strict=True):
        said = plain(value)
        if field.kind is Kind.CHOICES and said:
            said = format_value(field.kind, said)
        content = " ".join(record.labels.get(field.name, said).split())
        marked = mark(content, wanted)
        if marked is not None and marked.found - seen:
            found.append(Place(field.name, marked.pieces))
            seen |= marked.found
        if len(found) == MOST_PLACES or seen >= set(wanted.words):
            break
    return tuple(found)
