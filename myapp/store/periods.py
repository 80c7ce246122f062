"""Days, weeks, months, quarters and years: which one a date lies in, and where each ends.

Weeks begin on Monday and are numbered as ISO 8601 has it. Runs nothing.
"""

from datetime import date, timedelta

from .query import Condition, Filter, FilterGroup, Op, Period, Unit
from .selection import dated_sql

MISFIT = "x"
"""The key of what is no date: it comes after every date."""


def period_sql(column: str, unit: Unit) -> str:
    """The first day of the period of `column`; MISFIT for what is no date, NULL for no value."""
    day, month = f"substr({column}, 1, 10)", f"CAST(substr({column}, 6, 2) AS INTEGER)"
    first = {
        Unit.DAY: day,
        Unit.WEEK: f"date({day}, '-6 days', 'weekday 1')",
        Unit.MONTH: f"substr({column}, 1, 7) || '-01'",
        Unit.QUARTER: f"substr({column}, 1, 5)"
        f" || substr('01040710', (({month} - 1) / 3) * 2 + 1, 2) || '-01'",
        Unit.YEAR: f"substr({column}, 1, 4) || '-01-01'",
    }[unit]
    return (
        f"CASE WHEN {column} IS NULL OR {column} = '' THEN NULL"
        f" WHEN {dated_sql(column)} THEN {first} ELSE '{MISFIT}' END"
    )


def period_of(first: str, unit: Unit) -> Period:
    """The period that begins on the day `first`."""
    begin = date.fromisoformat(first)
    if unit is Unit.DAY:
        return Period(unit, first, first)
    if unit is Unit.WEEK:
        last = begin + min(timedelta(days=6), date.max - begin)
    else:
        months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}[unit]
        after = begin.month - 1 + months
        year, month = begin.year + after // 12, after % 12 + 1
        last = date.max if year > date.max.year else date(year, month, 1) - timedelta(days=1)
    return Period(unit, first, last.isoformat())


def period_filter(field: str, period: Period, *, misfits: bool) -> Condition:
    """What finds the dates of a period alone; `misfits` says that the field may hold others."""
    if period.unit is Unit.DAY:
        found: tuple[Filter, ...] = (Filter(field, Op.IS, period.first),)
    else:
        found = (Filter(field, Op.GTE, period.first), Filter(field, Op.LTE, period.last))
    if misfits:
        found += (Filter(field, Op.IS_DATE),)
    return found[0] if len(found) == 1 else FilterGroup(found, any=False)
