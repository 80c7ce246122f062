"""Groups of a view: counted and added up as SQLite finds them, each with a filter that finds it."""

from collections.abc import Callable

import pytest

from myapp.store import Database, Filter, Group, NoSuchField, Op, Query, Unit

from .conftest import raw

Foreign = Callable[..., Database]
SALES = (
    "CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO city VALUES (1, 'Oslo'), (2, 'Lima')",
    "CREATE TABLE sale (id INTEGER PRIMARY KEY, what TEXT, city INTEGER REFERENCES city (id),"
    " pieces INTEGER, price DECIMAL(9, 2), paid BOOLEAN, day DATE, picture BLOB)",
    "INSERT INTO sale VALUES (1, 'Tea', 1, 2, 1.5, 1, '2026-01-02', NULL),"
    " (2, 'tea', 2, 3, 2.25, 0, '2026-01-02', x'00ff'), (3, 'Éclair', 1, NULL, 4, 1, NULL, NULL),"
    " (4, '', NULL, 'many', NULL, NULL, '', NULL), (5, NULL, 9, -1, 0, 0, '2025-12-31', x'00ff')",
)


def told(groups: tuple[Group, ...]) -> list[tuple[object, ...]]:
    return [(group.label or group.value, group.records, *group.sums) for group in groups]


def test_groups_are_counted_and_their_numbers_added_up(foreign: Foreign) -> None:
    found = foreign(*SALES).groups(Query("sale"), "what")
    assert found.summed == ("pieces", "price")
    assert [str(group.value).lower() for group in found.groups] == ["tea", "none", "éclair"]
    assert [group.records for group in found.groups] == [2, 2, 1]
    assert [group.sums for group in found.groups] == [(5, 3.75), (-1, 0), (None, 4)]
    assert (found.records, found.sums, found.more) == (5, (4, 7.75), False)


@pytest.mark.parametrize("field", ["what", "city", "pieces", "price", "paid", "day", "picture"])
def test_values_that_rarely_repeat_are_grouped_alike(
    foreign: Foreign, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = foreign(*SALES)
    units: tuple[Unit | None, ...] = (None, "month") if field == "day" else (None,)
    asked = [("value", unit) for unit in units] + [("count", unit) for unit in units]
    usual = [sales.groups(Query("sale"), field, (), order, unit) for order, unit in asked]
    monkeypatch.setattr("myapp.store.grouping.LOOKED_AT", 0)
    for (order, unit), found in zip(asked, usual, strict=True):
        assert sales.groups(Query("sale"), field, (), order, unit) == found


def test_groups_come_in_the_order_of_their_values_with_links_by_name(foreign: Foreign) -> None:
    found = foreign(*SALES).groups(Query("sale"), "city", ("price",), "value")
    assert found.summed == ("pieces",)
    assert told(found.groups) == [("Lima", 1, 3), ("Oslo", 2, 2), (None, 1, None), (9, 1, -1)]


@pytest.mark.parametrize("field", ["id", "what", "city", "pieces", "price", "paid", "day"])
def test_a_groups_filter_finds_as_many_records_as_it_counts(foreign: Foreign, field: str) -> None:
    sales = foreign(*SALES)
    view = Query("sale", filters=(Filter("id", Op.LT, "5"),))
    groups = sales.groups(view, field).groups
    assert sum(group.records for group in groups) == 4
    for group in groups:
        assert group.filter is not None
        assert sales.count(view._replace(filters=(*view.filters, group.filter))) == group.records


def test_links_of_one_name_are_told_apart_by_their_keys(foreign: Foreign) -> None:
    sales = foreign(*SALES, "UPDATE city SET name = 'oslo'")
    found = sales.groups(Query("sale"), "city").groups
    assert [group.filter for group in found if group.label] == [
        Filter("city", Op.IS, "1"),
        Filter("city", Op.IS, "2"),
    ]


def test_pictures_and_blanks_around_a_text_have_no_filter(foreign: Foreign) -> None:
    sales = foreign(*SALES, "UPDATE sale SET what = ' tea ' WHERE id = 1")
    assert {g.filter for g in sales.groups(Query("sale"), "picture").groups if g.value} == {None}
    spaced = [g for g in sales.groups(Query("sale"), "what").groups if g.value == " tea "]
    assert [group.filter for group in spaced] == [None]


def test_a_search_and_filters_narrow_what_is_grouped(foreign: Foreign) -> None:
    sales = foreign(*SALES)
    assert sales.groups(Query("sale", search="tea"), "paid").records == 2
    nothing = sales.groups(Query("sale", search="nobody"), "paid")
    assert (nothing.groups, nothing.records, nothing.sums) == ((), 0, (None, None))
    with pytest.raises(NoSuchField):
        sales.groups(Query("sale"), "gone")


def test_only_the_first_thousand_groups_come(foreign: Foreign) -> None:
    many = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)",
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1500)"
        " INSERT INTO t SELECT i, min(i, 1400) FROM c",
    )
    found = many.groups(Query("t"), "n")
    assert (len(found.groups), found.records, found.more) == (1000, 1500, True)
    assert found.groups[0] == Group(1400, None, 101, (), Filter("n", Op.IS, "1400"))


def test_a_sum_beyond_64_bits_is_a_decimal(foreign: Foreign) -> None:
    huge = foreign("CREATE TABLE t (a TEXT, n INTEGER)")
    raw(huge.path, f"INSERT INTO t VALUES ('x', {2**63 - 1}), ('x', {2**63 - 1})")
    assert huge.groups(Query("t"), "a").sums == (float(2**64),)


def test_views_without_keys_are_grouped_too(foreign: Foreign) -> None:
    sales = foreign(*SALES, "CREATE VIEW paid AS SELECT what, pieces FROM sale WHERE paid")
    assert told(sales.groups(Query("paid"), "what", (), "value").groups) == [
        ("Éclair", 1, None),
        ("Tea", 1, 2),
    ]
