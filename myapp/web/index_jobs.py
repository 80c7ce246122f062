"""Search indexes in the background: built when asked for, gone on with after a kill, caught up."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from myapp.store import AppError, Database

from .background import BackgroundWork

if TYPE_CHECKING:
    from myapp.store import IndexProgress, IndexState

log = logging.getLogger(__name__)
WAITING = 500
"""Changed records that a search scans in a millisecond; more are taken in."""


class IndexJob(BackgroundWork):
    """`back` is the page to return to."""

    def __init__(self, table: str, back: str) -> None:
        super().__init__()
        self.table, self.back = table, back
        self.progress: IndexProgress | None = None
        self.error: str | None = None
        self.done = False

    def start(self, database: Database) -> None:
        self.begin("search index", lambda: self.run(database))

    def run(self, database: Database) -> None:
        from myapp.store import build_index

        try:
            self.done = build_index(database, self.table, self.note, self.stop.is_set)
        except AppError as error:
            self.error = error.sentence
        except Exception:
            log.exception("search index of %s failed", self.table)
            self.error = f"Search in {self.table} could not be made faster. No record was changed."
        if self.error:
            with suppress(AppError):
                drop_unfinished(database, self.table)

    def note(self, progress: IndexProgress) -> None:
        self.progress = progress

    def pause(self) -> None:
        """What is done stays in the file, to go on with."""
        self.cancel()
        self.wait(10)


class IndexJobs:
    """The jobs of this start, found again by their ids."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.jobs: dict[str, IndexJob] = {}

    def states(self, database: Database) -> dict[str, IndexState]:
        """Of every index in the file, by its table. Most files have none."""
        if not database.has_search_indexes():
            return {}
        from myapp.store import list_indexes

        return list_indexes(database)

    def begin(self, database: Database, table: str, back: str) -> IndexJob:
        """The job that builds the table's index, be it one that runs already."""
        with self.lock:
            for job in self.jobs.values():
                if job.table == table and job.running:
                    return job
            job = IndexJob(table, back)
            self.jobs[job.id] = job
            job.start(database)
            return job

    def keep_up(self, database: Database) -> None:
        """Go on with what a kill left half-built, and take in what changed in bulk."""
        if not database.writable:
            return
        failed = {job.table for job in self.jobs.values() if job.error}
        for state in self.states(database).values():
            if state.table not in failed and (not state.ready or state.waiting > WAITING):
                self.begin(database, state.table, "/search")

    def cancel(self, database: Database, job: IndexJob) -> None:
        """Leave nothing of an index that is not finished."""
        job.pause()
        drop_unfinished(database, job.table)

    def drop(self, database: Database, table: str) -> None:
        """Raises NoSuchTable, ReadOnlyFile."""
        from myapp.store import drop_indexes

        for job in list(self.jobs.values()):
            if job.table == table:
                job.pause()
        drop_indexes(database, table)

    def of_table(self, table: str) -> IndexJob | None:
        """The one that is running."""
        return next((job for job in self.jobs.values() if job.table == table and job.running), None)

    def running(self) -> IndexJob | None:
        return next((job for job in self.jobs.values() if job.running), None)

    def pause(self) -> None:
        for job in list(self.jobs.values()):
            job.pause()


def drop_unfinished(database: Database, table: str) -> None:
    from myapp.store import drop_indexes, list_indexes

    state = list_indexes(database).get(table)
    if state is not None and not state.ready:
        drop_indexes(database, table)
