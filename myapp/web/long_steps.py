"""Steps that may take long, in the background: how far they are, and their end on request."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.wrappers import Response

from myapp.store import AppError, Database

from .background import BackgroundWork

if TYPE_CHECKING:
    from myapp.store.hearing import Told

log = logging.getLogger(__name__)
KEPT = 20
"""Steps that are over, and whose outcome a page can still ask for."""

Answer = Response | str | tuple[str, int]


class Stopped(AppError):
    def __init__(self) -> None:
        super().__init__("It was stopped. Nothing was changed.")


class Work(NamedTuple):
    """What to do, in words, and what to answer when it is over, to whoever asks then.

    `refused` shows a refusal where it is not a page of its own; `back` is where it leads when it is
    stopped. What only `looks` changes nothing. `unit` is what is counted as it goes.
    """

    sentence: str
    do: Callable[[Database, Told], Any]
    then: Callable[[Any], Answer]
    refused: Callable[[AppError], Answer] | None = None
    back: str = ""
    looks: bool = False
    unit: str = "records"


class Far(NamedTuple):
    """How far a step is. `part` is None where nobody knows, and `left` then too, in seconds."""

    done: int
    total: int
    part: float | None
    rate: int
    left: int | None
    seconds: int


class LongStep(BackgroundWork):
    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work
        self.done = self.total = 0
        self.part_began = self.began
        self.error: AppError | None = None
        self.found: Any = None

    def start(self, database: Database) -> None:
        self.begin("step", lambda: self.run(database))

    def run(self, database: Database) -> None:
        try:
            self.found = self.work.do(database, self.note)
        except AppError as error:
            self.error = error
        except Exception:
            log.exception("%s failed", self.work.sentence)
            self.error = AppError("It could not be done. Nothing was changed.")

    def note(self, done: int, total: int) -> None:
        if self.stop.is_set():
            raise Stopped
        if done < self.done:
            # First all records are looked at, then they are changed.
            self.part_began = time.monotonic()
        self.done, self.total = done, total

    @property
    def far(self) -> Far:
        done, total, now = self.done, self.total, time.monotonic()
        seconds = max(now - self.part_began, 0.001)
        part = min(done / total, 1.0) if total else None
        left = int(seconds / part - seconds) if part is not None and 0.02 < part < 1 else None
        return Far(done, total, part, int(done / seconds), left, int(now - self.began))

    def end(self) -> None:
        self.cancel()
        self.wait()


class LongSteps:
    """Those of this start."""

    def __init__(self) -> None:
        self.steps: dict[str, LongStep] = {}

    def begin(self, database: Database, work: Work) -> LongStep:
        over = [step.id for step in list(self.steps.values()) if not step.running]
        for id_ in over[: max(len(over) - KEPT + 1, 0)]:
            self.steps.pop(id_, None)
        step = LongStep(work)
        self.steps[step.id] = step
        step.start(database)
        return step

    def forget(self, step: LongStep) -> None:
        """Its outcome was told at once."""
        self.steps.pop(step.id, None)

    def running(self) -> LongStep | None:
        """One that changes something."""
        changing = (step for step in list(self.steps.values()) if not step.work.looks)
        return next((step for step in changing if step.running), None)

    def close(self) -> None:
        for step in list(self.steps.values()):
            step.end()
