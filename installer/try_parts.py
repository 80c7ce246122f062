"""What only Windows has, asked on Windows or under Wine: run by its own Python, in a checkout.

The exclusive port, who owns a connection, the mutex, the end that the console asks for, types of
files that the registry is wrong about, what starts at login, the icon in the tray, and where a
person begins to look for a file.
"""

import ctypes
import mimetypes
import os
import socket
import sys
import tempfile
import threading
import winreg
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from myapp.desktop.errors import PortTaken
from myapp.desktop.instance import InstanceLock
from myapp.desktop.loading import prefer_known_types
from myapp.desktop.login_entries import APPROVED, RUN, CurrentUser, Found, RunValue
from myapp.desktop.peers import Owner, is_wine
from myapp.desktop.sockets import bind
from myapp.desktop.tray import Item, Told
from myapp.desktop.windows_peers import (
    AF_INET,
    process_at,
    read_table,
    rows,
    user_of,
    windows_owner,
)
from myapp.desktop.windows_session import CTRL_CLOSE, MUTEX, WindowsSession
from myapp.desktop.windows_tray import (
    CLICKED,
    NIM_DELETE,
    NIN_KEYSELECT,
    NIN_SELECT,
    WM_CLOSE,
    WindowsIcon,
)
from myapp.web.folders import read_folder
from myapp.web.places import own_places, windows_folders


def try_port() -> None:
    with bind(0) as first:
        port = first.getsockname()[1]
        try:
            bind(port).close()
        except PortTaken:
            return
    raise AssertionError("two programs share a port")


def try_owner() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as connected,
    ):
        ends = connected.getsockname(), listening.getsockname()
        process = process_at(rows(read_table(AF_INET)), *ends)
        assert process is not None, "the connection is not in the table"
        assert user_of(os.getpid()) == user_of(None)
        # Wine names no processes in its table.
        if not is_wine():
            assert process == os.getpid()
            assert windows_owner(*ends) is Owner.SAME
        nobody = windows_owner(("127.0.0.1", 1), listening.getsockname())
        assert nobody is Owner.GONE, nobody


def try_lock() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = InstanceLock(Path(folder)), InstanceLock(Path(folder))
        assert first.take()
        assert not second.take()
        first.release()
        assert second.take()
        second.release()


def try_session() -> None:
    stop = threading.Event()
    session = WindowsSession(stop)
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenMutexW.restype = ctypes.c_void_p
    assert kernel.OpenMutexW(0x00100000, False, MUTEX), "no mutex"
    threading.Timer(0.3, session.finish).start()
    # What Windows calls, in a thread of its own, when the console's window is closed.
    assert session.on_console(CTRL_CLOSE)
    assert stop.is_set() and session.finished.is_set(), "it must not return before the end"
    assert not session.on_console(0), "Ctrl+C is Python's own affair"


def try_types() -> None:
    # Wine would find Linux's, which win over the registry.
    mimetypes.knownfiles.clear()
    # Wine shows what stands under HKEY_CURRENT_USER not here, as Windows would.
    with winreg.CreateKey(winreg.HKEY_CLASSES_ROOT, ".js") as classes:
        try:
            before = winreg.QueryValueEx(classes, "Content Type")[0]
        except FileNotFoundError:
            before = None
        try:
            winreg.SetValueEx(classes, "Content Type", 0, winreg.REG_SZ, "text/plain")
            mimetypes.init()
            assert mimetypes.guess_type("page.js")[0] == "text/plain", "the registry is not read"
            prefer_known_types()
            assert mimetypes.guess_type("page.js")[0] == "text/javascript"
        finally:
            if before is None:
                winreg.DeleteValue(classes, "Content Type")
            else:
                winreg.SetValueEx(classes, "Content Type", 0, winreg.REG_SZ, before)


def try_login() -> None:
    registry = CurrentUser()
    entry = RunValue("MyApp tried", registry)
    entry.remove()
    assert entry.read() is None
    command = (r"C:\Program Files\MyApp\MyApp.exe", "--data-folder", "D:\\my data\\", "--at-login")
    entry.write(command)
    assert entry.read() == Found(command, True), entry.read()
    # As the Task Manager switches it off.
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, APPROVED) as approved:
        winreg.SetValueEx(approved, "MyApp tried", 0, winreg.REG_BINARY, b"\3" + bytes(11))
    assert entry.read() == Found(command, False)
    entry.write(command)
    assert entry.read() == Found(command, True)
    entry.remove()
    assert registry.get(RUN, "MyApp tried") is None and entry.read() is None


def try_tray() -> None:
    chosen: list[str] = []
    for _ in range(2):  # as when the page turns it off and on again
        icon = WindowsIcon(chosen.append)
        icon.show(Told("", (Item("open", "Open"), Item("line"), Item("quit", "Quit"))))
        assert icon.settled.wait(30) and icon.there, "it is not in the tray"
        assert icon.icon, "its picture was not found"
        icon.tell(Told("Jörg & 🙂" * 40, ()))
        send = icon.user.SendMessageW
        send.argtypes = icon.user.PostMessageW.argtypes
        for event in (NIN_SELECT, NIN_KEYSELECT):
            send(icon.window, CLICKED, 0, (1 << 16) | event)
        assert chosen == ["open", "open"], chosen
        # What asks windows to close is the session's affair.
        send(icon.window, WM_CLOSE, 0, 0)
        # Explorer has forgotten it, and starts anew.
        icon.notify(NIM_DELETE)
        icon.there = False
        send(icon.window, icon.created, 0, 0)
        assert icon.there, "it did not come back with Explorer"
        icon.hide()
        assert not icon.there
        # Without a taskbar Wine takes its time.
        icon.thread.join(30)
        assert not icon.thread.is_alive()
        assert not icon.notify(NIM_DELETE), "it is left in the tray"
        chosen.clear()
    again, still = WindowsIcon(chosen.append), WindowsIcon(chosen.append)
    for each in (again, still):
        each.show(Told("", ()))
        assert each.settled.wait(30) and each.there
    assert again.window != still.window, "two at a time, as when one is still going"
    again.hide()
    again.thread.join(30)
    still.user.SendMessageW(still.window, CLICKED, 0, NIN_SELECT)
    assert chosen == ["open"]
    still.hide()


def try_places() -> None:
    places = {each.label: each.path for each in own_places()}
    assert str(places["C:"]) == "C:\\", places
    assert places["Documents"] == windows_folders()["Documents"], places
    with tempfile.TemporaryDirectory() as folder:
        for name in ("kept.sqlite", "hidden.sqlite", "list.csv"):
            Path(folder, name).write_bytes(b"")
        assert ctypes.windll.kernel32.SetFileAttributesW(str(Path(folder, "hidden.sqlite")), 0x2)
        listing = read_folder(Path(folder), (".csv",))
        assert [each.name for each in listing.entries] == ["kept.sqlite", "list.csv"], listing
        assert listing.hidden == 1
        assert len(read_folder(Path(folder), (".csv",), hidden=True).entries) == 3
    assert any(each.kind == "folder" for each in read_folder(Path("C:/"), ()).entries)


PARTS = (try_port, try_owner, try_lock, try_types, try_login, try_places, try_tray, try_session)
for part in PARTS:
    part()
    print(f"   {part.__name__.removeprefix('try_')}: fine", flush=True)
# The session's window waits for messages in a thread that nothing ends.
os._exit(0)
