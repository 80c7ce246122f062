"""A field's default value, between what a person types and SQL. Asks no database."""

from .definition import tokens_of
from .national import plainly
from .values import NO_LIMITS, Kind, Limits, Value, format_value, parse_value

TODAY, NOW = "(date('now', 'localtime'))", "(datetime('now', 'localtime'))"
"""Defaults that SQLite computes when a record is added."""

MOMENTS = {
    Kind.DATE: {"today": TODAY},
    Kind.DATETIME: {"now": NOW},
}


def default_literal(field: str, kind: Kind, typed: str, limits: Limits = NO_LIMITS) -> str | None:
    """SQL of a default value as typed. Raises ValueDoesNotFit."""
    if not typed:
        return None
    moment = MOMENTS.get(kind, {}).get(typed.strip().lower())
    if moment is not None:
        return moment
    return literal(parse_value(field, kind, plainly(kind, typed), limits))


def literal(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def typed_default(kind: Kind, sql: str | None) -> str:
    """What an input shows for a default value; an expression as SQL."""
    if sql is None or sql.upper() == "NULL":
        return ""
    for typed, moment in MOMENTS.get(kind, {}).items():
        if sql.strip("()") == moment.strip("()"):
            return typed
    tokens = tokens_of(sql)
    if is_text(sql) and tokens[0].name is not None:
        return format_value(kind, tokens[0].name)
    try:
        return format_value(kind, int(sql))
    except ValueError:
        pass
    try:
        return format_value(kind, float(sql)) if kind is Kind.MONEY else sql
    except ValueError:
        return sql


def is_text(sql: str) -> bool:
    """SQLite takes a default in double quotes for a text."""
    tokens = tokens_of(sql)
    return (
        len(tokens) == 1 and tokens[0].kind in ("string", "quoted") and tokens[0].name is not None
    )


def is_literal(sql: str | None) -> bool:
    """Whether it is a plain number or text, and no expression."""
    return sql is not None and (is_text(sql) or sql.lstrip("+-").replace(".", "", 1).isdigit())


def as_value(sql: str) -> str:
    """A default as an expression of a query, where double quotes would name a field."""
    return literal(tokens_of(sql)[0].name) or "NULL" if is_text(sql) else sql
