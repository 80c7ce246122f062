"""What goes with a field or a table that is dropped, and the definition without the field.

Changes nothing.
"""

from typing import NamedTuple

import apsw

from .connection import row_of
from .definition import names_in, names_outside, rule_names, tokens_of
from .dependents import FieldInUse, check_free, own_objects, users
from .errors import StoreError
from .field_rules import FieldFixed, definition_of, shape_of, why_fixed
from .rebuilding import Shape, linking_tables
from .schema import OWN_PREFIX, Field, Table, quote


class FieldLoss(NamedTuple):
    """What goes when a field is dropped: its values in so many of the records, and indexes that it
    is in. `blocked` says why it cannot go."""

    values: int
    records: int
    indexes: tuple[str, ...]
    blocked: str | None


class TableLoss(NamedTuple):
    """What goes when a table is dropped, and what uses it: tables that link to it, SQL views."""

    records: int
    linking: tuple[str, ...]
    views: tuple[str, ...]


def plan_drop(table: Table, field: Field, shape: Shape) -> Shape:
    """Raises FieldFixed, FieldInUse."""
    if field.in_key:
        raise FieldFixed(field.name, why_fixed(field) or "")
    if len(table.fields) == 1:
        raise FieldFixed(field.name, "a table needs a field.")
    definition = definition_of(table, shape)
    name = field.name.lower()
    for column in definition.columns:
        if column.name.lower() != name and name in names_outside(column):
            raise FieldInUse(field.name, f"the field “{column.name}”")
    rules = []
    for rule in definition.rules:
        named = rule_names(rule, [each.name for each in table.fields])
        if name not in named:
            rules.append(rule)
        elif named != {name}:
            raise FieldInUse(field.name, f"a rule of the table ({rule.text})")
    columns = tuple(each for each in definition.columns if each.name.lower() != name)
    after = definition._replace(columns=columns, rules=tuple(rules))
    return Shape(after.sql, tuple(sql for sql in shape.objects if not indexes(sql, name)))


def find_loss(connection: apsw.Connection, table: Table, field: Field) -> FieldLoss:
    values, records = row_of(
        connection, f"SELECT count({quote(field.name)}), count(*) FROM {quote(table.name)}"
    )
    if field.generated:
        values = 0
    blocked = None
    try:
        plan_drop(table, field, shape_of(connection, table))
        check_free(connection, table, field.name)
    except StoreError as error:
        blocked = error.sentence
    gone = tuple(
        each.name
        for each in own_objects(connection, table.name)
        if indexes(each.sql, field.name.lower())
    )
    return FieldLoss(values, records, gone, blocked)


def find_table_loss(connection: apsw.Connection, table: Table) -> TableLoss:
    (records,) = row_of(connection, f"SELECT count(*) FROM {quote(table.name)}")
    linking = [
        name
        for name in linking_tables(connection, table.name)
        if not name.lower().startswith(OWN_PREFIX)
    ]
    views = [
        each.name
        for each in users(connection)
        if each.type == "view" and table.name.lower() in names_in(each.sql) - {each.name.lower()}
    ]
    return TableLoss(records, tuple(linking), tuple(views))


def indexes(sql: str, field: str) -> bool:
    """Whether it is the definition of an index that names the field."""
    tokens = tokens_of(sql)
    words = [token.word for token in tokens]
    if "TRIGGER" in words[:4]:
        return False
    opening = next(n for n, token in enumerate(tokens) if token.text == "(")
    return field in names_in(sql[tokens[opening].start :])
