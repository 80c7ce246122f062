"""What one-file starts that were killed left unpacked, and who may remove it."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.desktop.instance import InstanceLock
from myapp.desktop.outer import LONGEST_UNPACKING, clear_abandoned, mark_unpacked

FILES = ("apsw/__init__.so", "libpython3.11.so.1.0", "base_library.zip")
WINDOWS_FILES = ("apsw/__init__.pyd", "base_library.zip", "python311.dll")
"""In the order in which they are unpacked."""


def unpack(folder: Path, *names: str, age: float = 0.0) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    then = time.time() - age
    os.utime(folder, (then, then))
    return folder


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Our own unpacked folder, marked, as in a one-file program."""
    folder = unpack(tmp_path / "_MEIown", *FILES)
    monkeypatch.setattr(sys, "_MEIPASS", str(folder), raising=False)
    mark = mark_unpacked()
    assert mark is not None
    yield folder
    mark.release()


def test_what_a_killed_program_left_is_removed(own: Path, tmp_path: Path) -> None:
    left = unpack(tmp_path / "_MEIleft", *FILES, "instance.lock")
    clear_abandoned()
    assert not left.exists()
    assert (own / "base_library.zip").exists()


def test_a_running_programs_folder_stays(own: Path, tmp_path: Path) -> None:
    running = unpack(tmp_path / "_MEIrunning", *FILES)
    lock = InstanceLock(running)
    assert lock.take()
    clear_abandoned()
    assert running.exists()
    lock.release()


@pytest.mark.parametrize("files", [FILES, WINDOWS_FILES], ids=["Linux", "Windows"])
def test_what_a_start_killed_while_it_unpacked_left_is_removed(
    own: Path, tmp_path: Path, files: tuple[str, ...]
) -> None:
    unpack(own, *files)
    left = unpack(tmp_path / "_MEIhalf", *files[:2], age=LONGEST_UNPACKING + 1)
    clear_abandoned()
    assert not left.exists()


@pytest.mark.parametrize(
    ("names", "age"),
    [
        (FILES[:2], 0.0),
        ((*FILES[:2], "another.so"), LONGEST_UNPACKING + 1),
        (FILES, LONGEST_UNPACKING + 1),
    ],
    ids=["still being unpacked", "another program's", "whole, of one that may run"],
)
def test_what_may_still_be_needed_stays(
    own: Path, tmp_path: Path, names: tuple[str, ...], age: float
) -> None:
    other = unpack(tmp_path / "_MEIother", *names, age=age)
    clear_abandoned()
    assert other.exists()
