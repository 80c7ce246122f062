"""Link fields are made: with a table, added to one, and out of values that are there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from myapp.store import (
    AddField,
    CannotLink,
    CannotUndo,
    ChangeField,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    DropTable,
    InsertRecord,
    Kind,
    Link,
    LinkTo,
    NewField,
    NotLinkable,
    RenameTable,
    RuleBroken,
    StillLinked,
    UpdateRecord,
    ValuesDoNotFit,
    open_database,
)

from .conftest import everything, raw

Foreign = Callable[..., Database]
TEXT = Kind.TEXT
SHELF = (
    "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO author VALUES (1, 'Ann'), (2, 'Ben'), (3, 'Eve'), (4, 'Eve')",
    "CREATE TABLE book"
    " (id INTEGER PRIMARY KEY, title TEXT, by TEXT, number INTEGER, CHECK (id > 0))",
    "INSERT INTO book VALUES (1, 'A', 'Ann', 2), (2, 'B', ' Ben ', 1), (3, 'C', 'Zoë', 9),"
    " (4, 'D', NULL, NULL), (5, 'E', 'Eve', 2), (6, 'F', '', 9), (7, 'G', 'Zoë', 8)",
)


def column(database: Database, table: str, field: str) -> list[object]:
    rows = raw(database.path, f'SELECT "{field}" FROM "{table}" NOT INDEXED')
    return [value for (value,) in rows]


def there_and_back(database: Database, before: list[tuple[object, ...]]) -> Database:
    """Undo the last change after a restart, and make it again; each time all is as it was."""
    after = everything(database.path)
    database.close()
    again = open_database(database.path)
    again.undo()
    assert everything(again.path) == before
    again.redo()
    assert everything(again.path) == after
    return again


@pytest.fixture
def own(own: Database) -> Database:
    own.apply(CreateTable("author", (NewField("name", TEXT),)))
    own.apply(InsertRecord("author", {"name": "Ann"}))
    own.apply(InsertRecord("author", {"name": "Ben"}))
    return own


def test_a_table_is_made_with_links_to_another_and_to_itself(own: Database) -> None:
    before = everything(own.path)
    own.apply(
        CreateTable(
            "book",
            (
                NewField("title", TEXT),
                NewField("by", TEXT, link=LinkTo("author")),
                NewField("after", TEXT, link=LinkTo("BOOK", "empty")),
            ),
        )
    )
    fields = own.table("book").fields
    assert [field.link for field in fields[2:]] == [
        Link("author", "id"),
        Link("book", "id", "empty"),
    ]
    assert fields[2].kind is Kind.INTEGER
    assert raw(own.path, "SELECT count(*) FROM pragma_index_list('book')") == [(2,)]
    again = there_and_back(own, before)
    again.apply(InsertRecord("book", {"title": "A", "by": "1"}))
    with pytest.raises(NotLinkable):
        again.apply(InsertRecord("book", {"title": "A", "by": "7"}))
    with pytest.raises(StillLinked):
        again.apply(DeleteRecords("author", ("1",)))
    again.close()


def test_a_link_is_added_and_left_empty_when_its_record_goes(own: Database) -> None:
    own.apply(CreateTable("book", (NewField("title", TEXT),)))
    own.apply(InsertRecord("book", {"title": "A"}))
    before = everything(own.path)
    own.apply(AddField("book", NewField("by", TEXT, link=LinkTo("author", "empty"))))
    again = there_and_back(own, before)
    again.apply(UpdateRecord("book", "1", {"by": "2"}))
    again.apply(DeleteRecords("author", ("2",)))
    assert column(again, "book", "by") == [None]
    again.undo()
    assert column(again, "book", "by") == [2]
    again.undo()
    again.undo()
    assert everything(again.path) == before
    again.close()


def test_a_link_follows_its_table_through_a_new_name_and_the_trash(own: Database) -> None:
    own.apply(CreateTable("book", (NewField("by", TEXT, link=LinkTo("author")),)))
    own.apply(InsertRecord("book", {"by": "2"}))
    own.apply(RenameTable("author", "writer"))
    assert own.table("book").fields[1].link == Link("writer", "id")
    own.apply(DropTable("writer"))
    assert own.table("book").fields[1].link is None
    assert own.fields("book")[1].lost_link
    own.apply(UpdateRecord("book", "1", {"by": None}))
    with pytest.raises(RuleBroken, match="links to a table that was deleted"):
        own.apply(UpdateRecord("book", "1", {"by": "7"}))
    own.apply(ChangeField("book", "by", link="none"))
    own.apply(UpdateRecord("book", "1", {"by": "7"}))
    for _ in range(4):
        own.undo()
    assert own.table("book").fields[1].link == Link("writer", "id")
    assert own.record("book", "1").labels == {"by": "Ben"}


def test_what_cannot_be_linked_is_refused(foreign: Foreign) -> None:
    shelf = foreign(
        *SHELF,
        "CREATE TABLE pair (a, b, PRIMARY KEY (a, b))",
        "CREATE VIEW seen AS SELECT 1 AS id",
    )
    for name in ("pair", "seen"):
        with pytest.raises(CannotLink):
            shelf.apply(AddField("book", NewField("x", TEXT, link=LinkTo(name))))
    with pytest.raises(RuleBroken, match="required"):
        shelf.apply(ChangeField("book", "by", required=True, link=LinkTo("author", "empty")))


def test_numbers_become_links_by_key(foreign: Foreign) -> None:
    shelf = foreign(*SHELF)
    before = everything(shelf.path)
    found = shelf.matching("book", "number", LinkTo("author"), "key")
    assert found is not None
    assert found[1:5] == (6, 3, 2, 0)
    assert found.examples == (("“9”", 2), ("“8”", 1))
    change = ChangeField("book", "number", link=LinkTo("author", "empty"))
    with pytest.raises(ValuesDoNotFit, match="2 values of “number” name no record of “author”"):
        shelf.apply(change)
    assert everything(shelf.path) == before
    shelf.apply(change._replace(misfits="empty"))
    assert column(shelf, "book", "number") == [2, 1, None, None, 2, None, None]
    assert shelf.table("book").field("number").link == Link("author", "id", "empty")
    there_and_back(shelf, before).close()


def test_made_records_whose_own_default_leads_nowhere_are_undone_and_made_again(
    foreign: Foreign,
) -> None:
    database = foreign(
        "CREATE TABLE land (id INTEGER PRIMARY KEY)",
        "CREATE TABLE town (id INTEGER PRIMARY KEY, name TEXT, land REFERENCES land DEFAULT 1)",
        "CREATE TABLE person (id INTEGER PRIMARY KEY, home TEXT)",
        "INSERT INTO person VALUES (1, 'Bonn')",
    )
    before = everything(database.path)
    database.apply(ChangeField("person", "home", link=LinkTo("town"), by="title", misfits="make"))
    there_and_back(database, before).close()


def test_texts_become_links_by_title_and_missing_records_are_made(foreign: Foreign) -> None:
    shelf = foreign(*SHELF)
    before = everything(shelf.path)
    found = shelf.matching("book", "by", LinkTo("author"), "title")
    assert found is not None
    assert found[1:5] == (5, 2, 1, 1)
    assert found.why_not_make is None
    shelf.apply(ChangeField("book", "by", link=LinkTo("author"), by="title", misfits="make"))
    # “Eve” names two records, and nobody guesses which.
    assert column(shelf, "book", "by") == [1, 2, 5, None, None, None, 5]
    assert column(shelf, "author", "name") == ["Ann", "Ben", "Eve", "Eve", "Zoë"]
    assert shelf.record("book", "3").labels == {"by": "Zoë"}
    again = there_and_back(shelf, before)
    again.apply(ChangeField("book", "by", Kind.TEXT, link="none"))
    assert again.table("book").field("by").link is None
    again.undo()
    again.undo()
    assert everything(again.path) == before
    again.close()


def test_a_name_that_one_record_alone_has_but_for_case_and_accents_finds_it(
    foreign: Foreign,
) -> None:
    shelf = foreign(
        "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT)",
        "INSERT INTO author VALUES (1, 'Ann'), (2, 'Zoë'), (3, 'Eve'), (4, 'EVE'), (5, 'eve '),"
        " (6, 'Müller'), (7, 'Muller')",
        "CREATE TABLE book (id INTEGER PRIMARY KEY, by TEXT)",
        "INSERT INTO book (by) VALUES ('ANN'), ('ann'), ('zoe'), ('Eve'), ('EvE'), ('Muller'),"
        " ('MULLER'), ('Bob')",
    )
    found = shelf.matching("book", "by", LinkTo("author"), "title")
    assert found is not None
    assert (found.records, found.found, found.alike) == (8, 5, 3)
    assert (found.missing, found.unclear) == (1, 2)
    assert [text for text, _ in found.examples] == ["“Bob”", "“EvE”", "“MULLER”"]
    shelf.apply(ChangeField("book", "by", link=LinkTo("author"), by="title", misfits="empty"))
    assert column(shelf, "book", "by") == [1, 1, 2, 3, None, 7, None, None]


def test_a_link_to_its_own_table_is_made_with_its_missing_records(foreign: Foreign) -> None:
    tree = foreign(
        "CREATE TABLE part (id INTEGER PRIMARY KEY, name TEXT, of TEXT)",
        "INSERT INTO part VALUES (1, 'wheel', 'car'), (2, 'spoke', 'wheel')",
    )
    before = everything(tree.path)
    tree.apply(ChangeField("part", "of", link=LinkTo("part"), by="title", misfits="make"))
    assert raw(tree.path, "SELECT * FROM part") == [
        (1, "wheel", 3),
        (2, "spoke", 1),
        (3, "car", None),
    ]
    there_and_back(tree, before).close()


def test_text_keys_and_strict_tables_are_linked(foreign: Foreign) -> None:
    world = foreign(
        "CREATE TABLE land (code VARCHAR(2) PRIMARY KEY, name TEXT, big BOOLEAN NOT NULL)"
        " WITHOUT ROWID",
        "INSERT INTO land VALUES ('fr', 'France', 1), ('it', 'Italy', 1)",
        "CREATE TABLE town (name TEXT, land ANY, FOREIGN KEY (land) REFERENCES gone (x)) STRICT",
        "INSERT INTO town VALUES ('Paris', 'fr'), ('Rome', 'Italy'), ('Bonn', 'de')",
    )
    before = everything(world.path)
    found = world.matching("town", "land", LinkTo("land"), "key")
    assert found is not None and found.found == 1
    assert found.why_not_make == "A record of land needs a value in big as well."
    world.apply(ChangeField("town", "land", link=LinkTo("land"), by="key", misfits="empty"))
    assert column(world, "town", "land") == ["fr", None, None]
    assert world.table("town").field("land").declared == "TEXT"
    again = there_and_back(world, before)
    again.apply(AddField("town", NewField("seen from", TEXT, link=LinkTo("land"))))
    again.apply(UpdateRecord("town", "2", {"seen from": "it"}))
    assert again.record("town", "2").labels == {"seen from": "Italy"}
    again.apply(ChangeField("town", "seen from", link=LinkTo("land", "empty")))
    assert again.table("town").fields[-1].link == Link("land", "code", "empty")
    again.apply(DropField("town", "seen from"))
    for _ in range(5):
        again.undo()
    assert everything(again.path) == before
    again.close()


def test_records_made_for_a_link_stay_where_another_program_uses_them(foreign: Foreign) -> None:
    shelf = foreign(
        *SHELF, "CREATE TABLE prize (id INTEGER PRIMARY KEY, to_ REFERENCES author (id))"
    )
    shelf.apply(ChangeField("book", "by", link=LinkTo("author"), by="title", misfits="make"))
    raw(Path(shelf.path), "INSERT INTO prize VALUES (1, 5)")
    with pytest.raises(CannotUndo):
        shelf.undo()
    assert column(shelf, "author", "name")[-1] == "Zoë"


def test_a_deleted_table_keeps_no_record_from_being_deleted(own: Database) -> None:
    own.apply(CreateTable("book", (NewField("by", TEXT, link=LinkTo("author")),)))
    for by in ("1", "1", "2"):
        own.apply(InsertRecord("book", {"by": by}))
    before = everything(own.path)
    own.apply(DropTable("book"))
    own.apply(DeleteRecords("author", ("1",)))
    assert column(own, "author", "name") == ["Ben"]
    own.undo()
    own.undo()
    assert everything(own.path) == before


def test_a_required_link_of_a_deleted_table_is_told(own: Database) -> None:
    by = NewField("by", TEXT, required=True, link=LinkTo("author"))
    own.apply(CreateTable("book", (by,)))
    own.apply(InsertRecord("book", {"by": "1"}))
    own.apply(DropTable("book"))
    with pytest.raises(RuleBroken, match="Records of a deleted table link to it"):
        own.apply(DeleteRecords("author", ("1",)))
    own.forget_history()
    own.apply(DeleteRecords("author", ("1",)))
    assert column(own, "author", "name") == ["Ben"]
