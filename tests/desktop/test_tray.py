"""The icon in the tray: off until it is chosen, there where the desktop has a place for it."""

import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from myapp import identity
from myapp.desktop.own_page import render_own
from myapp.desktop.presence import GRACE_TICKS
from myapp.desktop.settings_file import SettingsRefused, keep_setting
from myapp.desktop.tray import GONE_SECONDS, LONGEST_TEXT, Choose, Item, State, Told, Tray
from tests.conftest import LIMIT, ROOT, Program, command, end_program, start_program, wait_until

if sys.platform == "linux":
    from myapp.desktop.status_item import ITEM, MENU, StatusItem, read_pixmaps

    from .tray_host import Host, running_bus

linux = pytest.mark.skipif(sys.platform != "linux", reason="the bus is Linux's")
ICO = identity.resource_folder("static") / "desktop" / "tray.ico"


# --- a whole program on a real bus


@pytest.fixture
def bus() -> Iterator[str]:
    with running_bus() as address:
        yield address


@pytest.fixture
def host(bus: str) -> Iterator["Host"]:
    made = Host(bus)
    yield made
    made.end()


@pytest.fixture
def opened(bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a browser writes down what it was to open, in a session with a bus."""
    file, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> "{file}"\n', encoding="ascii")
    browser.chmod(0o700)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setenv("DISPLAY", ":77")
    return file


@pytest.fixture
def program(tmp_path: Path, opened: Path) -> Iterator[Program]:
    started = start_program(tmp_path / "data", "--port", "0", "--tray")
    yield started
    end_program(started)


@pytest.fixture(scope="module")
def shared_bus() -> Iterator[str]:
    with running_bus() as address:
        yield address


@pytest.fixture(scope="module")
def waiting(shared_bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One that its tests share, with an icon on a bus of its own where bars come and go."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBUS_SESSION_BUS_ADDRESS", shared_bus)
        started = start_program(tmp_path_factory.mktemp("waiting"), "--port", "0", "--tray")
        started.enter()
        yield started
        end_program(started)


@pytest.fixture
def bar(shared_bus: str) -> Iterator["Host"]:
    made = Host(shared_bus)
    yield made
    made.end()


def link_in(opened: Path, number: int) -> str:
    wait_until(lambda: opened.exists() and len(opened.read_text().split()) >= number)
    return opened.read_text().split()[number - 1]


@linux
def test_the_icon_opens_shares_and_quits(host: "Host", program: Program, opened: Path) -> None:
    item = host.registered.get(timeout=LIMIT)
    shown = host.properties(item)
    assert (shown["Title"], shown["Status"], shown["Menu"]) == (identity.NAME, "Active", MENU)
    assert [width for width, _, _ in shown["IconPixmap"]] == [16, 20, 22, 24, 32, 48]
    assert host.call(item, ITEM, "Activate", "ii", 0, 0) == ()
    program.link = link_in(opened, 1)
    program.enter()
    menu = host.menu(item)
    assert list(menu) == ["Open MyApp", "Share on the local network…", "—", "Quit MyApp"]
    host.click(item, menu["Share on the local network…"])
    share = program.ask("GET", link_in(opened, 2).removeprefix(program.origin))
    assert share.headers["location"] == "/_desktop/share"
    host.click(item, menu["Quit MyApp"])
    assert program.process.wait(LIMIT) == 0


@linux
def test_what_a_bar_asks_wrongly_does_not_cost_the_icon(bar: "Host", waiting: Program) -> None:
    item = bar.registered.get(timeout=LIMIT)
    wrong = "org.freedesktop.DBus.Error."
    assert bar.call(item, ITEM, "Get", "ss", "", "Nothing") == wrong + "UnknownMethod"
    assert bar.call(item, MENU, "Get", "ss", "", "Version") == (("u", 3),)
    assert bar.call(item, ITEM, "Reboot") == wrong + "UnknownMethod"
    assert bar.call(item, MENU, "GetLayout") == wrong + "InvalidArgs"
    assert bar.call(item, MENU, "GetLayout", "iias", 99, 1, []) == wrong + "InvalidArgs"
    assert bar.call(item, MENU, "EventGroup", "a(isvu)", [(-1, "clicked", ("i", 0), 0)]) == ([],)
    assert bar.menu(item)
    assert waiting.process.poll() is None


@linux
def test_its_page_turns_it_off_and_on_for_now_and_for_later_starts(
    bar: "Host", waiting: Program
) -> None:
    bar.registered.get(timeout=LIMIT)
    there = "has an icon in the tray, and goes on when its last page is closed"
    wait_until(lambda: there in waiting.get("/_desktop/").text)
    assert "Show no icon</button>" in waiting.get("/_desktop/").text
    settings = waiting.data / "settings.toml"
    settings.write_text("# mine\ntray = true\n", encoding="utf-8")
    turned = waiting.post("/_desktop/tray", {"show": "off"})
    assert (turned.status, turned.headers["location"]) == (303, "/_desktop/")
    assert settings.read_text(encoding="utf-8") == "# mine\ntray = false\n"
    assert "Show an icon in the tray</button>" in waiting.get("/_desktop/").text
    waiting.post("/_desktop/tray", {"show": "on"})
    assert bar.registered.get(timeout=LIMIT)
    assert "Show no icon</button>" in waiting.get("/_desktop/").text
    assert settings.read_text(encoding="utf-8") == "# mine\ntray = true\n"


@linux
def test_at_login_there_is_an_icon_and_no_page_until_it_is_clicked(
    host: "Host", tmp_path: Path, opened: Path
) -> None:
    (tmp_path / "settings.toml").write_text("tray = true\nport = 0\n", encoding="utf-8")
    words = [*command(), "--data-folder", str(tmp_path), "--at-login"]
    with subprocess.Popen(words, cwd="/") as started:
        try:
            item = host.registered.get(timeout=LIMIT)
            assert not opened.exists()
            assert host.call(item, ITEM, "Activate", "ii", 0, 0) == ()
            assert "/_desktop/enter?code=" in link_in(opened, 1)
        finally:
            started.terminate()
    assert started.returncode == 0


@linux
@pytest.mark.slow
def test_with_its_icon_there_it_goes_on_without_a_page_and_ends_when_the_icon_goes(
    host: "Host", program: Program
) -> None:
    host.registered.get(timeout=LIMIT)
    program.enter()
    headers = {"Cookie": program.cookie, "Origin": program.origin}
    for word in ("hello page 1", "goodbye page 2"):
        assert program.ask("POST", "/_desktop/presence", word, headers).status == 204
    time.sleep(GRACE_TICKS + 3)
    assert program.process.poll() is None
    program.post("/_desktop/tray", {"show": "off"})
    assert program.process.wait(LIMIT) == 0


@linux
def test_a_page_of_the_program_alone_may_turn_it_on(waiting: Program) -> None:
    headers = {"Cookie": waiting.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    assert waiting.get("/_desktop/tray?show=off").status == 404
    own = {**headers, "Origin": waiting.origin}
    assert waiting.ask("POST", "/_desktop/tray", "show=off", own).status == 403
    foreign = {**headers, "Origin": "http://evil.example"}
    form = f"show=off&_token={waiting.token}"
    assert waiting.ask("POST", "/_desktop/tray", form, foreign).status == 403


@linux
def test_where_the_desktop_has_no_place_the_page_says_so(waiting: Program) -> None:
    said = "this desktop has no place for it now"
    wait_until(lambda: said in waiting.get("/_desktop/").text)


@linux
def test_without_a_bus_the_program_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    started = start_program(tmp_path / "data", "--port", "0", "--tray")
    log = tmp_path / "data" / "logs" / "myapp.log"
    try:
        assert started.process.stdout is not None
        said = started.process.stdout.readline()
        assert said.startswith("No icon can be shown in the tray: this session has no bus")
        wait_until(lambda: said.strip() in log.read_text(encoding="utf-8"))
        started.enter()
        assert started.get("/").status == 200
    finally:
        end_program(started)


@linux
def test_where_the_desktop_has_no_place_a_start_says_so(
    bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    started = start_program(tmp_path / "data", "--port", "0", "--tray")
    try:
        assert started.process.stdout is not None
        said = started.process.stdout.readline()
        assert said.startswith("This desktop has no place for an icon in the tray now")
    finally:
        end_program(started)


@linux
def test_nothing_of_it_is_loaded_where_it_was_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    program = start_program(tmp_path, "--port", "0", "--stay")
    end_program(program)
    loaded = [line.rpartition("|")[2].strip() for line in program.said if "|" in line]
    assert "myapp.desktop.lifecycle" in loaded
    assert not [each for each in loaded if "tray" in each or "jeepney" in each]


# --- the icon of Linux, on the same bus


@pytest.fixture
def chosen() -> list[str]:
    return []


@pytest.fixture
def icon(bus: str, chosen: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from myapp.desktop import linux_tray
    from myapp.desktop.linux_tray import LinuxIcon

    monkeypatch.setattr(linux_tray, "END_SECONDS", LIMIT)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    made = LinuxIcon(chosen.append)
    yield made
    made.hide()
    assert not made.thread.is_alive()


@linux
def test_an_icon_comes_with_the_bar_and_goes_and_comes_back(
    icon: Any, bus: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    icon.show(Told("", ()))
    assert icon.settled.wait(LIMIT)
    assert not icon.there
    assert "no place for one, or not yet" in caplog.text
    for _ in range(2):
        bar = Host(bus)
        assert bar.registered.get(timeout=LIMIT).startswith("org.kde.StatusNotifierItem-")
        wait_until(lambda: icon.there)
        bar.end()
        wait_until(lambda: not icon.there)


@linux
def test_a_watcher_that_shows_it_to_nobody_counts_as_none(icon: Any, bus: str) -> None:
    watcher = Host(bus, hosts=False)
    icon.show(Told("", ()))
    assert icon.settled.wait(LIMIT)
    assert not icon.there
    watcher.hosts = True
    watcher.say("StatusNotifierHostRegistered")
    wait_until(lambda: icon.there)
    watcher.end()


# --- what is offered, chosen and kept


class Sharing:
    on, origin, asked = False, "http://192.168.1.5:27284", ""

    def carry_out(self, form: dict[str, str]) -> None:
        self.asked, self.on = form["action"], False


class Gate:
    """What the icon needs of it."""

    def __init__(self) -> None:
        self.sharing = Sharing()
        self.make_sharing = object()
        self.name = ""
        self.ended = threading.Event()
        self.quit = self.ended.set

    def title(self) -> str:
        return self.name

    def page_for(self, files: tuple[Path, ...]) -> str:
        assert not files
        return "/where/I/was"


class Shown:
    """An icon that nobody sees."""

    there = True

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.settled = threading.Event()
        self.settled.set()
        self.told: list[Told] = []

    def show(self, told: Told) -> None:
        self.told.append(told)

    tell = show

    def hide(self) -> None:
        self.there = False


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def pages() -> list[str]:
    return []


@pytest.fixture
def tray(gate: Gate, pages: list[str], tmp_path: Path) -> Tray:
    def open_page(path: str) -> None:
        pages.append(path)

    made: Any = gate
    return Tray(made, open_page, tmp_path / "settings.toml", Shown)


def shown_in(tray: Tray) -> Any:
    return tray.icon


def test_while_it_is_shared_the_menu_says_where_and_stops_it(tray: Tray, gate: Gate) -> None:
    tray.show()
    gate.sharing.on = True
    tray.look_after()
    labels = [each.label for each in shown_in(tray).told[-1].items]
    assert labels[1:3] == ["Shared at http://192.168.1.5:27284", "Stop sharing"]
    tray.choose("stop")
    wait_until(lambda: gate.sharing.asked == "stop")
    wait_until(lambda: len(shown_in(tray).told[-1].items) == 4)


def test_it_tells_the_file_that_is_open_and_only_what_has_changed(tray: Tray, gate: Gate) -> None:
    tray.show()
    gate.name = "Kunden & Söhne\n.sqlite"
    tray.look_after()
    tray.look_after()
    assert [each.text for each in shown_in(tray).told] == ["", "Kunden & Söhne .sqlite"]
    gate.name = "x" * 1000
    tray.look_after()
    assert len(shown_in(tray).told[-1].text) == LONGEST_TEXT


def test_a_double_click_opens_one_page(
    tray: Tray, pages: list[str], gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.desktop.tray.TWICE_SECONDS", LIMIT)
    tray.show()
    for _ in range(3):
        shown_in(tray).choose("open")
    shown_in(tray).choose("quit")
    assert gate.ended.wait(LIMIT)
    wait_until(lambda: pages)
    assert pages == ["/where/I/was"]


def test_the_program_stays_while_the_icon_is_there_and_a_bar_that_crashed_may_come_back(
    tray: Tray,
) -> None:
    assert not tray.stays
    tray.show()
    assert tray.stays
    tray.look_after()
    shown_in(tray).there = False
    for _ in range(GONE_SECONDS - 1):
        tray.look_after()
        assert tray.stays
    tray.look_after()
    assert not tray.stays


def test_an_icon_that_never_had_a_place_keeps_nothing_running(tray: Tray) -> None:
    tray.show()
    shown_in(tray).there = False
    tray.look_after()
    assert not tray.stays


def test_what_the_page_chose_is_kept_only_where_it_can_be(tray: Tray, tmp_path: Path) -> None:
    tray.turn(True)
    assert (tmp_path / "settings.toml").read_text(encoding="utf-8") == "tray = true\n"
    assert tray.state() == State(True, True)
    (tmp_path / "settings.toml").write_text("tray = tru\n", encoding="utf-8")
    with pytest.raises(SettingsRefused, match="line 1"):
        tray.turn(False)
    assert tray.state() == State(True, True), "what was refused has not happened"


@pytest.mark.parametrize(
    ("before", "on", "after"),
    [
        ("", True, "tray = true\n"),
        ("port = 8000", True, "port = 8000\ntray = true\n"),
        ("port = 8000\r\n", True, "port = 8000\r\ntray = true\r\n"),
        (
            "# mine\ntray=false # why\nstay = true\n",
            True,
            "# mine\ntray = true # why\nstay = true\n",
        ),
        ("  tray = true\n", False, "tray = false\n"),
        ("stay = true\n", False, "stay = true\n"),
        ("[other]\ntray = 1\n", True, "tray = true\n[other]\ntray = 1\n"),
        ('x = """\ntray = 1\n"""\n', True, 'x = """\ntray = 1\n"""\ntray = true\n'),
    ],
)
def test_one_line_of_the_settings_changes_and_no_other(
    tmp_path: Path, before: str, on: bool, after: str
) -> None:
    path = tmp_path / "folder" / "settings.toml"
    if before:
        path.parent.mkdir()
        path.write_bytes(before.encode())
    keep_setting(path, "tray", on)
    assert path.read_bytes().decode() == after


def test_a_settings_file_that_no_line_can_change_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('"tray" = false\n', encoding="utf-8")
    with pytest.raises(SettingsRefused, match="by hand"):
        keep_setting(path, "tray", True)
    assert path.read_text(encoding="utf-8") == '"tray" = false\n'
    with pytest.raises(SettingsRefused, match="could not be kept"):
        keep_setting(tmp_path / "settings.toml" / "x", "tray", True)


def test_what_could_not_be_kept_stands_beside_its_own_form() -> None:
    page = render_own("t", None, {"tray": "It <b> could not"}, tray=State(False, False)).decode()
    assert (
        page.index("Icon in the tray") < page.index("It &lt;b&gt; could not") < page.index("Keys")
    )
    assert "tray</h2>" not in render_own("t", None, {}).decode(), "macOS has none"


@linux
def test_the_icon_is_drawn_upright_in_its_colours() -> None:
    (picture,) = (pixels for width, _, pixels in read_pixmaps(ICO.read_bytes()) if width == 32)
    green, white = (255, 11, 110, 95), (255, 255, 255, 255)

    def is_drawn(x: int, y: int, colour: tuple[int, ...]) -> bool:
        found = picture[(y * 32 + x) * 4 :][:4]
        return all(abs(each - wanted) < 24 for each, wanted in zip(found, colour, strict=True))

    assert picture[0] == 0, "its corners are round"
    assert is_drawn(15, 9, white), "the table's head is one bar"
    assert is_drawn(15, 22, green), "its rows are two"
    assert is_drawn(10, 22, white)
    assert is_drawn(10, 4, green)
    assert is_drawn(10, 28, green)


@linux
def test_an_icon_of_another_form_has_no_picture_and_costs_nothing_else() -> None:
    assert read_pixmaps((ROOT / "installer" / "icons" / "app.ico").read_bytes()) == []
    for broken in (b"", ICO.read_bytes()[:2000]):
        with pytest.raises(struct.error):
            read_pixmaps(broken)


@linux
def test_a_file_of_any_name_is_told_in_what_a_bar_takes_for_markup(chosen: list[str]) -> None:
    item = StatusItem(chosen.append, Told("A_b & <c>.sqlite", (Item("share", "A_b & <c>"),)), [])
    told = item.answer(ITEM, "Get", ("", "ToolTip"))
    assert told == ("v", (("(sa(iiay)ss)", ("", [], identity.NAME, "A_b &amp; &lt;c&gt;.sqlite")),))
    labels = item.answer(MENU, "GetGroupProperties", ([], []))
    assert labels == ("a(ia{sv})", ([(2, {"label": ("s", "A__b & <c>")})],))


@linux
def test_start_at_login_keeps_an_icon_that_the_command_line_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from .test_at_login import entries, run

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    done = run("--data-folder", str(tmp_path / "data"), "--tray", "--start-at-login", "on")
    assert done.returncode == 0, done.stderr
    (entry,) = entries(tmp_path / "config" / "autostart")
    assert entry.read_text(encoding="utf-8").splitlines()[5].endswith("--tray --at-login")
