"""Where a person begins to look for a file: own folders, drives, what is plugged in.

What is only named and not looked at cannot hang: a drive of a network may not answer.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple

from myapp.store.location import MOUNTS, unescaped

from .folders import what_is

USUAL = ("Desktop", "Documents", "Downloads")
XDG = {"Desktop": "DESKTOP", "Documents": "DOCUMENTS", "Downloads": "DOWNLOAD"}
WINDOWS_NAMES = {
    "Desktop": "Desktop",
    "Documents": "Personal",
    "Downloads": "{374DE290-123F-4565-9164-39C4925E467B}",
}
"""https://learn.microsoft.com/windows/win32/shell/knownfolderid"""

WINDOWS_KEY = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
PLUGGED_IN = ("/media", "/run/media", "/mnt", "/Volumes")
MOST_RECENT = 5


class Place(NamedTuple):
    label: str
    path: PurePath


def own_places() -> list[Place]:
    """The home and what is usual in it, and the system's drives. Looks at the disk."""
    try:
        home = Path.home()
    except RuntimeError:
        return list(drives())
    moved = windows_folders() if sys.platform == "win32" else linux_folders(home, os.environ)
    usual = [(label, moved.get(label, home / label)) for label in USUAL]
    there = [Place(*each) for each in usual if what_is(each[1]) == "folder" and each[1] != home]
    return [Place("Home", home), *there, *drives()]


def linux_folders(home: Path, environment: Mapping[str, str]) -> dict[str, Path]:
    """The usual folders under their names in the person's language."""
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    try:
        text = (settings / "user-dirs.dirs").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return {}
    return parse_user_dirs(text, home)


def parse_user_dirs(text: str, home: Path) -> dict[str, Path]:
    """https://www.freedesktop.org/wiki/Software/xdg-user-dirs/"""
    found = {}
    for label, name in XDG.items():
        given = re.search(rf'^XDG_{name}_DIR="(.+)"', text, re.MULTILINE)
        if given:
            found[label] = Path(given[1].replace("$HOME", str(home), 1))
    return found


def windows_folders() -> dict[str, Path]:
    """OneDrive moves them, among others."""
    found: dict[str, Path] = {}
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, WINDOWS_KEY) as key:
                for label, name in WINDOWS_NAMES.items():
                    value = winreg.QueryValueEx(key, name)[0]
                    found[label] = Path(os.path.expandvars(str(value)))
        except OSError:
            pass
    return found


def drives() -> Iterator[Place]:
    if sys.platform == "win32":
        import ctypes

        yield from drives_of(int(ctypes.windll.kernel32.GetLogicalDrives()))
        return
    if sys.platform == "darwin":
        try:
            for each in sorted(Path("/Volumes").iterdir()):
                yield Place(each.name, each)
        except OSError:
            pass
    else:
        try:
            listed = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            listed = ""
        yield from plugged_in(listed)
    yield Place("This computer", Path("/"))


def drives_of(bits: int) -> Iterator[Place]:
    """The drives of Windows, A in the lowest bit."""
    from pathlib import PureWindowsPath

    for number in range(26):
        if bits >> number & 1:
            letter = chr(ord("A") + number)
            yield Place(f"{letter}:", PureWindowsPath(f"{letter}:\\"))


def plugged_in(listed: str) -> Iterator[Place]:
    """Sticks, disks and shares, by lines like those of /proc/self/mounts."""
    seen = set()
    for line in listed.splitlines():
        parts = line.split(" ")
        point = PurePosixPath(unescaped(parts[1])) if len(parts) > 2 else PurePosixPath("/")
        inside = any(point.is_relative_to(each) for each in PLUGGED_IN)
        network = parts[2:3] == ["fuse.gvfsd-fuse"]
        if (inside or network) and point not in seen:
            seen.add(point)
            yield Place("Network" if network else point.name, point)


def folders_of(files: Iterable[str]) -> list[Place]:
    """The folders in which files lie that were open before, the newest first."""
    folders = dict.fromkeys(Path(each).parent for each in files)
    return [Place(each.name or str(each), each) for each in list(folders)[:MOST_RECENT]]
