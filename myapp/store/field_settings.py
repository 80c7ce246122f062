"""What is known of a field beyond its table's own SQL: the colours of choices, a currency.

It lies in a table of our own, which is made with the first setting and goes with the last; without
it no record is lost. It is written anew each time, so that SQLite counts a change of the schema and
everybody who keeps a schema reads it again. Knows SQL and no transactions.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import apsw

from .connection import has_table, rows_of
from .schema import FIELD_SETTINGS, quote

COLOURS = ("green", "blue", "amber", "red", "purple", "teal", "pink", "grey")
"""What a choice has by its place where nothing else is set."""

LONGEST_CURRENCY = 8


class Settings(NamedTuple):
    """`colours` by choice. The usual ones are not kept."""

    currency: str = ""
    colours: tuple[tuple[str, str], ...] = ()


NO_SETTINGS = Settings()
Key = tuple[str, str]
"""The names of a table and a field in lower case."""


def usual_colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def settings_for(
    choices: Iterable[str], colours: Mapping[str, str], currency: str = ""
) -> Settings:
    """With the colours that are not the usual ones."""
    own = tuple(
        (choice, colours[choice])
        for place, choice in enumerate(choices)
        if colours.get(choice) in COLOURS and colours[choice] != usual_colour(place)
    )
    return Settings(" ".join(currency.split())[:LONGEST_CURRENCY], own)


def colours_of(choices: Iterable[str], settings: Settings) -> tuple[str, ...]:
    own = dict(settings.colours)
    return tuple(own.get(each, usual_colour(place)) for place, each in enumerate(choices))


def as_json(settings: Settings) -> str:
    given = {"currency": settings.currency, "colours": dict(settings.colours)}
    return json.dumps({name: each for name, each in given.items() if each}, ensure_ascii=False)


def from_json(text: str) -> Settings:
    """What can be read of it: another program may have written anything."""
    try:
        given = json.loads(text)
        colours = given.get("colours") or {}
        own = tuple((str(name), each) for name, each in colours.items() if each in COLOURS)
        return Settings(str(given.get("currency") or "")[:LONGEST_CURRENCY], own)
    except (ValueError, TypeError, AttributeError):
        return NO_SETTINGS


def read_settings(connection: apsw.Connection) -> dict[Key, Settings]:
    """Those of a file that has the table."""
    return {
        (table.lower(), field.lower()): from_json(text) for table, field, text in stored(connection)
    }


def stored(connection: apsw.Connection) -> list[tuple[str, str, str]]:
    sql = (
        f"SELECT table_name, field, settings FROM {FIELD_SETTINGS} WHERE typeof(table_name) ="
        " 'text' AND typeof(field) = 'text' AND typeof(settings) = 'text' ORDER BY 1, 2"
    )
    try:
        return [
            (str(table), str(field), str(text)) for table, field, text in rows_of(connection, sql)
        ]
    except apsw.SQLError:
        return []  # a table of this name that is not ours


def find_settings(connection: apsw.Connection, table: str, field: str) -> Settings:
    """NO_SETTINGS where the field has none."""
    if not has_table(connection, FIELD_SETTINGS):
        return NO_SETTINGS
    return read_settings(connection).get((table.lower(), field.lower()), NO_SETTINGS)


# --- changes, inside a transaction


def put_settings(connection: apsw.Connection, table: str, settings: Mapping[str, Settings]) -> None:
    """By field; NO_SETTINGS takes a field's away."""
    if not has_table(connection, FIELD_SETTINGS) and not any(
        each != NO_SETTINGS for each in settings.values()
    ):
        return
    given = {field.lower() for field in settings}
    rows = [
        row
        for row in (stored(connection) if has_table(connection, FIELD_SETTINGS) else [])
        if row[0].lower() != table.lower() or row[1].lower() not in given
    ]
    rows += [
        (table, field, as_json(each)) for field, each in settings.items() if each != NO_SETTINGS
    ]
    write(connection, rows)


def write(connection: apsw.Connection, rows: list[tuple[str, str, str]]) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {quote(FIELD_SETTINGS)}")
    if not rows:
        return
    connection.execute(
        f"CREATE TABLE {FIELD_SETTINGS} (table_name TEXT NOT NULL COLLATE NOCASE,"
        " field TEXT NOT NULL COLLATE NOCASE, settings TEXT NOT NULL,"
        " PRIMARY KEY (table_name, field)) WITHOUT ROWID"
    )
    connection.executemany(f"INSERT OR REPLACE INTO {FIELD_SETTINGS} VALUES (?, ?, ?)", rows)


def take_along(
    rows: Iterable[tuple[str, str, str]],
    target: apsw.Connection,
    shown: Mapping[str, Iterable[str]],
) -> None:
    """Of `rows`, as they are stored, those of the fields `shown`, by table: a file that is given
    away says nothing of what is in the trash, or left out."""
    known = {(table.lower(), field.lower()) for table, fields in shown.items() for field in fields}
    write(target, [row for row in rows if (row[0].lower(), row[1].lower()) in known])


def follow_table(connection: apsw.Connection, source: str, target: str | None) -> None:
    """The table has another name now, or is gone for good."""

    def moved(table: str, field: str) -> Key | None:
        if table.lower() == source.lower():
            return None if target is None else (target, field)
        # What is left of a table that another program took away.
        return None if target is not None and table.lower() == target.lower() else (table, field)

    follow(connection, moved)


def follow_field(connection: apsw.Connection, table: str, old: str, new: str) -> None:
    here = (table.lower(), old.lower())
    follow(
        connection,
        lambda name, field: (name, new if (name.lower(), field.lower()) == here else field),
    )


def follow(connection: apsw.Connection, moved: Callable[[str, str], Key | None]) -> None:
    if not has_table(connection, FIELD_SETTINGS):
        return
    before = stored(connection)
    after = [
        (*place, text)
        for table, field, text in before
        if (place := moved(table, field)) is not None
    ]
    if after != before:
        write(connection, after)
