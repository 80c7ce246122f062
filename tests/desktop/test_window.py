"""Which window of its own the page gets, and what is looked at to find one."""

import json
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from myapp.desktop.app_browsers import on_linux, on_macos, on_windows
from myapp.desktop.app_window import AppWindow, flags
from myapp.desktop.native_window import NativeWindow
from myapp.desktop.presence import Presence
from myapp.desktop.window import open_apart, windows_for
from myapp.desktop.window_place import Place, Screen, keep_place, on_screens, read_place
from tests.conftest import end_program, start_program

posix = pytest.mark.skipif(os.name == "nt", reason="scripts of POSIX")


def names_of(data: Path, *, native: bool, browsers: list[str]) -> list[str]:
    windows = windows_for(
        data,
        Presence(lambda: None),
        threading.Event(),
        lambda: False,
        native=lambda: native,
        browsers=lambda: browsers,
    )
    return [
        each.browser if isinstance(each, AppWindow) else type(each).__name__ for each in windows
    ]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":77")


@pytest.mark.usefixtures("screen")
def test_a_native_window_comes_first_and_then_each_browser(tmp_path: Path) -> None:
    assert names_of(tmp_path, native=True, browsers=["a", "b"]) == ["NativeWindow", "a", "b"]
    assert names_of(tmp_path, native=False, browsers=["a"]) == ["a"]
    assert names_of(tmp_path, native=False, browsers=[]) == []
    assert not open_apart("http://127.0.0.1:9/", tmp_path, list)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_without_a_screen_there_is_no_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert names_of(tmp_path, native=True, browsers=["a"]) == []


@pytest.mark.parametrize("stays", [False, True])
def test_a_closed_window_is_only_hidden_where_the_program_stays_by_then(
    tmp_path: Path, stays: bool
) -> None:
    """With an icon in the tray, or --stay."""
    answers = []
    stop = threading.Event()
    window = NativeWindow(tmp_path, lambda: None, stop, lambda: stays)
    window.main = SimpleNamespace(hide=lambda: answers.append("hidden"))
    assert window.closing() is not stays or sys.platform == "darwin"
    assert answers == ["hidden"] * stays
    stop.set()
    assert window.closing(), "nothing keeps it at the program's end"


@posix
def test_a_browser_that_fails_is_no_window(tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 21\n", encoding="ascii")
    broken.chmod(0o700)
    for browser in (str(broken), str(tmp_path / "nothing")):
        presence = Presence(lambda: None)
        window = AppWindow(browser, tmp_path / "window", presence, threading.Event(), lambda: False)
        assert not window.run("http://127.0.0.1:9/", lambda stay: pytest.fail("it waited"))


def test_nothing_of_it_is_loaded_where_it_was_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    program = start_program(tmp_path, "--port", "0", "--stay")
    end_program(program)
    loaded = [line.rpartition("|")[2].strip() for line in program.said if "|" in line]
    assert "myapp.desktop.lifecycle" in loaded
    assert not [each for each in loaded if "window" in each or "app_browsers" in each]


def test_on_windows_the_registry_is_asked_before_the_usual_places() -> None:
    edge = r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe"
    chrome = r"D:\Apps\chrome.exe"
    found = on_windows(
        {"ProgramFiles": r"C:\Program Files", "ProgramFiles(x86)": r"C:\Program Files (x86)"},
        {"chrome.exe": chrome, "msedge.exe": r"C:\gone\msedge.exe"}.get,
        {edge, chrome}.__contains__,
    )
    assert list(found) == [edge, chrome]


def test_on_macos_a_users_own_programs_count_too(tmp_path: Path) -> None:
    inside = tmp_path / "own" / "Google Chrome.app" / "Contents" / "MacOS"
    inside.mkdir(parents=True)
    (inside / "Google Chrome").touch()
    found = on_macos((tmp_path / "all", tmp_path / "own"))
    assert list(found) == [str(inside / "Google Chrome")]


def test_a_snap_is_passed_over(tmp_path: Path) -> None:
    """It may not write to a profile in the data folder."""
    script, real = tmp_path / "chromium-browser", tmp_path / "google-chrome"
    script.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n', encoding="ascii")
    real.write_text("#!/bin/sh\n", encoding="ascii")
    found = {"chromium-browser": str(script), "google-chrome": str(real)}
    assert list(on_linux(found.get)) == [str(real)]


def test_a_window_gets_the_place_that_its_browser_kept(tmp_path: Path) -> None:
    assert "--window-size=1200,800" in flags(tmp_path)
    kept = {"left": 222, "right": 922, "top": 111, "bottom": 711, "maximized": True}
    by_dots = {"127": {"0": {"0": {"1_/_desktop/enter": kept}}}, "other": {}}
    (tmp_path / "Default").mkdir()
    preferences = tmp_path / "Default" / "Preferences"
    preferences.write_text(json.dumps({"browser": {"app_window_placement": by_dots}}))
    expected = {"--window-size=700,600", "--window-position=222,111", "--start-maximized"}
    assert expected <= set(flags(tmp_path))
    for left in ("", "[]", '{"browser": {"app_window_placement": {}}}', '{"browser": 1}'):
        preferences.write_text(left)
        assert "--window-size=1200,800" in flags(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone needs it")
@pytest.mark.parametrize(("user", "expected"), [(0, True), (1000, False)])
def test_only_root_goes_without_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, expected: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert ("--no-sandbox" in flags(tmp_path)) is expected


def test_a_place_is_kept(tmp_path: Path) -> None:
    place = Place(900, 700, -20, 40, True)
    keep_place(tmp_path / "window.json", place)
    assert read_place(tmp_path / "window.json") == place


@pytest.mark.parametrize(
    "left",
    ["", "[]", "{", '{"width": "x"}', '{"width": 1}', '{"x": 1.5}', '{"maximized": 1}', '{"z": 1}'],
)
def test_a_place_that_makes_no_sense_is_the_usual_one(tmp_path: Path, left: str) -> None:
    path = tmp_path / "window.json"
    path.write_text(left, encoding="ascii")
    assert read_place(path) == Place()


def test_a_window_comes_back_on_a_screen_that_is_still_there() -> None:
    both = [Screen(0, 0, 1920, 1080), Screen(1920, 0, 1920, 1080)]
    place = Place(800, 600, 2500, 100)
    assert on_screens(place, both) == place
    assert on_screens(place, both[:1]) == Place(800, 600)
    assert on_screens(Place(800, 600), both) == Place(800, 600)
