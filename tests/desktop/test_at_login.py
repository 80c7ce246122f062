"""Start at login: off at first, turned on and off by the person, and mended when it has moved."""

import os
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp import identity
from myapp.desktop.at_login import AtLogin, LoginRefused, State, own_program
from myapp.desktop.login_entries import APPROVED, RUN, AutostartFile, Found, LaunchAgent, RunValue
from tests.conftest import (
    LIMIT,
    Program,
    command,
    end_program,
    running_program,
    start_program,
    wait_until,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="the entry's place is Linux's")
AWKWARD = (
    "/opt/My App/50% “off”/$HOME `x`\\y/py",
    "--data-folder",
    '/home/Jörg & "Co"/it\'s\there',
    "",
    "%F",
    "plain",
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's programs find the person's settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "autostart"


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that its tests share, with a place of its own for the person's settings."""
    folder = tmp_path_factory.mktemp("waiting")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        with running_program(folder / "data") as program:
            yield program


def own_config(program: Program) -> Path:
    return program.data.parent / "config" / "autostart"


def entries(config: Path) -> list[Path]:
    return sorted(config.glob("*")) if config.exists() else []


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*command(), *arguments], capture_output=True, text=True, timeout=LIMIT, check=False
    )


def wait_for(path: Path) -> None:
    wait_until(path.exists, str(path))


# --- the whole program


@linux
def test_it_is_off_until_the_page_turns_it_on_and_off_again(waiting: Program) -> None:
    config = own_config(waiting)
    page = waiting.get("/_desktop/").text
    assert f"Start {identity.NAME} at login</button>" in page
    assert not entries(config)
    turned = waiting.post("/_desktop/login", {"start": "on"})
    assert (turned.status, turned.headers["location"]) == (303, "/_desktop/")
    assert len(entries(config)) == 1
    assert f"Do not start {identity.NAME} at login</button>" in waiting.get("/_desktop/").text
    waiting.post("/_desktop/login", {"start": "off"})
    assert not entries(config)


@linux
def test_only_a_page_of_the_program_can_turn_it_on(waiting: Program) -> None:
    config = own_config(waiting)
    headers = {"Cookie": waiting.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    own = {**headers, "Origin": waiting.origin}
    form = f"start=on&_token={waiting.token}"
    assert waiting.get("/_desktop/login?start=on").status == 404
    assert waiting.ask("POST", "/_desktop/login", "start=on", own).status == 403
    assert waiting.ask("POST", "/_desktop/login", form, headers).status == 403
    foreign = {**headers, "Origin": "http://evil.example"}
    assert waiting.ask("POST", "/_desktop/login", form, foreign).status == 403
    assert waiting.ask("POST", "/_desktop/login", form, {"Origin": waiting.origin}).status == 403
    assert not entries(config)


@linux
def test_where_it_cannot_be_written_the_page_says_so(waiting: Program) -> None:
    config = own_config(waiting)
    shutil.rmtree(config, ignore_errors=True)
    config.parent.mkdir(exist_ok=True)
    config.write_text("no folder")
    refused = waiting.post("/_desktop/login", {"start": "on"})
    config.unlink()
    assert refused.status == 500
    assert "Start at login could not be changed: File exists." in refused.text


@linux
def test_what_the_command_line_turned_on_starts_without_a_page_and_stays(
    tmp_path: Path, config: Path
) -> None:
    data = tmp_path / "my data"
    done = run("--data-folder", str(data), "--port", "0", "--start-at-login", "on")
    assert (done.returncode, done.stderr) == (0, "")
    assert "starts at login from now on" in done.stdout
    (entry,) = entries(config)
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{opened}"\n')
    browser.chmod(0o700)
    environment = {**os.environ, "BROWSER": str(browser), "DISPLAY": ":77"}
    found = AutostartFile(entry).read()
    assert found is not None
    with subprocess.Popen(found.command, cwd="/", env=environment) as started:
        try:
            wait_for(data / "instance.json")
            # A second one, as a desktop would start that knows the entry twice, opens nothing.
            again = subprocess.run([*found.command], env=environment, timeout=LIMIT, check=False)
            assert again.returncode == 0
            assert started.poll() is None
            assert not opened.exists()
            by_hand = run("--data-folder", str(data), "--no-browser")
            assert "/_desktop/enter?code=" in by_hand.stdout
        finally:
            started.terminate()
    assert started.returncode == 0
    assert run("--data-folder", str(data), "--start-at-login", "off").returncode == 0
    assert not entries(config)


@linux
def test_each_data_folder_has_an_entry_of_its_own(tmp_path: Path, config: Path) -> None:
    for name in ("one", "two"):
        run("--data-folder", str(tmp_path / name), "--start-at-login", "on")
    assert len(entries(config)) == 2


@linux
def test_an_application_that_would_not_be_found_at_login_is_refused(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    refused = run("--app", "here:app", "--start-at-login", "on")
    assert refused.returncode == 1
    assert "would not be found" in refused.stderr
    assert run("--app", "here.py:app", "--start-at-login", "on").returncode == 0
    (entry,) = entries(config)
    found = AutostartFile(entry).read()
    assert found is not None
    folder = tmp_path / "share" / identity.NAME / "apps" / "here-py-app"
    expected = ("--app", f"{tmp_path / 'here.py'}:app", "--data-folder", str(folder), "--at-login")
    assert found.command[-5:] == expected


@linux
@pytest.mark.slow
def test_a_program_that_moved_is_mended_at_its_next_start(tmp_path: Path, config: Path) -> None:
    data = str(tmp_path / "data")
    run("--data-folder", data, "--start-at-login", "on")
    (entry,) = entries(config)
    right = entry.read_text(encoding="utf-8")
    entry.write_text(right.replace(sys.executable, "/gone/python"), encoding="utf-8")
    program = start_program(tmp_path / "data", "--port", "0", "--stay", "--debug")
    log = tmp_path / "data" / "logs" / "myapp.log"
    try:
        moved = "has moved from /gone/python"
        wait_until(lambda: moved in log.read_text(encoding="utf-8"), moved)
    finally:
        end_program(program)
    assert "/gone/python" not in entry.read_text(encoding="utf-8")
    assert f"TryExec={sys.executable}" in entry.read_text(encoding="utf-8")


# --- what is decided


class Kept:
    """An entry in memory."""

    def __init__(self, found: Found | None = None) -> None:
        self.found = found

    def read(self) -> Found | None:
        return self.found

    def write(self, command: tuple[str, ...]) -> None:
        self.found = Found(command, True)

    def remove(self) -> None:
        self.found = None


def test_another_copy_that_is_there_is_told_and_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    kept = Kept(Found((str(other), "--at-login"), True))
    login = AtLogin(kept, ("/here/program",), ())
    assert login.state() == State(False, str(other))
    assert not login.mend()
    other.unlink()
    assert login.mend()
    assert kept.found == Found(("/here/program", "--at-login"), True)
    assert login.state() == State(True)


def test_what_the_person_switched_off_elsewhere_stays_off() -> None:
    kept = Kept(Found(("/gone/program", "--at-login"), False))
    login = AtLogin(kept, ("/here/program",), ())
    assert login.state() == State(False)
    assert not login.mend()
    login.turn(True)
    assert login.state() == State(True)


def test_a_launcher_that_has_gone_counts_as_moved(tmp_path: Path) -> None:
    kept = Kept(Found((sys.executable, str(tmp_path / "launcher.py"), "--at-login"), True))
    assert AtLogin(kept, own_program(), ()).mend()


def test_the_program_starts_from_any_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [*own_program(), "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert identity.VERSION in done.stdout


# --- how each system keeps it


def test_an_entry_of_a_linux_desktop_keeps_every_argument(tmp_path: Path) -> None:
    entry = AutostartFile(tmp_path / "autostart" / "x.desktop")
    assert entry.read() is None
    for words in (AWKWARD, ("/usr/bin/plain", "--at-login"), ("/a\nb", "x\\", "\\")):
        entry.write(words)
        assert entry.read() == Found(words, True)
    entry.remove()
    entry.remove()
    assert entry.read() is None


def test_a_user_without_a_home_has_nothing_that_starts() -> None:
    login = AtLogin(AutostartFile(Path("~/.config/autostart/x.desktop")), ("/here/program",), ())
    assert login.state() == State(False)
    assert not login.mend()
    with pytest.raises(LoginRefused, match="no folder of their own"):
        login.turn(True)


def test_an_entry_of_a_linux_desktop_is_quoted_as_the_specification_says(tmp_path: Path) -> None:
    entry = AutostartFile(tmp_path / "x.desktop")
    entry.write(AWKWARD)
    lines = dict(
        line.split("=", 1) for line in entry.path.read_text("utf-8").splitlines() if "=" in line
    )
    # A desktop undoes a text's escapes, then quotes and codes: inside quotes as a shell does.
    raw = re.sub(r"\\(.)", lambda found: {"t": "\t"}.get(found[1], found[1]), lines["Exec"])
    assert tuple(shlex.split(raw.replace("%%", "%").replace("\\$", "$").replace("\\`", "`"))) == (
        AWKWARD
    )
    assert "%F" not in raw.replace("%%", "")
    assert lines["TryExec"] == AWKWARD[0].replace("\\", "\\\\")


@pytest.mark.parametrize("off", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_a_linux_desktop_switched_off_is_off(tmp_path: Path, off: str) -> None:
    entry = AutostartFile(tmp_path / "x.desktop")
    entry.write(("/usr/bin/plain",))
    text = entry.path.read_text("utf-8")
    entry.path.write_text(text.replace("X-GNOME-Autostart-enabled=true", off))
    assert entry.read() == Found(("/usr/bin/plain",), False)
    for damaged in (b"", b"Exec", b"\xff=\xff", b"Exec=\n"):
        entry.path.write_bytes(damaged)
        assert entry.read() is None


def test_an_entry_of_macos_is_an_agent_that_runs_once(tmp_path: Path) -> None:
    entry = LaunchAgent(tmp_path / "LaunchAgents" / "io.example.plist")
    assert entry.read() is None
    entry.write(AWKWARD)
    assert entry.read() == Found(AWKWARD, True)
    told = plistlib.loads(entry.path.read_bytes())
    assert told["Label"] == "io.example"
    assert "KeepAlive" not in told
    entry.path.write_bytes(plistlib.dumps({**told, "Disabled": True}))
    assert entry.read() == Found(AWKWARD, False)
    for damaged in (b"", b"<plist", b"bplist00", plistlib.dumps({}), plistlib.dumps([])):
        entry.path.write_bytes(damaged)
        assert entry.read() is None
    entry.remove()
    assert entry.read() is None


class Registry:
    """A person's part of it, in memory."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str | bytes] = {}

    def get(self, key: str, name: str) -> str | bytes | None:
        return self.values.get((key, name))

    def set(self, key: str, name: str, value: str) -> None:
        self.values[key, name] = value

    def delete(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)


def test_a_value_of_windows_keeps_every_argument_and_leaves_nothing() -> None:
    registry = Registry()
    entry = RunValue("MyApp", registry)
    assert entry.read() is None
    words = (r"C:\Program Files\Jörg's\MyApp.exe", "--data-folder", "D:\\my data\\", "--at-login")
    entry.write(words)
    assert registry.values == {
        (RUN, "MyApp"): '"C:\\Program Files\\Jörg\'s\\MyApp.exe" --data-folder "D:\\my data\\\\" '
        "--at-login"
    }
    assert entry.read() == Found(words, True)
    registry.values[APPROVED, "MyApp"] = b"\x03" + b"\0" * 11
    assert entry.read() == Found(words, False)
    entry.write(words)
    assert entry.read() == Found(words, True)
    registry.values[APPROVED, "MyApp"] = b"\x02" + b"\0" * 11
    assert entry.read() == Found(words, True)
    entry.remove()
    assert not registry.values


def test_what_windows_would_cut_off_is_refused() -> None:
    registry = Registry()
    login = AtLogin(RunValue("MyApp", registry), ("C:\\" + "x" * 260,), ())
    with pytest.raises(LoginRefused, match="260 characters"):
        login.turn(True)
    assert not registry.values
