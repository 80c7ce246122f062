"""`import` on the command line, run as a program of its own."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from myapp.web.backup_keeper import BackupKeeper
from tests.conftest import LIMIT, ROOT


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MYAPP_DATA_FOLDER", str(tmp_path / "data"))
    return tmp_path / "data"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "launcher.py", "import", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=2 * LIMIT,
        check=False,
    )


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return list(connection.execute(sql))
    finally:
        connection.close()


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("name,age\nAnn,31\nBob,29\n", encoding="utf-8")
    return path


def test_files_become_tables_of_a_new_database(tmp_path: Path, people: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"a": [{"n": 1}], "b": [{"n": 2}]}))
    into = tmp_path / "new.sqlite"
    done = run(people, tmp_path / "x.json", "--into", into)
    assert (done.returncode, done.stdout) == (0, "")
    assert "people.csv: 2 records into people" in done.stderr
    assert rows(into, "SELECT name, age FROM people") == [("Ann", 31), ("Bob", 29)]
    assert rows(into, "SELECT n FROM b") == [(2,)]


def test_records_are_added_and_updated(tmp_path: Path, people: Path) -> None:
    into = tmp_path / "new.sqlite"
    assert run(people, "--into", into, "--table", "crew").returncode == 0
    assert run(people, "--into", into, "--table", "crew", "--append").returncode == 0
    people.write_text("name,age\nCid,50\n", encoding="utf-8")
    done = run(people, "--into", into, "--table", "crew", "--update-by", "name")
    assert done.returncode == 0
    assert len(rows(into, "SELECT * FROM crew")) == 5


def test_a_backup_is_made_before_records_go_into_a_table_that_is_there(
    tmp_path: Path, people: Path, own_data_folder: Path
) -> None:
    into = tmp_path / "new.sqlite"
    assert run(people, "--into", into, "--table", "crew").returncode == 0
    assert not own_data_folder.exists(), "a new table harms nothing that is there"
    assert run(people, "--into", into, "--table", "crew", "--append").returncode == 0
    keeper = BackupKeeper(own_data_folder / "backups")
    (backup,) = keeper.backups(into)
    assert backup.why == "before importing into crew"
    assert len(rows(backup.path, "SELECT * FROM crew")) == 2
    assert len(rows(into, "SELECT * FROM crew")) == 4


def test_an_import_goes_on_without_a_backup_and_says_why(
    tmp_path: Path, people: Path, own_data_folder: Path
) -> None:
    into = tmp_path / "new.sqlite"
    run(people, "--into", into, "--table", "crew")
    own_data_folder.write_text("no folder")
    done = run(people, "--into", into, "--table", "crew", "--append")
    assert done.returncode == 0
    assert "There is no backup from before importing into crew." in done.stderr
    assert len(rows(into, "SELECT * FROM crew")) == 4


def test_refusals_are_told_by_the_exit_code(tmp_path: Path, people: Path) -> None:
    into = tmp_path / "new.sqlite"
    assert run(tmp_path / "none.csv", "--into", into).returncode == 1
    assert not into.exists()
    some = run(people, tmp_path / "none.csv", "--into", into)
    assert some.returncode == 3
    assert "none.csv is not there" in some.stderr
    assert run(people).returncode == 2
    assert run(people, "--into", into, "--append").returncode == 2
    people.write_text("name,age\n" + "Ann,31\n" * 60_000 + "Bob,old\n", encoding="utf-8")
    refused = run(people, "--into", into, "--table", "more", "--misfits", "refuse")
    assert refused.returncode == 1
    assert rows(into, "SELECT name FROM sqlite_schema WHERE name = 'more'") == []


def test_what_would_come_in_is_listed_without_writing(tmp_path: Path, people: Path) -> None:
    done = run(people, "--into", tmp_path / "new.sqlite", "--list")
    assert done.stdout == "people.csv\tpeople\tname (text), age (integer)\n"
    assert not (tmp_path / "new.sqlite").exists()


def test_a_terminal_sees_a_bar(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "some words,12\n" * 400_000, encoding="ascii")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, ROOT / "launcher.py", "import", path, "--into", tmp_path / "new.sqlite"],
        stderr=theirs,
    )
    os.close(theirs)
    told = b""
    try:
        while more := os.read(ours, 4096):
            told += more
    except OSError:  # the program has closed the terminal
        pass
    os.close(ours)
    assert process.wait(LIMIT) == 0
    assert b"#" in told
    assert b"records, " in told
    assert b"400,000 records into long" in told
