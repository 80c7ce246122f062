"""What people of different countries type, taken where it can mean one thing only."""

from collections.abc import Callable

import pytest

from myapp.store import Database, Kind, RecordValues, UpdateRecord, UpdateRecords
from myapp.store.errors import ValueDoesNotFit
from myapp.store.national import plainly

Foreign = Callable[..., Database]


@pytest.mark.parametrize(
    ("kind", "text", "plain"),
    [
        (Kind.DECIMAL, "1,5", "1.5"),
        (Kind.DECIMAL, "-1,50", "-1.50"),
        (Kind.DECIMAL, "0,125", "0.125"),
        (Kind.DECIMAL, "1234,567", "1234.567"),
        (Kind.DECIMAL, "1.234,5", "1234.5"),
        (Kind.DECIMAL, "1,234.5", "1234.5"),
        (Kind.DECIMAL, "1 234,567", "1234.567"),
        (Kind.DECIMAL, "1’234.5", "1234.5"),
        (Kind.DECIMAL, "1\u202f234", "1234"),
        (Kind.INTEGER, "1.234.567", "1234567"),
        (Kind.INTEGER, "1,234,567", "1234567"),
        (Kind.MONEY, "12,50 €", "12.50 €"),
        (Kind.MONEY, "€ 1.234,56", "€ 1234.56"),
        (Kind.MONEY, "-1 234,56 kr", "-1234.56 kr"),
        (Kind.DATE, "31.12.2026", "2026-12-31"),
        (Kind.DATE, "1. 2. 2026", "2026-02-01"),
        (Kind.DATE, "31/12/2026", "2026-12-31"),
        (Kind.DATE, "12/31/2026", "2026-12-31"),
        (Kind.DATE, "5/5/2026", "2026-05-05"),
        (Kind.DATE, "2026/3/31", "2026-03-31"),
        (Kind.DATE, "2026-3-1", "2026-03-01"),
        (Kind.DATETIME, "31.12.2026, 14:30", "2026-12-31 14:30"),
        (Kind.DATETIME, "31.12.2026 9:05:10", "2026-12-31 09:05:10"),
        (Kind.DATETIME, "2026-12-31 9:05", "2026-12-31 09:05"),
        (Kind.DATETIME, "2026-2-3 9:05", "2026-02-03 09:05"),
        (Kind.DATETIME, "2026-12-31T09:05", "2026-12-31T09:05"),
    ],
)
def test_what_is_clear_is_written_plainly(kind: Kind, text: str, plain: str) -> None:
    assert plainly(kind, text) == plain


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.DECIMAL, "1,500"),
        (Kind.DECIMAL, "1.500"),
        (Kind.DECIMAL, "12,345,67"),
        (Kind.DECIMAL, "1.23,4"),
        (Kind.DECIMAL, "1e5"),
        (Kind.MONEY, "1,500"),
        (Kind.DATE, "1/2/2026"),
        (Kind.DATE, "1.2.26"),
        (Kind.DATE, "1.2.20261"),
        (Kind.DATE, "2026/3.1"),
        (Kind.TEXT, "1,5"),
        (Kind.TEXT, "31.12.2026"),
        (Kind.ANY, "1,5"),
    ],
)
def test_what_could_mean_two_things_stays_as_it_is(kind: Kind, text: str) -> None:
    assert plainly(kind, text) == text


def test_a_record_takes_what_is_typed_as_it_is_written_at_home(foreign: Foreign) -> None:
    stock = foreign(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, weight REAL, bought DATE, count INTEGER)",
        "INSERT INTO item (id) VALUES (1)",
    )
    pasted = {"weight": "1,5", "bought": "31.12.1999"}
    stock.apply(UpdateRecords("item", (RecordValues("1", pasted),)))
    stock.apply(UpdateRecord("item", "1", {"count": "1.234.567"}))
    record = stock.record("item", "1")
    assert record.values[1:] == (1.5, "1999-12-31", 1234567)
    for field, text in {"weight": "1,500", "bought": "1/2/1999", "count": "1,5"}.items():
        with pytest.raises(ValueDoesNotFit, match=field):
            stock.apply(UpdateRecord("item", "1", {field: text}))
    assert stock.record("item", "1").values == record.values


@pytest.mark.parametrize("text", ["1.500", "€ 12.340", "-1.500 kr"])
def test_an_amount_that_could_be_in_thousands_is_refused(foreign: Foreign, text: str) -> None:
    shop = foreign(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, price MONEY)",
        "INSERT INTO item (id) VALUES (1)",
    )
    with pytest.raises(ValueDoesNotFit, match="in thousands"):
        shop.apply(UpdateRecord("item", "1", {"price": text}))
    shop.apply(UpdateRecord("item", "1", {"price": "1.50"}))
    shop.apply(UpdateRecord("item", "1", {"price": "0.500"}))
    assert shop.record("item", "1").values[1] == 0.5
