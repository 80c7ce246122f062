"""The first start on a bare checkout: it sets itself up once, or says exactly what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

BARE = Path(sys.base_prefix) / ("python.exe" if sys.platform == "win32" else "bin/python3")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a clone holds, without an environment."""
    copied = tmp_path / "checkout"
    copied.mkdir()
    for name in ("myapp", "templates", "static"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("launcher.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copied / name)
    return copied


def launch(checkout: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [str(BARE), str(checkout / "launcher.py"), *arguments],
        capture_output=True,
        text=True,
        env={**clean, **more},
        timeout=300,
    )


def has_dependencies() -> bool:
    return (
        subprocess.run([str(BARE), "-c", "import apsw, flask"], capture_output=True).returncode == 0
    )


pytestmark = pytest.mark.skipif(
    not BARE.exists() or has_dependencies(), reason="no bare Python is here to try this with"
)


def test_without_a_network_it_says_what_to_do_and_the_next_start_tries_again(
    checkout: Path,
) -> None:
    for _ in range(2):
        ended = launch(checkout, "--version", PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)
        assert ended.returncode == 1
        assert "Check the internet connection" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_without_the_venv_module_it_names_the_package_to_install(
    checkout: Path, tmp_path: Path
) -> None:
    (tmp_path / "venv.py").write_text("raise ImportError('no venv here')", encoding="ascii")
    ended = launch(checkout, "--version", PYTHONPATH=str(tmp_path))
    assert ended.returncode == 1
    assert "python3-venv" in ended.stderr


@pytest.mark.slow
def test_the_first_start_sets_up_and_the_second_goes_straight_through(checkout: Path) -> None:
    first = launch(checkout, "--version")
    assert first.returncode == 0, first.stderr
    assert "Setting up" in first.stderr
    assert "version" in first.stdout
    second = launch(checkout, "--version")
    assert second.returncode == 0
    assert second.stderr == ""


@pytest.mark.slow
def test_changed_dependencies_are_installed_at_the_next_start(checkout: Path) -> None:
    assert launch(checkout, "--version").returncode == 0
    project = checkout / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    changed = text.replace("click>=8.1.8", "click>=8.1.7")
    assert changed != text
    project.write_text(changed, encoding="utf-8")
    assert "Setting up" in launch(checkout, "--version").stderr
