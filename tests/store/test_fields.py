"""Fields are added and renamed, and each of it is undone and done again in order."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from myapp.store import (
    AddField,
    BadName,
    CannotUndo,
    Change,
    CreateTable,
    Database,
    InsertRecord,
    Kind,
    NameTaken,
    NewField,
    NoSuchField,
    RenameField,
    TableReadOnly,
    UpdateRecord,
    create_database,
)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Database]:
    made = create_database(tmp_path / "own.sqlite")
    made.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))
    made.apply(InsertRecord("t", {"a": "x"}))
    yield made
    made.close()


def names(database: Database) -> list[str]:
    return [field.name for field in database.table("t").fields]


def test_a_field_is_added_filled_and_all_of_it_undone_in_order(own: Database) -> None:
    own.apply(AddField("t", NewField("how much", Kind.DECIMAL)))
    assert own.table("t").fields[-1].kind is Kind.DECIMAL
    own.apply(UpdateRecord("t", "1", {"how much": "2.5"}))
    own.undo()
    own.undo()
    assert names(own) == ["id", "a"]
    own.undo()
    own.redo()
    own.redo()
    own.redo()
    assert own.record("t", "1").values == (1, "x", 2.5)


def test_a_renamed_field_keeps_its_records_and_their_history(own: Database) -> None:
    own.apply(UpdateRecord("t", "1", {"a": "y"}))
    own.apply(RenameField("t", "a", 'the "name"'))
    assert names(own) == ["id", 'the "name"']
    own.undo()
    assert names(own) == ["id", "a"]
    own.undo()
    assert own.record("t", "1").values == (1, "x")
    own.redo()
    own.redo()
    assert names(own) == ["id", 'the "name"']
    assert own.record("t", "1").values == (1, "y")


def test_a_field_that_another_program_filled_is_not_taken_away(own: Database) -> None:
    own.apply(AddField("t", NewField("b", Kind.TEXT)))
    other = apsw.Connection(str(own.path))
    other.execute("UPDATE t SET b = 'theirs'")
    other.close()
    with pytest.raises(CannotUndo):
        own.undo()
    assert own.record("t", "1").values == (1, "x", "theirs")


def test_a_history_of_before_takes_changes_of_fields(own: Database) -> None:
    """Files that an older version made check the kinds of change that they know."""
    other = apsw.Connection(str(own.path))
    other.execute(
        "ALTER TABLE _myapp_history RENAME TO _myapp_old; CREATE TABLE _myapp_history ("
        "id INTEGER PRIMARY KEY, at TEXT NOT NULL, sentence TEXT NOT NULL, kind TEXT NOT NULL CHECK"
        " (kind IN ('records', 'create', 'drop', 'rename')), table_name TEXT NOT NULL,"
        " new_name TEXT, changeset BLOB, undone INTEGER NOT NULL DEFAULT 0);"
        "INSERT INTO _myapp_history SELECT id, at, sentence, kind, table_name, new_name,"
        " changeset, undone FROM _myapp_old; DROP TABLE _myapp_old"
    )
    other.close()
    own.apply(AddField("t", NewField("b", Kind.TEXT)))
    own.undo()
    own.undo()
    assert own.count_quickly("t") == 0


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (AddField("t", NewField("A", Kind.TEXT)), NameTaken),
        (AddField("t", NewField(" ", Kind.TEXT)), BadName),
        (RenameField("t", "a", "ID"), NameTaken),
        (RenameField("t", "none", "b"), NoSuchField),
        (AddField("v", NewField("b", Kind.TEXT)), TableReadOnly),
    ],
)
def test_what_cannot_be_changed_is_refused_with_a_sentence(
    own: Database, change: Change, error: type[Exception]
) -> None:
    other = apsw.Connection(str(own.path))
    other.execute("CREATE VIEW v AS SELECT a FROM t")
    other.close()
    with pytest.raises(error):
        own.apply(change)
    assert names(own) == ["id", "a"]
