"""Places that cannot be used: said, and survived where possible."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import LIMIT, ROOT, end_program, start_program
from tests.disks import small_disk


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "256k") as folder:
        yield folder


def fill(folder: Path) -> None:
    with (folder / "fill").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_on_a_full_disk_it_starts_and_the_page_says_so(full: Path) -> None:
    fill(full)
    program = start_program(full / "data", "--port", "0", "--stay")
    try:
        program.enter()
        page = program.get("/")
        assert page.status >= 400
        assert "disk" in page.text.lower()
        assert "full" in page.text.lower()
        (full / "fill").unlink()
        assert "Welcome" in program.get("/").text, "it goes on when there is room again"
    finally:
        end_program(program)
    assert program.process.returncode == 0
    assert not list(full.rglob("*.tmp"))


def test_a_disk_that_fills_up_while_it_runs_does_not_end_it(full: Path) -> None:
    program = start_program(full / "data", "--port", "0", "--stay")
    try:
        program.enter()
        assert program.post("/sample").status == 303
        fill(full)
        for _ in range(200):
            assert program.ask("GET", "/", headers={"Cookie": "x"}).status == 403
        assert "Frankenstein" in program.get("/tables/Books/rows?start=0&count=5").text
    finally:
        end_program(program)
    assert program.process.returncode == 0


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_data_folder_that_cannot_be_is_said_once(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = subprocess.run(
        [sys.executable, "launcher.py", "--no-browser", "--data-folder", str(tmp_path / place)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode in (2, 4)
    assert done.stderr.count("file") >= 1
    assert done.stderr.count("cannot be used") <= 1
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="a read-only mount is made as on Linux")
def test_a_folder_on_a_write_protected_disk_is_refused(full: Path) -> None:
    (full / "data").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(full)], check=True)
    done = subprocess.run(
        [sys.executable, "launcher.py", "--no-browser", "--data-folder", str(full / "data")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 4
    assert "cannot be used" in done.stderr


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A copy of the program, whose folder can be written."""
    folder = tmp_path / "stick"
    folder.mkdir()
    shutil.copy(ROOT / "launcher.py", folder)
    for name in ("myapp", "templates", "static"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.mark.parametrize("how", ["option", "file"])
def test_portable_keeps_everything_beside_the_program(beside: Path, how: str) -> None:
    if how == "file":
        (beside / "myapp-portable.txt").touch()
    option = ["--portable"] if how == "option" else []
    process = subprocess.Popen(
        [sys.executable, str(beside / "launcher.py"), "--no-browser", "--port", "0", *option],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(beside / "nobody's"), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert process.stdout is not None
    assert "/_desktop/enter" in process.stdout.readline()
    process.terminate()
    process.communicate(timeout=LIMIT)
    assert (beside / "MyApp data" / "logs" / "myapp.log").exists()
    assert (beside / "MyApp data" / "session.key").exists()
    assert not (beside / "nobody's").exists()
