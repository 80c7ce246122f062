"""Put the records of a view into groups by one field: counted, and their numbers added up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import apsw

from .connection import row_of, rows_of
from .periods import MISFIT, period_filter, period_of, period_sql
from .query import Filter, Group, Groups, Op, Query, Sum, Unit
from .reading import fetch_titles, shown
from .schema import NO_NAME, OWN_PREFIX, Field, Schema, Table, quote
from .selection import DATES, NUMBERS, select_for, sort_key
from .values import Kind, Shown, format_value

Order = Literal["count", "value"]
Add = Literal["sum", "total"]
"""How SQLite adds up: `sum` keeps whole numbers whole and refuses what does not fit 64 bits."""

MOST_GROUPS = 1_000
MOST_SUMS = 30
LONG_TEXT = 500
LOOKED_AT = 1_000
"""Records that tell whether a field's values repeat."""

PART = f"{OWN_PREFIX}part"


def group_records(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    query: Query,
    by: str,
    hidden: Sequence[str],
    order: Order,
    unit: Unit | None = None,
) -> Groups:
    """The first MOST_GROUPS groups, of dates by `unit`. Raises NoSuchField."""
    field = table.field(by)
    summed = tuple(
        each
        for each in table.fields
        if each.kind in NUMBERS
        and each.link is None
        and not each.automatic
        and each.name not in (field.name, *hidden)
    )[:MOST_SUMS]
    try:
        return run(connection, schema, table, query, field, summed, order, "sum", unit)
    except apsw.SQLError as error:
        if "integer overflow" not in str(error):
            raise
        return run(connection, schema, table, query, field, summed, order, "total", unit)


def run(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    query: Query,
    field: Field,
    summed: tuple[Field, ...],
    order: Order,
    add: Add,
    unit: Unit | None,
) -> Groups:
    if field.kind not in DATES or field.link is not None:
        unit = None
    selection = select_for(schema, table, query)
    source = f"FROM {quote(table.name)} AS t{selection.where}"
    column = f"t.{quote(field.name)}"
    # What the filters "is" and "is empty" take for the same is one group.
    key = period_sql(column, unit) if unit else f"nullif({column}, '') COLLATE NOCASE"
    value = value_sql(f"min({column})" if unit else column)
    sums = "".join(f", {sum_sql(each, add)}" for each in summed)
    grouped, counted, added = source, "count(*)", sums
    if repeats(connection, table, column):
        parts = "".join(f", {sum_sql(each, add)} AS {PART}{n}" for n, each in enumerate(summed))
        grouped = (
            f"FROM (SELECT {column} AS {quote(field.name)}, count(*) AS {PART}{parts} {source}"
            f" GROUP BY {column} COLLATE BINARY) AS t"
        )
        counted = f"sum(t.{PART})"
        added = "".join(f", {add}(t.{PART}{n})" for n in range(len(summed)))
    by_value = "2" if unit else f"{sort_key(schema, table, field)} COLLATE NOCASE"
    first = "3 DESC, " if order == "count" else ""
    rows = list(
        rows_of(
            connection,
            f"SELECT {value}, {key if unit else 'NULL'}, {counted}{added} {grouped}"
            f" GROUP BY {'2' if unit else key}"
            f" ORDER BY {first}{by_value} NULLS LAST LIMIT {MOST_GROUPS + 1}",
            selection.parameters,
        )
    )
    more = len(rows) > MOST_GROUPS
    rows = rows[:MOST_GROUPS]
    total, *totals = (
        row_of(connection, f"SELECT count(*){sums} {source}", selection.parameters)
        if more
        else added_up([row[2:] for row in rows], len(summed) + 1)
    )
    values = [shown(row[0]) for row in rows]
    titles: dict[Shown, str] = {}
    if field.link is not None:
        wanted = {value for value in values if isinstance(value, int | str)}
        position = table.position_of(field.name)
        titles = fetch_titles(connection, schema, table, position, wanted)
    periods = [
        period_of(row[1], unit) if unit and row[1] not in (None, MISFIT) else None for row in rows
    ]
    misfits = more or any(row[1] == MISFIT for row in rows)
    told_apart = not more and len({each.casefold() for each in titles.values()}) == len(titles)
    return Groups(
        tuple(each.name for each in summed),
        tuple(
            Group(
                value,
                titles.get(value),
                count,
                in_whole(summed, added),
                period_filter(field.name, period, misfits=misfits)
                if period
                else Filter(field.name, Op.NOT_DATE)
                if key == MISFIT
                else filter_for(field, value, titles.get(value) if told_apart else None),
                period,
            )
            for value, period, (_, key, count, *added) in zip(values, periods, rows, strict=True)
        ),
        int(total or 0),
        in_whole(summed, totals),
        more,
    )


def repeats(connection: apsw.Connection, table: Table, column: str) -> bool:
    """Whether the same values come again and again. To group equal ones first is quicker then:
    bytes are compared sooner than texts without case, and a period is found once a day. Where
    nearly every value is another one it takes longer."""
    if table.type != "table":
        return False
    (different,) = row_of(
        connection,
        f"SELECT count(DISTINCT value) FROM"
        f" (SELECT {column} AS value FROM {quote(table.name)} AS t LIMIT {LOOKED_AT})",
    )
    return int(different) < LOOKED_AT * 3 // 4


def added_up(rows: Sequence[tuple[int | float | None, ...]], columns: int) -> list[Any]:
    """Each column's sum as SQLite has it: nothing where no row has a number."""
    columns_of = [[row[n] for row in rows] for n in range(columns)]
    numbers = [[each for each in column if each is not None] for column in columns_of]
    return [sum(each) if each else None for each in numbers]


def value_sql(column: str) -> str:
    """As in a window: blobs measured, and long texts cut."""
    return (
        f"CASE WHEN typeof({column}) = 'blob' THEN CAST('b' || octet_length({column}) AS BLOB)"
        f" WHEN length({column}) > {LONG_TEXT} THEN CAST('t' || length({column}) || ':'"
        f" || substr({column}, 1, {LONG_TEXT}) AS BLOB) ELSE nullif({column}, '') END"
    )


def sum_sql(field: Field, add: Add) -> str:
    column = f"t.{quote(field.name)}"
    number = f"CASE WHEN typeof({column}) IN ('integer', 'real') THEN {column} END"
    if field.kind is Kind.MONEY:
        # Cents add up as whole numbers; adding doubles would lose some of them.
        number = f"CAST(round({number} * 100) AS INTEGER)"
    return f"{add}({number})"


def in_whole(summed: Sequence[Field], added: Sequence[Any]) -> tuple[Sum, ...]:
    """Sums of money from cents."""
    return tuple(
        Decimal(repr(each)) / 100 if field.kind is Kind.MONEY and each is not None else each
        for field, each in zip(summed, added, strict=True)
    )


def filter_for(field: Field, value: Shown, title: str | None) -> Filter | None:
    """What finds the records of this group alone, a link by its `title`."""
    if value is None:
        return Filter(field.name, Op.EMPTY)
    if not isinstance(value, int | float | str) or field.kind is Kind.CHOICES:
        return None  # a filter finds one choice among several
    # What stands for a title that is empty is no name that a filter could find.
    text = title if title and title != f"{NO_NAME}{value}" else format_value(field.kind, value)
    # A filter loses the blanks around its value.
    return Filter(field.name, Op.IS, text) if text and text == text.strip() else None
