"""What triggers keep in virtual tables follows undo and redo, also where they do more than that."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from myapp.store import (
    AddField,
    CreateTable,
    Database,
    DeleteRecords,
    InsertRecord,
    Kind,
    NewField,
    RenameTable,
    StoreError,
    UpdateRecord,
)
from myapp.store.errors import NotTakenBack

from .conftest import everything, raw

Foreign = Callable[..., Database]
DOCUMENTS = (
    "CREATE TABLE doc (id INTEGER PRIMARY KEY, body TEXT, size INTEGER)",
    "CREATE TABLE part (id INTEGER PRIMARY KEY, doc INTEGER REFERENCES doc ON DELETE CASCADE)",
)
KEEPING = (
    "CREATE TRIGGER i AFTER INSERT ON doc BEGIN"
    " INSERT INTO words (rowid, body) VALUES (new.id, new.body); END",
    "CREATE TRIGGER u AFTER UPDATE ON doc BEGIN"
    " UPDATE words SET body = new.body WHERE rowid = old.id; END",
    "CREATE TRIGGER d AFTER DELETE ON doc BEGIN DELETE FROM words WHERE rowid = old.id; END",
)
FILLED = (
    "INSERT INTO doc VALUES (1, 'hello', 5), (2, 'world', 5)",
    "INSERT INTO part VALUES (1, 1)",
)
OWN_TEXTS = [
    "CREATE VIRTUAL TABLE words USING fts5 (body)",
    "CREATE VIRTUAL TABLE words USING fts4 (body)",
]


def words(database: Database, word: str) -> list[tuple[object, ...]]:
    """What the full-text table finds, and whether it agrees with its own texts."""
    check = "INSERT INTO words (words) VALUES ('integrity-check')"
    find = f"SELECT rowid, body FROM words WHERE words MATCH '{word}'"
    return raw(database.path, check, find)


@pytest.mark.parametrize("index", OWN_TEXTS)
def test_texts_of_a_search_table_come_back_with_what_was_deleted_in_the_wake(
    foreign: Foreign, index: str
) -> None:
    documents = foreign(*DOCUMENTS, index, *KEEPING, *FILLED)
    documents.apply(DeleteRecords("doc", ("1",)))
    assert words(documents, "hello") == []
    documents.undo()
    assert words(documents, "hello") == [(1, "hello")]
    documents.redo()
    assert words(documents, "hello") == []
    assert words(documents, "world") == [(2, "world")]


@pytest.mark.parametrize("index", OWN_TEXTS)
def test_triggers_that_do_nothing_else_keep_a_search_table_of_its_own_texts(
    foreign: Foreign, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = foreign(*DOCUMENTS, index, *KEEPING, *FILLED)
    monkeypatch.setattr("myapp.store.changesets.make_anew", None)
    documents.apply(DeleteRecords("doc", ("2",)))
    documents.apply(UpdateRecord("doc", "1", {"body": "goodbye"}))
    documents.apply(InsertRecord("doc", {"body": "again"}))
    for _ in range(3):
        documents.undo()
    assert words(documents, "hello OR world") == [(1, "hello"), (2, "world")]
    for _ in range(3):
        documents.redo()
    assert words(documents, "goodbye OR again") == [(1, "goodbye"), (2, "again")]


def test_boxes_that_triggers_keep_follow_undo(foreign: Foreign) -> None:
    documents = foreign(
        *DOCUMENTS,
        "CREATE VIRTUAL TABLE box USING rtree (id, low, high)",
        "CREATE TRIGGER i AFTER INSERT ON doc BEGIN"
        " INSERT INTO box VALUES (new.id, new.size, new.size + 1); END",
        "CREATE TRIGGER u AFTER UPDATE ON doc BEGIN"
        " UPDATE box SET low = new.size, high = new.size + 1 WHERE id = old.id; END",
        "CREATE TRIGGER d AFTER DELETE ON doc BEGIN DELETE FROM box WHERE id = old.id; END",
        *FILLED,
    )
    documents.apply(UpdateRecord("doc", "2", {"size": "9"}))
    documents.apply(DeleteRecords("doc", ("2",)))
    documents.undo()
    assert raw(documents.path, "SELECT * FROM box WHERE id = 2") == [(2, 9.0, 10.0)]
    documents.undo()
    assert raw(documents.path, "SELECT * FROM box WHERE id = 2") == [(2, 5.0, 6.0)]
    documents.redo()
    assert raw(documents.path, "SELECT * FROM box WHERE id = 2") == [(2, 9.0, 10.0)]
    # With its part more is deleted than triggers may do again, and nothing makes the boxes anew.
    with pytest.raises(NotTakenBack, match="box"):
        documents.apply(DeleteRecords("doc", ("1",)))
    assert raw(documents.path, "SELECT count(*) FROM doc, part WHERE doc = doc.id") == [(1,)]


def test_a_search_table_without_texts_is_not_left_behind(foreign: Foreign) -> None:
    documents = foreign(
        *DOCUMENTS,
        "CREATE VIRTUAL TABLE words USING fts5 (body, content='')",
        KEEPING[0],
        "CREATE TRIGGER d AFTER DELETE ON doc BEGIN"
        " INSERT INTO words (words, rowid, body) VALUES ('delete', old.id, old.body); END",
        *FILLED,
    )
    with pytest.raises(NotTakenBack, match="words"):
        documents.apply(DeleteRecords("doc", ("1",)))
    documents.apply(DeleteRecords("doc", ("2",)))
    documents.undo()
    find = "SELECT rowid FROM words WHERE words MATCH 'hello OR world'"
    assert raw(documents.path, find) == [(1,), (2,)]


def test_a_file_with_an_order_of_its_own_program_is_changed_where_that_is_not_asked_for(
    foreign: Foreign, tmp_path: Path
) -> None:
    anki = apsw.Connection(str(tmp_path / "foreign.db"))
    anki.create_collation("unicase", lambda one, two: (one > two) - (one < two))
    anki.execute("CREATE TABLE tag (tag TEXT COLLATE unicase PRIMARY KEY, n INT) WITHOUT ROWID")
    anki.execute("INSERT INTO tag VALUES ('a', 1), ('B', 2)")
    anki.execute("CREATE TABLE deck (id INTEGER PRIMARY KEY, name TEXT COLLATE unicase)")
    anki.execute("INSERT INTO deck VALUES (1, 'one'), (2, 'Two')")
    anki.close()
    database = foreign()
    before = raw(database.path, "SELECT * FROM deck")
    database.apply(CreateTable("mine", (NewField("a", Kind.TEXT),)))
    database.apply(DeleteRecords("deck", ("1",)))
    database.apply(RenameTable("deck", "decks"))
    for _ in range(3):
        database.undo()
    assert raw(database.path, "SELECT * FROM deck") == before
    for change in (AddField("tag", NewField("c", Kind.TEXT)), DeleteRecords("tag", ("kWyJhIl0",))):
        with pytest.raises(StoreError, match="the order of texts"):
            database.apply(change)
    database.close()


def test_what_a_missing_function_would_keep_from_being_undone_is_refused(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE place (id INTEGER PRIMARY KEY, shape BLOB)",
        "CREATE VIRTUAL TABLE boxes USING rtree (id, x, y)",
        "CREATE TRIGGER gone AFTER DELETE ON place WHEN old.shape NOT NULL"
        " BEGIN DELETE FROM boxes WHERE id = old.id; END",
        "INSERT INTO place VALUES (1, x'01'), (2, NULL)",
        "INSERT INTO boxes VALUES (1, 0, 1)",
        "CREATE TRIGGER made AFTER INSERT ON place WHEN NOT ST_IsEmpty(new.shape)"
        " BEGIN INSERT INTO boxes VALUES (new.id, ST_MinX(new.shape), 1); END",
    )
    before = everything(database.path)
    with pytest.raises(StoreError, match="could not be undone"):
        database.apply(DeleteRecords("place", ("1",)))
    database.apply(DeleteRecords("place", ("2",)))
    database.undo()
    assert everything(database.path) == before
