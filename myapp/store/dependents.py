"""What else in the file uses a table's fields: views, triggers, links, search indexes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import apsw

from .connection import rows_of
from .definition import names_in, tokens_of
from .errors import StoreError
from .schema import OWN_PREFIX, Table, quote


class FieldInUse(StoreError):
    def __init__(self, field: str, user: str) -> None:
        super().__init__(
            f"The field “{field}” is used by {user}. Change that first. Nothing was changed."
        )


class SchemaObject(NamedTuple):
    type: str
    name: str
    table: str
    sql: str

    @property
    def words(self) -> str:
        kind = "search index" if self.type == "table" else self.type
        return f"the {kind} “{self.name}”"


@contextmanager
def strict_names(connection: apsw.Connection) -> Iterator[None]:
    """SQLite takes a lost name in double quotes for a text. Not in here.

    Source: https://sqlite.org/quirks.html#dblquote
    """
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    try:
        yield
    finally:
        connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 1)


def own_objects(
    connection: apsw.Connection, table: str, *, ours: bool = False
) -> list[SchemaObject]:
    """The indexes and triggers of a table that somebody wrote, or those that keep our own books."""
    return [
        SchemaObject(*row)
        for row in rows_of(
            connection,
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger')"
            " AND lower(tbl_name) = lower(?) AND sql IS NOT NULL"
            f" AND (name GLOB '{OWN_PREFIX}*') = ? ORDER BY rowid",
            (table, ours),
        )
    ]


def users(connection: apsw.Connection) -> list[SchemaObject]:
    """Views, triggers and virtual tables of the whole file."""
    return [
        SchemaObject(*row)
        for row in rows_of(
            connection,
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger')"
            " OR (type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%')",
        )
        if not str(row[1]).startswith(OWN_PREFIX)
    ]


def check_free(connection: apsw.Connection, table: Table, field: str) -> None:
    """Raises FieldInUse where a link or a search index names the field."""
    for name, source in rows_of(
        connection,
        'SELECT m.name, f."from" FROM sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f'
        ' WHERE m.type = \'table\' AND lower(f."table") = lower(?) AND lower(f."to") = lower(?)',
        (table.name, field),
    ):
        if name.lower().startswith(OWN_PREFIX):
            raise FieldInUse(field, "a link of a deleted table, which can be brought back")
        raise FieldInUse(field, f"the link “{source}” of “{name}”")
    for each in users(connection):
        if each.type == "table" and {table.name.lower(), field.lower()} <= names_in(each.sql):
            raise FieldInUse(field, each.words)
        if each.type == "trigger" and names_update_of(each, table.name, field):
            raise FieldInUse(field, each.words)


def names_update_of(trigger: SchemaObject, table: str, field: str) -> bool:
    """`UPDATE OF` names fields that SQLite never looks for."""
    if trigger.table.lower() != table.lower():
        return False
    tokens = tokens_of(trigger.sql)
    words = [token.word for token in tokens]
    if "OF" not in words or "ON" not in words[words.index("OF") :]:
        return False
    start = words.index("OF")
    listed = tokens[start : words.index("ON", start)]
    return field.lower() in {token.name.lower() for token in listed if token.name is not None}


def sound(connection: apsw.Connection) -> list[SchemaObject]:
    """The views and triggers that SQLite understands now."""
    with strict_names(connection):
        return [
            each
            for each in users(connection)
            if each.type != "table" and compiles(connection, each)
        ]


def check_understood(
    connection: apsw.Connection, understood: Iterable[SchemaObject], table: Table, field: str
) -> None:
    """Raises FieldInUse for what SQLite does not understand, should it name the field."""
    known = set(understood)
    for each in users(connection):
        named = names_in(each.sql) | {each.table.lower()}
        if each not in known and {table.name.lower(), field.lower()} <= named:
            raise FieldInUse(field, each.words)


def check_sound(
    connection: apsw.Connection, before: Iterable[SchemaObject], table: Table, field: str
) -> None:
    """Raises FieldInUse where SQLite does not understand one of them any more."""
    with strict_names(connection):
        broken = [each for each in before if not compiles(connection, each)]
    named = [each for each in broken if field.lower() in names_in(each.sql)]
    for each in named or broken:
        raise FieldInUse(field, each.words)


def compiles(connection: apsw.Connection, each: SchemaObject) -> bool:
    """Whether SQLite understands a view, or all triggers that a trigger's event would run."""
    name = quote(each.table)
    try:
        if each.type == "view":
            explain(connection, f"SELECT * FROM {quote(each.name)}")
            return True
        described = rows_of(
            connection, "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", (each.table,)
        )
        same = ", ".join(f"{quote(column)} = {quote(column)}" for (column,) in described)
        event = event_of(each)
        if event == "INSERT":
            explain(connection, f"INSERT INTO {name} DEFAULT VALUES")
        elif event == "UPDATE":
            explain(connection, f"UPDATE {name} SET {same}")
        else:
            explain(connection, f"DELETE FROM {name}")
    except apsw.SQLError:
        return False
    return True


def explain(connection: apsw.Connection, sql: str) -> None:
    """Raises apsw.SQLError. A kept statement would be listed without a look at whether the tables
    that it was made for are still there, which ends the process."""
    connection.execute(f"EXPLAIN {sql}", can_cache=False).fetchall()


def event_of(trigger: SchemaObject) -> str:
    words = (token.word for token in tokens_of(trigger.sql))
    return next((word for word in words if word in ("INSERT", "UPDATE", "DELETE")), "DELETE")


def check_order_free(connection: apsw.Connection, table: Table, field: str) -> None:
    """Raises FieldInUse where a view or trigger takes fields by their place, not by name."""
    for each in users(connection):
        named = table.name.lower() in names_in(each.sql) | {each.table.lower()}
        if each.type != "table" and named and goes_by_place(each, table.name):
            raise FieldInUse(field, f"{each.words}, which goes by the order of the fields")


def goes_by_place(each: SchemaObject, table: str) -> bool:
    tokens = tokens_of(each.sql)
    words = [token.word for token in tokens]
    star = any(
        token.text == "*" and (words[n - 1] in ("SELECT", "ALL", "DISTINCT") or before in ",.")
        for n, token in enumerate(tokens)
        if n and (before := tokens[n - 1].text)
    )
    if each.type == "view":
        as_ = words.index("AS")
        listed = any(token.text == ")" for token in tokens[:as_])
        return star and (listed or not {"UNION", "EXCEPT", "INTERSECT"}.isdisjoint(words))
    into = [n for n, word in enumerate(words) if word == "INTO"]
    whole = any(
        (tokens[n + 1].name or "").lower() == table.lower() and tokens[n + 2].text != "("
        for n in into
        if n + 2 < len(tokens)
    )
    return whole or (star and bool(into))
