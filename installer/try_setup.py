"""Install, start, update and uninstall the Windows program under Wine. Called by try_setup.sh.

The program is started by its Start-menu shortcut, so that it has no stdout, as for a person. Its
pages are fetched from Linux, which shares the loopback interface. Standard library only.
"""

import html
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from visiting import Visitor, check_files, check_full_text, check_sqlite, use, work

from myapp import identity

WORK = Path(sys.argv[1])
DRIVE = Path(os.environ["WINEPREFIX"]) / "drive_c"
USER = DRIVE / "users" / "root"
LOCAL = USER / "AppData" / "Local"
DATA = LOCAL / identity.NAME
INSTALLED = LOCAL / "Programs" / identity.NAME
MENU = USER / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs" / f"{identity.NAME}.lnk"
OPENED = WORK / "opened.txt"
PAGES = WORK / "pages"
PATIENCE = 60.0


def step(sentence: str) -> None:
    print(f"   {sentence}", flush=True)


def wine(*arguments: str | Path, patience: float = 300) -> int:
    """Run a Windows program to its end; gives its exit code."""
    done = subprocess.run(
        ["wine", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=patience,
        check=False,
    )
    return done.returncode


def wait_until(what: str, holds: Callable[[], object], patience: float = PATIENCE) -> None:
    until = time.monotonic() + patience
    while not holds():
        if time.monotonic() > until:
            log = DATA / "Logs" / f"{identity.SLUG}.log"
            sys.exit(f"never came: {what}\n{log.read_text() if log.exists() else 'no log'}")
        time.sleep(0.1)


def running() -> list[int]:
    """The Linux processes of the installed program."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if f"{identity.NAME}.exe".encode() in words.split(b"\0")[0]:
            found.append(int(folder.name))
    return found


def catch_browser() -> None:
    """Wine hands the default browser's addresses to a script that writes them down."""
    stub = WORK / "browser.sh"
    stub.write_text(f'#!/bin/sh\necho "$1" >> "{OPENED}"\n')
    stub.chmod(0o755)
    key = r"HKCU\Software\Wine\WineBrowser"
    assert wine("reg", "add", key, "/v", "Browsers", "/t", "REG_SZ", "/d", stub, "/f") == 0


def set_registry(keys: dict[str, dict[str, str]]) -> None:
    lines = ["Windows Registry Editor Version 5.00"]
    for key, values in keys.items():
        lines += ["", f"[{key}]"]
        for name, value in values.items():
            escaped = value.replace("\\", "\\\\")
            lines.append(f'"{name}"="{escaped}"')
    file = WORK / "wanted.reg"
    file.write_text("\r\n".join([*lines, "", ""]), encoding="utf-16", newline="")
    assert wine("regedit", "/S", f"Z:{file}") == 0


def damage_registry() -> None:
    """As badly made programs leave it: scripts and styles are plain text.

    Where Linux has /etc/mime.types, Wine's programs find it too; try_parts.py looks past it.
    """
    types = {"Content Type": "text/plain"}
    endings = (".js", ".mjs", ".css", ".svg")
    set_registry({f"HKEY_CLASSES_ROOT\\{each}": types for each in endings})
    step("damaged the registry: scripts and styles are plain text")


def opened() -> list[str]:
    return OPENED.read_text().split() if OPENED.exists() else []


def start(visit: Callable[[str], Visitor] = Visitor) -> Visitor:
    """By the shortcut, as from the Start menu."""
    before = len(opened())
    began = time.monotonic()
    wine("start", "/unix", MENU)
    wait_until("the browser opens", lambda: len(opened()) > before)
    step(f"started by its shortcut, browser after {time.monotonic() - began:.1f} s")
    return visit(opened()[-1])


def install(setup: Path, *options: str) -> None:
    log = WORK / "setup.log"
    code = wine(setup, "/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART", f"/LOG=Z:{log}", *options)
    assert code == 0, (code, log.read_text(encoding="utf-8-sig") if log.exists() else "no log")


def last_end_was_polite() -> bool:
    text = (DATA / "Logs" / f"{identity.SLUG}.log").read_text(encoding="utf-8")
    return "lifecycle: ending" in text.strip().splitlines()[-1]


SESSION = f"{identity.SLUG}-{identity.APP_ID}"
TRAY = f"{identity.SLUG}-tray-{identity.APP_ID}"


def ask_window(messages: list[str], name: str = SESSION, long: str = "0") -> None:
    """What Windows sends to the program's invisible window; Wine's taskkill finds no programs."""
    code = (
        "import ctypes, sys; user = ctypes.WinDLL('user32');"
        "user.FindWindowW.restype = ctypes.c_void_p;"
        "window = ctypes.c_void_p(user.FindWindowW(sys.argv[1], None)); assert window;"
        "[user.SendMessageW(window, int(each, 16), 1, int(sys.argv[2], 16))"
        " for each in sys.argv[3:]]"
    )
    assert wine(WORK / "python" / "python.exe", "-c", code, name, long, *messages) == 0


def try_tray(visitor: Visitor) -> None:
    """The page turns the icon on, now and for the next start; a click opens a page."""
    log = DATA / "Logs" / f"{identity.SLUG}.log"
    said = "the icon is in the tray"

    def times() -> int:
        return log.read_text(encoding="utf-8").count(said)

    before = times()
    visitor.look()
    visitor.form("/_desktop/tray", show="on")
    wait_until("the icon in the tray", lambda: times() > before)
    assert "has an icon in the tray" in visitor.ask("GET", "/_desktop/")[2]
    visitor.quit()
    wait_until("the end", lambda: not running())
    again = start()
    wait_until("the icon of the next start", lambda: times() > before + 1)
    links = len(opened())
    ask_window(["8001"], TRAY, "400")
    wait_until("a page after a click on the icon", lambda: len(opened()) > links)
    again.look()
    again.form("/_desktop/tray", show="off")
    step("the icon in the tray: turned on, there after a new start, clicked, turned off")


RUN = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"


def starts_at_login() -> bool:
    return wine("reg", "query", RUN, "/v", identity.NAME) == 0


def turn_login(on: bool) -> None:
    program = INSTALLED / f"{identity.NAME}.exe"
    assert wine(program, "--start-at-login", "on" if on else "off") == 0
    assert starts_at_login() is on


def uninstall() -> None:
    assert wine(INSTALLED / "unins000.exe", "/VERYSILENT", "/SUPPRESSMSGBOXES") == 0
    # The uninstaller goes on as a copy of itself for a moment.
    wait_until("the program's folder goes", lambda: not list(INSTALLED.glob("*.exe")))


def click_through(setup: Path) -> None:
    """The wizard by the keyboard, with a screenshot of each page."""
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir()
    before = len(opened())
    log = WORK / "wizard.log"
    log.unlink(missing_ok=True)
    wizard = subprocess.Popen(
        ["wine", str(setup), "/LANG=en", "/CURRENTUSER", f"/LOG=Z:{log}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until("the wizard's window", lambda: windows(f"Setup - {identity.NAME}"))
    number = 0
    until = time.monotonic() + 300
    while wizard.poll() is None and time.monotonic() < until:
        time.sleep(1.5)
        if wizard.poll() is not None:
            break
        if is_installing(log):
            continue  # Return would now mean Cancel
        number += 1
        shot = PAGES / f"{number:02}.png"
        subprocess.run(["import", "-window", "root", str(shot)], check=True)
        for window in windows(f"Setup - {identity.NAME}")[:1]:
            subprocess.run(["xdotool", "windowfocus", window], check=False)
        subprocess.run(["xdotool", "key", "Return"], check=True)
    assert wizard.wait(30) == 0
    assert number >= 4, f"only {number} pages"
    step(f"clicked through, {number} screenshots in {PAGES}")
    wait_until("the program that the last page starts", lambda: len(opened()) > before)


def is_installing(log: Path) -> bool:
    text = log.read_text(encoding="utf-8-sig", errors="replace") if log.exists() else ""
    return "Starting the installation process" in text and "Installation process suc" not in text


def windows(title: str) -> list[str]:
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", title],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.split()


def unpacked() -> set[Path]:
    """Where one-file programs lie unpacked; Wine's temporary folder is another than Windows'."""
    return set((USER / "Temp").glob("_MEI*"))


def try_folder_build(setup: Path) -> None:
    """The setup of a folder build, in a folder with an awkward name."""
    # The program runs from a folder with an emoji too, but Wine follows no shortcut there.
    folder = DRIVE / "Prögramme & Söhne"
    install(setup, f"/DIR=C:\\{folder.name}")
    assert (folder / "_internal").is_dir(), "this is no folder build"
    before = unpacked()
    check_files(start(use), folder / "_internal")
    assert unpacked() == before, "a folder build unpacks nothing"
    assert wine(folder / "unins000.exe", "/VERYSILENT", "/SUPPRESSMSGBOXES") == 0
    wait_until("the program's folder goes", lambda: not list(folder.glob("*.exe")))
    wait_until("no process is left", lambda: not running())
    print("tried the folder build: all fine")


def leave_half_unpacked(whole: Path) -> Path:
    """What a start leaves that was killed while it unpacked, an hour ago."""
    half = whole.with_name("_MEIhalf")
    half.mkdir(exist_ok=True)
    shutil.copy(whole / "base_library.zip", half)
    then = time.time() - 3600
    os.utime(half, (then, then))
    return half


SHELL = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Explorer"


def set_home(home: str, temporary: str) -> None:
    """Where Windows says that the person's folders are."""
    local, roaming = rf"{home}\AppData\Local", rf"{home}\AppData\Roaming"
    folders = {"Local AppData": local, "AppData": roaming}
    told = {"LOCALAPPDATA": local, "APPDATA": roaming, "USERPROFILE": home}
    set_registry(
        {
            rf"{SHELL}\User Shell Folders": folders,
            rf"{SHELL}\Shell Folders": folders,
            r"HKEY_CURRENT_USER\Environment": {"TEMP": temporary, "TMP": temporary},
            r"HKEY_CURRENT_USER\Volatile Environment": told,
        }
    )


def begin(program: Path, *files: str) -> tuple[subprocess.Popen[bytes], Visitor]:
    """The program itself, from wherever it lies."""
    before = len(opened())
    quiet = subprocess.DEVNULL
    command = ["wine", str(program), *files]
    running = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, cwd=program.parent)
    wait_until("the browser opens", lambda: len(opened()) > before)
    return running, Visitor(opened()[-1])


def try_elsewhere(executable: Path) -> None:
    """The program in an awkward folder of C:, the person's folders and files on D:."""
    drive = WORK / "drive_d"
    shutil.rmtree(drive, ignore_errors=True)
    name = "Jörg & 🙂"
    home, named = drive / name, f"D:\\{name}"
    local = home / "AppData" / "Local"
    (local / "Temp").mkdir(parents=True)
    (home / "AppData" / "Roaming").mkdir()
    letter = DRIVE.parent / "dosdevices" / "d:"
    letter.unlink(missing_ok=True)
    letter.symlink_to(drive)
    folder = DRIVE / "Prögramme & 🙂"
    folder.mkdir(exist_ok=True)
    program = Path(shutil.copy(executable, folder / executable.name))
    file = home / "Größe & 🙂.csv"
    file.write_text("name,age\nGräce 🙂,85\n", encoding="utf-8")
    set_home(named, rf"{named}\AppData\Local\Temp")
    try:
        running, visitor = begin(program, f"{named}\\{file.name}")
        visitor.look()
        assert html.escape(file.stem) in visitor.ask("GET", visitor.place)[2]
        visitor.take_in(visitor.place, "Größe")
        work(visitor)
        data = local / identity.NAME
        assert (data / f"{identity.NAME}.sqlite").is_file(), "the records are not on D:"
        (inside,) = (local / "Temp").glob("_MEI*")
        check_files(visitor, inside)
        version = check_sqlite(visitor)
        source = rf"{named}\AppData\Local\{identity.NAME}\{identity.NAME}.sqlite"
        out = home / "Ausfuhr & 🙂.csv"
        target = f"{named}\\{out.name}"
        assert wine(program, "export", "Größe", "--from", source, "--to", target) == 0
        assert '"Gräce 🙂",85' in out.read_text(encoding="utf-8-sig")
        step(f"the person's folders on D: with an emoji, all files, SQLite {version}: fine")
        try_second_prefix(program, visitor)
        check_full_text(visitor, home, named)
        visitor.quit()
        assert running.wait(30) == 0
        assert not list((local / "Temp").glob("_MEI*")), "left unpacked"
        step("a file with FTS5 opened; it quit and left nothing unpacked")
    finally:
        set_home(r"C:\users\root", r"C:\users\root\Temp")


def try_second_prefix(program: Path, first: Visitor) -> None:
    """The program for somebody else at the same computer, while the first one runs.

    Wine knows one user a prefix, and not who owns a connection: this shows the port and the data.
    """
    own = os.environ["WINEPREFIX"]
    other = WORK / "second"
    os.environ["WINEPREFIX"] = str(other)
    try:
        if not (other / "system.reg").exists():
            other.mkdir(exist_ok=True)
            assert wine("wineboot", "-i") == 0
        catch_browser()
        running, visitor = begin(program)
        assert visitor.port != first.port
        home = visitor.look()
        assert "Größe" not in home and "people" not in home, "it sees the other's tables"
        first.look()
        visitor.quit()
        assert running.wait(30) == 0
        first.look()
        step(f"a second user beside it: port {visitor.port} beside {first.port}, own data")
    finally:
        for option in ("-k", "-w"):
            subprocess.run(["wineserver", option], timeout=60, check=False)
        os.environ["WINEPREFIX"] = own


def main() -> None:
    setup = next((WORK / "dist").glob("*-setup.exe"))
    OPENED.unlink(missing_ok=True)
    catch_browser()
    damage_registry()
    if sys.argv[2:] == ["onedir"]:
        try_folder_build(setup)
        return
    if INSTALLED.exists():
        uninstall()
    shutil.rmtree(DATA, ignore_errors=True)

    install(setup, "/MERGETASKS=atlogin")
    assert MENU.exists(), "no shortcut in the Start menu"
    assert starts_at_login(), "the wizard's box does nothing"
    turn_login(False)
    step("installed without a question; the program turns off what the wizard's box turned on")
    visitor = start(use)
    step("imported, edited, searched, exported")

    processes = running()
    second = start()
    assert second.port == visitor.port
    assert second.ask("GET", "/")[0] == 200
    wait_until("the second start's end", lambda: len(running()) <= len(processes))
    step("a second start opened a page in the first")

    install(setup)
    assert not running(), "the update left the old program running"
    assert last_end_was_polite(), "the old program was not asked to end"
    assert not starts_at_login(), "an update turned on what the person had turned off"
    step("updated over the running program, which ended by itself")
    again = start()
    assert again.port == visitor.port
    assert "people " in again.ask("GET", "/")[2], "the table of before is there"
    assert visitor.ask("GET", "/")[0] == 200, "the session of before holds"
    try_tray(again)

    left = unpacked()
    left.add(leave_half_unpacked(next(iter(left))))
    for process in running():
        os.kill(process, signal.SIGKILL)
    wait_until("the end of what was killed", lambda: not running())
    start()
    wait_until("what the killed start left goes", lambda: not left & unpacked())
    step("killed from outside; the next start removed what was left unpacked")

    for name, messages in (("close", ["10"]), ("end of the session", ["11", "16"])):
        ask_window(messages)
        wait_until(f"the end after Windows' {name}", lambda: not running())
        assert last_end_was_polite()
        step(f"ended on Windows' {name}")
        start()
    turn_login(True)
    uninstall()
    assert not starts_at_login(), "what was removed would be started at login"
    wait_until("no process is left", lambda: not running())
    assert last_end_was_polite()
    assert not MENU.exists()
    assert any(DATA.glob("*.sqlite")), "the records must stay"
    step("uninstalled over the running program; the records are still there")

    click_through(setup)
    assert Visitor(opened()[-1]).ask("GET", "/")[0] == 200
    uninstall()
    wait_until("no process is left", lambda: not running())
    try_elsewhere(WORK / "dist" / f"{identity.NAME}.exe")
    wait_until("no process is left", lambda: not running())
    print("tried: all fine")


if __name__ == "__main__":
    main()
