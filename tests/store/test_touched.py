"""What a page of the history tells of each step: its table of today, its records where they are
few, and the values of a single one; without reading a step that changed very many."""

import io
import random
from collections.abc import Callable

import apsw
import pytest

from myapp.store import (
    BringBack,
    CreateTable,
    Database,
    DeleteRecords,
    DropTable,
    FillField,
    InsertRecord,
    Kind,
    NewField,
    Query,
    RenameField,
    RenameTable,
    SetFile,
    StepTold,
    UpdateRecord,
    UpdateRecords,
    beginnings,
    history,
)
from myapp.store.beginnings import read_beginning
from myapp.store.changes import RecordValues
from myapp.store.values import BlobSize

from .conftest import raw

Foreign = Callable[..., Database]
BOOKS = (
    "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, pages INTEGER)",
    "INSERT INTO books VALUES (1, 'Emma', 400), (2, 'Ulysses', 730), (3, 'Dune', 600)",
)


def newest(database: Database) -> StepTold:
    return database.told_steps()[0]


def values(told: StepTold) -> dict[str, tuple[object, object]]:
    return {each.field: (each.before, each.after) for each in told.fields}


def test_a_step_leads_to_its_record_and_tells_what_became_of_one_value(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "2", {"pages": "731"}))
    (told,) = database.told_steps()
    assert (told.table, told.more, values(told)) == ("books", 0, {"pages": (730, 731)})
    (record,) = told.records
    assert record[:4] == ("books", "Ulysses", "changed", "2")
    assert database.told_steps(told.step.id) == ()


def test_steps_lead_to_the_table_under_its_name_of_today(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "1", {"title": "E"}))
    database.apply(RenameField("books", "title", "Name"))
    database.apply(RenameTable("books", "Library"))
    database.apply(CreateTable("books", (NewField("title", Kind.TEXT),)))
    database.apply(InsertRecord("books", {"title": "Another"}))
    database.apply(DropTable("books"))
    database.apply(CreateTable("books", (NewField("a", Kind.TEXT),)))
    told = database.told_steps()
    assert [each.table for each in told] == ["books", None, None, None, *["Library"] * 3]
    assert values(told[-1]) == {"Name": ("Emma", "E")}
    assert told[2].records == (), "a record of the table that is gone"


def test_steps_that_are_taken_back_lead_to_what_is_there(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(RenameTable("books", "Library"))
    database.apply(UpdateRecord("Library", "1", {"title": "E"}))
    database.apply(DropTable("Library"))
    database.apply(CreateTable("Library", (NewField("a", Kind.TEXT),)))
    for _ in range(4):
        database.undo()
    told = database.told_steps()
    assert [each.table for each in told] == [None, "books", "books", "books"]
    assert told[2].records[0][:4] == ("books", "Emma", "changed", "1")
    database.redo()
    assert [each.table for each in database.told_steps()] == [None, *["Library"] * 3]


def test_a_few_records_are_named_and_more_are_counted(foreign: Foreign) -> None:
    rows = ", ".join(f"({n}, 'Book {n}', {n})" for n in range(4, 40))
    database = foreign(*BOOKS, f"INSERT INTO books VALUES {rows}")
    edits = tuple(RecordValues(str(n), {"pages": "7"}) for n in range(1, 6))
    database.apply(UpdateRecords("books", edits))
    told = newest(database)
    assert (len(told.records), told.more, told.fields) == (3, 2, ())
    database.apply(FillField("books", "pages", "8", Query("books"), 39))
    assert newest(database)[1:] == ("books", (), (), None)
    assert newest(database).step.sentence == "Edit pages in 39 records of books"


def test_deleted_records_say_so_and_can_be_brought_back(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "3", {"pages": "1"}))
    database.apply(DeleteRecords("books", ("2", "3")))
    gone, edited = database.told_steps()
    ((dune,), (ulysses,)) = (
        [each for each in gone.records if each.title == title] for title in ("Dune", "Ulysses")
    )
    assert (dune.id, dune.key, edited.records[0].id, edited.records[0].title) == (
        None,
        "3",
        None,
        "Record 3",
    )
    database.apply(InsertRecord("books", {"title": "New"}))
    assert database.told_steps()[1].records[0].id is None, "its number is another's now"
    assert dune.entry is not None
    database.apply(BringBack("books", dune.entry, dune.number))
    told = {each.title: each for each in database.told_steps()[2].records}
    assert (told["Dune"].is_back, told["Dune"].id, told["Dune"].entry) == (True, "3", None)
    assert (told["Ulysses"].is_back, told["Ulysses"].entry) == (False, ulysses.entry)
    database.apply(BringBack("books", gone.step.whole))
    assert newest(database).step.sentence == "Bring back 1 deleted record of books"
    assert all(each.is_back for each in database.told_steps()[3].records)


def test_a_record_whose_key_was_edited_was_changed(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (k TEXT, n INTEGER, a TEXT, PRIMARY KEY (n, k)) WITHOUT ROWID",
        "INSERT INTO t VALUES ('x', 1, 'one')",
    )
    (record,) = database.window(Query("t"), 0, 1).records
    made = database.apply(UpdateRecord("t", record.id, {"k": "y"}))
    told = newest(database)
    assert [each[:4] for each in told.records] == [("t", "y", "changed", made.id)]
    assert values(told) == {"k": ("x", "y")}


def test_what_followed_by_itself_is_told_after_what_was_done(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, name TEXT, p INTEGER REFERENCES p"
        " ON DELETE CASCADE)",
        "CREATE TABLE k (code TEXT PRIMARY KEY, p INTEGER REFERENCES p ON DELETE SET NULL)",
        "CREATE VIEW v AS SELECT id, name FROM p",
        "CREATE TRIGGER e INSTEAD OF UPDATE ON v BEGIN"
        " UPDATE p SET name = new.name WHERE id = old.id; END",
        "INSERT INTO p VALUES (1, 'Ann')",
        "INSERT INTO c VALUES (1, 'Child', 1)",
        "INSERT INTO k VALUES ('K', 1)",
    )
    (shown,) = database.window(Query("v"), 0, 1).records
    database.apply(UpdateRecord("v", shown.id, {"name": "Anne"}))
    told = newest(database)
    assert (told.table, told.records[0][:4]) == ("v", ("p", "Anne", "changed", "1"))
    database.apply(DeleteRecords("p", ("1",)))
    first, *others = newest(database).records
    assert first[:4] == ("p", "Anne", "deleted", None)
    assert {each[:3] for each in others} == {("c", "Child", "deleted"), ("k", "K", "changed")}


def test_a_file_leads_to_its_record_however_large(own: Database) -> None:
    own.apply(CreateTable("t", (NewField("f", Kind.BLOB), NewField("f name", Kind.TEXT))))
    for size in (10, 700_000, 3_000_000):
        data = bytes(size)
        own.apply(InsertRecord("t", {}, (SetFile("t", "", "f", io.BytesIO(data), size, "a.bin"),)))
        told = newest(own)
        assert [each[2:4] for each in told.records] == [("made", str(own.count(Query("t"))))]
        own.apply(SetFile("t", "1", "f", io.BytesIO(data), size, f"b{size}.bin"))
        told = newest(own)
        assert ([each[2:4] for each in told.records], told.more) == ([("changed", "1")], 0)
        assert values(told)["f name"][1] == f"b{size}.bin"


def test_no_more_than_the_beginning_of_a_large_changeset_is_read(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, f BLOB)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000)"
        " INSERT INTO t SELECT i, 'text ' || i, zeroblob(100) FROM n",
    )
    database.apply(FillField("t", "a", "same", Query("t"), 5000))
    read: list[int] = []
    take = beginnings.Pieces.take

    def note(self: beginnings.Pieces, count: int) -> bytes:
        read.append(count)
        return take(self, count)

    monkeypatch.setattr(beginnings.Pieces, "take", note)
    assert newest(database)[1:] == ("t", (), (), None)
    assert sum(read) < 1_000


def test_a_beginning_is_what_sqlite_reads_itself(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, x, y TEXT, z)",
        "CREATE TABLE b (x, y)",
        "CREATE TABLE c (x, y, z, PRIMARY KEY (z, x)) WITHOUT ROWID",
        "INSERT INTO a VALUES (1, 2.5, 'é', X'01'), (2, NULL, '', -1), (3, 2, 'l', 1e300)",
        "INSERT INTO b VALUES (1, 2), (3, 4)",
        "INSERT INTO c VALUES (1, 2, 3), (X'FF', 'b', -9)",
    )
    chance = random.Random(7)
    wanted = [None, 0, -(2**63), 7.25, "text", "ü" * 60, "", b"data", 2**62]
    for _ in range(15):
        with database.writing() as connection, history.recorded(connection) as session:
            for _ in range(chance.randrange(1, 6)):
                table, field = chance.choice("abc"), chance.choice("xy")
                which = chance.choice(("x IS NULL", "1", "y = 2", "x < 3"))
                value = chance.choice(wanted)
                with_new = f"INSERT OR IGNORE INTO {table} (x, y) VALUES (?1, 1)"
                sql = chance.choice(
                    [f"UPDATE OR IGNORE {table} SET {field} = ?1 WHERE {which}", with_new]
                    if table != "c"
                    else [f"UPDATE c SET y = ?1 WHERE {which}"]
                )
                connection.execute(sql, (value,))
            changeset = session.changeset()
            entry = history.write_entry(connection, "x", "records", "a", changeset=changeset)
        theirs = apsw.Changeset.iter(changeset)
        assert database.steps()[0].id == entry
        with database.reading() as connection:
            ours = read_beginning(connection, entry)
        count = sum(1 for _ in apsw.Changeset.iter(changeset))
        assert (ours.whole, len(ours.changes)) == (count <= beginnings.MOST, min(count, 20))
        for mine, change in zip(ours.changes, theirs, strict=False):
            assert (mine.name, mine.op, mine.indirect) == (change.name, change.op, change.indirect)
            for known, value in zip(
                mine.old + mine.new, (change.old or ()) + (change.new or ()), strict=True
            ):
                expected = beginnings.UNKNOWN if value is apsw.no_change else value
                if isinstance(value, bytes) and isinstance(known, BlobSize):
                    expected = BlobSize(len(value))
                assert known == expected


def test_an_empty_history_tells_nothing(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    assert database.told_steps() == ()
    assert raw(database.path, "SELECT count(*) FROM sqlite_schema") == [(1,)]


def test_pages_of_the_history_go_on_behind_a_step_of_many_entries(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = foreign(*BOOKS)
    monkeypatch.setattr("myapp.store.stretches.MOST_NOTED", 1)
    monkeypatch.setattr("myapp.store.steps.STEPS", 1)
    database.apply(UpdateRecord("books", "1", {"pages": "1"}))
    edits = tuple(RecordValues(str(n), {"pages": "7"}) for n in (1, 2, 3))
    database.apply(UpdateRecords("books", edits))
    database.apply(UpdateRecord("books", "2", {"pages": "2"}))
    seen, before = [], None
    while page := database.told_steps(before):
        seen.append((page[0].step.sentence, len(page[0].records)))
        before = page[0].step.id
    assert seen == [("Edit pages of books", 1), ("Edit 3 records of books", 3)] + [
        ("Edit pages of books", 1)
    ]
