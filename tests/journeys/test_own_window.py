"""`--window`, with real windows on a screen that nobody sees."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright

from tests.conftest import command, port_of_our_own

from .conftest import find_chromium

pytestmark = [
    pytest.mark.journey,
    pytest.mark.gate,
    pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is Linux's"),
]
GRACE = 5
FIRST = "microsoft-edge"
"""The name of a browser that is looked for before all others."""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of its own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not here")
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as number:
            yield f":{number.readline().strip()}"
        server.terminate()


@pytest.fixture
def start(display: str, tmp_path: Path) -> Iterator[Start]:
    """Starts the program where the only browser is the one in `tmp_path / "bin"`."""
    (tmp_path / "bin").mkdir()
    started = []

    def begin(*arguments: str, program: list[str] | None = None) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*(program or command()), "--data-folder", str(tmp_path / "data"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "DISPLAY": display,
                "PATH": str(tmp_path / "bin"),
                "BROWSER": str(tmp_path / "bin" / "own-browser"),
                "PYTHONUTF8": "1",
            },
        )
        started.append(process)
        return process

    put(tmp_path / "bin" / "own-browser", f'echo "$@" >> "{tmp_path}/opened"')
    yield begin
    for each in started:
        if each.poll() is None:
            each.terminate()
        each.communicate(timeout=30)


def put(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\nPATH={os.environ['PATH']}\n{line}\n", encoding="utf-8")
    path.chmod(0o700)


@pytest.fixture
def chromium(tmp_path: Path, start: Start) -> int:
    """A real one among the browsers that are found; gives the port by which it can be driven."""
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium was found")
    port = port_of_our_own()
    put(tmp_path / "bin" / FIRST, f'exec "{found}" --remote-debugging-port={port} "$@"')
    return port


@pytest.fixture
def driver(playwright: Playwright) -> Callable[[int], Browser]:
    def connect(port: int) -> Browser:
        until = time.monotonic() + 60
        while True:
            try:
                return playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            except Error:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    return connect


def page_of(browser: Browser) -> Page:
    (page,) = browser.contexts[0].pages
    page.get_by_role("heading", name="Welcome to MyApp").wait_for()
    return page


def test_a_closed_window_ends_the_program_at_once(
    start: Start, chromium: int, driver: Callable[[int], Browser], tmp_path: Path
) -> None:
    program = start("--window", "--port", "0")
    page = page_of(driver(chromium))
    assert page.evaluate("matchMedia('(display-mode: standalone)').matches")
    assert (tmp_path / "data" / "window").is_dir(), "a profile of its own"
    page.wait_for_timeout(300)
    began = time.monotonic()
    page.close(run_before_unload=True)
    assert program.wait(GRACE + 25) == 0
    assert time.monotonic() - began < GRACE - 1
    assert not (tmp_path / "opened").exists()


@pytest.mark.gate
def test_a_second_start_shows_its_page_in_the_window_and_the_end_closes_all(
    start: Start, chromium: int, driver: Callable[[int], Browser]
) -> None:
    program = start("--window", "--port", "0")
    browser = driver(chromium)
    first = page_of(browser)
    with browser.contexts[0].expect_page() as second:
        again = start()
        said = again.communicate(timeout=60)[0]
    assert again.returncode == 0
    assert "own window" in said
    assert "code=" not in said
    second.value.get_by_role("heading", name="Welcome to MyApp").wait_for()
    second.value.close(run_before_unload=True)
    first.wait_for_timeout(1000)
    assert program.poll() is None, "one window is still open"
    with first.expect_event("close"):
        program.send_signal(signal.SIGTERM)
    assert program.wait(30) == 0


def test_its_menu_reloads_and_its_key_quits(
    start: Start, chromium: int, driver: Callable[[int], Browser]
) -> None:
    program = start("--window", "--port", "0")
    page = page_of(driver(chromium))
    page.evaluate("window.before = true")
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Reload Ctrl+R").click()
    page.wait_for_function("!window.before")
    page.get_by_role("heading", name="Welcome to MyApp").wait_for()
    # A page is shown before its scripts have run.
    page.wait_for_load_state()
    # The window may be gone before the key is let go.
    with contextlib.suppress(Error):
        page.keyboard.press("Control+q")
    assert program.wait(30) == 0


def test_where_no_window_can_be_shown_the_browser_is_opened_and_it_is_said(
    start: Start, tmp_path: Path
) -> None:
    if find_spec("webview") is not None:
        pytest.skip("pywebview is here")
    put(tmp_path / "bin" / FIRST, "exit 21")
    program = start("--window", "--port", "0")
    assert program.stdout is not None
    assert "No window of its own" in program.stdout.readline()
    until = time.monotonic() + 30
    while not (tmp_path / "opened").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert "/_desktop/enter?code=" in (tmp_path / "opened").read_text()


@pytest.mark.slow
def test_a_native_window_sends_other_sites_to_the_browser_and_ends_with_quit(
    start: Start, tmp_path: Path
) -> None:
    """With pywebview of this Python, or of the one that MYAPP_WINDOW_PYTHON names."""
    python = os.environ.get("MYAPP_WINDOW_PYTHON") or (find_spec("webview") and sys.executable)
    if not python:
        pytest.skip("pywebview is not here")
    pages = str(Path(__file__).parent / "window_pages.py")
    launcher = str(Path(__file__).parent.parent.parent / "launcher.py")
    program = start("--window", "--port", "0", "--app", pages, program=[python, launcher])
    assert program.wait(60) == 0
    assert (tmp_path / "data" / "seen").read_text().split() == ["first", "second"]
    assert "https://example.org/" in (tmp_path / "opened").read_text()
    assert (tmp_path / "data" / "window.json").exists()
