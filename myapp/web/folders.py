"""What lies in a folder of this computer: folders, SQLite files, and files that can be imported.

Reads names and, where an ending tells nothing, the first 16 bytes of regular files; never more.
"""

import os
import stat
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from myapp.store import AppError
from myapp.store.copies import ENDINGS

from .paths import readable

Kind = Literal["folder", "database", "import"]
Order = Literal["name", "date"]
SQLITE_MAGIC = b"SQLite format 3\0"
MOST = 500
"""Entries on a page."""

LONGEST_LOOK = 0.25
"""Seconds for the beginnings of files whose names tell nothing."""

WINDOWS_HIDDEN = 0x2 | 0x4
"""Hidden, or the system's own: FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_SYSTEM."""

WINDOWS_AWAY = 0x1000 | 0x40000 | 0x400000
"""Offline, or fetched when it is read, as OneDrive keeps files: FILE_ATTRIBUTE_OFFLINE and
FILE_ATTRIBUTE_RECALL_ON_OPEN, _ON_DATA_ACCESS."""

MAC_HIDDEN, MAC_AWAY = 0x8000, 0x40000000
"""UF_HIDDEN; SF_DATALESS, as iCloud keeps files that lie elsewhere."""


class FolderGone(AppError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no folder {readable(str(folder))} any more, or there never was. "
            "Go on from another place."
        )


class NotAFolder(AppError):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"{readable(str(folder))} is not a folder. Go on from another place.")


class FolderClosed(AppError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The system does not let you look into {readable(str(folder))}. "
            "Go on from another place, or ask who looks after this computer."
        )


class FolderUnreadable(AppError):
    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"{readable(str(folder))} cannot be read: {why}. Go on from another place."
        )


class Entry(NamedTuple):
    """`size` in bytes and `changed` in seconds since 1970 are None where nobody can tell."""

    name: str
    kind: Kind
    size: int | None = None
    changed: float | None = None


class Listing(NamedTuple):
    """`found` counts what fits, of which `entries` are the first; `others` are files that can be
    neither opened nor imported. `unsure` where not all of these could be looked into in time."""

    entries: tuple[Entry, ...]
    found: int
    others: int
    hidden: int
    unsure: bool


def what_is(path: Path) -> Literal["folder", "file"] | None:
    """None for what is not there, or is a pipe or a device."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else None


def read_folder(
    folder: Path,
    importable: tuple[str, ...],
    *,
    words: str = "",
    hidden: bool = False,
    order: Order = "name",
    longest_look: float = LONGEST_LOOK,
) -> Listing:
    """The entries whose names hold `words`, folders first. `importable` are endings in small
    letters. Raises FolderGone, NotAFolder, FolderClosed, FolderUnreadable."""
    try:
        with os.scandir(folder) as found:
            present = list(found)
    except FileNotFoundError as error:
        raise FolderGone(folder) from error
    except NotADirectoryError as error:
        raise NotAFolder(folder) from error
    except PermissionError as error:
        raise FolderClosed(folder) from error
    except (OSError, ValueError) as error:
        raise FolderUnreadable(folder, getattr(error, "strerror", None) or "its name") from error
    wanted, left_out = [], 0
    for each in present:
        if not hidden and is_hidden(each):
            left_out += 1
        elif words.casefold() in each.name.casefold():
            wanted.append(each)
    wanted.sort(key=lambda each: (each.name.casefold(), each.name))
    kinds, others, unsure = sort_out(wanted, importable, longest_look)
    if order == "date":
        kinds.sort(key=lambda each: -(changed(each[0]) or 0))
    kinds.sort(key=lambda each: each[1] != "folder")
    shown = tuple(described(each, kind) for each, kind in kinds[:MOST])
    return Listing(shown, len(kinds), others, left_out, unsure)


def sort_out(
    found: Iterable["os.DirEntry[str]"], importable: tuple[str, ...], longest_look: float
) -> tuple[list[tuple["os.DirEntry[str]", Kind]], int, bool]:
    """What each is, how many are neither, and whether there was no time for some of these."""
    end = time.monotonic() + longest_look
    kinds: list[tuple[os.DirEntry[str], Kind]] = []
    others, unsure = 0, False
    for each in found:
        name = each.name.lower()
        try:
            if each.is_dir():
                kinds.append((each, "folder"))
                continue
            # A pipe or a device is never opened: reading it may wait for ever.
            if not each.is_file():
                continue
        except OSError:  # a link that leads round in a circle, say
            continue
        if name.endswith(ENDINGS):
            kinds.append((each, "database"))
        elif name.endswith(importable):
            kinds.append((each, "import"))
        elif time.monotonic() > end:
            unsure, others = True, others + 1
        elif begins_like_sqlite(each):
            kinds.append((each, "database"))
        else:
            others += 1
    return kinds, others, unsure


def is_hidden(entry: "os.DirEntry[str]") -> bool:
    """By its name, by the system's mark, or as what Office keeps beside an open workbook."""
    if entry.name.startswith((".", "~$")):
        return True
    return sys.platform != "linux" and marked(entry, WINDOWS_HIDDEN, MAC_HIDDEN)


def marked(entry: "os.DirEntry[str]", windows: int, mac: int) -> bool:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    attributes = getattr(status, "st_file_attributes", 0)
    return bool(attributes & windows or getattr(status, "st_flags", 0) & mac)


def begins_like_sqlite(entry: "os.DirEntry[str]") -> bool:
    """Not asked of a file that lies elsewhere, and would be fetched for it."""
    if sys.platform != "linux" and marked(entry, WINDOWS_AWAY, MAC_AWAY):
        return False
    try:
        # Should a pipe have taken the file's place meanwhile, opening it does not wait.
        number = os.open(entry.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | binary())
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(number).st_mode) and os.read(number, 16) == SQLITE_MAGIC
    except OSError:
        return False
    finally:
        os.close(number)


def binary() -> int:
    return getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def changed(entry: "os.DirEntry[str]") -> float | None:
    try:
        return entry.stat().st_mtime
    except OSError:
        return None


def described(entry: "os.DirEntry[str]", kind: Kind) -> Entry:
    try:
        status = entry.stat()
    except OSError:
        return Entry(entry.name, kind)
    size = None if kind == "folder" else status.st_size
    return Entry(entry.name, kind, size, status.st_mtime)
