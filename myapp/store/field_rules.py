"""The rules of a field as its table has them: read from the definition, nothing changed."""

from typing import NamedTuple

import apsw

from .connection import row_of, rows_of
from .defaults import typed_default
from .definition import Definition, read_definition
from .dependents import own_objects
from .errors import StoreError
from .linking import is_lost
from .rebuilding import Shape
from .schema import Field, Table


class FieldFixed(StoreError):
    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"The field “{field}” stays as it is: {why} Nothing was changed.")


class FieldRules(NamedTuple):
    """A field as a person may change it. `default` is as typed; `why_fixed` says why not.

    `lost_link` where it links to a table that was deleted.
    """

    field: Field
    required: bool
    unique: bool
    default: str
    why_fixed: str | None
    lost_link: bool = False


def rules_of(connection: apsw.Connection, table: Table, field: Field) -> FieldRules:
    notnull, default = row_of(
        connection,
        'SELECT "notnull", dflt_value FROM pragma_table_xinfo(?) WHERE name = ?',
        (table.name, field.name),
    )
    return FieldRules(
        field,
        bool(notnull) and not field.automatic,
        bool(unique_indexes(connection, table, field)),
        typed_default(field.kind, default),
        why_fixed(field),
        is_lost(connection, table.name, field.name),
    )


def why_fixed(field: Field) -> str | None:
    if field.automatic:
        return "it numbers the records."
    if field.in_key:
        return "it tells the records apart."
    return "it is computed from others." if field.generated else None


def default_sql(connection: apsw.Connection, table: Table, field: Field) -> str | None:
    """The SQL of its default, or None."""
    (sql,) = row_of(
        connection,
        "SELECT dflt_value FROM pragma_table_xinfo(?) WHERE name = ?",
        (table.name, field.name),
    )
    return None if sql is None or sql.upper() == "NULL" else str(sql)


def unique_indexes(connection: apsw.Connection, table: Table, field: Field) -> list[str]:
    """Those that keep this field alone unique, in every record."""
    return [
        str(name)
        for (name,) in rows_of(
            connection,
            'SELECT l.name FROM pragma_index_list(?) AS l WHERE l."unique" AND NOT l.partial'
            " AND (SELECT group_concat(i.name, '') FROM pragma_index_info(l.name) AS i) = ?"
            " AND (SELECT count(*) FROM pragma_index_info(l.name)) = 1",
            (table.name, field.name),
        )
    ]


def definition_collation(connection: apsw.Connection, table: Table, field: Field) -> str:
    """The COLLATE clause of a field, for an expression that would have none."""
    column = definition_of(table, shape_of(connection, table)).column(field.name)
    return "".join(f" {clause.text}" for clause in column.clauses if clause.word == "COLLATE")


def shape_of(connection: apsw.Connection, table: Table) -> Shape:
    """As the file has it now."""
    (sql,) = row_of(
        connection, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table.name,)
    )
    return Shape(str(sql), tuple(each.sql for each in own_objects(connection, table.name)))


def definition_of(table: Table, shape: Shape) -> Definition:
    return read_definition(table.name, shape.sql, [field.name for field in table.fields])
