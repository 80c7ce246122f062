"""A bare checkout, and a Python that has nothing installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT

Started = subprocess.CompletedProcess[str]
NO_NETWORK = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
INHERITED = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a start from a fresh clone needs, in a folder with a difficult name."""
    folder = tmp_path / "my cläss 📚"
    folder.mkdir()
    for name in ("myapp", "templates", "static"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("launcher.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("python") / "bare"
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))


@pytest.fixture
def start(bare_python: str) -> Callable[..., Started]:
    """Start a checkout's launcher with `--version`, in a chosen Python, to its end."""

    def run(folder: Path, *arguments: str, python: str = bare_python, **changed: str) -> Started:
        environment = {k: v for k, v in os.environ.items() if k not in INHERITED}
        return subprocess.run(
            [python, "launcher.py", "--version", *arguments],
            cwd=folder,
            env={**environment, "PYTHONUTF8": "1", **changed},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    return run
