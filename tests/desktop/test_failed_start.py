"""A start that fails, seen by a person without a terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LIMIT, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a browser by $BROWSER is Linux's")

WITHOUT_OUTPUT = """
import sys
sys.stdout = sys.stderr = None
sys.argv = ["myapp", "--data-folder", sys.argv[1], "--app", "nowhere:app"]
from myapp.desktop import main
main()
"""


def test_without_stdout_the_sentence_and_the_logs_place_are_shown_in_the_browser(
    tmp_path: Path,
) -> None:
    seen = tmp_path / "seen"
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{seen}"\n')
    browser.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_OUTPUT, str(tmp_path / "data")],
        cwd=ROOT,
        env={**os.environ, "BROWSER": str(browser), "DISPLAY": ":none"},
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 5
    address = seen.read_text().strip()
    assert address.startswith("file://")
    page = Path(address.removeprefix("file://")).read_text(encoding="utf-8")
    assert "There is no module named nowhere." in page
    assert str(tmp_path / "data" / "logs" / "myapp.log") in page
    log = (tmp_path / "data" / "logs" / "myapp.log").read_text(encoding="utf-8")
    assert "There is no module named nowhere." in log


def test_with_no_browser_nothing_is_opened(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "launcher.py", "--no-browser", "--app", "nowhere:app"]
        + ["--data-folder", str(tmp_path / "data")],
        cwd=ROOT,
        env={**os.environ, "BROWSER": "/bin/false", "DISPLAY": ":none"},
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 5
    assert not list(tmp_path.rglob("*.html"))


def without_screen() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}


def test_where_no_browser_can_be_opened_the_link_is_printed_and_it_goes_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "launcher.py", "--port", "0", "--data-folder", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=without_screen(),
    )
    assert process.stdout is not None
    try:
        assert "No browser could be opened" in process.stdout.readline()
        assert "/_desktop/enter?code=" in process.stdout.readline()
        assert process.poll() is None
    finally:
        process.terminate()
        process.communicate(timeout=LIMIT)
