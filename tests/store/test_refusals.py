"""Why a record cannot be written as it was typed: every field that does not fit, at once."""

from collections.abc import Callable

import pytest

from myapp.store import Database, InsertRecord, UpdateRecord

MADE = (
    "CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO city VALUES (1, 'Basel')",
    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, code TEXT UNIQUE"
    " COLLATE NOCASE, born DATE, height INTEGER, city INTEGER REFERENCES city, boss INTEGER"
    " REFERENCES person, room TEXT, bed INTEGER DEFAULT 1, kind TEXT NOT NULL DEFAULT 'guest',"
    " UNIQUE (room, bed))",
    "INSERT INTO person (id, name, code, room, bed) VALUES (1, 'Ann', 'a', 'north', 1),"
    " (2, 'Ben', 'b', 'north', 2)",
)
Made = Callable[..., Database]


def told(opened: Database, change: InsertRecord | UpdateRecord) -> dict[str | None, str]:
    return {getattr(each, "field", None): each.sentence for each in opened.refusals(change)}


def test_every_field_that_does_not_fit_is_told(foreign: Made) -> None:
    opened = foreign(*MADE)
    typed = {
        "name": None,
        "code": "A",
        "born": "soon",
        "height": "tall",
        "city": "9",
        "boss": "Ann",
        "room": "north",
    }
    refused = told(opened, InsertRecord("person", typed))
    assert list(refused) == ["name", "code", "born", "height", "city", "boss"]
    assert refused["name"] == "The field “name” must not be empty. Nothing was changed."
    assert refused["code"] == "Another record has the same “code” already. Nothing was changed."
    assert "is not a whole number" in refused["height"]
    assert refused["city"] == "“9” names no record of “city”. Nothing was changed."
    assert refused["boss"] == "“Ann” names no record of “person”. Nothing was changed."


def test_a_record_is_not_in_its_own_way(foreign: Made) -> None:
    opened = foreign(*MADE)
    same = {"name": "Ann", "code": "A", "room": "north", "bed": "1", "kind": "host"}
    assert told(opened, UpdateRecord("person", "1", same)) == {}
    assert "code" in told(opened, UpdateRecord("person", "2", {"code": "A"}))


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        (UpdateRecord("person", "1", {"bed": "2"}), {"bed"}),
        (UpdateRecord("person", "1", {"room": "south", "bed": "2"}), set()),
        (UpdateRecord("person", "1", {"room": None, "bed": "2"}), set()),
        (UpdateRecord("person", "1", {"kind": None}), {"kind"}),
        (InsertRecord("person", {"name": "Cy", "kind": None}), set()),
        (InsertRecord("person", {"id": "2", "name": "Cy"}), {"id"}),
        (InsertRecord("person", {"id": "3", "name": "Cy", "boss": "3"}), set()),
        (InsertRecord("person", {"name": "Cy", "boss": "1", "city": "1"}), set()),
    ],
)
def test_what_sqlite_takes_is_not_called_unfit(
    foreign: Made, change: InsertRecord | UpdateRecord, refused: set[str]
) -> None:
    assert set(told(foreign(*MADE), change)) == refused
