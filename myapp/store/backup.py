"""Backups: whole, verified copies of a database file, and the rule by which they are kept."""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from .connection import connect, know_any_order, row_of, rows_of, sentences
from .errors import BackupDamaged, NoRoomForBackup, ReadStopped
from .hearing import Told, heard
from .schema import quote

if TYPE_CHECKING:
    from .open_file import OpenFile

LARGEST_BY_ITSELF = 2 << 30
"""Bytes. Copies of larger files would fill a disk unasked."""

DAYS, WEEKS, MONTHS = 7, 4, 12
"""How many of each are kept, the newest of its day, week and month."""

PAGES = 2_000
"""Copied between two looks at whether to stop."""

ROOM_LEFT = 512 << 20
"""Bytes that a backup leaves free on its disk."""

BROKEN_OFF = 6 * 3600
"""Seconds. A copy that nobody wrote to for so long is nobody's any more."""

TODAY = 10
"""How many of today's are kept that were made by themselves."""

NAME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d)\.(\d\d)\.(\d\d) (.+)\.sqlite", re.ASCII)
HARMLESS = re.compile(
    r"NULL value in |(malformed|unable to validate the) inverted index for FTS|In RTree "
)
NOT_IN_NAMES = '<>:"/\\|?*'
LONGEST_REASON = 150
"""Bytes: names of files end at 255."""

DAILY, BY_HAND, BEFORE_RESTORE = "daily", "by hand", "before a restore"


@dataclass(frozen=True, slots=True)
class Backup:
    """`made` is local time; `why` is one of the three words above, or before what it was made."""

    path: Path
    made: datetime
    why: str
    bytes: int

    @property
    def name(self) -> str:
        return self.path.name


def list_backups(folder: Path) -> list[Backup]:
    """The backups in a folder, newest first."""
    found = []
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            match = NAME.fullmatch(path.name)
            if match is None:
                continue
            with suppress(ValueError, OSError):
                made = datetime.fromisoformat(f"{match[1]} {match[2]}:{match[3]}:{match[4]}")
                found.append(Backup(path, made, match[5], path.stat().st_size))
    return sorted(found, key=lambda each: each.made, reverse=True)


def folder_of(folder: Path, path: Path) -> Path:
    """Where in `folder` the backups of the database `path` lie: by its name, and by its whole path,
    since two files may share a name."""
    digest = hashlib.sha256(str(path).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    stem = "".join(c if c.isalnum() or c in " -_" else "_" for c in path.stem)[:60]
    return folder / f"{stem} {digest}"


def is_unsaved(database: "OpenFile", folder: Path, now: datetime) -> bool:
    """Whether it has changed since the newest backup in `folder`, and may be copied unasked."""
    status = database.path.stat()
    if status.st_size > LARGEST_BY_ITSELF or not database.writable or not database.tables():
        return False
    newest = next((each for each in list_backups(folder) if each.made <= now), None)
    if newest is None:
        return True
    wal = database.wal.stat().st_mtime if database.wal.exists() else 0.0
    return max(status.st_mtime, wal) > newest.made.timestamp()


def make_backup(
    source: Path,
    folder: Path,
    now: datetime,
    why: str = BY_HAND,
    stopped: Callable[[], bool] = lambda: False,
    spared: Path | None = None,
    told: Told | None = None,
) -> Backup:
    """Copy the database `source` as it is in one moment, check the copy, and let old ones go.

    `told` hears how many megabytes are copied, and what it raises ends it. The backup `spared`
    stays in any case. Writes nothing to `source`. Raises NoRoomForBackup, BackupDamaged,
    ReadStopped, and what reading the database raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    size = source.stat().st_size
    if shutil.disk_usage(folder).free < size + ROOM_LEFT:
        raise NoRoomForBackup(folder, size)
    why = as_name(why)
    target = folder / f"{now:%Y-%m-%d %H.%M.%S} {why}.sqlite"
    part = folder / f"{os.getpid()}.part"
    part.unlink(missing_ok=True)
    clear_broken_off(folder)
    try:
        with sentences(source):
            copy(source, part, stopped, told)
        with sentences(part):
            check(part, told)
        part.replace(target)
    finally:
        for leftover in folder.glob(f"{part.name}*"):
            leftover.unlink(missing_ok=True)
    made = Backup(target, now.replace(microsecond=0), why, target.stat().st_size)
    there = list_backups(folder)
    for old in set(there) - set(kept(there, now)):
        # A clock that was set back makes the newest one look old.
        if old.path not in (spared, target):
            old.path.unlink(missing_ok=True)
    return made


def clear_broken_off(folder: Path) -> None:
    """Let go what a program left that was killed in the middle of a backup."""
    for part in folder.glob("*.part*"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > BROKEN_OFF:
                part.unlink()


def as_name(why: str) -> str:
    """A reason that may name a table, as part of a file's name on any system."""
    name = "".join(c if c.isprintable() and c not in NOT_IN_NAMES else "_" for c in why)
    return name.encode()[:LONGEST_REASON].decode(errors="ignore")


def copy(source: Path, target: Path, stopped: Callable[[], bool], told: Told | None = None) -> None:
    with (
        closing(connect(source)) as reader,
        closing(connect(target, write=True, create=True)) as writer,
    ):
        # An open transaction keeps one moment: without it every change would start the copy anew.
        reader.execute("BEGIN")
        row_of(reader, "SELECT count(*) FROM sqlite_schema")
        page = int(row_of(reader, "PRAGMA page_size")[0])
        with writer.backup("main", reader, "main") as backup:
            while not backup.done:
                if stopped():
                    raise ReadStopped
                backup.step(PAGES)
                tell(backup, page, told)
        # One file alone, to be copied and opened anywhere.
        writer.execute("PRAGMA journal_mode = DELETE")


def tell(backup: apsw.Backup, page: int, told: Told | None) -> None:
    """In megabytes; `page` is how many bytes a page has."""
    if told is not None:
        done = backup.page_count - backup.remaining
        told(done * page // 1_000_000, backup.page_count * page // 1_000_000)


def check(path: Path, told: Told | None = None) -> None:
    """Raises BackupDamaged where SQLite finds anything wrong with the file. A record that a rule
    of its table does not allow is no damage: the rule may be younger. Neither is a search index of
    another program that does not follow its table."""
    with closing(connect(path)) as connection, heard(connection, told):
        know_any_order(connection)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        try:
            found = faults(connection, "1000000")
        except apsw.SQLError:
            # A virtual table whose extension, or part of one, is not here: the others alone.
            plain = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'virtual'"
            names = [str(name) for (name,) in rows_of(connection, f"{plain} AND type <> 'view'")]
            found = any(faults(connection, quote(name)) for name in names)
        if found:
            raise BackupDamaged(path)


def faults(connection: apsw.Connection, of: str) -> bool:
    checked = rows_of(connection, f"PRAGMA quick_check({of})")
    return any(said != "ok" and not HARMLESS.match(said) for (said,) in checked)


def restore_into(writer: apsw.Connection, backup: Path, told: Told | None = None) -> None:
    """Make the open database what the backup is, in one step. Raises BackupDamaged, and what `told`
    raises: then SQLite takes back what was copied."""
    check(backup, told)
    with closing(connect(backup)) as reader, writer.backup("main", reader, "main") as copying:
        page = int(row_of(reader, "PRAGMA page_size")[0])
        while not copying.done:
            copying.step(PAGES)
            if not copying.done:
                tell(copying, page, told)


def kept(backups: Iterable[Backup], now: datetime) -> Sequence[Backup]:
    """All of today that a person made and the newest others, and the newest of each of the last
    days, weeks and months that have any."""
    newest = sorted(backups, key=lambda each: each.made, reverse=True)
    today = [each for each in newest if each.made.date() >= now.date()]
    chosen = {each for each in today if each.why == BY_HAND}
    chosen.update([each for each in today if each.why != BY_HAND][:TODAY])
    for count, period in (
        (DAYS, lambda made: made.date().isoformat()),
        (WEEKS, lambda made: "{}-{}".format(*made.isocalendar()[:2])),
        (MONTHS, lambda made: f"{made:%Y-%m}"),
    ):
        periods: dict[str, Backup] = {}
        for each in newest:
            periods.setdefault(period(each.made), each)
        chosen.update(list(periods.values())[:count])
    return [each for each in newest if each in chosen]
