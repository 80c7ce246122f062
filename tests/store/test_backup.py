"""Backups are whole, checked, kept by a rule, and become the database again in one step."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import apsw
import pytest

from myapp.store import (
    BackupDamaged,
    CorruptDatabase,
    Database,
    InsertRecord,
    NoRoomForBackup,
    Query,
    ReadStopped,
    create_database,
    list_backups,
    make_backup,
    open_database,
)
from myapp.store import backup as backups
from myapp.store.backup import Backup, kept

from .conftest import raw

NOON = datetime(2026, 11, 21, 12, 0, 0)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "mine.sqlite"
    create_database(path).close()
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2)")
    connection.close()
    opened = open_database(path)
    yield opened
    opened.close()


def values(path: Path) -> list[int]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [row[0] for row in connection.execute("SELECT n FROM t ORDER BY n")]
    finally:
        connection.close()


def count(database: Database) -> int:
    return database.count(Query("t"))


def test_a_backup_is_one_plain_file_with_everything(database: Database, tmp_path: Path) -> None:
    database.apply(InsertRecord("t", {"n": "3"}))
    made = make_backup(database.path, tmp_path / "kept", NOON)
    assert made.name == "2026-11-21 12.00.00 by hand.sqlite"
    assert values(made.path) == [1, 2, 3]
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [made.name]
    assert list_backups(tmp_path / "kept") == [made]


def test_a_backup_keeps_one_moment_while_others_write(database: Database, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 100
        while not stop.is_set():
            database.apply(InsertRecord("t", {"n": str(number)}))
            number += 1

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for second in range(5):
            made = make_backup(database.path, tmp_path / "kept", NOON + timedelta(seconds=second))
            found = [n for n in values(made.path) if n >= 100]
            assert found == list(range(100, 100 + len(found)))
    finally:
        stop.set()
        writing.join()


def test_a_stopped_or_refused_backup_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    with pytest.raises(ReadStopped):
        make_backup(database.path, folder, NOON, stopped=lambda: True)
    monkeypatch.setattr(backups, "ROOM_LEFT", 1 << 60)
    with pytest.raises(NoRoomForBackup, match="Free some space"):
        make_backup(database.path, folder, NOON)
    assert list(folder.iterdir()) == []


def test_what_a_killed_backup_left_goes_with_a_later_one(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    old, fresh = folder / "1.part", folder / "2.part"
    for part in (old, fresh):
        part.write_bytes(b"half")
    long_ago = time.time() - 7 * 3600
    os.utime(old, (long_ago, long_ago))
    made = make_backup(database.path, folder, NOON)
    assert sorted(path.name for path in folder.iterdir()) == ["2.part", made.name]


def test_a_damaged_database_gets_no_backup_that_looks_sound(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "broken.sqlite"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t (n TEXT)")
    with connection:
        connection.executemany("INSERT INTO t VALUES (?)", [(f"{n:0100}",) for n in range(5000)])
    connection.close()
    content = bytearray(path.read_bytes())
    content[4096 * 20 : 4096 * 20 + 60] = b"\xff" * 60
    path.write_bytes(content)
    with pytest.raises((BackupDamaged, CorruptDatabase)):
        make_backup(path, tmp_path / "kept", NOON)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_backup_is_restored_in_one_step(database: Database, tmp_path: Path) -> None:
    made = make_backup(database.path, tmp_path / "kept", NOON)
    database.apply(InsertRecord("t", {"n": "3"}))
    assert count(database) == 3
    before = database.version()
    database.restore(made.path)
    assert count(database) == 2
    assert database.version() != before
    database.apply(InsertRecord("t", {"n": "4"}))
    assert count(database) == 3
    assert database.record("t", "3").values == (4,)


def test_a_restored_backup_brings_its_tables_along(database: Database, tmp_path: Path) -> None:
    made = make_backup(database.path, tmp_path / "kept", NOON)
    connection = apsw.Connection(str(database.path))
    connection.execute("DROP TABLE t; CREATE TABLE u (x)")
    connection.close()
    assert [table.name for table in database.tables()] == ["u"]
    database.restore(made.path)
    assert [table.name for table in database.tables()] == ["t"]


def test_a_damaged_backup_is_not_restored(database: Database, tmp_path: Path) -> None:
    made = make_backup(database.path, tmp_path / "kept", NOON)
    content = bytearray(made.path.read_bytes())
    content[4096:4200] = b"\xff" * 104
    made.path.write_bytes(content)
    with pytest.raises((BackupDamaged, CorruptDatabase)):
        database.restore(made.path)
    assert count(database) == 2


def test_seven_days_four_weeks_and_twelve_months_are_kept() -> None:
    made = [
        Backup(Path(str(hours)), NOON - timedelta(hours=hours), "daily", 1)
        for hours in range(0, 24 * 800, 6)
    ]
    found = kept(made, NOON)
    days = [each.made.date() for each in found]
    assert sum(day == NOON.date() for day in days) == 3, "all of today"
    assert {NOON.date() - timedelta(days=n) for n in range(7)} <= set(days)
    assert len({day.isocalendar()[:2] for day in days}) >= 4
    assert len({(day.year, day.month) for day in days}) == 12
    assert len(found) <= 3 + 7 + 4 + 12
    assert found == sorted(found, key=lambda each: each.made, reverse=True)


def test_of_one_days_many_backups_the_newest_stay_and_all_that_were_asked_for() -> None:
    made = [
        Backup(Path(f"{n}"), NOON - timedelta(minutes=n), "by hand" if n % 2 else "before x", 1)
        for n in range(60)
    ]
    found = kept(made, NOON)
    assert [each.why for each in found].count("by hand") == 30
    assert [each.path.name for each in found if each.why == "before x"] == [
        str(n) for n in range(0, 20, 2)
    ]


def test_a_backup_made_after_the_clock_was_set_back_stays(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    for hour in range(12):
        make_backup(database.path, folder, NOON + timedelta(hours=hour / 2), "before x")
    made = make_backup(database.path, folder, NOON - timedelta(hours=3), "before y")
    assert made in list_backups(folder)


@pytest.mark.parametrize(
    "table", ["Books", 'a/b\\c: "x" <y>|?*', "🐘" * 200, "Ünï cödé", "dots...", "a\nb"]
)
def test_a_backup_may_be_named_for_any_table(
    database: Database, tmp_path: Path, table: str
) -> None:
    made = make_backup(database.path, tmp_path / "kept", NOON, f"before deleting {table}")
    assert list_backups(tmp_path / "kept") == [made]
    assert made.why.startswith("before deleting ")
    assert not set('<>:"/\\|?*\n') & set(made.name)
    assert len(made.name.encode()) < 255


def test_a_search_index_of_another_program_that_is_behind_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "behind.db"
    raw(
        path,
        "CREATE TABLE text (body TEXT)",
        "CREATE VIRTUAL TABLE found USING fts4 (content='text', body)",
        "INSERT INTO text VALUES ('not in the index')",
        "CREATE VIRTUAL TABLE strange USING fts5 (body)",
        "CREATE INDEX by_body ON text (body)",
    )
    made = make_backup(path, tmp_path / "kept", NOON)
    # The same with a tokenizer that only its own program has.
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, '(body)', '(body, tokenize=icu)')"
        " WHERE name = 'strange'"
    )
    connection.close()
    strange = make_backup(path, tmp_path / "kept", NOON + timedelta(hours=1))
    assert made.bytes == strange.bytes
    damaged = bytearray(path.read_bytes())
    (page,) = raw(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'by_body'")[0]
    assert isinstance(page, int)
    damaged[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(damaged)
    with pytest.raises(BackupDamaged):
        make_backup(path, tmp_path / "kept", NOON + timedelta(hours=2))
