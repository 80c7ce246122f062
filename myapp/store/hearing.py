"""Hear how far a long step is, and end it in the middle of a statement when nobody wants it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw

from .errors import ReadStopped

PROGRESS_STEPS = 200_000
"""Instructions of SQLite's between two looks at the clock: some milliseconds."""

MOMENT = 0.3
"""Seconds."""

Gone = Callable[[], bool]
"""Whether who asked does not wait for the answer any more."""

Told = Callable[[int, int], None]
"""Hears how many records are done, of how many, or 0 of 0 where nobody knows; what it raises ends
the step."""


@contextmanager
def listening(connection: apsw.Connection, say: Callable[[], None]) -> Iterator[None]:
    """`say` is called again and again while SQLite works on `connection`. What it raises interrupts
    the statement, and is raised here."""
    raised: list[BaseException] = []

    def look() -> bool:
        try:
            if not raised:
                say()
        except BaseException as error:
            raised.append(error)
        return bool(raised)

    handler = object()
    connection.set_progress_handler(look, PROGRESS_STEPS, id=handler)
    try:
        yield
    except BaseException as error:
        if raised and error is not raised[0]:
            raise raised[0] from error
        raise
    finally:
        connection.set_progress_handler(None, id=handler)
    if raised:
        raise raised[0]


@contextmanager
def heard(connection: apsw.Connection, told: Told | None) -> Iterator[Told | None]:
    """What to tell in place of `told`, which is then also asked in between whether to go on."""
    if told is None:
        yield None
        return
    said = (0, 0)

    def tell(done: int, total: int) -> None:
        nonlocal said
        said = (done, total)
        told(done, total)

    with listening(connection, lambda: told(*said)):
        yield tell
        # The last word: nothing of it is written yet.
        told(*said)


class Asker:
    """Ends what nobody waits for any more: `gone` says that who asked left. Somebody who asks for
    the same has a moment to come, as a page does that scrolls on."""

    def __init__(self, gone: Gone, others: Callable[[], bool] = lambda: False) -> None:
        self.gone, self.others = gone, others
        self.since: float | None = None

    def __call__(self) -> None:
        """Raises ReadStopped."""
        if self.others() or not self.gone():
            self.since = None
        elif self.since is None:
            self.since = time.monotonic()
        elif time.monotonic() - self.since > MOMENT:
            raise ReadStopped


class Parts:
    """Parts that follow each other, told as one whole. `left` is the weight of all of them; how
    many records the later ones have is guessed by it."""

    def __init__(self, told: Told, left: int) -> None:
        self.told, self.left = told, left
        self.before = self.records = self.whole = 0

    def begin(self, weight: int) -> Told:
        """The next part."""
        self.before += self.records
        self.records = 0
        left, self.left = self.left, self.left - weight

        def tell(done: int, total: int) -> None:
            if total:
                self.records = total
                later = total * (left - weight) // weight if weight else 0
                self.whole = self.before + total + max(later, 0)
            self.told(self.before + done, self.whole)

        return tell
