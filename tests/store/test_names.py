"""Whose change it was: a name in the history, kept through undo, and by whom it was taken back."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from myapp.store import (
    AnothersChange,
    CreateTable,
    Database,
    InsertRecord,
    Kind,
    NewField,
    acting_as,
    create_database,
    open_database,
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = create_database(tmp_path / "names.sqlite")
    made.apply(CreateTable("Books", (NewField("Title", Kind.TEXT),)))
    yield made
    made.close()


def names(database: Database) -> list[tuple[str | None, str | None]]:
    return [(step.who, step.undone_by) for step in database.steps()]


def test_a_change_carries_the_name_of_who_made_it(database: Database) -> None:
    with acting_as("Till"):
        added = database.apply(InsertRecord("Books", {"Title": "A"}))
    database.apply(InsertRecord("Books", {"Title": "B"}))
    assert names(database) == [(None, None), ("Till", None), (None, None)]
    assert added.id is not None
    assert [event.step.who for event in database.past("Books", added.id).events] == ["Till", None]


def test_taking_back_is_told_with_its_own_name_and_the_first_one_stays(
    database: Database,
) -> None:
    with acting_as("Till"):
        database.apply(InsertRecord("Books", {"Title": "A"}))
    with acting_as("Phone"):
        database.undo()
    assert names(database)[0] == ("Till", "Phone")
    database.redo()
    assert names(database)[0] == ("Till", None)
    database.undo()
    assert names(database)[0] == ("Till", None)


def test_only_ones_own_change_can_be_asked_for(database: Database) -> None:
    with acting_as("Till"):
        database.apply(InsertRecord("Books", {"Title": "A"}))
    with pytest.raises(AnothersChange, match="made by Till"):
        database.undo(only_of="Phone")
    assert database.undo(only_of="Till") is not None
    with pytest.raises(AnothersChange, match="the owner at the computer"):
        database.undo(only_of="Till")
    with pytest.raises(AnothersChange):
        database.redo(only_of="Phone")
    assert database.redo(only_of="Till") is not None


def test_a_history_of_before_tells_no_names_and_takes_them_with_the_first(
    database: Database,
) -> None:
    database.close()
    with apsw.Connection(str(database.path)) as plain:
        plain.execute("ALTER TABLE _myapp_history DROP COLUMN who")
        plain.execute("ALTER TABLE _myapp_history DROP COLUMN undone_by")
    plain.close()
    opened = open_database(database.path)
    opened.apply(InsertRecord("Books", {"Title": "A"}))
    opened.undo()
    opened.redo()
    assert names(opened) == [(None, None), (None, None)]
    with acting_as("Till"):
        opened.apply(InsertRecord("Books", {"Title": "B"}))
    assert names(opened)[0] == ("Till", None)
    opened.close()
