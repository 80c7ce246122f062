"""The workspace of a public deployment: one data file, chosen by the settings alone."""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import g, has_request_context

from myapp.accounts import Role, Session
from myapp.store import AppError, CannotOpen, Database, open_database
from myapp.web.export_jobs import ExportJobs
from myapp.web.index_jobs import IndexJobs
from myapp.web.jobs import ArrivedFile
from myapp.web.workspace import Workspace

from .keeper import Keeper
from .only_read import OnlyRead

if TYPE_CHECKING:
    from myapp.store import Location

TELL_EVERY = 0.5
"""Seconds."""

log = logging.getLogger(__name__)


class OneFile(Workspace):
    """Reads in every process; `keeper` says whether this one also changes and runs jobs."""

    def __init__(self, folder: Path, path: Path) -> None:
        super().__init__(folder)
        self.path = path
        self.keeper: Keeper | None = None
        self.exports = ExportJobs(folder / "exports")
        self.indexes = KeepersIndexes(self)
        self.closing = threading.Event()

    @property
    def own_path(self) -> Path:
        return self.path

    @property
    def keeps(self) -> bool:
        return self.keeper is not None and self.keeper.is_ours

    def database(self) -> Database:
        """For a viewer, one that can only be read."""
        opened = self.whole_database()
        if self.keeps:
            self.backups.keep_daily(opened)
        session: Session | None = g.get("session") if has_request_context() else None
        if session is not None and not session.account.role.includes(Role.EDITOR):
            return cast(Database, OnlyRead(opened))
        return opened

    def whole_database(self) -> Database:
        with self.lock:
            if self.opened is None:
                # Another process may have an import on its way: nothing of it is cleared away.
                self.opened = open_database(self.path, alone=False)
                if self.keeper is not None:
                    self.opened.told_version = self.keeper.agreed_version
            return self.opened

    def take_over(self) -> None:
        """What the keeper before left unfinished, by being killed."""
        opened = self.whole_database()
        opened.clear_leftovers()
        IndexJobs.keep_up(self.indexes, opened)
        threading.Thread(target=self.tell_version, name="version", daemon=True).start()

    def tell_version(self) -> None:
        """Other processes hear of what changed by other ways than a request, such as another
        program on the server."""
        while not self.closing.wait(TELL_EVERY):
            self.publish()

    def publish(self) -> None:
        """Asked by the keeper, the version is told to every process."""
        try:
            if self.keeps and self.opened is not None:
                self.opened.version()
        except AppError:
            log.info("the data cannot be read just now", exc_info=True)

    def close(self) -> None:
        """The keeper ends the jobs and makes the day's backup; another process only lets go."""
        self.closing.set()
        if self.keeps:
            super().close()
            return
        with self.lock:
            if self.opened is not None:
                self.opened.close()
                self.opened = None

    def open(self, path: Path) -> Database:
        raise CannotOpen(path, "other files are not opened from here.")

    def receive_upload(self, files: Sequence[ArrivedFile], *, tables: bool) -> str:
        """An SQLite file is imported like others, and never takes the place of the data."""
        return super().receive_upload(files, tables=True)

    def read_state(self) -> dict[str, object]:
        return {}

    def write_state(self, **changes: object) -> None:
        """Nothing is remembered of one person that another would see."""

    def warning(self, path: Path) -> "Location | None":
        return None


class KeepersIndexes(IndexJobs):
    """Built and caught up by one process alone."""

    def __init__(self, workspace: OneFile) -> None:
        super().__init__()
        self.workspace = workspace

    def keep_up(self, database: Database) -> None:
        if self.workspace.keeps:
            super().keep_up(database)
