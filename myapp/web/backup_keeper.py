"""Makes the backups of the open database: one a day while it is used, before risky steps, and when
it is asked."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from myapp.store import AppError, Database

from .long_steps import Stopped

if TYPE_CHECKING:
    from myapp.store import Backup
    from myapp.store.hearing import Told

log = logging.getLogger(__name__)
QUICK = 16 << 20
"""Bytes. A copy of so much keeps nobody waiting at the end."""

LOOK_AGAIN = timedelta(minutes=10)
DELAY = 0.3
"""Seconds. A start's first page comes first, and the copy before the first change."""


class BackupKeeper:
    """`clock` gives local time. Each database has a folder of its own in `folder`."""

    def __init__(
        self, folder: Path, clock: Callable[[], datetime] = datetime.now, delay: float = DELAY
    ) -> None:
        self.folder, self.clock, self.delay = folder, clock, delay
        self.lock = threading.Lock()
        self.path: Path | None = None
        self.next_look = datetime.min
        self.thread: threading.Thread | None = None
        self.stop = threading.Event()
        self.trouble: str | None = None

    def folder_of(self, path: Path) -> Path:
        from myapp.store.backup import folder_of

        return folder_of(self.folder, path)

    def backups(self, path: Path) -> "list[Backup]":
        from myapp.store import list_backups

        return list_backups(self.folder_of(path))

    def keep_daily(self, database: Database) -> None:
        """Begin the day's backup in the background, where it is due."""
        now = self.clock()
        # A clock that is set back must not put the next look off.
        looked = timedelta(0) < self.next_look - now <= LOOK_AGAIN
        if self.stop.is_set() or (self.path == database.path and looked):
            return
        if self.path != database.path:
            self.trouble = None
        self.path, self.next_look = database.path, now + LOOK_AGAIN
        if self.thread is not None and self.thread.is_alive():
            return
        self.thread = threading.Thread(target=self.make_daily, args=(database,), name="backup")
        self.thread.start()

    def make_daily(self, database: Database) -> None:
        from myapp.store import DAILY

        try:
            if not self.stop.wait(self.delay) and self.is_due(database):
                self.make(database.path, DAILY)
            self.tell(database, None)
        except AppError as error:
            log.warning("no backup of %s: %s", database.path, error)
            self.tell(database, error.sentence)
        except Exception:
            log.exception("no backup of %s", database.path)
            self.tell(database, "Today's backup could not be made; the log says why.")

    def tell(self, database: Database, trouble: str | None) -> None:
        """Not of a file that was closed meanwhile: the page is about the open one."""
        if self.path == database.path:
            self.trouble = trouble

    def is_due(self, database: Database) -> bool:
        """Whether it has changed since the newest backup, and none was made today."""
        # A clock that ran ahead once may have left backups of days to come.
        today = self.clock().date()
        of_today = any(each.made.date() == today for each in self.backups(database.path))
        return not of_today and self.is_unsaved(database)

    def is_unsaved(self, database: Database) -> bool:
        """Whether it has changed since the newest backup, and may be copied unasked."""
        from myapp.store.backup import is_unsaved

        return is_unsaved(database, self.folder_of(database.path), self.clock())

    def make_before(self, database: Database, step: str, told: "Told | None" = None) -> None:
        """Back up what a risky step is about to change. The step goes on where that fails: it can
        be undone, and the reason is told on the page of the backups. Raises what `told` raises."""
        try:
            if self.is_unsaved(database):
                self.make(database.path, f"before {step}", told=told)
        except Stopped:
            raise
        except (AppError, OSError) as error:
            log.warning("no backup of %s before %s: %s", database.path, step, error)
            why = error.sentence if isinstance(error, AppError) else f"{error}."
            self.trouble = f"There is no backup from before {step}. {why}"

    def make(
        self,
        path: Path,
        why: str,
        spared: Path | None = None,
        told: "Told | None" = None,
    ) -> "Backup":
        """`told` hears how many megabytes are done. Raises what making a backup raises."""
        from myapp.store import make_backup

        with self.lock:
            folder = self.folder_of(path)
            return make_backup(path, folder, self.clock(), why, self.stop.is_set, spared, told)

    def restore(self, database: Database, name: str, told: "Told | None" = None) -> None:
        """Back up what is there, and become what the backup `name` is. Raises NoSuchBackup."""
        from myapp.store import BEFORE_RESTORE

        backup = next((each for each in self.backups(database.path) if each.name == name), None)
        if backup is None:
            raise NoSuchBackup
        self.make(database.path, BEFORE_RESTORE, spared=backup.path, told=told)
        database.restore(backup.path, told)

    def close(self, database: Database | None = None) -> None:
        """Make the day's backup where it is due and quick: the first day may be a short one."""
        thread, self.thread = self.thread, None
        if thread is not None and not thread.is_alive():
            thread = None
        if thread is None and database is not None:
            self.make_last(database)
        self.stop.set()
        if thread is not None:
            thread.join(10)

    def make_last(self, database: Database) -> None:
        from myapp.store import DAILY

        try:
            if database.path.stat().st_size <= QUICK and self.is_due(database):
                self.make(database.path, DAILY)
        except (AppError, OSError) as error:
            log.warning("no backup of %s: %s", database.path, error)


class NoSuchBackup(AppError):
    def __init__(self) -> None:
        super().__init__("This backup is not there any more. Choose another one.")
