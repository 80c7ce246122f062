"""The icon in the tray: what it offers and does. Off until it is chosen.

How each system shows one stands in `windows_tray.py` and `linux_tray.py`. Loaded where an icon was
asked for, and where a page tells whether there is one.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from myapp import identity

if TYPE_CHECKING:
    from .gate import Gate

log = logging.getLogger(__name__)
CHOICES = ("", "open", "share", "stop", "line", "quit")
"""What can be chosen. Its place here is its number on every desktop, which calls the menu 0."""

TWICE_SECONDS = 1.0
"""A double click tells of two clicks: within this time the second one is the first."""

SETTLED_SECONDS = 2.0
"""How long a page waits to hear whether the desktop has a place for the icon."""

GONE_SECONDS = 60
"""A desktop's bar that crashed is back by then, and the icon with it."""

LONGEST_TEXT = 80


class Item(NamedTuple):
    """One of the menu's; "line" stands between two groups."""

    what: str
    label: str = ""

    @property
    def number(self) -> int:
        return CHOICES.index(self.what)


class Told(NamedTuple):
    """What the icon says beside the program's name, and its menu."""

    text: str
    items: tuple[Item, ...]


class Icon(Protocol):
    there: bool
    """Whether the desktop shows it at this moment."""

    settled: threading.Event
    """Set when the desktop has answered for the first time, whatever it said."""

    def show(self, told: Told) -> None:
        """From now on, wherever and whenever the desktop has a place for it; never raises."""

    def tell(self, told: Told) -> None:
        """What has changed."""

    def hide(self) -> None: ...


class State(NamedTuple):
    """Whether an icon was asked for, and whether it is there."""

    on: bool
    there: bool


Choose = Callable[[str], None]


def icon_of_system(choose: Choose) -> Icon:
    if sys.platform == "win32":
        from .windows_tray import WindowsIcon

        return WindowsIcon(choose)
    from .linux_tray import LinuxIcon

    return LinuxIcon(choose)


class Tray:
    """`open_page` shows the page of a path as a second start does, in the window or the browser."""

    def __init__(
        self,
        gate: "Gate",
        open_page: Callable[[str], None],
        settings: Path | None,
        make_icon: Callable[[Choose], Icon] = icon_of_system,
    ) -> None:
        self.gate, self.open_page, self.settings = gate, open_page, settings
        self.make_icon = make_icon
        self.lock = threading.Lock()
        self.icon: Icon | None = None
        self.told = self.tells()
        self.last = ("", 0.0)
        self.gone = GONE_SECONDS

    def state(self) -> State:
        icon = self.icon
        return State(icon is not None, icon is not None and icon.there)

    @property
    def stays(self) -> bool:
        """Whether the program goes on without a page, since the icon leads to it."""
        icon = self.icon
        return icon is not None and (icon.there or self.gone < GONE_SECONDS)

    def show(self) -> None:
        with self.lock:
            if self.icon is None:
                self.told, self.gone = self.tells(), GONE_SECONDS
                self.icon = self.make_icon(self.choose)
                self.icon.show(self.told)

    def hide(self) -> None:
        with self.lock:
            icon, self.icon = self.icon, None
        if icon is not None:
            icon.hide()

    def turn(self, on: bool) -> None:
        """Now and at later starts. Raises SettingsRefused."""
        if self.settings is not None:
            from .settings_file import keep_setting

            keep_setting(self.settings, "tray", on)
        if on:
            self.show()
            if self.icon is not None:
                self.icon.settled.wait(SETTLED_SECONDS)
        else:
            self.hide()
        log.info("the icon in the tray is %s", "on" if on else "off")

    def look_after(self) -> None:
        """Called once a second."""
        icon = self.icon
        if icon is None:
            return
        self.gone = 0 if icon.there else self.gone + 1
        told = self.tells()
        if told != self.told:
            self.told = told
            icon.tell(told)

    def tells(self) -> Told:
        title = " ".join(self.gate.title().split())
        text = title if len(title) <= LONGEST_TEXT else f"{title[: LONGEST_TEXT - 1]}…"
        items = [Item("open", f"Open {identity.NAME}")]
        sharing = self.gate.sharing
        if sharing is not None and sharing.on:
            items += [Item("share", f"Shared at {sharing.origin}"), Item("stop", "Stop sharing")]
        elif self.gate.make_sharing is not None:
            items.append(Item("share", "Share on the local network…"))
        return Told(text, (*items, Item("line"), Item("quit", f"Quit {identity.NAME}")))

    def choose(self, what: str) -> None:
        """In whatever thread: what follows may take long, and has one of its own."""
        now = time.monotonic()
        if self.last[0] == what and now - self.last[1] < TWICE_SECONDS:
            return
        self.last = (what, now)
        threading.Thread(
            target=self.carry_out, args=(what,), name=f"tray {what}", daemon=True
        ).start()

    def carry_out(self, what: str) -> None:
        log.info("chosen in the tray: %s", what)
        try:
            if what == "open":
                self.open_page(self.gate.page_for(()))
            elif what == "share":
                self.open_page("/_desktop/share")
            elif what == "stop" and self.gate.sharing is not None:
                self.gate.sharing.carry_out({"action": "stop"})
                self.look_after()
            elif what == "quit":
                self.gate.quit()
        except Exception:
            log.exception("what was chosen in the tray failed")
