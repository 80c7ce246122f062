"""What a person types and what the file keeps: exact both ways, and never guessed."""

import math
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.store import Database, InsertRecord, Kind, ValueDoesNotFit, format_value, parse_value
from myapp.store.values import kind_of

Foreign = Callable[..., Database]


def back(kind: Kind, value: int | float | str) -> object:
    return parse_value("f", kind, format_value(kind, value))


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_come_back(number: int) -> None:
    assert back(Kind.INTEGER, number) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_decimals_come_back_to_the_last_bit(number: float) -> None:
    returned = back(Kind.DECIMAL, number)
    assert isinstance(returned, float) and returned == number
    assert math.copysign(1, returned) == math.copysign(1, number)


@given(st.dates())
def test_dates_come_back(day: date) -> None:
    assert back(Kind.DATE, day.isoformat()) == day.isoformat()


@given(st.datetimes())
def test_moments_come_back(moment: datetime) -> None:
    text = moment.isoformat(sep=" ")
    assert back(Kind.DATETIME, text) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_texts_come_back(text: str) -> None:
    assert back(Kind.TEXT, text) == text


@given(st.sampled_from(Kind), st.text(max_size=30))
def test_anything_typed_is_kept_or_refused_in_a_sentence(kind: Kind, text: str) -> None:
    try:
        value = parse_value("Price", kind, text)
    except ValueDoesNotFit as error:
        assert "“Price”" in error.sentence
    else:
        again = parse_value("Price", kind, format_value(kind, value))
        assert again == value or value is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.INTEGER, "9223372036854775808"),
        (Kind.INTEGER, "1,5"),
        (Kind.INTEGER, "1.5"),
        (Kind.INTEGER, "٣"),
        (Kind.DECIMAL, "1,5"),
        (Kind.DECIMAL, "nan"),
        (Kind.DECIMAL, "1e999"),
        (Kind.DECIMAL, "12345678901234567890"),
        (Kind.DECIMAL, "0.12345678901234567890"),
        (Kind.BOOLEAN, "perhaps"),
        (Kind.DATE, "31/12/2020"),
        (Kind.DATE, "2021-02-29"),
        (Kind.DATETIME, "noon"),
    ],
)
def test_what_would_be_a_guess_or_a_loss_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(ValueDoesNotFit):
        parse_value("f", kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.DECIMAL, " 0.10 ", 0.1),
        (Kind.DECIMAL, "100", 100),
        (Kind.BOOLEAN, "Yes", 1),
        (Kind.BOOLEAN, "0", 0),
        (Kind.ANY, "007", "007"),
        (Kind.ANY, "7", 7),
        (Kind.INTEGER, "  ", None),
        (Kind.TEXT, None, None),
    ],
)
def test_what_is_clear_is_taken(kind: Kind, text: str | None, value: object) -> None:
    assert parse_value("f", kind, text) == value


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("NVARCHAR(160)", Kind.TEXT),
        ("NUMERIC(10,2)", Kind.DECIMAL),
        ("DOUBLE PRECISION", Kind.DECIMAL),
        ("BIGINT", Kind.INTEGER),
        ("TIMESTAMP", Kind.DATETIME),
        ("date", Kind.DATE),
        ("bool", Kind.BOOLEAN),
        ("", Kind.ANY),
        ("VARBINARY(10)", Kind.BLOB),
    ],
)
def test_foreign_types_are_understood(declared: str, kind: Kind) -> None:
    assert kind_of(declared) is kind


def test_a_full_store_round_trip_keeps_a_large_number_exact(foreign: Foreign) -> None:
    database = foreign("CREATE TABLE t (n INTEGER)")
    made = database.apply(InsertRecord("t", {"n": "9007199254740993"}))
    assert made.id is not None
    assert database.record("t", made.id).values == (9007199254740993,)
