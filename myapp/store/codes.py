"""Find records by a code that was scanned: a field that holds exactly it. Writes nothing.

A scanner and a spreadsheet do not agree on the zeros before a number of an article, so that a
long number is looked for with and without them.
"""

import re

import apsw

from .connection import rows_of
from .ids import Key, encode_id, id_columns
from .query import RecordId
from .schema import Field, Table, quote
from .values import Kind

LENGTHS = (8, 12, 13, 14)
"""Digits of an EAN-8, UPC-A, EAN-13 and GTIN-14."""

KINDS = frozenset({Kind.TEXT, Kind.ANY, Kind.INTEGER, Kind.WEB, Kind.EMAIL, Kind.PHONE})
NAMED_SO = (
    re.compile(r"(?i)barcode|bar code|\b(ean|gtin|upc|isbn)|qr"),
    re.compile(r"(?i)code|sku|serial|label|\btag\b"),
)


def spellings(code: str) -> tuple[str, ...]:
    """The texts that mean the same code."""
    if not re.fullmatch(r"[0-9]{8,14}", code):
        return (code,)
    bare = code.lstrip("0")
    padded = (bare.zfill(length) for length in LENGTHS if length >= len(bare))
    return tuple(dict.fromkeys((code, bare or code, *padded)))


def find_code(connection: apsw.Connection, table: Table, code: str, most: int) -> list[RecordId]:
    """At most `most` records of `table` of which a field holds exactly `code`."""
    columns = id_columns(table)
    fields = [each for each in table.fields if each.kind in KINDS and each.link is None]
    if not columns or not fields or not code:
        return []
    texts = spellings(code)
    places = ", ".join("?" * len(texts))
    wanted = " OR ".join(f"t.{quote(each.name)} IN ({places})" for each in fields)
    rows = rows_of(
        connection,
        f"SELECT {', '.join(columns)} FROM {quote(table.name)} AS t WHERE {wanted} LIMIT ?",
        (*texts * len(fields), most),
    )
    keys: list[Key] = [row[0] if table.rowid is not None else row for row in rows]
    return [encode_id(key) for key in keys]


def code_field(table: Table) -> Field | None:
    """The field that seems to be meant for codes, by its name."""
    able = [
        each
        for each in table.fields
        if each.kind in KINDS and each.link is None and each.writable and not each.automatic
    ]
    for pattern in NAMED_SO:
        for each in able:
            if pattern.search(each.name):
                return each
    return None
