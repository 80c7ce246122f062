"""What a value becomes when its field gets another type, and which values do not fit it."""

from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import NamedTuple

import apsw

from .connection import row_of
from .errors import ValueDoesNotFit
from .hearing import Told
from .query import RecordId
from .schema import Field, Table, quote
from .values import CHOSEN, NO_LIMITS, Kind, Limits, Value, format_value, parse_value

LOOKED_AT = 20_000
"""Records that are looked at between two words on how far it is."""


class Fit(NamedTuple):
    """From one kind to another, or to other limits; `renamed` are choices, old and new."""

    old: Kind
    new: Kind
    limits: Limits = NO_LIMITS
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def is_bare(self) -> bool:
        return self.limits == NO_LIMITS and not self.renamed


def fitted(field: str, fit: Fit, value: Value) -> Value:
    """Raises ValueDoesNotFit."""
    old, new, limits, _ = fit
    if value is None or new in (Kind.ANY, Kind.BLOB) or (old is new and fit.is_bare):
        return value
    if isinstance(value, bytes):
        if old is new:
            return value
        raise ValueDoesNotFit(field, f"{len(value):,} bytes", "something to read")
    if new in CHOSEN:
        return chosen(field, fit, value)
    if new in (Kind.TEXT, Kind.LONG):
        return format_value(old, value)
    if old is new and limits != NO_LIMITS:
        from .special import check_limits

        return check_limits(field, new, limits, value)
    if new is Kind.MONEY and isinstance(value, float):
        from .special import cents_of

        value = value if (amount := cents_of(value)) is None else amount
    if new is Kind.INTEGER and isinstance(value, float) and value.is_integer():
        return parse_value(field, new, str(int(value)), limits)
    if new in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY) and isinstance(value, int | float):
        return parse_value(field, new, repr(value), limits)
    if new is Kind.DATE and old is Kind.DATETIME and isinstance(value, str):
        return parse_value(field, new, day_of(field, value), limits)
    return parse_value(field, new, format_value(old, value), limits)


def chosen(field: str, fit: Fit, value: int | float | str) -> Value:
    from .special import array_of, split_choices

    renamed, text = dict(fit.renamed), format_value(fit.old, value)
    if fit.new is Kind.CHOICE:
        return parse_value(field, fit.new, renamed.get(text, text), fit.limits)
    # A choice among others has no comma, but one alone may have had some.
    parts = [text]
    if fit.old is not Kind.CHOICE:
        parts = split_choices(str(value) if fit.old is Kind.CHOICES else text)
    several = array_of([renamed.get(each, each) for each in parts])
    return parse_value(field, fit.new, several, fit.limits)


def day_of(field: str, text: str) -> str:
    """The day of a moment, where no time is lost."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.time() != time():
        raise ValueDoesNotFit(field, text, "a date without a time")
    return moment.date().isoformat()


WRITTEN_OTHERWISE = (Kind.BOOLEAN, Kind.MONEY, Kind.CHOICES)
"""Kinds whose values are not shown as they are kept."""


NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY)
CHOSEN_FROM = (Kind.TEXT, Kind.CHOICE)


def fit_functions(connection: apsw.Connection, field: str, how: Fit) -> None:
    """Give SQL `myapp_fits(value)`, 0 or 1, and `myapp_fit(value)`, NULL where it does not."""

    def fits(*values: Value) -> int:
        try:
            fitted(field, how, values[0])
        except ValueDoesNotFit:
            return 0
        return 1

    def fit(*values: Value) -> Value:
        try:
            return fitted(field, how, values[0])
        except ValueDoesNotFit:
            return None

    functions: tuple[tuple[str, Callable[..., Value]], ...] = (
        ("myapp_fits", fits),
        ("myapp_fit", fit),
    )
    for name, function in functions:
        connection.create_scalar_function(
            name, function, 1, deterministic=True, flags=apsw.SQLITE_DIRECTONLY
        )


def fit_sql(value: str, how: Fit) -> tuple[str, str]:
    """SQL of whether a value fits, and of what it becomes, with those functions in place.

    They are Python's, and slow: the usual numbers and texts pass without them, ten times quicker.
    """
    plain, easy = stays_sql(value, how)
    if plain != "0":
        pass
    elif not how.is_bare:
        return f"myapp_fits({value})", f"myapp_fit({value})"
    elif how.new in (Kind.INTEGER, Kind.DECIMAL):
        plain = f"length({value}) < 19 AND CAST(CAST({value} AS INTEGER) AS TEXT) IS {value}"
        easy = f"CAST({value} AS INTEGER)"
    elif how.new in (Kind.TEXT, Kind.LONG) and how.old not in WRITTEN_OTHERWISE:
        plain = f"typeof({value}) IN ('text', 'integer')"
        easy = f"CAST({value} AS TEXT)"
    if plain == "0":
        return f"myapp_fits({value})", f"myapp_fit({value})"
    return (
        f"CASE WHEN {plain} THEN 1 ELSE myapp_fits({value}) END",
        f"CASE WHEN {plain} THEN {easy} ELSE myapp_fit({value}) END",
    )


def stays_sql(value: str, how: Fit) -> tuple[str, str]:
    """SQL of whether a value is right as it stands, and of it: nearly all are, where a type or a
    rule gets narrower."""
    old, new, limits, renamed = how
    rules: list[str] = []
    easy = value
    if old in NUMBERS and new in NUMBERS and (old is not new or limits != NO_LIMITS):
        types = "'integer'" if new is Kind.INTEGER else "'integer', 'real'"
        rules = [f"typeof({value}) IN ({types})", f"{value} - {value} = 0"]
        if new is Kind.MONEY:
            whole = f"CAST({value} AS INTEGER)"
            easy = f"CASE {value} WHEN {whole} THEN {whole} ELSE {value} END"
    elif new is Kind.CHOICE and old in CHOSEN_FROM and not renamed and limits.choices:
        rules = [f"typeof({value}) = 'text'"]
        value = f"{value} COLLATE BINARY"
    elif old is new and new in (Kind.DATE, Kind.DATETIME) and limits != NO_LIMITS:
        rules = [f"typeof({value}) = 'text'"]
    if not rules:
        return "0", value
    from .checks import rules_sql

    return " AND ".join([*rules, *(f"({each})" for each in rules_sql(value, new, limits))]), easy


def find_misfits(
    connection: apsw.Connection, table: Table, field: Field, how: Fit, told: Told | None = None
) -> tuple[int, str | None]:
    """How many values do not fit, and one of them with its record, in words. `told` hears how many
    records were looked at."""
    fit_functions(connection, field.name, how)
    column, name = quote(field.name), quote(table.name)
    fits, _ = fit_sql(column, how)
    unfit = f"{column} IS NOT NULL AND NOT ({fits})"
    count = 0
    for where, bounds in stretches(connection, table, told):
        sql = f"SELECT count(*) FROM {name} WHERE {unfit}{where}"
        count += int(row_of(connection, sql, bounds)[0])
    if not count:
        return 0, None
    value = row_of(connection, f"SELECT {column} FROM {name} WHERE {unfit} LIMIT 1")[0]
    return count, f"{shown(value)} in {first_record(connection, table, unfit)}"


def stretches(
    connection: apsw.Connection, table: Table, told: Told | None
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Conditions that take a table's records piece by piece, where somebody hears how far it is."""
    if told is None or table.rowid is None:
        yield "", ()
        return
    name, rowid = quote(table.name), table.rowid
    total = int(row_of(connection, f"SELECT count(*) FROM {name}")[0])
    done, last = 0, None
    told(0, total)
    while done < total:
        after = "" if last is None else f" WHERE {rowid} > {last}"
        count, end = row_of(
            connection,
            f"SELECT count(*), max(r) FROM (SELECT {rowid} AS r FROM {name}{after}"
            f" ORDER BY {rowid} LIMIT {LOOKED_AT})",
        )
        if end is None:
            return
        start = "" if last is None else f" AND {rowid} > {last}"
        yield f"{start} AND {rowid} <= ?", (end,)
        last = int(end)
        done += int(count)
        told(done, total)


def shown(value: Value) -> str:
    text = f"{len(value):,} bytes" if isinstance(value, bytes) else str(value)
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"


def first_record(connection: apsw.Connection, table: Table, condition: str) -> RecordId:
    """The first record that meets a condition, in words."""
    columns = [table.rowid] if table.rowid else [quote(name) for name in table.key]
    found = connection.execute(
        f"SELECT {', '.join(columns)} FROM {quote(table.name)} WHERE {condition} LIMIT 1"
    ).fetchone()
    return "record " + ", ".join(str(each) for each in found or ())
