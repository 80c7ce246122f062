"""Files lie in their records as they are, large ones too, and every step with them is undone."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from myapp.store import (
    AddField,
    BlobSize,
    CannotUndo,
    CreateTable,
    Database,
    Filter,
    InsertRecord,
    Kind,
    MoveField,
    NewField,
    NoFileThere,
    NoSuchRecord,
    Op,
    Query,
    RenameField,
    SetFile,
    StoreError,
    UpdateRecord,
    build_index,
    files,
    open_database,
)

from .conftest import contents, everything, raw

Foreign = Callable[..., Database]
SMALL, LARGE, OTHER = b"\x89PNG\r\n\x1a\n" + bytes(300), bytes(range(256)) * 9_000, b"o" * 1_500_000


@pytest.fixture
def album(foreign: Foreign) -> Database:
    return foreign(
        "CREATE TABLE photo (n INTEGER PRIMARY KEY, data BLOB, title TEXT, [data name] TEXT)",
        "INSERT INTO photo VALUES (7, NULL, 'one', NULL), (8, x'0102', 'two', NULL)",
    )


def put(database: Database, data: bytes | None, name: str = "a.bin", id_: str = "7") -> None:
    source = None if data is None else io.BytesIO(data)
    database.apply(SetFile("photo", id_, "data", source, len(data or b""), name if data else ""))


def held(database: Database) -> tuple[bytes | None, str | None]:
    row = raw(database.path, "SELECT data, [data name] FROM photo WHERE n = 7")[0]
    assert row[0] is None or isinstance(row[0], bytes)
    assert row[1] is None or isinstance(row[1], str)
    return row[0], row[1]


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_a_file_goes_in_and_out_and_every_step_is_undone(album: Database, data: bytes) -> None:
    before = everything(album.path)
    put(album, data, "my file.png")
    put(album, OTHER, "other")
    put(album, None)
    steps: list[tuple[bytes | None, str | None]] = [
        (None, None),
        (data, "my file.png"),
        (OTHER, "other"),
        (None, None),
    ]
    assert held(album) == steps[3]
    album.close()
    again = open_database(album.path)
    for step in (2, 1, 0):
        again.undo()
        assert held(again) == steps[step]
    assert everything(again.path) == before
    for step in (1, 2, 3):
        again.redo()
        assert held(again) == steps[step]
    again.undo()
    again.undo()
    known = again.file("photo", "7", "data")
    assert known == (len(data), "my file.png", data[:16])
    out = io.BytesIO()
    again.copy_file("photo", "7", "data", out)
    assert out.getvalue() == data
    again.close()


def test_a_large_file_is_not_read_with_its_record(album: Database) -> None:
    put(album, LARGE)
    put(album, SMALL, id_="8")
    assert album.record("photo", "7").values == (7, BlobSize(len(LARGE)), "one", "a.bin")
    assert album.record("photo", "8").values[1] == SMALL
    assert album.window(Query("photo"), 0, 1).records[0].values[1] == BlobSize(len(LARGE))


def test_what_another_program_wrote_over_a_large_file_stays(album: Database) -> None:
    put(album, LARGE)
    raw(Path(album.path), "UPDATE photo SET data = x'ff' WHERE n = 7")
    with pytest.raises(CannotUndo):
        album.undo()
    assert held(album)[0] == b"\xff"


def test_an_undone_large_file_counts_as_history_and_is_let_go(album: Database) -> None:
    put(album, LARGE)
    put(album, None, id_="8")
    assert album.history_cost().bytes < 100_000
    album.undo()
    album.undo()
    assert album.history_cost().bytes > len(LARGE)
    album.apply(InsertRecord("photo", {"title": "three"}))
    assert album.history_cost().bytes < 100_000
    assert raw(album.path, "SELECT name FROM sqlite_schema WHERE name LIKE '%kept%'") == []


def test_what_cannot_be_a_file_is_refused(album: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1_400_000)
    for field, data, why in (("title", SMALL, "holds no files"), ("data", OTHER, "has 2 MB; 1 MB")):
        with pytest.raises(StoreError, match=why):
            album.apply(SetFile("photo", "7", field, io.BytesIO(data), len(data), "x"))
    with pytest.raises(NoSuchRecord):
        put(album, SMALL, id_="99")
    with pytest.raises(NoFileThere):
        album.file("photo", "7", "data")
    with pytest.raises(StoreError, match="shorter"):
        album.apply(SetFile("photo", "7", "data", io.BytesIO(b"x"), 1_300_000, "x"))
    assert held(album) == (None, None)


def test_tables_without_numbers_and_with_triggers_take_files_whole(foreign: Foreign) -> None:
    made = foreign(
        "CREATE TABLE photo (n TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID",
        "CREATE TABLE other (n INTEGER PRIMARY KEY, data BLOB)",
        "CREATE TABLE log (size INTEGER)",
        "CREATE TRIGGER t AFTER UPDATE ON other"
        " BEGIN INSERT INTO log VALUES (length(new.data)); END",
        "INSERT INTO photo VALUES ('a', NULL)",
        "INSERT INTO other VALUES (1, NULL)",
    )
    before = everything(made.path)
    id_ = made.window(Query("photo"), 0, 1).records[0].id
    made.apply(SetFile("photo", id_, "data", io.BytesIO(LARGE), len(LARGE), "x"))
    made.apply(SetFile("other", "1", "data", io.BytesIO(LARGE), len(LARGE), "x"))
    assert raw(made.path, "SELECT size FROM log") == [(len(LARGE),)]
    out = io.BytesIO()
    made.copy_file("photo", id_, "data", out)
    assert out.getvalue() == LARGE
    made.undo()
    made.undo()
    assert everything(made.path) == before


def test_a_field_of_files_is_made_renamed_and_undone_with_their_names(own: Database) -> None:
    raw(
        own.path, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", "INSERT INTO t VALUES (1, 'x')"
    )
    before = everything(own.path)
    blob, text = NewField("Photo", Kind.BLOB), NewField("Photo name", Kind.TEXT)
    own.apply(AddField("t", blob, text))
    build_index(own, "t")
    own.apply(RenameField("t", "Photo", "Picture"))
    assert [field.name for field in own.table("t").fields][2:] == ["Picture name", "Picture"]
    own.apply(SetFile("t", "1", "Picture", io.BytesIO(LARGE), len(LARGE), "seen.png"))
    assert [found.hits[0].id for found in own.search("seen")] == ["1"]
    for _ in range(3):
        own.undo()
    assert everything(own.path) == before
    for _ in range(3):
        own.redo()
    assert own.file("t", "1", "Picture").name == "seen.png"


def test_a_record_s_past_reaches_back_before_the_field_of_files(own: Database) -> None:
    own.apply(CreateTable("t", (NewField("a", Kind.TEXT), NewField("b", Kind.TEXT))))
    own.apply(InsertRecord("t", {"a": "1", "b": "2"}))
    own.apply(UpdateRecord("t", "1", {"b": "3"}))
    own.apply(AddField("t", NewField("f", Kind.BLOB), NewField("f name", Kind.TEXT)))
    own.apply(RenameField("t", "f", "g"))
    own.apply(SetFile("t", "1", "g", io.BytesIO(LARGE), len(LARGE), "large"))
    own.apply(SetFile("t", "1", "g", None))
    own.apply(SetFile("t", "1", "g", io.BytesIO(SMALL), len(SMALL), "small"))
    own.apply(MoveField("t", "b", 0))
    changed = [[each.field for each in event.fields] for event in own.past("t", "1").events]
    files = [["g name", "g"], ["g", "g name"], ["g", "g name"]]
    assert changed == [*files, ["b"], ["id", "a", "b"], []]


def with_file(data: bytes, field: str = "data", name: str = "a.bin") -> SetFile:
    return SetFile("photo", "", field, io.BytesIO(data), len(data), name)


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_a_new_record_with_its_file_is_one_step(album: Database, data: bytes) -> None:
    before = everything(album.path)
    made = album.apply(InsertRecord("photo", {"title": "three"}, (with_file(data),)))
    assert made.id == "9"
    asked = "SELECT data, title, [data name] FROM photo WHERE n = 9"
    for _ in range(2):
        assert raw(album.path, asked) == [(data, "three", "a.bin")]
        assert album.next_undo() == "Add a record to photo"
        assert [step.sentence for step in album.steps()] == ["Add a record to photo"]
        album.undo()
        assert everything(album.path) == before
        assert album.next_undo() is None
        album.redo()
        assert album.next_redo() is None


def test_values_and_files_of_a_record_are_one_step(album: Database) -> None:
    raw(Path(album.path), "ALTER TABLE photo ADD COLUMN scan BLOB")
    before = everything(album.path)
    files = (with_file(LARGE), with_file(OTHER, "scan"))
    album.apply(UpdateRecord("photo", "7", {"title": "new"}, files=files))
    row = raw(album.path, "SELECT data, title, scan FROM photo WHERE n = 7")
    assert row == [(LARGE, "new", OTHER)]
    album.undo()
    assert everything(album.path) == before
    album.redo()
    assert raw(album.path, "SELECT data, title, scan FROM photo WHERE n = 7") == row


def test_a_file_too_large_keeps_its_new_record_out(
    album: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 1_400_000)
    with pytest.raises(StoreError, match="1 MB is the most"):
        album.apply(InsertRecord("photo", {"title": "three"}, (with_file(OTHER),)))
    assert raw(album.path, "SELECT count(*) FROM photo") == [(2,)]
    assert album.next_undo() is None


def test_a_file_that_is_required_comes_with_its_new_record(foreign: Foreign) -> None:
    opened = foreign("CREATE TABLE photo (n INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    opened.apply(InsertRecord("photo", {}, (with_file(LARGE),)))
    assert raw(opened.path, "SELECT data FROM photo") == [(LARGE,)]
    opened.apply(SetFile("photo", "1", "data", io.BytesIO(OTHER), len(OTHER)))
    assert raw(opened.path, "SELECT data FROM photo") == [(OTHER,)]
    opened.undo()
    opened.undo()
    assert raw(opened.path, "SELECT count(*) FROM photo") == [(0,)]


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_a_view_follows_a_file_that_comes_with_its_record(album: Database, data: bytes) -> None:
    unnamed = Query("photo", filters=(Filter("data name", Op.EMPTY),))
    assert album.count(unnamed) == 2
    album.apply(UpdateRecord("photo", "7", {"title": "new"}, files=(with_file(data),)))
    assert album.count(unnamed) == 1
    album.apply(InsertRecord("photo", {"title": "new"}, (with_file(data),)))
    assert album.count(unnamed) == 1


def test_a_large_file_is_taken_back_though_its_record_has_another_rowid(foreign: Foreign) -> None:
    """Undo of another key gives one; its past tells of the file all the same."""
    database = foreign(
        'CREATE TABLE t (k TEXT, n, f BLOB, "f name" TEXT, PRIMARY KEY (n, k))',
        "INSERT INTO t (k, n) VALUES ('a', 1), ('b', X'FF')",
    )
    before = contents(database.path)
    database.apply(SetFile("t", "1", "f", io.BytesIO(LARGE), len(LARGE), "large"))
    database.apply(UpdateRecord("t", "1", {"k": "z"}))
    database.undo()
    ((rowid,),) = raw(database.path, "SELECT rowid FROM t WHERE k = 'a'")
    assert rowid != 1
    (event,) = database.past("t", str(rowid)).events
    assert [each.field for each in event.fields] == ["f", "f name"]
    assert database.told_steps()[-1].records[0][:4] == ("t", "a", "changed", str(rowid))
    database.undo()
    assert contents(database.path) == before
    database.redo()
    database.redo()
    assert raw(database.path, "SELECT k, length(f) FROM t WHERE n = 1") == [("z", len(LARGE))]
