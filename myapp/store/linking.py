"""Make a field a link, or a link a plain field: what the table's SQL says of it, and an index.

A link is a foreign key to the one key field of another table. It gets an index, without which the
deletion of every linked record would read the whole table. Knows nothing of the records.
"""

from collections.abc import Iterable

import apsw

from .connection import row_of, rows_of
from .definition import Column, Definition, rule_names
from .dependents import FieldInUse
from .errors import NoSuchTable, RuleBroken, StoreError
from .history import TRASH
from .schema import OWN_PREFIX, Field, LinkTo, NewField, OnDelete, Schema, Table, quote
from .values import Kind

SQL_OF: dict[OnDelete, str] = {
    "refuse": "",
    "empty": " ON DELETE SET NULL",
    "delete": " ON DELETE CASCADE",
    "default": " ON DELETE SET DEFAULT",
}
STRICT_TYPES = {Kind.TEXT: "TEXT", Kind.INTEGER: "INTEGER", Kind.DECIMAL: "REAL", Kind.ANY: "ANY"}
LONGEST = 100
"""Characters of a table's and of a field's name in that of an index."""


class CannotLink(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(
            f"Nothing can link to “{table}”: a link needs a table with a key of one field. "
            "Nothing was changed."
        )


class Emptied(RuleBroken):
    def __init__(self, field: str) -> None:
        super().__init__(
            f"The field “{field}” is required, so it cannot be left empty when its linked record "
            "is deleted. Choose one of the two.",
            field,
        )


def target_of(schema: Schema, link: LinkTo) -> tuple[Table, Field]:
    """The linked table and its key. Raises NoSuchTable, CannotLink."""
    table = schema.get(link.table)
    if table is None:
        raise NoSuchTable(link.table)
    if table.link_key is None:
        raise CannotLink(table.name)
    return table, table.link_key


def reference_sql(table: str, key: str, on_delete: OnDelete) -> str:
    return f"REFERENCES {quote(table)} ({quote(key)}){SQL_OF[on_delete]}"


def linked_type(key: Field, *, strict: bool) -> str:
    """The SQL type of a field that holds this key."""
    if key.automatic:
        return "INTEGER"
    return STRICT_TYPES.get(key.kind, "ANY") if strict else key.declared


def is_strict(connection: apsw.Connection, table: str) -> bool:
    sql = "SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?"
    return bool(row_of(connection, sql, (table,))[0])


def new_columns(schema: Schema, name: str, key: str, fields: Iterable[NewField]) -> dict[str, str]:
    """Type and reference of the link fields of a new table, which may link to itself.

    Raises NoSuchTable, CannotLink, Emptied.
    """
    columns = {}
    for field in fields:
        if field.link is None:
            continue
        if field.link.table.lower() == name.lower():
            declared, target, to = "INTEGER", name, key
        else:
            table, to_field = target_of(schema, field.link)
            declared, target, to = linked_type(to_field, strict=False), table.name, to_field.name
        check_emptied(field.name, field.link, required=field.required)
        reference = reference_sql(target, to, field.link.on_delete)
        columns[field.name] = f"{declared} {reference}".strip()
    return columns


def check_emptied(field: str, link: LinkTo, *, required: bool) -> None:
    """Raises Emptied where a required field would be left empty."""
    if required and link.on_delete == "empty":
        raise Emptied(field)


# --- its index


def index_sql(connection: apsw.Connection, table: str, field: str) -> tuple[str, str]:
    """The name and definition of an index of a link field."""
    wanted = f"{table[:LONGEST]}_{field[:LONGEST]}"
    names = [wanted, *(f"{wanted}_{number}" for number in range(2, 3_000))]
    taken = {str(name).lower() for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    own = wanted.lower().startswith(("sqlite_", OWN_PREFIX))
    names = [f"link_{name}" for name in names] if own else names
    name = next(each for each in names if each.lower() not in taken)
    return name, f"CREATE INDEX {quote(name)} ON {quote(table)} ({quote(field)})"


def index_link(connection: apsw.Connection, table: str, field: str) -> str:
    """Gives the index's name."""
    name, sql = index_sql(connection, table, field)
    connection.execute(sql)
    return name


def has_index(connection: apsw.Connection, table: str, field: str) -> bool:
    """Whether some index begins with the field, in all records."""
    found = connection.execute(
        "SELECT 1 FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i"
        " WHERE NOT l.partial AND i.seqno = 0 AND i.name = ?",
        (table, field),
    )
    return found.fetchone() is not None


# --- a table's definition with it, and without


def is_lost(connection: apsw.Connection, table: str, field: str) -> bool:
    """Whether the field links to a table that was deleted and waits in the history."""
    found = connection.execute(
        "SELECT 1 FROM pragma_foreign_key_list(?)"
        ' WHERE lower("from") = lower(?) AND lower("table") GLOB ?',
        (table, field, f"{OWN_PREFIX}*"),
    )
    return found.fetchone() is not None


def lost_links(connection: apsw.Connection, table: str) -> set[str]:
    """The fields that do, by their names as the table has them."""
    found = rows_of(
        connection,
        'SELECT "from" FROM pragma_foreign_key_list(?) WHERE lower("table") GLOB ?',
        (table, f"{OWN_PREFIX}*"),
    )
    return {str(name) for (name,) in found}


def links_from_trash(connection: apsw.Connection, table: str) -> list[tuple[str, str, str]]:
    """Deleted tables whose links to this one refuse the deletion of a record: each with its field
    and the field here."""
    return [
        (str(name), str(source), str(to))
        for name, source, to in rows_of(
            connection,
            'SELECT m.name, f."from", f."to" FROM sqlite_schema AS m,'
            " pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND m.name GLOB ?"
            ' AND lower(f."table") = lower(?) AND f."to" IS NOT NULL'
            " AND f.on_delete IN ('NO ACTION', 'RESTRICT')",
            (f"{TRASH}[0-9]*", table),
        )
    ]


def let_go_in_trash(connection: apsw.Connection, table: Table, ids: str) -> None:
    """Nobody can see, or change, what a deleted table links to: it keeps no record from being
    deleted. The links come back with the records. `ids` are rowids as a list in JSON."""
    for name, source, to in links_from_trash(connection, table.name):
        # OR IGNORE: a required link stays, and then so does its record.
        connection.execute(
            f"UPDATE OR IGNORE {quote(name)} SET {quote(source)} = NULL WHERE {quote(source)} IN"
            f" (SELECT {quote(to)} FROM {quote(table.name)} WHERE {table.rowid} IN"
            " (SELECT value FROM json_each(?)))",
            (ids,),
        )


def without_rules(definition: Definition, column: Column) -> Definition:
    """Without the table's own rules that make this field alone a link. Raises FieldInUse."""
    name = column.name.lower()
    rules = []
    for rule in definition.rules:
        named = rule_names(rule, ()) if rule.word == "FOREIGN" else set()
        if name in named and named != {name}:
            raise FieldInUse(column.name, f"a rule of the table ({rule.text})")
        if name not in named:
            rules.append(rule)
    return definition._replace(rules=tuple(rules))
