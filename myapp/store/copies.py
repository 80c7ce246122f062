"""Copies that a person keeps at a place of their choice: the whole file, its history too, checked.

`backup` keeps copies by a rule of its own; `copying` makes plain files of tables.
"""

import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import apsw

from . import backup
from .connection import sentences
from .errors import BackupDamaged, StoreError
from .file_names import LONGEST, TOO_LONG, shown, why_not
from .hearing import Told

ENDINGS = (".sqlite", ".sqlite3", ".db", ".db3", ".s3db", ".sl3", ".gpkg")
PART = re.compile(r"\.myapp-copy-[0-9a-f]{16}\.part")
BESIDE = ("-journal", "-wal", "-shm")
WRITING = (
    apsw.SQLITE_IOERR_WRITE,
    apsw.SQLITE_IOERR_FSYNC,
    apsw.SQLITE_IOERR_DIR_FSYNC,
    apsw.SQLITE_IOERR_TRUNCATE,
    apsw.SQLITE_IOERR_DELETE,
    apsw.SQLITE_IOERR_CLOSE,
)
"""Of the two files only the copy is written to."""


class CopyRefused(StoreError):
    def __init__(self, sentence: str) -> None:
        super().__init__(f"{sentence} No copy was made.")


class BadFileName(CopyRefused):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"“{name}” cannot be the name of a file: {why}")


class FolderMissing(CopyRefused):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no folder {folder} any more. Choose another one.")


class FolderLocked(CopyRefused):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"Nothing may be written into {folder}. Choose another folder.")


class NoRoomForCopy(CopyRefused):
    def __init__(self, folder: Path, size: int) -> None:
        super().__init__(
            f"The disk that holds {folder} has no room for {max(size // 1_000_000, 1):,} MB. "
            "Make room there, or choose a folder on another disk."
        )


class CopyNotWritten(CopyRefused):
    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"The copy could not be written to {folder}: {why}. See whether the disk or drive "
            "is still there, or choose another folder."
        )


class CopyDamaged(CopyRefused):
    def __init__(self, source: Path) -> None:
        super().__init__(
            f"The copy did not pass its check, and was deleted. {source.name} itself may be "
            "damaged: look at its backups, and check the disk that holds it."
        )


class IsTheOpenFile(CopyRefused):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} in this folder is the file that is open. Choose another name or folder."
        )


class NotReplaceable(CopyRefused):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} cannot be replaced: {why}. Choose another name.")


class FileThere(CopyRefused):
    """A file has this name already; asked again with `replace`, it is replaced. `bytes` is its
    size and `changed` the time of its last change, in seconds since 1970."""

    def __init__(self, name: str, status: os.stat_result) -> None:
        super().__init__(f"There is a file {name} in this folder already.")
        self.name, self.bytes, self.changed = name, status.st_size, status.st_mtime


class Copy(NamedTuple):
    path: Path
    bytes: int


def file_name(typed: str, ending: str = ".sqlite") -> str:
    """A name that any system takes, with an ending of a database. Raises BadFileName."""
    name = typed.strip()
    why = why_not(name)
    if why:
        raise BadFileName(shown(name), why)
    if not name.lower().endswith(ENDINGS) or name.lower() in ENDINGS:
        name += ending
    if len(os.fsencode(name)) > LONGEST:
        raise BadFileName(shown(name), TOO_LONG)
    return name


def part_beside(target: Path) -> Path:
    """Under which name the copy is written before it is whole."""
    return target.with_name(f".myapp-copy-{secrets.token_hex(8)}.part")


def check_target(source: Path, target: Path, *, replace: bool = False) -> None:
    """Looks whether a copy may take this name. Raises IsTheOpenFile, NotReplaceable, FileThere,
    FolderMissing, FolderLocked."""
    try:
        status = target.lstat()
    except FileNotFoundError:
        status = None
        if not target.parent.is_dir():
            raise FolderMissing(target.parent) from None
    except NotADirectoryError as error:
        raise FolderMissing(target.parent) from error
    except PermissionError as error:
        raise FolderLocked(target.parent) from error
    except OSError as error:
        raise CopyNotWritten(target.parent, error.strerror or str(error)) from error
    if status is not None:
        with suppress(OSError):
            if target.samefile(source):
                raise IsTheOpenFile(target.name)
        if not stat.S_ISREG(status.st_mode):
            raise NotReplaceable(target.name, "it is not a plain file")
    # SQLite would take what lies there for a part of the copy.
    if any(os.path.lexists(f"{target}{beside}") for beside in BESIDE):
        raise NotReplaceable(
            target.name, "another program has it open, or ended while it wrote to it"
        )
    if status is not None and not replace:
        raise FileThere(target.name, status)


def save_copy(
    source: Path, target: Path, part: Path, *, replace: bool = False, told: Told | None = None
) -> Copy:
    """Copy the database `source` as it is in one moment, check the copy, and only then give it its
    name; until then it is `part`, of which nothing is left where this fails.

    `told` hears how many megabytes are copied, and what it raises ends it. Writes nothing to
    `source`. Raises CopyRefused, and what reading the database raises.
    """
    check_target(source, target, replace=replace)
    folder = target.parent
    size = source.stat().st_size
    if shutil.disk_usage(folder).free < size:
        raise NoRoomForCopy(folder, size)
    try:
        with written_to(folder, size):
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            keep_private(source, part)
            with sentences(source):
                backup.copy(source, part, lambda: False, told)
        try:
            with sentences(part):
                backup.check(part, told)
        except BackupDamaged as error:
            raise CopyDamaged(source) from error
        with written_to(folder, size):
            publish(source, part, target, replace=replace)
        return Copy(target, target.stat().st_size)
    finally:
        clear_part(part)


@contextmanager
def written_to(folder: Path, size: int) -> Iterator[None]:
    """Turn what a folder refuses into sentences about it."""
    try:
        yield
    except StoreError as error:
        cause = error.__cause__
        if isinstance(cause, apsw.FullError):
            raise NoRoomForCopy(folder, size) from error
        if getattr(cause, "extendedresult", 0) in WRITING:
            raise CopyNotWritten(folder, "its disk reported an error") from error
        raise
    except FileNotFoundError as error:
        raise FolderMissing(folder) from error
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise FolderLocked(folder) from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoomForCopy(folder, size) from error
        raise CopyNotWritten(folder, error.strerror or str(error)) from error


def keep_private(source: Path, part: Path) -> None:
    """Nobody reads the copy who could not read the file."""
    with suppress(OSError):  # not every disk knows of it
        part.chmod(part.stat().st_mode & (source.stat().st_mode | 0o600))


def publish(source: Path, part: Path, target: Path, *, replace: bool) -> None:
    """Give the whole copy its name, in one step. Raises what `check_target` raises where somebody
    took it meanwhile."""
    check_target(source, target, replace=replace)
    if replace:
        try:
            part.replace(target)
        except PermissionError as error:
            raise NotReplaceable(target.name, "another program has it open") from error
    elif not taken_by_link(part, target):
        # A disk without links, as sticks have: the moment since the look is a short one.
        part.rename(target)
    if os.name == "posix":
        with suppress(OSError):
            number = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(number)
            finally:
                os.close(number)


def taken_by_link(part: Path, target: Path) -> bool:
    """Unlike a rename, a link never takes the place of another file. Raises FileThere."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise FileThere(target.name, target.lstat()) from error
    except OSError:
        return False
    return True


def clear_part(part: Path) -> None:
    """Remove what a copy left that ended in its middle; nothing that has another name."""
    if PART.fullmatch(part.name):
        for each in (part, *(part.with_name(f"{part.name}{beside}") for beside in BESIDE)):
            with suppress(OSError):
                each.unlink()
