"""Exports that are refused, stopped or killed, and the command line without a browser."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.exchange import (
    ExportCancelled,
    ExportOptions,
    ExportPlan,
    ExportProgress,
    ExportRefused,
    Format,
    run_export,
)
from myapp.store import Database, Part, Query, open_database
from tests.conftest import LIMIT, ROOT

RECORDS = 30_000


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "things.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, n REAL)")
        connection.executemany(
            "INSERT INTO things (name, n) VALUES (?, ?)",
            ((f'thing {n}, "quoted"', n / 8) for n in range(RECORDS)),
        )
        connection.execute("CREATE TABLE other (a)")
    connection.close()
    return path


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    opened = open_database(file)
    yield opened
    opened.close()


def plan(format_: Format, table: str = "things") -> ExportPlan:
    return ExportPlan((Part(Query(table)),), format_)


@pytest.mark.parametrize("format_", Format)
def test_a_cancelled_export_leaves_the_folder_as_it_was(
    database: Database, tmp_path: Path, format_: Format
) -> None:
    target = tmp_path / "out"
    target.write_text("before")
    with pytest.raises(ExportCancelled):
        run_export(database, plan(format_), target, cancelled=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert target.read_text() == "before"


def test_progress_is_told_and_reaches_the_end(database: Database, tmp_path: Path) -> None:
    seen: list[ExportProgress] = []
    run_export(database, plan(Format.CSV), tmp_path / "out.csv", seen.append)
    assert seen[-1] == ExportProgress(RECORDS, RECORDS)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full and RLIMIT_FSIZE are Linux's")
@pytest.mark.parametrize("format_", ["csv", "xlsx", "sqlite", "json"])
def test_a_disk_that_fills_up_is_told_and_leaves_nothing(
    file: Path, tmp_path: Path, format_: str
) -> None:
    """A limit on a file's size fails a write in the middle, as a full disk does."""
    target = tmp_path / f"out.{format_}"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(file), str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=2 * LIMIT,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "Nothing was exported." in done.stderr
    assert list(tmp_path.iterdir()) == []


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from myapp.exchange.export_command import run
sys.exit(run(["things", "--from", sys.argv[1], "--to", sys.argv[2]]))
"""


def test_what_a_killed_export_left_is_removed_by_the_next(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    slow = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(file), str(target)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert slow.stdout is not None
    slow.stdout.readline()
    slow.kill()
    slow.wait()
    slow.stdout.close()
    assert not target.exists()
    assert len(list(tmp_path.iterdir())) == 1
    opened = open_database(file)
    run_export(opened, plan(Format.CSV, "other"), target)
    opened.close()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


SLOW = """
import sys, time
from pathlib import Path
from myapp.exchange import ExportPlan, Format, run_export
from myapp.store import Part, Query, open_database
def show(now):
    print(now, flush=True); time.sleep(300)
run_export(open_database(Path(sys.argv[1])), ExportPlan((Part(Query("things")),), Format.CSV),
    Path(sys.argv[2]), show)
"""


def test_excels_limit_is_told_before_a_byte_is_written(tmp_path: Path) -> None:
    path = tmp_path / "many.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (n)")
        connection.execute(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1048576)"
            " INSERT INTO t SELECT n FROM c"
        )
    connection.close()
    opened = open_database(path)
    try:
        with pytest.raises(ExportRefused, match="1,048,575 records in a sheet"):
            run_export(opened, plan(Format.EXCEL, "t"), tmp_path / "out.xlsx")
    finally:
        opened.close()
    assert not (tmp_path / "out.xlsx").exists()


def test_everything_is_one_archive(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "all.zip"
    run_export(database, ExportPlan(None, Format.CSV, ExportOptions(), packed=True), target)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["other.csv", "things.csv"]


# --- the command line


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "launcher.py", "export", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=2 * LIMIT,
        check=False,
    )


def test_a_table_goes_to_a_file(file: Path, tmp_path: Path) -> None:
    done = command("things", "--from", file, "--to", tmp_path / "a.csv")
    assert done.returncode == 0
    assert "30,000 of 30,000 records written to a.csv" in done.stderr
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as written:
        assert sum(1 for _ in csv.reader(written)) == RECORDS + 1


def test_a_filtered_view_goes_to_standard_output(file: Path) -> None:
    done = command(
        *("things", "--from", file, "--to", "-", "--format", "ndjson"),
        *("--where", "name", "contains", "thing 2999", "--sort", "-id"),
    )
    assert done.returncode == 0
    names = [json.loads(line)["name"] for line in done.stdout.splitlines()]
    assert names[0] == 'thing 29999, "quoted"'
    assert len(names) == 11


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["things", "--to", "SOURCE", "--force"], 1, "is the database itself"),
        (["--to", "x.csv"], 1, "holds one table"),
        (["nothing", "--to", "x.csv"], 1, "no table"),
        (["things", "--to", "x.doc"], 2, "tells no format"),
        (["things", "--to", "FOLDER", "--format", "csv"], 1, "is a folder"),
        (["things", "--to", "/nowhere/x.csv"], 1, "cannot be written"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_with_an_exit_code(
    file: Path, tmp_path: Path, arguments: list[str], code: int, sentence: str
) -> None:
    before = file.read_bytes()
    places = {"SOURCE": file, "FOLDER": tmp_path, "x.csv": tmp_path / "x.csv"}
    done = command("--from", file, *(places.get(each, each) for each in arguments))
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_replaced_only_when_told(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("mine")
    assert command("other", "--from", file, "--to", target).returncode == 1
    assert target.read_text() == "mine"
    assert command("other", "--from", file, "--to", target, "--force").returncode == 0
    assert json.loads(target.read_text()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals end a program there without a word")
def test_ctrl_c_stops_it_and_leaves_nothing(file: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, str(file), str(tmp_path / "a.csv")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert "The export was cancelled." in said
    assert list(tmp_path.iterdir()) == []


HELD = """
import sys, time
from myapp.exchange.export_command import Bar, run
from myapp.exchange.terminal import StopSign
signs = []
def draw(*_, **__):
    print("going", flush=True)
    until = time.monotonic() + 60
    while not signs and time.monotonic() < until:
        time.sleep(0.01)
see = StopSign.see
StopSign.see = lambda sign, *given: (see(sign, *given), signs.append(sign))
Bar.draw = draw
sys.exit(run(["things", "--from", sys.argv[1], "--to", sys.argv[2]]))
"""


def test_a_reader_that_leaves_is_no_failure_with_a_traceback(file: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "launcher.py", "export", "things", "--from", str(file), "--to", "-"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().startswith(b'"id"')
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(LIMIT) == 1
    assert "Traceback" not in said
