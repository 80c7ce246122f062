"""A start from the lock to the browser, the wait, and the end."""

import contextlib
import gc
import logging
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from myapp import identity

from .browser import open_browser
from .folders import Folders
from .handover import hand_over
from .instance import InstanceLock, RunInfo
from .reporting import say
from .sockets import bind, bind_remembered

if TYPE_CHECKING:
    from .at_login import AtLogin
    from .gate import Gate
    from .reloading import Watcher
    from .sharing import Sharing
    from .tray import Tray

DRAIN_SECONDS = 5.0
FLUSH_SECONDS = 1.0
ENDED_BY_NOW = 3
"""Seconds after which a program that ended as this one started has removed what it unpacked."""
SHOWN_BY_NOW = 2
"""Seconds after which nobody waits for the first page any more."""
WATCHED = "_DESKTOP_RELOADED"
"""In the environment of a program started by --reload: how often it was started before."""

log = logging.getLogger(__name__)


class Start(NamedTuple):
    """What the command line asked for. `port` None means the remembered one."""

    application: str
    folders: Folders
    files: tuple[Path, ...]
    port: int | None
    browser: bool
    stay: bool
    debug: bool = False
    end: bool = False
    window: bool = False
    at_login: bool = False
    again: tuple[str, ...] = ()
    """The options that make a later start this same program."""
    network: bool = False
    network_proxy: str | None = None
    """The https address at which a reverse proxy serves what is shared; None without one."""
    tray: bool = False
    settings: Path | None = None
    """The file that keeps what a page decides about later starts."""


def run(start: Start, opener: Callable[[str], bool] = open_browser) -> int:
    """Serve until the end, or hand over to the instance that runs already; gives the exit code."""
    lock = InstanceLock(start.folders.data)
    if start.end:
        return end_running(lock)
    if not lock.take():
        link = hand_over(lock, identity.NAME, start.files)
        if start.at_login and link is not None:
            return 0
        if link == "":
            say(f"{identity.NAME} is running already; its own window shows it.")
            return 0
        if link is not None:
            say(f"{identity.NAME} is running already; opening a page in it.")
            if start.network:
                say("To share it on the network, choose Share there.")
            if not (start.window and start.browser and show_apart(link, start)):
                show(link, start, opener)
            return 0
    stop = threading.Event()
    on_signals(stop)
    session = windows_session(stop)
    try:
        return serve(start, lock, opener, stop)
    finally:
        lock.release()
        if session is not None:
            session.finish()


def end_running(lock: InstanceLock) -> int:
    """Ask the program that runs on this data folder to end, and wait until it has."""
    if not lock.take():
        hand_over(lock, identity.NAME, (), end=True)
    lock.release()
    return 0


def windows_session(stop: threading.Event) -> Any:
    """Listens to Windows' ways of ending a program; None elsewhere."""
    if sys.platform == "win32":
        from .windows_session import WindowsSession

        return WindowsSession(stop)
    return None


def show_apart(link: str, start: Start) -> bool:
    """A window of its own for a program that was started without one."""
    from .window import open_apart

    return open_apart(link, start.folders.data)


def show(link: str, start: Start, opener: Callable[[str], bool]) -> None:
    if start.at_login or (start.browser and opener(link)):
        return
    if start.browser:
        say("No browser could be opened. Open this link yourself; it works once:")
    say(link)


def serve(
    start: Start, lock: InstanceLock, opener: Callable[[str], bool], stop: threading.Event
) -> int:
    """Until the end; gives the exit status. Raises ApplicationNotFound, PortTaken, NoFreePort."""
    memory = start.folders.data / "port"
    if start.port is None:
        bound, remark = bind_remembered(memory, identity.PORT)
    else:
        bound, remark = bind(start.port), None
    port: int = bound.getsockname()[1]
    if remark:
        say(remark)

    from .gate import Gate
    from .guard import Guard
    from .handover import Welcomer
    from .loading import load_application
    from .memory import share_between_threads
    from .presence import Presence
    from .server import Server
    from .sessions import Sessions, read_key

    app = load_application(start.application, start.folders.data, debug=start.debug)
    watcher = watch(stop)
    contract: dict[str, Any] = app.extensions.get("desktop", {})
    sessions = Sessions(read_key(start.folders.data), port)
    presence = Presence(contract.get("busy", lambda: None))
    secret = secrets.token_hex(32)
    gate = Gate(app, Guard(sessions, port), sessions, presence, Welcomer(secret), stop.set)
    gate.at_login = partial(at_login, start)
    gate.make_sharing = partial(make_sharing, start.folders.data, gate, start.network_proxy)
    if sys.platform != "darwin":
        # There the icon would need the main thread, which is the program's own.
        gate.make_tray = partial(make_tray, start, gate, opener)
    share_between_threads()
    server = Server(gate, bound)
    server.start()
    try:
        if not server.is_ready():
            raise RuntimeError("the server does not answer its own health request")
        lock.publish(RunInfo(os.getpid(), port, secret))
        if start.port is None and remark is None:
            with contextlib.suppress(OSError):
                memory.write_text(str(port), encoding="ascii")
        log.info("%s %s serves on port %s", identity.NAME, identity.VERSION, port)
        # The launcher switched it off. What a start made stays, and need not be looked at again.
        gc.freeze()
        gc.enable()
        if start.network:
            share_at_once(gate)
        waiting = partial(wait, start, stop, presence, gate)
        # A window cannot outlive the program that shows it; with --reload it would close each time.
        own = start.window and start.browser and watcher is None and not start.at_login
        if not (own and live_in_window(start, gate, waiting, stop)):
            if watcher is None or not watcher.pages_are_open:
                show(sessions.entry_link(first_page(start, gate)), start, opener)
            waiting(False)
    finally:
        log.info("ending")
        if gate.tray is not None:
            gate.tray.hide()
        gate.drain(DRAIN_SECONDS)
        server.flush(FLUSH_SECONDS)
        server.stop()
        if gate.sharing is not None:
            gate.sharing.stop()
        close = contract.get("close")
        if close is not None:
            close()
    return watcher.exit_code if watcher is not None else 0


def make_sharing(folder: Path, gate: "Gate", proxy: str | None) -> "Sharing":
    from .sharing import Sharing

    return Sharing(folder, gate, proxy)


def make_tray(start: Start, gate: "Gate", opener: Callable[[str], bool]) -> "Tray":
    from .tray import Tray

    return Tray(gate, partial(open_page, start, gate, opener), start.settings)


def open_page(start: Start, gate: "Gate", opener: Callable[[str], bool], path: str) -> None:
    """As a second start would."""
    link = gate.sessions.entry_link(path)
    asked_for = path.startswith("/_desktop/")
    if gate.window is not None and gate.window.show(link, asked_for):
        return
    if not (start.window and show_apart(link, start)) and not opener(link):
        log.warning("no browser could be opened")


def share_at_once(gate: "Gate") -> None:
    """For --network; where it fails, the program goes on privately."""
    sharing = gate.share()
    assert sharing is not None
    sharing.carry_out({"action": "start"})
    behind = f", whose proxy passes on to {sharing.behind}" if sharing.behind else ""
    say(sharing.trouble or f"Shared on the local network at {sharing.origin}{behind}")


def first_page(start: Start, gate: "Gate") -> str:
    """Who shares wants the code first."""
    alone = start.network and not start.files
    return "/_desktop/share" if alone else gate.page_for(start.files)


def live_in_window(
    start: Start, gate: "Gate", waiting: Callable[[bool], None], stop: threading.Event
) -> bool:
    """Until the end, in the first window that can be shown; False where none can."""
    from .window import windows_for

    stays = partial(stays_open, start, gate)
    for window in windows_for(start.folders.data, gate.presence, stop, stays):
        gate.window = window
        if window.run(gate.sessions.entry_link(first_page(start, gate)), waiting):
            return True
    gate.window = None
    say(
        "No window of its own can be shown here: that takes pywebview, or Edge, Chrome or Chromium."
    )
    return False


def watch(stop: threading.Event) -> "Watcher | None":
    """Looks for changed code where the program was started with --reload."""
    if WATCHED not in os.environ:
        return None
    from .reloading import Watcher

    return Watcher(stop)


def at_login(start: Start) -> "AtLogin":
    from .at_login import at_login as of

    return of(start.folders.data, start.again)


def stays_open(start: Start, gate: "Gate") -> bool:
    """Whether the program goes on without a page."""
    return start.stay or (gate.tray is not None and gate.tray.stays)


def wait(start: Start, stop: threading.Event, presence: Any, gate: "Gate", stay: bool) -> None:
    """Until a signal, Quit, or the last page's end."""
    alone: Callable[[], bool] = lambda: False  # noqa: E731
    frozen = getattr(sys, "frozen", False)
    if frozen:
        from .outer import clear_abandoned, remove_unpacked, watch_outer

        alone = watch_outer()
    if start.tray:
        gate.show_tray()
    seconds = 0
    while not stop.wait(1.0):
        seconds += 1
        if seconds == SHOWN_BY_NOW and gate.at_login is not None:
            gate.at_login().mend()
        if frozen and seconds == ENDED_BY_NOW:
            clear_abandoned()
        if gate.sharing is not None:
            gate.sharing.look_after()
        if gate.tray is not None:
            gate.tray.look_after()
        if alone():
            log.info("the outer process has gone")
            remove_unpacked()
            break
        if presence.tick() and not (stay or stays_open(start, gate)):
            log.info("the last page was closed")
            break


def on_signals(stop: threading.Event) -> None:
    def end(number: int, frame: object) -> None:
        stop.set()

    names: Sequence[str] = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    for name in names:
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, end)
