"""Which linked record each value of a field means, where the field is to become a link.

The values are keys of those records, or their titles. They are told apart in a table of SQLite's
temporary database, one row a value, which a rebuild joins. Writes nothing else to the file but
the records that a person wants to be made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

import apsw

from . import history
from .connection import plain_sql, row_of, rows_of
from .errors import StoreError, ValuesDoNotFit
from .fitting import Fit, fit_functions, fit_sql, shown
from .linking import target_of
from .schema import Field, Link, LinkTo, Schema, Table, quote, title_sql
from .values import Kind

By = Literal["key", "title"]
VALUES = "temp.myapp_match"
TITLES = "temp.myapp_titles"
ALIKE = "temp.myapp_alike"
"""Titles without accents and case."""

EXAMPLES = 8

FOUND = "m.found"
"""The key of the record that an old record `o` links to, with JOIN. Its plus keeps the type of the
field out of the comparison, which could not use the index otherwise."""

JOIN = f" LEFT JOIN {VALUES} AS m ON m.value = +o.{{}}"

MISSING = "found IS NULL AND several IS NULL"


class Match(NamedTuple):
    """How values find their records. `kind` is that of the key, `was` that of the field before;
    with `titles`, the fields that title a record, the values are titles."""

    table: str
    key: str
    kind: str
    was: str
    titles: tuple[str, ...]


class Matching(NamedTuple):
    """What a field would become as a link.

    `found` of `records` with a value find theirs, `alike` of them without regard to accents and
    case. `missing` values find none, `unclear` ones name several records; `examples` of both with
    their records. `why_not_make` says why the missing records cannot be made.
    """

    by: By
    records: int
    found: int
    missing: int
    unclear: int
    examples: tuple[tuple[str, int], ...]
    why_not_make: str | None
    alike: int = 0


class LinksMissing(ValuesDoNotFit):
    """Values that would become links name no record."""

    def __init__(self, field: str, count: int, example: str, table: str) -> None:
        what = "A value" if count == 1 else f"{count:,} values"
        verb = "names" if count == 1 else "name"
        such = "" if count == 1 else "such as "
        super().__init__(
            f"{what} of “{field}” {verb} no record of “{table}”, or more than one: {such}{example}."
        )
        self.field = field


def plan_match(schema: Schema, field: Field, link: LinkTo, by: By) -> Match | None:
    """None where the values are links to this table already. Raises NoSuchTable, CannotLink."""
    target, key = target_of(schema, link)
    there = field.link
    if there is not None and points_to(there, target.name, key.name):
        return None
    titles = target.title_fields if by == "title" else ()
    if by == "title" and not titles:
        raise NoTitle(target.name)
    kind = Kind.INTEGER if key.automatic else key.kind
    return Match(target.name, key.name, kind.value, field.kind.value, titles)


def points_to(link: Link, table: str, key: str) -> bool:
    return link.table.lower() == table.lower() and link.field.lower() == key.lower()


class NoTitle(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(f"No field of “{table}” names its records. Nothing was changed.")


@contextmanager
def matched(connection: apsw.Connection, table: str, field: str, match: Match) -> Iterator[None]:
    """Inside, VALUES holds each value of the field that is not blank, and the key that it finds."""
    drop(connection)
    connection.execute(
        f"CREATE TABLE {VALUES} (value PRIMARY KEY, records, wanted, found, several, alike)"
        " WITHOUT ROWID"
    )
    try:
        was, kind = Kind(match.was), Kind.TEXT if match.titles else Kind(match.kind)
        fit_functions(connection, field, Fit(was, kind))
        _, wanted = fit_sql("value", Fit(was, kind))
        wanted = f"trim({wanted})" if match.titles else wanted
        column = f"o.{quote(field)}"
        connection.execute(
            f"INSERT INTO {VALUES} (value, records, wanted)"
            f" SELECT value, records, {wanted} FROM (SELECT {column} AS value, count(*) AS records"
            f" FROM {quote(table)} AS o WHERE {column} IS NOT NULL AND trim({column}) <> ''"
            f" GROUP BY {column} COLLATE BINARY)"
        )
        find_keys(connection, match)
        yield
    finally:
        drop(connection)


def find_keys(connection: apsw.Connection, match: Match) -> None:
    key, table = f"l.{quote(match.key)}", quote(match.table)
    if not match.titles:
        connection.execute(
            f"UPDATE {VALUES} SET found = (SELECT {key} FROM {table} AS l WHERE {key} = wanted)"
        )
        return
    title = f"trim(CAST({title_sql(match.titles, 'l')} AS TEXT))"
    list_titles(connection, TITLES, f"{title} AS t, {key} AS k FROM {table} AS l")
    list_titles(connection, ALIKE, f"{folded('title')} AS t, found AS k, several FROM {TITLES}")
    # What is named just so wins; where nothing is, the one that is named alike.
    for titles, wanted, alike in ((TITLES, "wanted", 0), (ALIKE, folded("wanted"), 1)):
        connection.execute(
            f"UPDATE {VALUES} SET (found, several, alike) = (SELECT iif(t.several, NULL, t.found),"
            f" t.several, {alike} FROM {titles} AS t WHERE t.title = {wanted}) WHERE {MISSING}"
        )


def list_titles(connection: apsw.Connection, name: str, source: str) -> None:
    """A table of each title `t` with its key `k`, and with how many have it, where several do."""
    connection.execute(
        f"CREATE TABLE {name} (title TEXT PRIMARY KEY, found, several) WITHOUT ROWID"
    )
    each = "coalesce(several, 1)" if name == ALIKE else "1"
    connection.execute(
        f"INSERT INTO {name} SELECT t, min(k), nullif(sum({each}), 1) FROM (SELECT {source})"
        " WHERE t <> '' GROUP BY t COLLATE BINARY"
    )


def folded(text: str) -> str:
    return f"trim(lower({plain_sql(text)}))"


def drop(connection: apsw.Connection) -> None:
    for name in (VALUES, TITLES, ALIKE):
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def find_matching(
    connection: apsw.Connection, schema: Schema, table: Table, field: Field, link: LinkTo, by: By
) -> Matching | None:
    """None where a change to this link would change no value, or no title could be one."""
    target, _ = target_of(schema, link)
    if by == "title" and not target.title_fields:
        return None
    match = plan_match(schema, field, link, by)
    if match is None:
        return None
    with matched(connection, table.name, field.name, match):
        records, found, missing, unclear, alike = row_of(
            connection,
            "SELECT coalesce(sum(records), 0), coalesce(sum(iif(found IS NULL, 0, records)), 0),"
            f" count(*) FILTER (WHERE {MISSING}), count(several),"
            f" coalesce(sum(records) FILTER (WHERE alike AND found IS NOT NULL), 0) FROM {VALUES}",
        )
        why = why_not_make(target, by)
        return Matching(by, records, found, missing, unclear, examples(connection), why, alike)


def examples(connection: apsw.Connection) -> tuple[tuple[str, int], ...]:
    rows = rows_of(
        connection,
        f"SELECT value, records FROM {VALUES} WHERE found IS NULL ORDER BY records DESC, value"
        f" LIMIT {EXAMPLES}",
    )
    return tuple((shown(value), int(records)) for value, records in rows)


def check_matched(connection: apsw.Connection, field: str, match: Match) -> None:
    """Raises LinksMissing."""
    (count,) = row_of(connection, f"SELECT count(*) FROM {VALUES} WHERE found IS NULL")
    if count:
        ((example, _),) = examples(connection)[:1]
        raise LinksMissing(field, count, example, match.table)


# --- the missing records


def made_field(target: Table, by: By) -> Field | None:
    """The field that a record made for a value gets it in; None where that would not name it."""
    key = target.link_key
    if key is None or by == "key":
        return key
    if len(target.title_fields) != 1:
        return None
    title = target.field(target.title_fields[0])
    named = title.writable and title.kind is Kind.TEXT and title.link is None
    return title if named and (key.automatic or key.name == title.name) else None


def why_not_make(target: Table, by: By) -> str | None:
    made = made_field(target, by)
    if made is None:
        return f"A record of {target.name} cannot be made from its name alone."
    others = [each.name for each in target.fields if each.required and each.name != made.name]
    if others:
        return f"A record of {target.name} needs a value in {', '.join(others)} as well."
    return None


def make_missing(
    connection: apsw.Connection, schema: Schema, table: Table, field: Field, match: Match
) -> bytes:
    """Make a record for each value that finds none; gives the changeset of them."""
    target = schema.tables[match.table.lower()]
    by: By = "title" if match.titles else "key"
    made, why = made_field(target, by), why_not_make(target, by)
    if made is None or why is not None:
        raise CannotMake(why or "")
    with (
        matched(connection, table.name, field.name, match),
        history.recorded(connection) as session,
    ):
        connection.execute(
            f"INSERT INTO {quote(target.name)} ({quote(made.name)}) SELECT DISTINCT wanted"
            f" FROM {VALUES} WHERE {MISSING} AND wanted IS NOT NULL ORDER BY wanted"
        )
        return session.changeset()


class CannotMake(StoreError):
    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Nothing was changed.")
