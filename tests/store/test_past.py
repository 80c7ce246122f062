"""What the history tells: what became of a record, and how one that is gone comes back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from myapp.store import (
    AddField,
    BringBack,
    CannotBringBack,
    ChangeField,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    DropTable,
    Event,
    InsertRecord,
    Kind,
    MoveField,
    NewField,
    NoSuchRecord,
    Query,
    RenameField,
    RenameTable,
    RuleBroken,
    UpdateRecord,
    deleted,
    past,
)

from .conftest import contents, raw

Foreign = Callable[..., Database]
BOOKS = (
    "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, pages INTEGER)",
    "INSERT INTO books VALUES (1, 'Emma', 400), (2, 'Ulysses', 730), (3, 'Dune', 600)",
)


def told(event: Event) -> tuple[str, dict[str, tuple[object, object]]]:
    return event.what, {each.field: (each.before, each.after) for each in event.fields}


def titles(database: Database, table: str = "books") -> list[str]:
    return [each.title for each in database.deleted(table).records]


def test_a_records_history_tells_each_change_newest_first(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "2", {"pages": "731"}))
    database.apply(UpdateRecord("books", "1", {"pages": "1"}))
    database.apply(UpdateRecord("books", "2", {"title": "Ulysses!", "pages": None}))
    before = database.path.read_bytes(), raw(database.path, "PRAGMA data_version")
    events = database.past("books", "2").events
    assert [told(each) for each in events] == [
        ("changed", {"title": ("Ulysses", "Ulysses!"), "pages": (731, None)}),
        ("changed", {"pages": (730, 731)}),
    ]
    assert events[0].step.sentence == "Edit title, pages of books"
    assert (database.path.read_bytes(), raw(database.path, "PRAGMA data_version")) == before
    database.undo()
    assert len(database.past("books", "2").events) == 1, "what was taken back did not happen"


def test_the_names_of_today_are_told_also_of_changes_before_them(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "1", {"title": "Emma II"}))
    database.apply(RenameField("books", "title", "Name"))
    database.apply(AddField("books", NewField("Shelf", Kind.TEXT)))
    database.apply(RenameTable("books", "Library"))
    database.apply(UpdateRecord("Library", "1", {"Shelf": "A"}))
    database.apply(CreateTable("books", (NewField("title", Kind.TEXT),)))
    database.apply(InsertRecord("books", {"title": "Another table"}))
    assert [told(each)[1] for each in database.past("Library", "1").events] == [
        {"Shelf": (None, "A")},
        {"Name": ("Emma", "Emma II")},
    ]
    assert [told(each)[0] for each in database.past("books", "1").events] == ["made", "table made"]


def test_a_records_history_reaches_through_tables_made_anew(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a TEXT, n INTEGER, gone TEXT, g AS (n * 2), id INTEGER PRIMARY KEY)",
        "INSERT INTO t VALUES ('x', 1, 'y', 7)",
    )
    database.apply(UpdateRecord("t", "7", {"a": "x1", "n": "2", "gone": "y1"}))
    database.apply(MoveField("t", "n", 0))
    database.apply(UpdateRecord("t", "7", {"n": "3", "gone": "y2"}))
    database.apply(DropField("t", "gone"))
    database.apply(ChangeField("t", "n", Kind.TEXT))
    database.apply(RenameField("t", "n", "Number"))
    database.apply(UpdateRecord("t", "7", {"Number": "four", "a": "x2"}))
    events = database.past("t", "7").events
    assert [told(each)[1] for each in events] == [
        {"Number": ("3", "four"), "a": ("x1", "x2")},
        {"Number": (2, 3), "gone": ("y1", "y2")},
        {"a": ("x", "x1"), "Number": (1, 2), "gone": ("y", "y1")},
    ]
    assert [each.field for each in events[1].fields if each.gone] == ["gone"]


def test_a_deleted_record_comes_back_into_a_table_made_anew(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(DeleteRecords("books", ("2",)))
    database.apply(DropField("books", "pages"))
    database.apply(MoveField("books", "title", 0))
    database.apply(RenameTable("books", "Library"))
    (gone,) = database.deleted("Library").records
    assert (gone.title, gone.fields) == (
        "Ulysses",
        (("id", 2), ("title", "Ulysses"), ("pages", 730)),
    )
    database.apply(BringBack("Library", gone.step.id, gone.number))
    assert raw(database.path, "SELECT * FROM Library WHERE id = 2") == [("Ulysses", 2)]


def test_a_record_that_came_in_with_its_table_says_so(own: Database) -> None:
    with own.stage("t", [NewField("a", Kind.TEXT)]) as staging:
        staging.append([("x",), ("y",)])
        staging.finish()
    (event,) = own.past("t", "2").events
    assert (event.what, event.step.sentence) == ("table made", "Import 2 records into t")


def test_an_import_into_a_table_is_named_as_the_step(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    fields = [NewField("title", Kind.TEXT), NewField("pages", Kind.INTEGER)]
    with database.stage("books", fields, mode="update", key=["title"]) as staging:
        staging.append([("Emma", 401), ("Persuasion", 250)])
        staging.finish()
    (event,) = database.past("books", "1").events
    assert told(event) == ("changed", {"pages": (400, 401)})
    assert event.step.sentence == "Update by 2 records in books"
    assert [told(each)[0] for each in database.past("books", "4").events] == ["made"]


def test_a_history_follows_a_record_through_another_key(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (code TEXT PRIMARY KEY, a TEXT)",
        "CREATE TABLE w (code TEXT PRIMARY KEY, a TEXT) WITHOUT ROWID",
        "INSERT INTO t VALUES ('x', '1')",
        "INSERT INTO w VALUES ('x', '1')",
    )
    for name in ("t", "w"):
        id_ = database.window(Query(name), 0, 1).records[0].id
        database.apply(UpdateRecord(name, id_, {"a": "2"}))
        made = database.apply(UpdateRecord(name, id_, {"code": "y"}))
        assert made.id is not None
        assert [told(each) for each in database.past(name, made.id).events] == [
            ("changed", {"code": ("x", "y")}),
            ("changed", {"a": ("1", "2")}),
        ]
        assert titles(database, name) == [], "an edited key is no deleted record"


def test_what_a_foreign_key_did_is_told_as_such(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE c (a TEXT, p INTEGER REFERENCES p ON DELETE SET NULL, g AS (a || '!'))",
        "INSERT INTO p VALUES (1)",
        "INSERT INTO c VALUES ('x', 1)",
    )
    database.apply(DeleteRecords("p", ("1",)))
    (event,) = database.past("c", "1").events
    assert (told(event), event.in_its_wake) == (("changed", {"p": (1, None)}), True)


def test_a_long_history_comes_in_pages(foreign: Foreign, monkeypatch: pytest.MonkeyPatch) -> None:
    database = foreign(*BOOKS)
    for number in range(7):
        database.apply(UpdateRecord("books", "1", {"pages": str(number)}))
    monkeypatch.setattr(past, "EVENTS", 3)
    pages, seen = [], database.past("books", "1")
    while True:
        pages.append([each.fields[0].after for each in seen.events])
        if seen.before is None:
            break
        seen = database.past("books", "1", seen.before, seen.key)
    assert pages == [[6, 5, 4], [3, 2, 1], [0]]
    monkeypatch.setattr(past, "LOOKED_FOR", 0)
    seen = database.past("books", "3")
    assert (seen.events, seen.before) == ((), 7), "it looks through so much and no more"


def test_a_deleted_record_comes_back_though_later_steps_followed(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "2", {"pages": "731"}))
    database.apply(DeleteRecords("books", ("2", "3")))
    database.apply(UpdateRecord("books", "1", {"pages": "1"}))
    before = contents(database.path)
    ulysses = next(each for each in database.deleted("books").records if each.title == "Ulysses")
    assert ulysses.fields == (("id", 2), ("title", "Ulysses"), ("pages", 731))
    assert database.past("books", "2").events[0].what == "deleted"
    applied = database.apply(BringBack("books", ulysses.step.id, ulysses.number))
    assert applied.id == "2"
    assert database.record("books", "2").values == (2, "Ulysses", 731)
    assert titles(database) == ["Dune"]
    with pytest.raises(CannotBringBack, match="is back already"):
        database.apply(BringBack("books", ulysses.step.id, ulysses.number))
    database.undo()
    assert contents(database.path) == before
    assert sorted(titles(database)) == ["Dune", "Ulysses"]
    database.redo()
    database.apply(BringBack("books", ulysses.step.id))
    assert database.count(Query("books")) == 3
    assert titles(database) == []


def test_a_number_that_was_given_away_is_replaced_by_a_new_one(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    step = database.apply(DeleteRecords("books", ("2", "3")))
    assert step.table == "books"
    database.apply(InsertRecord("books", {"title": "New"}))
    assert database.record("books", "2").values[1] == "New"
    database.apply(BringBack("books", database.deleted("books").records[0].step.id))
    rows = raw(database.path, "SELECT id, title FROM books ORDER BY id")
    assert rows == [(1, "Emma"), (2, "New"), (3, "Dune"), (4, "Ulysses")]


def test_a_key_that_somebody_else_has_by_now_is_refused_in_words(foreign: Foreign) -> None:
    database = foreign("CREATE TABLE t (k TEXT PRIMARY KEY, a)", "INSERT INTO t VALUES ('x', 1)")
    database.apply(DeleteRecords("t", ("1",)))
    database.apply(InsertRecord("t", {"k": "x"}))
    (gone,) = database.deleted("t").records
    with pytest.raises(RuleBroken, match="same “k” already"):
        database.apply(BringBack("t", gone.step.id, gone.number))


def test_a_record_comes_back_into_the_fields_of_today(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a TEXT, b TEXT, c AS (a || '!'))", "INSERT INTO t VALUES ('x', 'y')"
    )
    database.apply(DeleteRecords("t", ("1",)))
    database.apply(RenameField("t", "a", "Name"))
    database.apply(RenameTable("t", "Things"))
    database.apply(AddField("Things", NewField("more", Kind.TEXT)))
    (gone,) = database.deleted("Things").records
    assert gone.fields == (("Name", "x"), ("b", "y"))
    database.apply(BringBack("Things", gone.step.id, gone.number))
    assert database.record("Things", "1").values == ("x", "y", "x!", None)


def test_records_that_point_to_each_other_come_back_together(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t ON DELETE CASCADE)",
        "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2)",
    )
    before = contents(database.path)
    database.apply(DeleteRecords("t", ("1",)))
    assert len(database.deleted("t").records) == 3
    database.apply(BringBack("t", database.deleted("t").records[0].step.id))
    assert contents(database.path) == before


def test_many_deleted_records_come_in_pages(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = foreign(*BOOKS)
    database.apply(DeleteRecords("books", ("1", "2")))
    database.apply(DeleteRecords("books", ("3",)))
    monkeypatch.setattr(deleted, "RECORDS", 1)
    seen, place = [], None
    while True:
        page = database.deleted("books", place)
        seen += [each.title for each in page.records]
        place = page.next
        if place is None:
            break
    assert (seen[0], sorted(seen[1:])) == ("Dune", ["Emma", "Ulysses"])


def test_a_file_without_history_has_neither(foreign: Foreign, tmp_path: Path) -> None:
    database = foreign(*BOOKS)
    assert database.past("books", "1").events == ()
    assert database.deleted("books").records == ()
    assert database.steps() == ()
    with pytest.raises(NoSuchRecord):
        database.past("books", "nonsense")


def test_the_steps_are_listed_newest_first_and_groups_as_one(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = foreign(*BOOKS)
    monkeypatch.setattr("myapp.store.stretches.MOST_NOTED", 1)
    with database.stage("books", [NewField("title", Kind.TEXT)], mode="append") as staging:
        staging.append([("a",), ("b",), ("c",)])
        staging.finish()
    database.apply(DropTable("books"))
    database.undo()
    steps = database.steps()
    assert [(each.sentence, each.undone) for each in steps] == [
        ("Delete the table books", True),
        ("Add 3 records to books", False),
    ]
    assert steps[1].bytes > 0
    assert [each.sentence for each in database.steps(steps[0].id)] == ["Add 3 records to books"]


def test_bringing_very_many_back_tells_how_far_it_is_and_can_be_stopped(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleted, "TOLD_EVERY", 2)
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "INSERT INTO t (a) VALUES ('a'), ('b'), ('c'), ('d'), ('e')",
    )
    everything = tuple(str(n) for n in range(1, 6))
    database.apply(DeleteRecords("t", everything))
    (step,) = {each.step.id for each in database.deleted("t").records}
    heard: list[tuple[int, int]] = []

    class Enough(Exception):
        pass

    def stop(done: int, total: int) -> None:
        heard.append((done, total))
        if done == 4:
            raise Enough

    with pytest.raises(Enough):
        database.apply(BringBack("t", step), stop)
    assert heard == [(2, 5), (4, 5)]
    assert database.count(Query("t")) == 0
    assert database.next_undo() == "Delete 5 records of t"
    assert database.apply(BringBack("t", step), lambda *_: None).records == 5
