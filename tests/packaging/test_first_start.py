"""`python launcher.py` on a bare checkout: it sets itself up, or says what to do."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from myapp import identity
from myapp.desktop.bootstrap import BEGUN, NEEDED
from tests.conftest import ROOT
from tests.packaging.conftest import NO_NETWORK, Started

Start = Callable[..., Started]
VERSION = f"{identity.NAME}, version {identity.VERSION}"


@pytest.mark.parametrize("script", ["launcher.py", "tests/run.py"])
def test_an_old_python_can_read_the_file_that_asks_for_a_newer_one(script: str) -> None:
    ast.parse((ROOT / script).read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("extra", ["", "dev"])
def test_what_set_up_looks_for_is_what_the_project_names(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = extras["test"] + extras["dev"] if extra else project["dependencies"]
    here = [line for line in lines if sys.platform == "linux" or "== 'linux'" not in line]
    named = {re.split(r"[>=<\[]", line)[0].lower() for line in here} - {"myapp"}
    owners = importlib.metadata.packages_distributions()
    assert {owners[name][0].lower() for name in NEEDED[extra]} == named


def test_an_environment_that_has_everything_is_left_alone(checkout: Path, start: Start) -> None:
    started = start(checkout, python=sys.executable)
    assert (started.returncode, started.stdout.strip()) == (0, VERSION), started.stderr
    assert not (checkout / ".venv").exists()
    assert not (checkout / ".venv.lock").exists()


def test_a_folder_that_cannot_be_written_is_named(checkout: Path, start: Start) -> None:
    # A folder in the lock file's place also stops root, whom no permission stops.
    (checkout / ".venv.lock").mkdir()
    started = start(checkout)
    assert started.returncode == 1
    assert f"The folder {checkout} cannot be written" in started.stderr


@pytest.mark.slow
def test_a_half_made_environment_is_made_anew(checkout: Path, start: Start) -> None:
    half = checkout / ".venv" / "lib" / "half-written"
    half.parent.mkdir(parents=True)
    half.touch()
    (checkout / ".venv" / BEGUN).touch()
    start(checkout, **NO_NETWORK)
    assert not half.exists()
    assert (checkout / ".venv" / "pyvenv.cfg").exists()


def test_an_environment_that_a_person_made_is_never_emptied(
    checkout: Path, start: Start, bare_python: str
) -> None:
    own = checkout / ".venv"
    subprocess.run([bare_python, "-m", "venv", "--without-pip", str(own)], check=True)
    (own / "mine.txt").touch()
    started = start(checkout)
    assert started.returncode == 1
    assert "install them yourself" in started.stderr
    assert (own / "mine.txt").exists()


@pytest.mark.slow
def test_two_first_starts_set_up_once_and_later_ones_go_straight_through(
    checkout: Path, start: Start
) -> None:
    results: list[Started] = []
    threads = [threading.Thread(target=lambda: results.append(start(checkout))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.returncode for each in results] == [0, 0], results
    assert [each.stdout.strip() for each in results] == [VERSION, VERSION]
    assert sum("Setting up" in each.stderr for each in results) == 1

    later = start(checkout)
    assert (later.returncode, later.stdout.strip(), later.stderr) == (0, VERSION, "")

    refused = start(checkout, "--no-such-option")
    assert refused.returncode == 2, "arguments and exit codes pass through"
    assert "--no-such-option" in refused.stderr
    assert start(checkout, python=str(environment_python(checkout))).stderr == ""

    project = checkout / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace('"platformdirs>=4.3"', '"platformdirs>=4.2"'), encoding="utf-8")
    updated = start(checkout)
    assert "Setting up" in updated.stderr, "a changed list of dependencies is installed"
    assert updated.stdout.strip() == VERSION
    project.write_text(project.read_text(encoding="utf-8") + "\n[tool.other]\n", encoding="utf-8")
    assert start(checkout).stderr == ""


def environment_python(folder: Path) -> Path:
    return folder / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
