"""Tell cheaply which records cannot be among the first of a view that is sorted by a text.

What a text sorts by, without accents and case, takes longer to make than the text to read. So some
records from all over the table are put in order first: as many of them as are wanted end at a
bound, and what lies beyond it is left out. A text tells by its letters as they stand, or by the
first of them, that it lies there. More may be let in than is wanted, never less.
"""

import json
import unicodedata
from itertools import chain
from typing import NamedTuple

import apsw

from .connection import MARKS, row_of, rows_of
from .query import Query
from .schema import Schema, Table, quote
from .selection import Selection, has_folded_key, select_for, sort_key
from .values import Value

PLACES, EACH = 16, 640
"""So many stretches of so many records are looked at first: a hundredth of a million."""

BEYOND_ASCII = "\x80"

Stretches = list[tuple[int, int]]
"""First and last rowids. No record lies in two."""


class Bound(NamedTuple):
    """The last record that may be wanted: what it sorts by, its text and its rowid."""

    key: str
    text: str
    rowid: int


def select_first(
    connection: apsw.Connection, schema: Schema, table: Table, query: Query, count: int
) -> Selection:
    """What finds the first `count` records of `query` in their order, and few others where that can
    be told. Holds for the data as they are, inside one transaction. Raises NoSuchField."""
    selection = select_for(schema, table, query)
    if not query.sort or table.rowid is None:
        return selection
    sort, field = query.sort[0], table.field(query.sort[0].field)
    if field.automatic or not has_folded_key(schema, field):
        return selection
    stretches = find_stretches(connection, table)
    key = sort_key(schema, table, field)
    # Its plus keeps the field's type and any index out of the comparison.
    column = f"+t.{quote(field.name)}"
    bound = find_bound(connection, table, selection, key, column, stretches, count)
    if bound is None:
        return selection
    others = find_letters(connection, table, column, stretches)
    beyond = [each for each in others if leads_beyond(each, bound.key[0], sort.descending)]
    within, values = within_sql(column, bound, beyond, sort.descending)
    if len(query.sort) == 1:
        within = f"({within}) AND ({column} COLLATE BINARY <> ? OR +t.{table.rowid} <= ?)"
        values = (*values, bound.text, bound.rowid)
    rest = selection.where.replace(" WHERE ", " AND ", 1)
    parameters = (*values, *selection.parameters)
    return Selection(f" WHERE ({within}){rest}", selection.order, parameters)


def find_stretches(connection: apsw.Connection, table: Table) -> Stretches:
    """None in a table that is hardly larger than all of them."""
    rowid, name = table.rowid, quote(table.name)
    low, high = row_of(
        connection,
        f"SELECT (SELECT min({rowid}) FROM {name}), (SELECT max({rowid}) FROM {name})",
    )
    found: Stretches = []
    start = low
    while len(found) < PLACES and start is not None:
        ends = f"SELECT {rowid} FROM {name} WHERE {rowid} >= ? ORDER BY {rowid} LIMIT 1 OFFSET ?"
        row = next(rows_of(connection, ends, (start, EACH - 1)), None)
        if row is None:
            return []
        found.append((start, row[0]))
        start = max(row[0] + 1, low + (high - low) * len(found) // PLACES)
    return found


def find_bound(
    connection: apsw.Connection,
    table: Table,
    selection: Selection,
    key: str,
    column: str,
    stretches: Stretches,
    count: int,
) -> Bound | None:
    """None where it is no text, and in a file of UTF-16, whose texts lie in another order."""
    if not stretches:
        return None
    row = next(
        rows_of(
            connection,
            f"SELECT typeof({key}), octet_length('a'), CAST({key} AS BLOB),"
            f" CAST({column} AS BLOB), t.{table.rowid}"
            f" {looked_at(table, stretches)}{selection.where.replace(' WHERE ', ' AND ', 1)}"
            f"{selection.order} LIMIT 1 OFFSET ?",
            (*chain(*stretches), *selection.parameters, count - 1),
        ),
        None,
    )
    if row is None or row[:2] != ("text", 1):
        return None
    try:
        found, text = row[2].decode(), row[3].decode()
    except UnicodeDecodeError:
        return None
    # The letter after its first one is asked for.
    return Bound(found, text, row[4]) if found and found[0] < "\ud7ff" else None


def looked_at(table: Table, stretches: Stretches) -> str:
    places = ", ".join(["(?, ?)"] * len(stretches))
    return (
        f"FROM (VALUES {places}) AS s CROSS JOIN {quote(table.name)} AS t"
        f" WHERE t.{table.rowid} BETWEEN s.column1 AND s.column2"
    )


def find_letters(
    connection: apsw.Connection, table: Table, column: str, stretches: Stretches
) -> list[str]:
    """First letters beyond ASCII."""
    found = rows_of(
        connection,
        f"SELECT DISTINCT CAST(substr({column}, 1, 1) AS BLOB) {looked_at(table, stretches)}"
        f" AND typeof({column}) = 'text' AND {column} COLLATE BINARY >= ?",
        (*chain(*stretches), BEYOND_ASCII),
    )
    decoded = (letter.decode("utf-8", "replace") for (letter,) in found)
    return [each for each in decoded if len(each) == 1 and each != "\ufffd"]


def leads_beyond(letter: str, bound: str, descending: bool) -> bool:
    """Whether every text that begins with `letter` sorts beyond all that begin with `bound`."""
    first = unicodedata.normalize("NFKD", letter)[0]
    if MARKS.match(first) or unicodedata.combining(first):
        return False  # what follows may come before it, or in its place
    plain = first.casefold()[0]
    return plain < bound if descending else plain > bound


def within_sql(
    column: str, bound: Bound, beyond: list[str], descending: bool
) -> tuple[str, tuple[Value, ...]]:
    """A condition that holds for whatever does not sort beyond the bound's key, and its parameters.

    NOCASE compares texts of ASCII as their keys compare. Of others it is asked by the first letter:
    where that is one of ASCII, so is the key's.
    """
    letter = bound.key[0]
    first = f"{column} COLLATE NOCASE {'>=' if descending else '<'} ?"
    plain = f"{column} COLLATE NOCASE {'>=' if descending else '<='} ?"
    return (
        f"{first} AND {column} COLLATE BINARY < ? AND {column} COLLATE BINARY <> ''"
        f" AND ({plain} OR octet_length({column}) <> length({column}))"
        f" OR {column} COLLATE BINARY >= ? AND (typeof({column}) <> 'text'"
        f" OR substr({column}, 1, 1) NOT IN (SELECT value FROM json_each(?)))",
        (
            letter if descending else chr(ord(letter) + 1),
            BEYOND_ASCII,
            bound.key,
            BEYOND_ASCII,
            json.dumps(beyond),
        ),
    )
