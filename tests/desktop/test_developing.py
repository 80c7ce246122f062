"""`--reload` and `--debug`, for whoever writes an application."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from myapp.desktop import reloading
from tests.conftest import (
    LIMIT,
    ROOT,
    Program,
    end_program,
    port_of_our_own,
    start_program,
    wait_until,
)

APP = """
from flask import Flask
app = Flask(__name__)
@app.get("/")
def show():
    return "{word}"
"""
STREAMS = str(Path(__file__).parent / "foreign" / "streams.py")


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[tuple[Program, Path]]:
    code = tmp_path / "code" / "app.py"
    code.parent.mkdir()
    code.write_text(APP.format(word="before"))
    before = Path.cwd()
    os.chdir(code.parent)
    port = str(port_of_our_own())
    started = start_program(
        tmp_path / "data", "--stay", "--port", port, "--reload", "--app", str(code)
    )
    started.enter()
    try:
        yield started, code
    finally:
        os.chdir(before)
        end_program(started)


def wait_for(program: Program, word: str) -> None:
    wait_until(lambda: word in program.get("/").text, word)


def answers(program: Program) -> bool:
    try:
        return program.get("/").status > 0
    except OSError:
        return False


def test_a_change_is_served_on_the_same_port_with_the_same_session(
    edited: tuple[Program, Path],
) -> None:
    program, code = edited
    wait_for(program, "before")
    code.write_text(APP.format(word="after"))
    wait_for(program, "after")


def test_a_mistake_is_waited_out(edited: tuple[Program, Path]) -> None:
    program, code = edited
    code.write_text("this is no Python")
    wait_until(lambda: not answers(program), "the end of the one before")
    assert program.process.poll() is None
    code.write_text(APP.format(word="mended"))
    wait_for(program, "mended")


def test_what_is_mended_while_a_start_fails_is_not_overlooked(
    edited: tuple[Program, Path],
) -> None:
    program, code = edited
    mended = APP.format(word="mended")
    # The mistake mends itself, before the program that it ends has ended.
    code.write_text(f"from pathlib import Path\nPath(__file__).write_text({mended!r})\n1 / 0\n")
    wait_for(program, "mended")


def test_what_changes_before_the_first_look_is_not_overlooked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that looks may begin late, when the page is open and the code is written to."""
    code = tmp_path / "edited.py"
    code.touch()
    loaded = ModuleType("edited")
    loaded.__file__ = str(code)
    monkeypatch.setitem(sys.modules, "edited", loaded)
    monkeypatch.setattr(reloading, "LOOK_SECONDS", 0.01)
    begin = threading.Thread.start

    def begin_late(thread: threading.Thread) -> None:
        os.utime(code, (1, 1))
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", begin_late)
    stop = threading.Event()
    watcher = reloading.Watcher(stop)
    assert stop.wait(LIMIT)
    assert watcher.exit_code == reloading.CHANGED


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM ends a process there without a word")
def test_both_processes_end_together(edited: tuple[Program, Path]) -> None:
    program, _ = edited
    program.process.send_signal(signal.SIGTERM)
    assert program.process.wait(LIMIT) == 0
    with pytest.raises(OSError):
        program.get("/")


@pytest.mark.skipif(os.name == "nt", reason="a parent's death is not seen there")
def test_the_program_ends_when_nobody_watches_over_it(edited: tuple[Program, Path]) -> None:
    program, _ = edited
    program.process.kill()
    program.process.wait()
    wait_until(lambda: not answers(program), "its end")


def test_debug_shows_the_traceback_and_never_a_console(tmp_path: Path) -> None:
    program = start_program(
        tmp_path, "--port", "0", "--stay", "--debug", "--app", STREAMS
    )  # fmt: skip
    try:
        program.enter()
        page = program.get("/crash")
        assert page.status == 500
        assert "the cause of it all" in page.text
        assert "Traceback" in page.text
        assert "EVALEX = false" in page.text
        console = program.get("/console")
        assert console.status == 404
    finally:
        end_program(program)


def test_without_it_a_crash_shows_nothing_of_the_code_and_is_in_the_log(tmp_path: Path) -> None:
    program = start_program(tmp_path, "--port", "0", "--stay", "--app", STREAMS)
    try:
        program.enter()
        page = program.get("/crash")
        assert page.status == 500
        assert "the cause of it all" not in page.text
        assert "the cause of it all" in (tmp_path / "logs" / "myapp.log").read_text()
    finally:
        end_program(program)


def test_what_even_flask_does_not_catch_is_a_page_with_an_id_that_the_log_knows(
    tmp_path: Path,
) -> None:
    program = start_program(tmp_path, "--port", "0", "--stay", "--app", STREAMS)
    try:
        program.enter()
        page = program.get("/careless")
        assert page.status == 500
        number = re.search(r"under ([0-9a-f]{8})", page.text)
        assert number
        log = (tmp_path / "logs" / "myapp.log").read_text()
        assert f"failure {number[1]} at '/careless'" in log
        assert "what no page of Flask's sees" in log
    finally:
        end_program(program)


@pytest.mark.parametrize("option", ["--debug", "--reload"])
def test_a_built_program_refuses_both(option: str) -> None:
    code = (
        "import sys; sys.frozen = True; sys.argv = ['myapp', sys.argv[1]]\n"
        "from myapp.desktop import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, option],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 2
    assert "for developers" in done.stderr
