"""Opening: what a file is, what is refused and why, and that looking never writes."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from myapp.store import (
    BrokenOff,
    CannotOpen,
    CorruptDatabase,
    CreateTable,
    Database,
    FileReplaced,
    FileVanished,
    Filter,
    InsertRecord,
    Kind,
    LockedByAnother,
    NewField,
    NoSuchFile,
    NotADatabase,
    OldSQLite,
    Op,
    Query,
    Sort,
    StoreError,
    UpdateRecord,
    connection,
    create_database,
    open_database,
)
from tests.conftest import LIMIT

from .conftest import raw

Foreign = Callable[..., Database]
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def look_around(database: Database) -> None:
    for table in database.tables():
        query = Query(table.name, sort=tuple(Sort(f.name) for f in table.fields[:1]), search="a")
        database.window(query, 0, 10)
        database.count_quickly(table.name)
    list(database.search("a"))
    database.next_undo()


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist", "wal"])
def test_browsing_leaves_a_foreign_file_and_its_folder_as_they_were(
    tmp_path: Path, mode: str
) -> None:
    path = tmp_path / "theirs.db"
    raw(path, f"PRAGMA journal_mode = {mode}", TABLE, "INSERT INTO t (a) VALUES ('x')")
    before, files = path.read_bytes(), names(tmp_path)
    database = open_database(path)
    look_around(database)
    database.close()
    assert path.read_bytes() == before
    assert names(tmp_path) == files


def test_a_foreign_file_keeps_its_journal_mode_when_changed(foreign: Foreign) -> None:
    database = foreign(TABLE)
    database.apply(InsertRecord("t", {"a": "x"}))
    assert raw(database.path, "PRAGMA journal_mode") == [("delete",)]


def test_an_own_file_is_in_wal_mode_and_one_file_after_a_clean_close(tmp_path: Path) -> None:
    path = tmp_path / "own.sqlite"
    database = create_database(path)
    database.close()
    again = open_database(path)
    assert again.tables() == ()
    again.close()
    assert names(tmp_path) == ["own.sqlite"]
    assert raw(path, "PRAGMA journal_mode") == [("wal",)]


def test_a_text_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("no database at all\n" * 200)
    with pytest.raises(NotADatabase, match="encrypted or not an SQLite database"):
        open_database(path)
    assert path.read_text() == "no database at all\n" * 200


def test_an_empty_file_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "zero.db").touch()
    with pytest.raises(CannotOpen, match="empty"):
        open_database(tmp_path / "zero.db")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="folder"):
        open_database(tmp_path)
    with pytest.raises(NoSuchFile, match="There is no file"):
        open_database(tmp_path / "gone.db")


def test_a_damaged_file_says_so_and_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    raw(path, TABLE, *["INSERT INTO t (a) SELECT hex(randomblob(900))"] * 30)
    bytes_ = bytearray(path.read_bytes())
    bytes_[4096:] = b"\xa5" * (len(bytes_) - 4096)
    path.write_bytes(bytes_)
    database = open_database(path)
    with pytest.raises(CorruptDatabase):
        database.window(Query("t", search="x"), 0, 10)
    database.close()
    assert path.read_bytes() == bytes_


def test_a_file_that_another_program_holds_is_refused_after_a_bounded_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_MS", 200)
    path = tmp_path / "held.db"
    raw(path, TABLE)
    other = apsw.Connection(str(path))
    other.execute("BEGIN EXCLUSIVE")
    # However long the wait is, it would never end by itself.
    with pytest.raises(LockedByAnother, match="Another program is using held"):
        open_database(path)
    other.execute("ROLLBACK")
    other.close()
    open_database(path).close()


def break_off(path: Path) -> None:
    """Make `path` and its journal what a program leaves that is killed in the middle of writing."""
    before = path.with_name("before.db")
    raw(before, TABLE, *["INSERT INTO t (a) SELECT hex(randomblob(900))"] * 50)
    other = apsw.Connection(str(before))
    other.execute("PRAGMA cache_size = 1; BEGIN; UPDATE t SET a = 'half'")
    shutil.copyfile(before, path)
    shutil.copyfile(f"{before}-journal", f"{path}-journal")
    other.close()


def test_what_a_killed_program_left_half_written_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    break_off(path)
    database = open_database(path)
    assert database.count(Query("t")) == 50
    assert database.count(Query("t", filters=(Filter("a", Op.IS, "half"),))) == 0
    database.apply(InsertRecord("t", {"a": "x"}))
    # Once more, by a program that ends while the file is open here.
    shutil.copyfile(path, tmp_path / "kept.db")
    other = apsw.Connection(str(path))
    other.execute("PRAGMA cache_size = 1; BEGIN; UPDATE t SET a = 'half'")
    journal = Path(f"{path}-journal").read_bytes()
    half = path.read_bytes()
    other.execute("ROLLBACK")
    other.close()
    path.write_bytes(half)
    Path(f"{path}-journal").write_bytes(journal)
    assert database.window(Query("t"), 50, 1).records[0].values == (51, "x")
    assert database.count(Query("t", filters=(Filter("a", Op.IS, "half"),))) == 0
    database.close()


def test_a_half_written_file_that_cannot_be_mended_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "killed.db"
    break_off(path)
    monkeypatch.setattr(connection.os, "access", lambda *_: False)
    with pytest.raises(BrokenOff, match=r"Copy it, together with the file killed\.db-journal"):
        open_database(path)


def test_a_vanished_file_is_noticed(foreign: Foreign) -> None:
    database = foreign(TABLE)
    database.path.unlink()
    with pytest.raises(FileVanished):
        database.window(Query("t"), 0, 1)
    with pytest.raises(FileVanished):
        database.apply(InsertRecord("t", {"a": "x"}))


def test_a_replaced_file_is_noticed_and_left_alone(foreign: Foreign, tmp_path: Path) -> None:
    database = foreign(TABLE, "INSERT INTO t VALUES (1, 'mine')")
    raw(tmp_path / "other.db", TABLE, "INSERT INTO t VALUES (1, 'theirs')")
    (tmp_path / "other.db").replace(database.path)
    with pytest.raises(FileReplaced):
        database.window(Query("t"), 0, 1)
    with pytest.raises(FileReplaced):
        database.apply(UpdateRecord("t", "1", {"a": "x"}))
    assert raw(database.path, "SELECT a FROM t") == [("theirs",)]


def test_a_file_put_in_place_of_an_open_one_stays_as_it_is(tmp_path: Path) -> None:
    """What SQLite had written beside the old one would be taken for a part of the new one."""
    path = tmp_path / "mine.sqlite"
    database = create_database(path)
    database.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))
    raw(tmp_path / "other.db", "CREATE TABLE theirs (x)", "INSERT INTO theirs VALUES ('kept')")
    (tmp_path / "other.db").replace(path)
    database.close()
    again = open_database(path)
    assert [table.name for table in again.tables()] == ["theirs"]
    again.close()
    assert raw(path, "SELECT x FROM theirs") == [("kept",)]
    assert names(tmp_path) == ["mine.sqlite", "mine.sqlite-wal left over 1"]


def test_a_new_file_takes_nothing_over_from_a_deleted_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite"
    database = create_database(path)
    database.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))
    path.unlink()
    again = create_database(path)
    database.close()
    assert again.tables() == ()
    again.close()
    assert names(tmp_path) == ["mine.sqlite", "mine.sqlite-wal left over 1"]


def test_an_sqlite_with_the_wal_fault_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    with pytest.raises(OldSQLite, match=r"3\.51\.3"):
        open_database(Path("any.db"))


def test_an_own_file_is_not_made_over_another(tmp_path: Path) -> None:
    (tmp_path / "there.db").write_bytes(b"mine")
    with pytest.raises(CannotOpen, match="there already"):
        create_database(tmp_path / "there.db")
    assert (tmp_path / "there.db").read_bytes() == b"mine"


def test_a_view_that_never_ends_is_stopped(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LONGEST_READ", 0.3)
    database = foreign(
        TABLE,
        "CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
        " SELECT n FROM c",
    )
    with pytest.raises(StoreError, match="too long"):
        database.window(Query("endless"), 0, 10)
    assert database.window(Query("t"), 0, 10).total == 0


def test_closing_interrupts_what_is_being_computed(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    computing = threading.Event()

    def trace(cursor: object, statement: str, values: object) -> bool:
        if "count" in statement and "endless" in statement:
            computing.set()
        return True

    monkeypatch.setattr(apsw, "connection_hooks", [lambda opened: opened.set_exec_trace(trace)])
    database = foreign(
        "CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
        " SELECT n FROM c"
    )
    ended: list[type[BaseException]] = []

    def browse() -> None:
        try:
            database.count(Query("endless"))
        except StoreError as error:
            ended.append(type(error))

    reader = threading.Thread(target=browse)
    reader.start()
    assert computing.wait(LIMIT)
    started = time.monotonic()
    database.close()
    reader.join(LIMIT)
    # By itself it would be given up after two minutes.
    assert ended and time.monotonic() - started < LIMIT < connection.LONGEST_READ


def test_a_hostile_schema_cannot_reach_outside(foreign: Foreign, tmp_path: Path) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE VIEW v AS SELECT fts3_tokenizer('simple') AS x, load_extension('nothing') AS y",
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT load_extension('nothing'); END",
    )
    with pytest.raises(StoreError):
        database.window(Query("v"), 0, 1)
    with pytest.raises(StoreError):
        database.apply(InsertRecord("t", {"a": "x"}))
    assert database.count(Query("t")) == 0


def test_readers_are_few_whatever_the_number_of_threads(foreign: Foreign) -> None:
    database = foreign(TABLE, "INSERT INTO t (a) VALUES ('x'), ('y')")

    def browse() -> None:
        assert database.count(Query("t", filters=(Filter("a", Op.IS, "x"),))) == 1

    threads = [threading.Thread(target=browse) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.readers.idle.qsize() <= connection.READERS
    database.close()
    assert [c for c in apsw.connections() if c.filename == str(database.path)] == []
