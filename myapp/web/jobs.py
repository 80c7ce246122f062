"""Imports in the background: they go on when their page is closed, and can be cancelled."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from myapp.store import AppError, Database

from .background import BackgroundWork
from .long_steps import Stopped

if TYPE_CHECKING:
    from myapp.exchange import (
        FilePart,
        ImportPlan,
        ImportResult,
        Misfit,
        Preview,
        Progress,
        ReadOptions,
    )
    from myapp.store.hearing import Told

log = logging.getLogger(__name__)


class ArrivedFile(NamedTuple):
    """`ours` says that it is a copy in our own folder, and not the person's own file."""

    path: Path
    name: str
    ours: bool


class Offer(NamedTuple):
    """A part of a file that can become a table; `alone` where the file has no other."""

    file: ArrivedFile
    part: FilePart
    alone: bool

    @property
    def title(self) -> str:
        inside = "" if self.alone else self.part.title or self.part.member
        if self.part.title and self.part.member:
            inside = f"{self.part.member}: {self.part.title}"
        return f"{self.file.name}: {inside}" if inside else self.file.name


class Arrival:
    """Files that came in together, what they offer, and the imports made of it."""

    def __init__(
        self, files: Sequence[ArrivedFile], offers: Sequence[Offer], troubles: Sequence[str]
    ) -> None:
        self.id = secrets.token_urlsafe(9)
        self.files, self.offers, self.troubles = tuple(files), tuple(offers), tuple(troubles)
        self.jobs: dict[int, ImportJob] = {}
        self.queue: ImportQueue | None = None

    def job(self, number: int) -> ImportJob:
        """The import of the offer of this number. Raises what reading its beginning raises."""
        if number not in self.jobs:
            self.jobs[number] = ImportJob(self.offers[number], self.discard_when_done)
        return self.jobs[number]

    def discard_when_done(self) -> None:
        """Remove our copies once every offer has become a table; a person's own file stays."""
        done = [job for job in self.jobs.values() if job.result is not None or job.dropped]
        if len(done) == len(self.offers):
            self.discard()

    def discard(self) -> None:
        for file in self.files:
            if file.ours:
                file.path.unlink(missing_ok=True)


class ImportJob(BackgroundWork):
    """From the preview of a part to its result."""

    def __init__(self, offer: Offer, done: Callable[[], None]) -> None:
        super().__init__()
        self.offer, self.done = offer, done
        self.path, self.name = offer.file.path, offer.file.name
        self.preview = self.look()
        self.plan: ImportPlan | None = None
        self.misfits: tuple[Misfit, ...] = ()
        self.progress: Progress | None = None
        self.backed_up: tuple[int, int] | None = None
        """Megabytes, of how many, while a backup is made first."""
        self.result: ImportResult | None = None
        self.error: str | None = None
        self.dropped = False

    def look(self, options: ReadOptions | None = None) -> Preview:
        """The part read as `options` say, or as is found out."""
        from myapp.exchange import read_preview

        offer = self.offer
        self.preview = read_preview(self.path, self.name, options, offer.part, alone=offer.alone)
        return self.preview

    def first_plan(self, database: Database) -> ImportPlan:
        """Into a new table, as the preview found it; what does not fit stays text."""
        from myapp.exchange import plan_new

        return plan_new(database, self.path, self.name, self.preview)

    def start(
        self, database: Database, plan: ImportPlan, back_up: Callable[[Told], None] | None = None
    ) -> None:
        """In the background, after `back_up` where the import goes into a table that is there."""
        self.stop.clear()
        self.plan = plan
        self.begin("import", lambda: self.run(database, plan, back_up))

    def run(
        self, database: Database, plan: ImportPlan, back_up: Callable[[Told], None] | None = None
    ) -> None:
        from myapp.exchange import MisfitsFound, run_import

        self.plan, self.error, self.result, self.misfits = plan, None, None, ()
        self.progress, self.backed_up, self.began = None, None, time.monotonic()
        try:
            if back_up is not None and plan.mode != "new":
                back_up(self.note_backup)
                self.backed_up = None
            self.result = run_import(database, plan, self.note, self.stop.is_set)
            self.done()
        except MisfitsFound as found:
            self.misfits = found.misfits
        except AppError as error:
            self.error = error.sentence
        except Exception:
            log.exception("import of %s failed", self.name)
            self.error = f"{self.name} could not be imported. Nothing was imported."

    def note(self, progress: Progress) -> None:
        self.progress = progress

    def note_backup(self, done: int, total: int) -> None:
        if self.stop.is_set():
            raise Stopped
        self.backed_up = done, total

    def misfit_outcome(self, field: str) -> str:
        """What became of values that did not fit, in a word."""
        columns = self.plan.columns if self.plan else ()
        empty = any(each.name == field and each.when_misfit == "empty" for each in columns)
        return "empty" if empty else "text"

    def drop(self) -> None:
        """The person wants nothing of it."""
        self.dropped = True
        self.done()


class ImportQueue(BackgroundWork):
    """Several offers, each into a new table as it was found, one after the other."""

    def __init__(self, arrival: Arrival, numbers: Sequence[int]) -> None:
        super().__init__()
        self.arrival, self.numbers = arrival, tuple(numbers)
        self.errors: dict[int, str] = {}
        self.current: int | None = None
        self.name = arrival.files[0].name

    def start(self, database: Database) -> None:
        self.begin("imports", lambda: self.run(database))

    def run(self, database: Database) -> None:
        for number in self.numbers:
            if self.stop.is_set():
                return
            self.current = number
            try:
                job = self.arrival.job(number)
                if job.result is None:
                    job.stop = self.stop
                    job.run(database, job.first_plan(database))
                    if job.error:
                        self.errors[number] = job.error
            except AppError as error:
                self.errors[number] = error.sentence
            except Exception:
                log.exception("import of %s failed", self.arrival.offers[number].title)
                self.errors[number] = "It could not be imported. Nothing of it was imported."
