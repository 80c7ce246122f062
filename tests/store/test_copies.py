"""A copy that a person saves is whole and checked, or is not there at all."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from myapp.store import Database, InsertRecord, create_database, make_backup, open_database
from myapp.store import copies as store_copies
from myapp.store.copies import (
    BadFileName,
    CopyDamaged,
    CopyNotWritten,
    FileThere,
    FolderLocked,
    FolderMissing,
    IsTheOpenFile,
    NoRoomForCopy,
    NotReplaceable,
    clear_part,
    file_name,
    part_beside,
    save_copy,
)
from tests.disks import small_disk

from .test_backup import NOON

posix = pytest.mark.skipif(sys.platform == "win32", reason="of POSIX systems")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "mine.sqlite"
    create_database(path).close()
    raw(path, "CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1), (2)")
    opened = open_database(path)
    opened.apply(InsertRecord("t", {"n": "3"}))
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "kept"
    made.mkdir()
    return made


def raw(path: Path, *statements: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path))
    try:
        rows: list[tuple[object, ...]] = []
        for each in statements:
            rows = list(connection.execute(each))
        return rows
    finally:
        connection.close()


def save(database: Database, target: Path, *, replace: bool = False) -> Path:
    return save_copy(database.path, target, part_beside(target), replace=replace).path


def values(path: Path) -> list[object]:
    return [row[0] for row in raw(path, "SELECT n FROM t ORDER BY n")]


def test_a_copy_is_one_plain_file_with_the_history_too(database: Database, folder: Path) -> None:
    copy = save(database, folder / "copy.sqlite")
    assert list(folder.iterdir()) == [copy]
    assert values(copy) == [1, 2, 3]
    again = open_database(copy)
    assert again.undo() is not None
    again.close()
    assert values(copy) == [1, 2]
    assert values(database.path) == [1, 2, 3]


@posix
def test_a_copy_is_no_easier_to_read_than_the_file(database: Database, folder: Path) -> None:
    database.path.chmod(0o600)
    copy = save(database, folder / "copy.sqlite")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_another_file_is_replaced_only_where_that_was_asked_for(
    database: Database, folder: Path
) -> None:
    there = folder / "copy.sqlite"
    there.write_bytes(b"theirs")
    with pytest.raises(FileThere, match=r"a file copy\.sqlite in this folder already"):
        save(database, there)
    assert there.read_bytes() == b"theirs"
    assert values(save(database, there, replace=True)) == [1, 2, 3]
    assert list(folder.iterdir()) == [there]


def test_a_file_that_comes_while_the_copy_is_made_is_kept(database: Database, folder: Path) -> None:
    target = folder / "copy.sqlite"

    def meanwhile(done: int, total: int) -> None:
        target.write_bytes(b"theirs")

    with pytest.raises(FileThere):
        save_copy(database.path, target, part_beside(target), told=meanwhile)
    assert target.read_bytes() == b"theirs"
    assert list(folder.iterdir()) == [target]


def test_on_a_disk_without_links_the_copy_gets_its_name_too(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert values(save(database, folder / "copy.sqlite")) == [1, 2, 3]
    assert [each.name for each in folder.iterdir()] == ["copy.sqlite"]


@pytest.mark.parametrize("way", ["itself", "round", "hard", "soft"])
def test_the_open_file_is_never_the_target(database: Database, folder: Path, way: str) -> None:
    target = database.path
    if way == "round":
        target = folder / ".." / database.path.name
    elif way in ("hard", "soft"):
        target = folder / "other.sqlite"
        (target.hardlink_to if way == "hard" else target.symlink_to)(database.path)
    with pytest.raises(IsTheOpenFile, match="is the file that is open"):
        save(database, target, replace=True)
    assert values(database.path) == [1, 2, 3]


@pytest.mark.parametrize("beside", ["-wal", "-journal", "-shm"])
def test_what_another_program_has_open_is_not_replaced(
    database: Database, folder: Path, beside: str
) -> None:
    (folder / f"copy.sqlite{beside}").write_bytes(b"theirs")
    with pytest.raises(NotReplaceable, match="another program"):
        save(database, folder / "copy.sqlite")
    assert [each.name for each in folder.iterdir()] == [f"copy.sqlite{beside}"]


def test_a_folder_of_that_name_is_not_replaced(database: Database, folder: Path) -> None:
    (folder / "copy.sqlite").mkdir()
    with pytest.raises(NotReplaceable, match="not a plain file"):
        save(database, folder / "copy.sqlite", replace=True)


def test_a_folder_that_went_away_is_told(database: Database, folder: Path) -> None:
    with pytest.raises(FolderMissing, match="There is no folder"):
        save(database, folder / "gone" / "copy.sqlite")
    (folder / "file").write_bytes(b"")
    with pytest.raises(FolderMissing):
        save(database, folder / "file" / "copy.sqlite")


@pytest.mark.parametrize("part", range(1, 4))
def test_a_copy_that_is_stopped_leaves_nothing(
    database: Database, folder: Path, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.store.backup.PAGES", 1)
    monkeypatch.setattr("myapp.store.hearing.PROGRESS_STEPS", 1)
    heard = []

    class Enough(Exception):
        pass

    def tell(done: int, total: int) -> None:
        heard.append(done)
        if len(heard) == part * 3:
            raise Enough

    target = folder / "copy.sqlite"
    with pytest.raises(Enough):
        save_copy(database.path, target, part_beside(target), told=tell)
    assert list(folder.iterdir()) == []


KILLED = """
import sys, time
from pathlib import Path
from myapp.store.copies import save_copy
def told(done, total):
    print("writing", flush=True)
    time.sleep(300)
save_copy(*map(Path, sys.argv[1:]), told=told)
"""


def test_a_killed_copy_has_no_name_and_what_it_left_is_known(
    database: Database, folder: Path
) -> None:
    target = folder / "copy.sqlite"
    part = part_beside(target)
    command = [sys.executable, "-c", KILLED, database.path, target, part]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writing:
        assert writing.stdout is not None
        assert writing.stdout.readline() == b"writing\n"
        writing.kill()
    assert part.exists()
    assert not target.exists()
    clear_part(part)
    assert list(folder.iterdir()) == []


def test_only_what_a_copy_left_is_cleared(folder: Path) -> None:
    for name in ("mine.part", ".myapp-copy-1.part", "copy.sqlite"):
        (folder / name).write_bytes(b"mine")
        clear_part(folder / name)
    assert len(list(folder.iterdir())) == 3


def test_a_damaged_file_gives_no_copy_that_looks_sound(database: Database, folder: Path) -> None:
    raw(
        database.path,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
        " INSERT INTO t SELECT i FROM n",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    )
    content = bytearray(database.path.read_bytes())
    content[4096 * 20 : 4096 * 20 + 60] = b"\xff" * 60
    database.path.write_bytes(content)
    with pytest.raises(CopyDamaged, match="did not pass its check"):
        save(database, folder / "copy.sqlite")
    assert list(folder.iterdir()) == []


def test_a_record_that_is_older_than_a_rule_is_no_damage(tmp_path: Path, folder: Path) -> None:
    theirs = tmp_path / "theirs.db"
    raw(
        theirs,
        "CREATE TABLE t (n INTEGER CHECK (n > 5))",
        "PRAGMA ignore_check_constraints = ON",
        "INSERT INTO t VALUES (1)",
    )
    opened = open_database(theirs)
    assert values(save(opened, folder / "copy.db")) == [1]
    assert values(make_backup(theirs, folder / "backups", NOON).path) == [1]
    opened.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "400k") as folder:
        yield folder


def fill(database: Database) -> None:
    for _ in range(6):
        raw(database.path, "INSERT INTO t VALUES (randomblob(100000))")


def test_a_disk_without_room_is_told_before_anything_is_written(
    database: Database, disk: Path
) -> None:
    fill(database)
    raw(database.path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with pytest.raises(NoRoomForCopy, match="has no room for 1 MB"):
        save(database, disk / "copy.sqlite")
    assert list(disk.iterdir()) == []


def test_a_disk_that_fills_while_the_copy_is_made_keeps_nothing(
    database: Database, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database)
    (disk / "copy.sqlite").write_bytes(b"theirs")
    room = type("Room", (), {"free": 1 << 60})
    monkeypatch.setattr(store_copies.shutil, "disk_usage", lambda _: room)
    with pytest.raises(NoRoomForCopy):
        save(database, disk / "copy.sqlite", replace=True)
    assert [each.name for each in disk.iterdir()] == ["copy.sqlite"]
    assert (disk / "copy.sqlite").read_bytes() == b"theirs"


def test_a_disk_that_only_reads_is_told(database: Database, disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(FolderLocked, match="Nothing may be written into"):
        save(database, disk / "copy.sqlite")


def test_a_drive_that_goes_away_is_told(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(store_copies.os, "open", fail)
    with pytest.raises(CopyNotWritten, match="Input/output error"):
        save(database, folder / "copy.sqlite")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("shop", "shop.sqlite"),
        (" shop.DB ", "shop.DB"),
        ("a.csv", "a.csv.sqlite"),
        (".sqlite", ".sqlite.sqlite"),
        ("Café & Söhne (2) 🐘", "Café & Söhne (2) 🐘.sqlite"),
        ("shop.sqlite-wal", "shop.sqlite-wal.sqlite"),
        ("console", "console.sqlite"),
    ],
)
def test_a_name_gets_an_ending_where_it_has_none(typed: str, name: str) -> None:
    assert file_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    ["", "  ", ".", "..", "a/b", "a\\b", "a:b", "what?", 'a"b', "a|b", "a*", "<a>", "a\nb", "a\0b"]
    + ["con", "NUL.sqlite", "Com1.db", "LPT¹.x", "aux .sqlite", "end.", "a\u202egpj", "x" * 241]
    + ["🐘" * 61, "odd\udcff", "../up.sqlite", "CONIN$"],
)
def test_a_name_that_some_system_does_not_take_is_refused(typed: str) -> None:
    with pytest.raises(BadFileName, match="cannot be the name of a file"):
        file_name(typed)
