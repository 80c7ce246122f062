"""A scanned code finds the records that hold exactly it."""

from pathlib import Path

import apsw
import pytest

from myapp.store import Database, Kind, code_field, open_database


@pytest.fixture
def shop(tmp_path: Path) -> Database:
    path = tmp_path / "shop.sqlite"
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, ean TEXT, number INTEGER);"
        "INSERT INTO item VALUES (1, 'Tea', '4006381333931', NULL), (2, 'Milk', NULL, 36000291452),"
        " (3, 'Case of 4006381333931', '', NULL), (4, 'a', 'Ab-1', 5), (5, 'b', 'Ab-1', 6);"
        "CREATE TABLE sale (id INTEGER PRIMARY KEY, item TEXT REFERENCES item (ean));"
        "INSERT INTO sale VALUES (77, '4006381333931');"
        "CREATE VIEW cheap AS SELECT name, ean FROM item;"
    )
    connection.close()
    return open_database(path)


@pytest.mark.parametrize(
    ("code", "ids"),
    [
        ("4006381333931", ["1"]),
        ("036000291452", ["2"]),
        ("0036000291452", ["2"]),
        ("Ab-1", ["4", "5"]),
        ("ab-1", []),
        ("400638133393", []),
        ("' OR 1 --", []),
        ("", []),
    ],
)
def test_a_field_must_hold_exactly_the_code_but_for_its_first_zeros(
    shop: Database, code: str, ids: list[str]
) -> None:
    assert shop.find_code("item", code, 9) == ids
    shop.close()


def test_links_and_views_without_keys_are_not_looked_at(shop: Database) -> None:
    assert shop.find_code("sale", "4006381333931", 2) == []
    assert shop.find_code("cheap", "4006381333931", 2) == []
    shop.close()


def test_the_field_for_codes_is_told_by_its_name(shop: Database) -> None:
    field = code_field(shop.table("item"))
    assert field is not None
    assert (field.name, field.kind) == ("ean", Kind.TEXT)
    assert code_field(shop.table("sale")) is None
    shop.close()
