"""The rules of a field as its table has them: read from the definition, nothing changed."""

from typing import NamedTuple

import apsw

from .connection import row_of, rows_of
from .defaults import typed_default
from .definition import Definition, read_definition
from .dependents import own_objects
from .errors import StoreError
from .linking import lost_links
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


def rules_of(connection: apsw.Connection, table: Table) -> dict[str, FieldRules]:
    """Of every field, by its name."""
    declared = {
        str(name): (notnull, default)
        for name, notnull, default in rows_of(
            connection,
            'SELECT name, "notnull", dflt_value FROM pragma_table_xinfo(?)',
            (table.name,),
        )
    }
    unique = unique_indexes(connection, table)
    lost = lost_links(connection, table.name)
    return {
        field.name: FieldRules(
            field,
            bool(declared[field.name][0]) and not field.automatic,
            field.name in unique,
            typed_default(field.kind, declared[field.name][1]),
            why_fixed(field),
            field.name in lost,
        )
        for field in table.fields
    }


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


def unique_indexes(connection: apsw.Connection, table: Table) -> dict[str, list[str]]:
    """By the name of a field, those that keep this field alone unique, in every record."""
    found: dict[str, list[str]] = {}
    for index, field in rows_of(
        connection,
        "SELECT l.name, min(i.name) FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i"
        ' WHERE l."unique" AND NOT l.partial GROUP BY l.name HAVING count(*) = 1',
        (table.name,),
    ):
        if field is not None:
            found.setdefault(str(field), []).append(str(index))
    return found


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
