"""An import in the background: it goes on when its page is closed, and can be cancelled."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from myapp.store import AppError, Database

if TYPE_CHECKING:
    from myapp.exchange import ImportPlan, ImportResult, Preview, Progress

log = logging.getLogger(__name__)


class ImportJob:
    """From the preview to the result. `ours` says that the file is a copy in our own folder."""

    def __init__(self, path: Path, name: str, preview: Preview, *, ours: bool) -> None:
        self.id = secrets.token_urlsafe(9)
        self.path, self.name, self.preview, self.ours = path, name, preview, ours
        self.plan: ImportPlan | None = None
        self.progress: Progress | None = None
        self.result: ImportResult | None = None
        self.error: str | None = None
        self.began = 0.0
        self.thread: threading.Thread | None = None
        self.stop = threading.Event()

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    @property
    def started(self) -> bool:
        return self.thread is not None

    def start(self, database: Database, plan: ImportPlan) -> None:
        self.plan, self.error, self.result = plan, None, None
        self.stop.clear()
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self.run, args=(database, plan), name="import")
        self.thread.start()

    def run(self, database: Database, plan: ImportPlan) -> None:
        from myapp.exchange import run_import

        try:
            self.result = run_import(database, plan, self.note, self.stop.is_set)
            self.discard()
        except AppError as error:
            self.error = error.sentence
        except Exception:
            log.exception("import of %s failed", self.name)
            self.error = f"{self.name} could not be imported. Nothing was imported."

    def note(self, progress: Progress) -> None:
        self.progress = progress

    def cancel(self) -> None:
        self.stop.set()

    def wait(self, seconds: float) -> None:
        if self.thread is not None:
            self.thread.join(seconds)

    def discard(self) -> None:
        """Remove our copy of an uploaded file; a person's own file is never touched."""
        if self.ours:
            self.path.unlink(missing_ok=True)
