"""Changes of fields, or of very many records, in the background, with a page that says how far."""

import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

from myapp.store import AppError, Applied, Database

from .background import BackgroundWork

log = logging.getLogger(__name__)
KEPT = 5
"""Jobs whose outcome a page can still ask for."""


class Stopped(AppError):
    def __init__(self) -> None:
        super().__init__("It was stopped. Nothing was changed.")


class Work(NamedTuple):
    """What to do, in words, and the form that it came from, should it have to be shown again."""

    sentence: str
    do: Callable[[Database, Callable[[int, int], None]], Applied | None]
    table: str
    field: str = ""
    typed: Mapping[str, str] = {}
    then: Callable[[Applied], str] | None = None
    """The address to go to, where it is not the page of the fields."""


class FieldJob(BackgroundWork):
    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work
        self.done = self.total = 0
        self.error: AppError | None = None
        self.applied: Applied | None = None

    def start(self, database: Database) -> None:
        self.begin("fields", lambda: self.run(database))

    def run(self, database: Database) -> None:
        try:
            self.applied = self.work.do(database, self.note)
        except AppError as error:
            self.error = error
        except Exception:
            log.exception("%s failed", self.work.sentence)
            self.error = AppError("It could not be done. Nothing was changed.")

    def note(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.stop.is_set():
            raise Stopped

    def end(self) -> None:
        self.cancel()
        self.wait()


class FieldJobs:
    """Those of this start."""

    def __init__(self) -> None:
        self.jobs: dict[str, FieldJob] = {}

    def begin(self, database: Database, work: Work) -> FieldJob:
        over = [job.id for job in self.jobs.values() if not job.running]
        for id_ in over[: max(len(over) - KEPT + 1, 0)]:
            del self.jobs[id_]
        job = FieldJob(work)
        self.jobs[job.id] = job
        job.start(database)
        return job

    def running(self) -> FieldJob | None:
        return next((job for job in list(self.jobs.values()) if job.running), None)

    def close(self) -> None:
        for job in self.jobs.values():
            job.end()
