"""A native window by pywebview, which the system's own web engine fills.

The only module that knows pywebview; loaded where a window was asked for and pywebview is there.
Its loop must have the main thread, so the waiting for the end goes on in another one.
"""

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from myapp import identity

from .browser import with_original_libraries
from .pages import read_static
from .window_place import Place, Screen, keep_place, on_screens, read_place

KEEPER_SECONDS = 3.0
ICON = identity.resource_folder("static") / "desktop" / "icon-192.png"
"""For Linux; elsewhere the program's own is shown."""


log = logging.getLogger(__name__)


class NativeWindow:
    def __init__(
        self,
        data: Path,
        busy: Callable[[], str | None],
        stop: threading.Event,
        stays: Callable[[], bool],
    ) -> None:
        self.memory = data / "window.json"
        self.busy, self.stop, self.stays = busy, stop, stays
        self.place = self.before = Place()
        self.failed = threading.Event()
        self.main: Any = None

    def run(self, link: str, wait: Callable[[bool], None]) -> bool:
        try:
            import webview

            self.prepare(webview)
            self.main = self.make(webview, link)
        except Exception:
            log.warning("pywebview cannot be used", exc_info=True)
            return False
        keeper = threading.Thread(target=self.keep, args=(wait,), name="window", daemon=True)
        keeper.start()
        try:
            with hearing_signals(self.stop):
                # Two windows cannot share what Qt's engine keeps on disk: each comes in by a link.
                webview.start(private_mode=True, icon=str(ICON))
        except Exception:
            log.warning("no native window can be shown", exc_info=True)
        if not self.main.events.shown.is_set():
            self.failed.set()
            return False
        keep_place(self.memory, self.place)
        while self.busy() is not None and not self.stop.wait(0.2):
            pass
        self.stop.set()
        keeper.join(KEEPER_SECONDS)
        return True

    def prepare(self, webview: Any) -> None:
        with_original_libraries()
        webview.settings["ALLOW_DOWNLOADS"] = True
        webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = True
        webview.settings["ALLOW_FILE_URLS"] = False
        # Its lines go to the log like everybody's; a terminal need not see its attempts.
        logging.getLogger("pywebview").handlers.clear()
        if sys.platform == "linux" and find_spec("gi") is None:
            from .qt_window import prepare_qt

            prepare_qt()

    def make(self, webview: Any, link: str) -> Any:
        screens = [Screen(each.x, each.y, each.width, each.height) for each in webview.screens]
        self.place = self.before = on_screens(read_place(self.memory), screens)
        window = self.make_window(webview, link, self.place)
        window.events.closing += self.closing
        window.events.resized += self.resized
        window.events.moved += self.moved
        window.events.maximized += self.maximized
        window.events.restored += self.restored
        return window

    def make_window(self, webview: Any, link: str, place: Place) -> Any:
        window = webview.create_window(
            identity.NAME,
            link,
            width=place.width,
            height=place.height,
            x=place.x,
            y=place.y,
            maximized=place.maximized,
            min_size=(360, 300),
            text_select=True,
            zoomable=True,
        )
        window.events.before_show += lambda: self.complete(window)
        window.events.loaded += lambda: window.run_js(read_static("window.js").decode())
        return window

    def complete(self, window: Any) -> None:
        """Before it is shown, in the thread of the window system."""
        if type(window.native).__module__ == "webview.platforms.qt":
            from .qt_window import complete_qt

            complete_qt(window.native.webview)

    def keep(self, wait: Callable[[bool], None]) -> None:
        """Close the windows at the program's end, whatever ends it but a window itself."""
        import webview

        while not self.main.events.shown.wait(0.1):
            if self.failed.is_set():
                return
        # The window decides, whatever its pages say.
        wait(True)
        self.stop.set()
        for window in list(webview.windows):
            window.destroy()

    def show(self, link: str, new: bool) -> bool:
        """To the front; what a second start brought gets a window of its own, since half a form may
        stand in the first one."""
        import webview

        if self.main is None or not self.main.events.shown.is_set() or not webview.windows:
            return False
        if new:
            self.make_window(webview, link, self.place._replace(x=None, y=None, maximized=False))
            return True
        window = webview.windows[0]
        maximized = window is self.main and self.place.maximized
        window.show()
        window.restore()
        if maximized:
            window.maximize()
        return True

    def closing(self) -> bool:
        """False keeps the window: where the program stays it is only hidden, and a second start
        or the icon in the tray shows it."""
        if self.stays() and not self.stop.is_set():
            self.main.hide()
            return False
        if sys.platform == "darwin" and not self.stop.is_set():
            # Cmd-Q would end the process itself: the keeper closes the window instead.
            self.stop.set()
            return False
        return True

    def resized(self, width: float, height: float) -> None:
        if not self.place.maximized:
            self.place = self.place._replace(width=int(width), height=int(height))

    def moved(self, x: float, y: float) -> None:
        if not self.place.maximized:
            self.place = self.place._replace(x=int(x), y=int(y))

    def maximized(self) -> None:
        # Its new size may have been told first: what it was before is what it goes back to.
        self.place = self.before._replace(maximized=True)

    def restored(self) -> None:
        self.place = self.place._replace(maximized=False)


@contextmanager
def hearing_signals(stop: threading.Event) -> Iterator[None]:
    """A window's loop runs no Python, and so no signal's handler, until something happens in it.

    Python writes the signal's number to a socket at once, whatever the main thread does.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)

    def hear() -> None:
        if ours.recv(1):
            stop.set()

    listener = threading.Thread(target=hear, name="signals", daemon=True)
    listener.start()
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        theirs.close()
        listener.join(KEEPER_SECONDS)
        ours.close()
