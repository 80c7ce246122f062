"""From a change of a field to the table's new definition. Changes nothing."""

from typing import NamedTuple

import apsw

from .changes import ChangeField
from .checks import RANGED, checks_sql, read_checks
from .connection import rows_of
from .defaults import as_value, default_literal, is_literal
from .definition import Clause, Column, Definition, column_text, rule_names, tokens_of
from .field_rules import FieldFixed, default_sql, definition_of, rules_of, unique_indexes, why_fixed
from .field_settings import NO_SETTINGS, Settings, find_settings, settings_for
from .fitting import Fit
from .hearing import Told
from .limiting import check_new, choices_there
from .linking import (
    check_emptied,
    has_index,
    index_sql,
    is_strict,
    linked_type,
    reference_sql,
    target_of,
    without_rules,
)
from .matching import Match, plan_match
from .new_rules import check_values
from .rebuilding import Shape, nobody
from .schema import Field, LinkTo, Schema, Table
from .values import CHOSEN, NO_LIMITS, Kind, Limits, kind_of

STRICT_TYPES = {Kind.TEXT: "TEXT", Kind.INTEGER: "INTEGER", Kind.DECIMAL: "REAL"}
STRICT_TYPES |= dict.fromkeys(CHOSEN, "TEXT")


class Planned(NamedTuple):
    """`fit` says what becomes of the values, where they may become others."""

    shape: Shape
    fit: Fit | None
    fill: str | None
    settings: Settings
    match: Match | None = None


def plan_move(table: Table, field: Field, shape: Shape, to: int) -> Shape:
    """`to` is the new place, counted from 0; one outside of the table is the first or the last."""
    definition = definition_of(table, shape)
    columns = list(definition.columns)
    place = table.position_of(field.name)
    to = min(max(to, 0), len(columns) - 1)
    if to == place:
        return shape
    columns.insert(to, columns.pop(place))
    return shape._replace(sql=definition._replace(columns=tuple(columns)).sql)


def plan_change(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    field: Field,
    shape: Shape,
    change: ChangeField,
    told: Told = nobody,
) -> Planned:
    """`told` hears how many records were looked at. Raises FieldFixed, RuleBroken, ValueDoesNotFit;
    of a link NoSuchTable, CannotLink."""
    why = why_fixed(field)
    if why is not None:
        raise FieldFixed(field.name, why)
    definition = definition_of(table, shape)
    rules = rules_of(connection, table)[field.name]
    column = definition.column(field.name)
    kind = change.kind if change.kind is not None else field.kind
    limits = limits_for(connection, table, field, kind, change)
    required = rules.required if change.required is None else change.required
    unique = rules.unique if change.unique is None else change.unique
    default = default_sql(connection, table, field)
    retyped = kind is not field.kind
    limited = limits != field.limits
    declared = declared_type(definition, column, kind) if retyped else column.declared
    link, reference, match = change.link, None, None
    if isinstance(link, LinkTo):
        check_emptied(field.name, link, required=required)
        target, key = target_of(schema, link)
        match = plan_match(schema, field, link, change.by)
        kind, retyped, limited, declared = field.kind, False, False, column.declared
        if match is None and field.link is not None and field.link.on_delete == link.on_delete:
            link = None
        else:
            reference = reference_sql(target.name, key.name, link.on_delete)
        if match is not None:
            declared = linked_type(key, strict=is_strict(connection, table.name))
            default = None
    elif field.link is None and not rules.lost_link:
        link = None
    fit = None
    if retyped or limited or (change.renamed and match is None):
        fit = Fit(field.kind, kind, limits, change.renamed)
    if match is not None:
        pass
    elif change.default is not None and change.default != rules.default:
        default = default_literal(field.name, kind, change.default, limits)
    elif fit is not None and is_literal(default):
        typed = dict(change.renamed).get(rules.default, rules.default)
        default = default_literal(field.name, kind, typed, limits)
    without, extra, dropped = set[str](), list[str](), tuple[Clause, ...]()
    if required != rules.required:
        without |= {"NOT NULL", "NULL"}
        extra += ["NOT NULL"] if required else []
    if default != default_sql(connection, table, field):
        without.add("DEFAULT")
        extra += [f"DEFAULT {default}"] if default is not None else []
    if unique != rules.unique:
        without.add("UNIQUE")
        extra += ["UNIQUE"] if unique else []
    if match is not None:
        dropped = read_checks(column, kind_of(column.declared)).clauses
    if retyped or limited:
        if field.link is None:
            dropped = read_checks(column, kind_of(column.declared)).clauses
        extra += checks_sql(field.name, kind, limits)
    if link is not None:
        definition = without_rules(definition, column)
        without.add("REFERENCES")
        extra += [reference] if reference is not None else []
    fill = as_value(default) if change.fill and default is not None else None
    check_values(
        connection, table, field, change, fit, fill, match, told, required=required, unique=unique
    )
    settings = NO_SETTINGS
    if match is None:
        settings = settings_of(connection, table, field, kind, limits, change)
    if not (retyped or without or limited):
        return Planned(shape, fit, fill, settings)
    text = column_text(column, declared, without=without, extra=extra, dropped=dropped)
    after = with_column(definition, column, text)
    objects = shape.objects
    if match is not None and not unique and not has_index(connection, table.name, field.name):
        objects = (*objects, index_sql(connection, table.name, field.name)[1])
    if rules.unique and not unique:
        after, objects = without_unique(connection, table, field, after, objects)
    return Planned(Shape(after.sql, objects), fit, fill, settings, match)


def limits_for(
    connection: apsw.Connection, table: Table, field: Field, kind: Kind, change: ChangeField
) -> Limits:
    """Raises RuleBroken."""
    limits = change.limits
    if limits is None:
        numbers = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY)
        alike = any({kind, field.kind} <= set(each) for each in (CHOSEN, numbers))
        limits = field.limits if kind is field.kind or alike else NO_LIMITS
    if limits == field.limits and kind is field.kind:
        return limits  # another program's may be none that could be asked for
    if field.link is not None and (kind in CHOSEN or limits != NO_LIMITS):
        raise FieldFixed(field.name, "it is a link, and takes what it can point to.")
    if kind in CHOSEN and not limits.choices:
        return choices_there(connection, table, field, kind)
    if kind not in (*CHOSEN, *RANGED):
        return NO_LIMITS
    return check_new(field.name, kind, limits)


def settings_of(
    connection: apsw.Connection,
    table: Table,
    field: Field,
    kind: Kind,
    limits: Limits,
    change: ChangeField,
) -> Settings:
    """Choices keep their colours, also under another name, and money its currency."""
    currency = field.currency if change.currency is None else change.currency
    colours = dict(zip(field.limits.choices, field.colours, strict=False))
    colours |= {new: colours[old] for old, new in change.renamed if old in colours}
    if change.colours is not None:
        colours |= dict(zip(limits.choices, change.colours, strict=False))
    if (kind, limits, change.colours) == (field.kind, field.limits, None) and (
        currency == field.currency
    ):
        return find_settings(connection, table.name, field.name)
    return settings_for(limits.choices, colours, currency if kind is Kind.MONEY else "")


def with_column(definition: Definition, column: Column, text: str) -> Definition:
    columns = tuple(
        each._replace(text=text) if each is column else each for each in definition.columns
    )
    return definition._replace(columns=columns)


def without_unique(
    connection: apsw.Connection,
    table: Table,
    field: Field,
    definition: Definition,
    objects: tuple[str, ...],
) -> tuple[Definition, tuple[str, ...]]:
    """Without the table's own rules, and the indexes, that keep this field alone unique."""
    names = [each.name for each in table.fields]
    rules = tuple(
        rule
        for rule in definition.rules
        if not (rule.word == "UNIQUE" and rule_names(rule, names) == {field.name.lower()})
    )
    gone = {
        str(sql)
        for name in unique_indexes(connection, table).get(field.name, [])
        for (sql,) in rows_of(connection, "SELECT sql FROM sqlite_schema WHERE name = ?", (name,))
    }
    return definition._replace(rules=rules), tuple(sql for sql in objects if sql not in gone)


def declared_type(definition: Definition, column: Column, kind: Kind) -> str:
    """Raises FieldFixed."""
    if kind_of(column.declared) is (Kind.TEXT if kind in CHOSEN else kind):
        return column.declared  # a VARCHAR stays one
    return new_type(definition, column.name, kind)


def new_type(definition: Definition, field: str, kind: Kind) -> str:
    """Raises FieldFixed."""
    words = {token.word for token in tokens_of(definition.options)}
    if "STRICT" not in words:
        return kind.declared
    if kind not in STRICT_TYPES:
        raise FieldFixed(field, "its table is STRICT: it knows text, integer and decimal alone.")
    return STRICT_TYPES[kind]
