"""An export in the background: it goes on when its page is closed, and can be cancelled."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from myapp.store import AppError, Database

from .background import BackgroundWork

if TYPE_CHECKING:
    from myapp.exchange import ExportPlan, ExportProgress, ExportResult

log = logging.getLogger(__name__)
KEPT = 3
"""Finished exports of one person that can be downloaded once more; older ones are removed."""
AT_ONCE = 3
"""Exports of one person that are being made. Each needs room for its file."""


class TooManyExports(AppError):
    def __init__(self) -> None:
        super().__init__(
            f"{AT_ONCE} exports of yours are being made already. Wait until one of them is done, "
            "or cancel one, then export again."
        )


class ExportJob(BackgroundWork):
    """From the choice to the file `path`, which the browser then downloads as `name`."""

    def __init__(self, folder: Path, name: str, back: str, who: str | None) -> None:
        super().__init__()
        self.path = folder / secrets.token_hex(8)
        self.name, self.back, self.who = name, back, who
        self.progress: ExportProgress | None = None
        self.result: ExportResult | None = None
        self.error: str | None = None

    def start(self, database: Database, plan: ExportPlan) -> None:
        self.begin("export", lambda: self.run(database, plan))

    def run(self, database: Database, plan: ExportPlan) -> None:
        from myapp.exchange import run_export

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.result = run_export(database, plan, self.path, self.note, self.stop.is_set)
        except AppError as error:
            # Only here the file has another name than the person gave it.
            self.error = error.sentence.replace(self.path.name, self.name)
        except Exception:
            log.exception("export of %s failed", self.name)
            self.error = f"{self.name} could not be written. Nothing was exported."

    def note(self, progress: ExportProgress) -> None:
        self.progress = progress

    def end(self) -> None:
        """Cancel it where it still runs, and remove its file."""
        self.cancel()
        self.wait(5)
        self.path.unlink(missing_ok=True)


class ExportJobs:
    """The exports of this start; files that an earlier one left are removed by the first."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self.folder, self.kept = folder, kept
        self.lock = threading.Lock()
        self.jobs: dict[str, ExportJob] = {}

    def begin(
        self, database: Database, plan: ExportPlan, name: str, back: str, who: str | None = None
    ) -> ExportJob:
        """`who` asks for it, None at this computer. Raises TooManyExports."""
        with self.lock:
            if not self.jobs:
                shutil.rmtree(self.folder, ignore_errors=True)
            own = [job for job in self.jobs.values() if job.who == who]
            done = [job for job in own if not job.running]
            if len(own) - len(done) >= AT_ONCE:
                raise TooManyExports
            for old in done[: max(len(done) - self.kept + 1, 0)]:
                old.end()
                del self.jobs[old.id]
            job = ExportJob(self.folder, name, back, who)
            self.jobs[job.id] = job
            job.start(database, plan)
        return job

    def running(self) -> ExportJob | None:
        return next((job for job in list(self.jobs.values()) if job.running), None)

    def close(self) -> None:
        for job in list(self.jobs.values()):
            job.end()
