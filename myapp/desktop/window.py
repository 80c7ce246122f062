"""Which window of its own the page gets. Loaded only where one was asked for."""

import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from .app_browsers import find_browsers
from .app_window import AppWindow
from .browser import has_screen
from .presence import Presence

PROFILE = "window"
"""The folder in the data folder where a window's engine keeps what is its own."""


class Window(Protocol):
    def run(self, link: str, wait: Callable[[bool], None]) -> bool:
        """Show `link` and come back at the program's end; False where nothing can be shown.

        `wait` returns at the end; its argument says whether to stay when the last page is closed.
        """

    def show(self, link: str, new: bool) -> bool:
        """Come to the front for a second start; with `new` it brought something to be seen."""


def windows_for(
    data: Path,
    presence: Presence,
    stop: threading.Event,
    stays: Callable[[], bool],
    *,
    native: Callable[[], bool] = lambda: find_spec("webview") is not None,
    browsers: Callable[[], list[str]] = find_browsers,
) -> Iterator[Window]:
    """Every window that could be shown here, the best one first."""
    if not has_screen():
        return
    if native():
        from .native_window import NativeWindow

        yield NativeWindow(data, presence.busy, stop, stays)
    for browser in browsers():
        yield AppWindow(browser, data / PROFILE, presence, stop, stays)


def open_apart(link: str, data: Path, browsers: Callable[[], list[str]] = find_browsers) -> bool:
    """Show `link` in a window of a browser that goes on by itself; False where there is none."""
    from .app_window import start_browser

    if not has_screen():
        return False
    return any(start_browser(each, data / PROFILE, link) is not None for each in browsers())
