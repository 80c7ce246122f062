"""Dates in groups of a day, week, month, quarter or year, each with a filter that finds it."""

from collections.abc import Callable

import pytest

from myapp.store import Database, Filter, FilterGroup, Op, Period, Query, Unit

Foreign = Callable[..., Database]
VISITS = (
    "CREATE TABLE visit (id INTEGER PRIMARY KEY, day DATE, moment DATETIME, cost INTEGER)",
    "INSERT INTO visit VALUES (1, '2025-12-29', '2025-12-29 23:59:59', 1),"
    " (2, '2026-01-04', '2026-01-04T00:00', 2), (3, '2026-01-05', '2026-01-05 08:00:00.5', 4),"
    " (4, '2024-02-29', '2024-02-29 10:00:00+02:00', 8), (5, NULL, '', 16),"
    " (6, '9999-12-31', '0001-01-01', 32), (7, '2026-06-30', '2026-07-01', 64)",
)
MISFITS = (
    "INSERT INTO visit VALUES (10, '31.12.2025', '2026-01-05 noon', 100),"
    " (11, '2026-02-30', 1767571200, 100), (12, '2026-01', '2026-01-1x', 100),"
    " (13, x'323032362d30312d3035', '2026-13-01', 100), (14, 2460000.5, 'now', 100),"
    " (15, '0000-05-05', '2026-01-05 25:00', 100)",
)


def groups(found: Database, field: str, unit: Unit) -> dict[object, int]:
    return {
        each.period.first if each.period else each.value: each.records
        for each in found.groups(Query("visit"), field, (), "value", unit).groups
    }


def test_dates_are_grouped_by_the_periods_of_the_calendar(foreign: Foreign) -> None:
    visits = foreign(*VISITS)
    assert groups(visits, "day", Unit.YEAR) == {
        "2024-01-01": 1,
        "2025-01-01": 1,
        "2026-01-01": 3,
        "9999-01-01": 1,
        None: 1,
    }
    assert list(groups(visits, "day", Unit.QUARTER)) == [
        "2024-01-01",
        "2025-10-01",
        "2026-01-01",
        "2026-04-01",
        "9999-10-01",
        None,
    ]
    assert groups(visits, "day", Unit.MONTH)["2026-01-01"] == 2
    # The week of the 29th of December 2025 goes on to the 4th of January.
    weeks = groups(visits, "day", Unit.WEEK)
    assert (weeks["2025-12-29"], weeks["2026-01-05"], weeks["9999-12-27"]) == (2, 1, 1)
    assert groups(visits, "moment", Unit.DAY)["2025-12-29"] == 1
    assert groups(visits, "moment", Unit.QUARTER)["2026-07-01"] == 1


@pytest.mark.parametrize(
    ("unit", "first", "last"),
    [
        (Unit.DAY, "2024-02-29", "2024-02-29"),
        (Unit.WEEK, "2024-02-26", "2024-03-03"),
        (Unit.MONTH, "2024-02-01", "2024-02-29"),
        (Unit.QUARTER, "2024-01-01", "2024-03-31"),
        (Unit.YEAR, "2024-01-01", "2024-12-31"),
    ],
)
def test_a_period_says_where_it_ends(foreign: Foreign, unit: Unit, first: str, last: str) -> None:
    found = foreign(*VISITS).groups(Query("visit"), "day", (), "value", unit).groups[0]
    assert found.period == Period(unit, first, last)
    assert found.sums == (8,)
    between = (Filter("day", Op.GTE, first), Filter("day", Op.LTE, last))
    assert found.filter == (
        Filter("day", Op.IS, first) if unit is Unit.DAY else FilterGroup(between, any=False)
    )


@pytest.mark.parametrize("misfits", [False, True])
@pytest.mark.parametrize("field", ["day", "moment"])
@pytest.mark.parametrize("unit", list(Unit))
def test_a_periods_filter_finds_as_many_records_as_it_counts(
    foreign: Foreign, unit: Unit, field: str, misfits: bool
) -> None:
    visits = foreign(*VISITS, *(MISFITS if misfits else ()))
    found = visits.groups(Query("visit"), field, (), "count", unit)
    assert sum(group.records for group in found.groups) == found.records
    for group in found.groups:
        assert group.filter is not None
        assert visits.count(Query("visit", filters=(group.filter,))) == group.records


def test_what_is_no_date_is_a_group_of_its_own_that_a_filter_finds(foreign: Foreign) -> None:
    visits = foreign(*VISITS, *MISFITS)
    for field in ("day", "moment"):
        *dates, misfit, empty = visits.groups(Query("visit"), field, (), "value", Unit.DAY).groups
        assert all(group.period for group in dates)
        assert (misfit.period, misfit.records, misfit.sums) == (None, 6, (600,))
        assert misfit.filter == Filter(field, Op.NOT_DATE)
        assert misfit.value is not None
        assert (empty.value, empty.records, empty.filter) == (None, 1, Filter(field, Op.EMPTY))
        assert visits.count(Query("visit", filters=(Filter(field, Op.IS_DATE),))) == 6


def test_only_dates_have_periods(foreign: Foreign) -> None:
    found = foreign(*VISITS).groups(Query("visit"), "cost", (), "value", Unit.YEAR)
    assert [group.period for group in found.groups] == [None] * 7
