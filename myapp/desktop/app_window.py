"""A window of Edge, Chrome or Chromium without tabs, with a profile in the data folder."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from myapp import identity

from .browser import with_original_libraries
from .presence import Presence
from .window_place import Place, makes_sense

KEPT_AS = "127.0.0.1_/_desktop/enter"
SHOW_SECONDS = 20.0
GOODBYE_SECONDS = 3.0
"""A page's goodbye may arrive a moment after its browser's end."""

CLOSE_SECONDS = 3.0

log = logging.getLogger(__name__)


def start_browser(browser: str, profile: Path, link: str) -> "subprocess.Popen[bytes] | None":
    """The browser's process, which ends with its last window; None where it cannot be started.

    Where one runs on this profile already, the process hands the link over to it and ends.
    """
    with_original_libraries()
    try:
        return subprocess.Popen(
            [browser, *flags(profile), f"--app={link}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the program, which closes the window when it has ended.
            start_new_session=True,
        )
    except OSError:
        log.warning("%s cannot be started", browser, exc_info=True)
        return None


def flags(profile: Path) -> list[str]:
    given = [f"--user-data-dir={profile}", "--no-first-run", "--no-default-browser-check"]
    given += ["--hide-crash-restore-bubble", "--disable-background-mode"]
    place = read_kept(profile)
    given.append(f"--window-size={place.width},{place.height}")
    if place.x is not None:
        given.append(f"--window-position={place.x},{place.y}")
    if place.maximized:
        given.append("--start-maximized")
    if sys.platform == "linux":
        # A new profile would ask for the password of the desktop's keyring.
        given += ["--password-store=basic", f"--class={identity.NAME}"]
        if os.geteuid() == 0:
            # Chromium refuses to run as root with its sandbox.
            given.append("--no-sandbox")
    return given


def read_kept(profile: Path) -> Place:
    """Where the browser says that the window stood; the usual place where it says nothing.

    It does not find that again itself: it keeps it by the parts of the address between dots, and
    seeks it by the whole (seen in Chromium 156).
    """
    try:
        kept = json.loads((profile / "Default" / "Preferences").read_text(encoding="utf-8"))
        found = kept["browser"]["app_window_placement"]
        place = place_of(found.get(KEPT_AS) or reduce(getitem, KEPT_AS.split("."), found))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return Place()
    return place if makes_sense(place) else Place()


def place_of(kept: dict[str, Any]) -> Place:
    width, height = kept["right"] - kept["left"], kept["bottom"] - kept["top"]
    return Place(width, height, kept["left"], kept["top"], kept.get("maximized", False))


class AppWindow:
    def __init__(
        self,
        browser: str,
        profile: Path,
        presence: Presence,
        stop: threading.Event,
        stays: Callable[[], bool],
    ) -> None:
        self.browser, self.profile = browser, profile
        self.presence, self.stop, self.stays = presence, stop, stays
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, link: str, wait: Callable[[bool], None]) -> bool:
        """Until it is closed; False where no such browser could show it."""
        if not (self.show(link, True) and self.is_shown()):
            return False
        wait(False)
        self.close()
        return True

    def show(self, link: str, new: bool) -> bool:
        """Another window: nothing can bring the first one to the front from outside."""
        process = start_browser(self.browser, self.profile, link)
        if process is None:
            return False
        self.processes.append(process)
        threading.Thread(target=self.follow, args=(process,), name="window", daemon=True).start()
        return True

    def is_shown(self) -> bool:
        """False where the browser failed before a page of it said hello."""
        process = self.processes[0]
        until = time.monotonic() + SHOW_SECONDS
        while not self.presence.greeted and time.monotonic() < until:
            if process.poll() is not None or self.stop.wait(0.05):
                break
        shown = self.presence.greeted or process.poll() in (None, 0)
        if not shown:
            log.warning("%s ended with %s", self.browser, process.returncode)
        return shown

    def follow(self, process: "subprocess.Popen[bytes]") -> None:
        """Where its end was that of the last page, end the program at once, without the grace that
        a reload needs. Otherwise the ordinary rule decides."""
        process.wait()
        until = time.monotonic() + GOODBYE_SECONDS
        while not self.stays() and not self.stop.wait(0.05) and time.monotonic() < until:
            if any(each.poll() is None for each in self.processes):
                return
            if self.presence.is_left() and self.presence.busy() is None:
                log.info("the window was closed")
                self.stop.set()
        # Killed, it sent no goodbye.
        self.presence.doubt()

    def close(self) -> None:
        """The windows of a program that has ended, as by their own close button."""
        for process in self.processes:
            if process.poll() is not None:
                continue
            if sys.platform == "win32":
                command = ["taskkill", "/PID", str(process.pid)]
                subprocess.run(command, capture_output=True, check=False)
            else:
                process.terminate()
            try:
                process.wait(CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                log.warning("the window's browser goes on")
