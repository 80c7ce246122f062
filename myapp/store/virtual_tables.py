"""Virtual tables, which SQLite's extensions keep: what they keep it in, and what makes them anew.

Their own tables, called shadow tables, are not noted in the history, but for the texts of full-text
tables that are an index of no other one: what was noted of these makes the index anew.
"""

import re
from collections.abc import Iterable
from typing import Literal

import apsw

from .schema import OWN_PREFIX, quote

TEXTS = "_content"
"""What SQLite adds to a full-text table's name for the table of its texts."""

OF_OTHERS = re.compile(r"content\s*=\s*(?!''|\"\")\S", re.IGNORECASE)
"""In the definition of a full-text table: the table whose texts it is an index of."""


KEPT_BY_EXTENSION = "it writes to “{}”, a table kept by an SQLite extension."

Source = Literal["its texts", "others' texts"] | None
"""What a virtual table is made anew from: texts of its own, of the table that it is an index of, or
nothing."""


def shadow_tables(connection: apsw.Connection) -> frozenset[str]:
    """Tables in which virtual tables keep their data."""
    listed = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"
    )
    return frozenset(str(name) for (name,) in listed)


def holds_texts(shadow: str) -> bool:
    """Whether a full-text table keeps its texts there: what it is made anew from. One that is an
    index of another table's texts, or that keeps none, has no such table."""
    return shadow.endswith(TEXTS)


def kept_by_triggers(connection: apsw.Connection, tables: Iterable[str]) -> set[str]:
    """Virtual tables that triggers on `tables` keep true."""
    found: set[str] = set()
    for table in tables:
        triggers = connection.execute(
            "SELECT v.name FROM sqlite_schema AS v, sqlite_schema AS t"
            " WHERE v.type = 'table' AND v.sql LIKE 'CREATE VIRTUAL TABLE %'"
            " AND t.type = 'trigger' AND lower(t.tbl_name) = lower(?)"
            " AND instr(lower(t.sql), lower(v.name))",
            (table,),
        )
        found.update(str(name) for (name,) in triggers)
    return found


def missing_parts(connection: apsw.Connection, tables: Iterable[str]) -> str | None:
    """Why SQLite cannot run all triggers of the tables: they need a function that only another
    program has."""
    for table in tables:
        sql = "SELECT name FROM pragma_table_info(?) LIMIT 1"
        found = connection.execute(sql, (table,)).fetchone()
        if found is None:
            continue
        name, field = quote(table), quote(str(found[0]))
        for sql in (
            f"INSERT INTO {name} ({field}) SELECT NULL WHERE 0",
            f"UPDATE {name} SET {field} = {field} WHERE 0",
            f"DELETE FROM {name} WHERE 0",
        ):
            try:
                connection.execute(sql)
            except apsw.SQLError as error:
                if str(error).startswith("no such function"):
                    return str(error)
    return None


def search_tables(connection: apsw.Connection, names: Iterable[str]) -> set[str]:
    """The full-text tables among virtual ones."""
    listed = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table'"
        " AND sql LIKE 'CREATE VIRTUAL TABLE % USING fts%'"
    )
    return {str(name) for (name,) in listed} & set(names)


def make_anew(connection: apsw.Connection, indexes: Iterable[str]) -> None:
    """Full-text tables of others, from the texts that they are an index of."""
    for name in sorted(indexes):
        connection.execute(f"INSERT INTO {quote(name)} ({quote(name)}) VALUES ('rebuild')")


def owners(connection: apsw.Connection, tables: Iterable[str]) -> dict[str, Source]:
    """The virtual tables of others that have shadow tables among `tables`, each with what it can be
    made anew from."""
    there = shadow_tables(connection)
    names = {
        each.rpartition("_")[0]
        for each in there.intersection(tables)
        if not each.lower().startswith(OWN_PREFIX)
    }
    of_others = {
        str(name)
        for name, sql in connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
            " AND sql LIKE 'CREATE VIRTUAL TABLE % USING fts%'"
        )
        if OF_OTHERS.search(str(sql))
    }
    found: dict[str, Source] = dict.fromkeys(sorted(names))
    for name in found:
        if name + TEXTS in there:
            found[name] = "its texts"
        elif name in of_others:
            found[name] = "others' texts"
    return found
