"""Start at login: turned on and off, looked at, and mended where the program has moved.

Loaded where somebody asks for it, and after a start for a moment. Off until a person turns it on.
"""

import hashlib
import logging
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

from myapp import identity

from .errors import DesktopError
from .login_entries import Command, Entry, entry_of

log = logging.getLogger(__name__)
AT_LOGIN = "--at-login"


class LoginRefused(DesktopError):
    """Start at login could not be changed."""


class State(NamedTuple):
    """`other` is the program of this name that starts at login in place of this one, or ""."""

    on: bool
    other: str = ""


class AtLogin:
    """`program` is what starts this one, `options` what makes a later start the same one."""

    def __init__(self, entry: Entry, program: Command, options: Command) -> None:
        self.entry, self.program, self.options = entry, program, options

    def state(self) -> State:
        try:
            found = self.entry.read()
        except OSError:
            log.warning("what starts at login cannot be read", exc_info=True)
            return State(False)
        if found is None or not found.active:
            return State(False)
        if self.is_ours(found.command):
            return State(True)
        return State(False, found.command[0] if found.command else "")

    def turn(self, on: bool) -> None:
        """Raises LoginRefused."""
        try:
            if on:
                self.check_application()
                self.entry.write((*self.program, *self.options, AT_LOGIN))
            else:
                self.entry.remove()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise LoginRefused(f"Start at login could not be changed: {why}.") from error
        log.info("start at login is %s", "on" if on else "off")

    def mend(self) -> bool:
        """Let the entry name this program where the one that it names has gone; whether it did."""
        try:
            found = self.entry.read()
            if found is None or not found.active or not has_gone(found.command):
                return False
            self.entry.write((*self.program, *self.options, AT_LOGIN))
        except (OSError, ValueError):
            log.warning("start at login cannot be mended", exc_info=True)
            return False
        log.info("%s has moved from %s: it starts at login again", identity.NAME, found.command[0])
        return True

    def is_ours(self, command: Command) -> bool:
        theirs = command[: len(self.program)]
        return list(map(as_file, theirs)) == list(map(as_file, self.program))

    def check_application(self) -> None:
        """One that is found because of the folder of this start is not found at login."""
        options = dict(zip(self.options, self.options[1:], strict=False))
        module = options.get("--app", "").partition(":")[0].partition(".")[0]
        if not module or is_file(options["--app"]) or getattr(sys, "frozen", False):
            return
        here = "" if Path(self.program[-1]).parent == Path.cwd() else str(Path.cwd())
        places = [each for each in sys.path if each and each != here]
        if PathFinder.find_spec(module, places) is None:
            raise LoginRefused(
                f"At login {options['--app']} would not be found, for it lies in the folder that "
                "you are in. Name its file: --app followed by the path of a .py file."
            )


def at_login(data: Path, options: Command) -> AtLogin:
    """Of the program that keeps its data in `data`, started with `options`."""
    if "--portable" in options:
        suffix = "-portable"
    elif "--app" in options or "--data-folder" in options:
        suffix = "-" + hashlib.sha256(str(data).encode()).hexdigest()[:8]
    else:
        suffix = ""
    return AtLogin(entry_of(suffix), own_program(), options)


def own_program() -> Command:
    """What starts this program: an executable, a checkout's launcher, or an installed wheel."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    python = Path(sys.executable)
    windowed = python.with_name("pythonw.exe")
    if sys.platform == "win32" and windowed.is_file():
        # The other one would open a black window.
        python = windowed
    launcher = Path(__file__).resolve().parent.parent.parent / "launcher.py"
    if launcher.is_file():
        return (str(python), str(launcher))
    # Without -P, whatever lies in the folder that one logs in to could stand for a module.
    return (str(python), "-P", "-m", __name__.partition(".")[0])


def as_file(word: str) -> str:
    """A path as the system compares it. A Python's own link is what makes its environment."""
    is_ours = getattr(sys, "frozen", False) and Path(word).is_absolute()
    return os.path.normcase(os.path.realpath(word) if is_ours else word)


def has_gone(command: Command) -> bool:
    """Whether the program, or the launcher that its Python is given, is not there any more."""
    named = [each for each in command[:2] if not each.startswith("-")]
    return any(Path(each).is_absolute() and not Path(each).exists() for each in named)


def is_file(application: str) -> bool:
    return application.endswith(".py") or ".py:" in application
