"""Where each system keeps what starts at login: reads, writes and removes one entry there.

Knows nothing of what this program is; `at_login.py` decides.
"""

import contextlib
import errno
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

from myapp import identity

from .folders import write_private

Command = tuple[str, ...]


class Found(NamedTuple):
    """An entry. `active` is False where the person switched it off in the system's settings."""

    command: Command
    active: bool


class Entry(Protocol):
    """Each may raise OSError, and `write` ValueError for what cannot be said there."""

    def read(self) -> Found | None:
        """None where there is no entry, or none that can be understood."""

    def write(self, command: Command) -> None: ...

    def remove(self) -> None: ...


def entry_of(suffix: str) -> Entry:
    """This system's place; `suffix` tells several programs of one name apart."""
    if sys.platform == "win32":
        return RunValue(identity.NAME + suffix, CurrentUser())
    id_ = f"{identity.DOMAIN}.{identity.SLUG}{suffix}"
    if sys.platform == "darwin":
        return LaunchAgent(home() / "Library" / "LaunchAgents" / f"{id_}.plist")
    return AutostartFile(config_home() / "autostart" / f"{id_}.desktop")


def config_home() -> Path:
    """A relative one is none: https://specifications.freedesktop.org/basedir-spec/latest/"""
    named = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(named) if Path(named).is_absolute() else home() / ".config"


def home() -> Path:
    """Relative where this user has none; nothing is written there."""
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - the other one raises


def write_entry(path: Path, content: bytes) -> None:
    if not path.is_absolute():
        raise FileNotFoundError(errno.ENOENT, "this user has no folder of their own")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, content)


class AutostartFile:
    """Linux: https://specifications.freedesktop.org/autostart-spec/latest/"""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Found | None:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        pairs = (line.partition("=") for line in lines if "=" in line)
        found = {name.strip(): unescape(value.strip()) for name, _, value in pairs}
        off = found.get("Hidden") == "true" or found.get("X-GNOME-Autostart-enabled") == "false"
        return Found(split_exec(found["Exec"]), not off) if found.get("Exec") else None

    def write(self, command: Command) -> None:
        lines = [
            "[Desktop Entry]",
            "Type=Application",
            f"Name={escape(identity.NAME)}",
            f"Comment={escape(identity.DESCRIPTION)}",
            # A desktop passes over an entry whose program was removed.
            f"TryExec={escape(command[0])}",
            f"Exec={escape(' '.join(map(quote_exec, command)))}",
            "Terminal=false",
            "StartupNotify=false",
            "X-GNOME-Autostart-enabled=true",
        ]
        write_entry(self.path, "".join(f"{line}\n" for line in lines).encode())

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
NEEDS_QUOTES = re.compile(r"[\s\"'\\><~|&;$*?#()`]|^$")


def escape(text: str) -> str:
    """As any text stands in a desktop entry."""
    return "".join(ESCAPES.get(each, each) for each in text)


def unescape(text: str) -> str:
    meant = {value: key for key, value in ESCAPES.items()} | {"\\s": " "}
    return re.sub(r"\\.", lambda found: meant.get(found[0], found[0]), text)


def quote_exec(argument: str) -> str:
    """One argument of Exec, before it is escaped as a text:
    https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html"""
    argument = argument.replace("%", "%%")
    if not NEEDS_QUOTES.search(argument):
        return argument
    return '"' + re.sub(r'(["`$\\])', r"\\\1", argument) + '"'


def split_exec(line: str) -> Command:
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line, re.DOTALL)
    words = (re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) or plain for quoted, plain in parts)
    return tuple(each.replace("%%", "%") for each in words)


class LaunchAgent:
    """macOS: launchd reads the file at the next login, and runs it once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Found | None:
        import plistlib

        try:
            found = plistlib.loads(self.path.read_bytes())
            command = tuple(map(str, found["ProgramArguments"]))
        except FileNotFoundError:
            return None
        except OSError:
            raise
        except Exception:
            # Of a damaged file, also what the parser of XML raises, which a build can lack.
            return None
        return Found(command, found.get("RunAtLoad") is True and not found.get("Disabled"))

    def write(self, command: Command) -> None:
        import plistlib

        told = {
            "Label": self.path.stem,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "LimitLoadToSessionType": "Aqua",
            "ProcessType": "Interactive",
        }
        write_entry(self.path, plistlib.dumps(told))

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where Windows' settings and the Task Manager keep what the person switched off there."""

LONGEST_RUN = 260
"""Source: https://learn.microsoft.com/windows/win32/setupapi/run-and-runonce-registry-keys"""


class Registry(Protocol):
    def get(self, key: str, name: str) -> str | bytes | None: ...

    def set(self, key: str, name: str, value: str) -> None: ...

    def delete(self, key: str, name: str) -> None: ...


class RunValue:
    """Windows: a command line in the person's own part of the registry."""

    def __init__(self, name: str, registry: Registry) -> None:
        self.name, self.registry = name, registry

    def read(self) -> Found | None:
        line = self.registry.get(RUN, self.name)
        if not isinstance(line, str) or not line.strip():
            return None
        # An odd first byte says that it was switched off.
        approved = self.registry.get(APPROVED, self.name)
        off = isinstance(approved, bytes) and bool(approved) and approved[0] % 2 == 1
        return Found(split_line(line), not off)

    def write(self, command: Command) -> None:
        from subprocess import list2cmdline

        line = f'"{command[0]}" {list2cmdline(command[1:])}'
        if len(line) > LONGEST_RUN:
            raise ValueError(f"Windows takes {LONGEST_RUN} characters, and this is {len(line)}")
        self.registry.set(RUN, self.name, line)
        self.registry.delete(APPROVED, self.name)

    def remove(self) -> None:
        self.registry.delete(RUN, self.name)
        self.registry.delete(APPROVED, self.name)


def split_line(line: str) -> Command:
    """What `RunValue.write` wrote. No path holds a quote, so only a last backslash is doubled."""
    parts = re.findall(r'"([^"]*)"|(\S+)', line)
    return tuple(re.sub(r"\\\\$", r"\\", quoted) if quoted else plain for quoted, plain in parts)


if sys.platform == "win32":
    import winreg

    class CurrentUser:
        """What the person may change without being asked for a password."""

        def get(self, key: str, name: str) -> str | bytes | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    found = winreg.QueryValueEx(opened, name)[0]
            except FileNotFoundError:
                return None
            return found if isinstance(found, str | bytes) else None

        def set(self, key: str, name: str, value: str) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, name, 0, winreg.REG_SZ, value)

        def delete(self, key: str, name: str) -> None:
            access = winreg.KEY_SET_VALUE
            with (
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, access) as opened,
            ):
                winreg.DeleteValue(opened, name)
