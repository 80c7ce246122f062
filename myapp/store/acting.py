"""Who makes the changes of the work at hand: a name for the history, or none for the owner here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ACTING: ContextVar[str | None] = ContextVar("acting", default=None)


def act_as(name: str | None) -> None:
    """From now on, in this thread. A thread that is started meanwhile begins as nobody."""
    ACTING.set(name)


@contextmanager
def acting_as(name: str | None) -> Iterator[None]:
    """What is done in here is done by `name`; None is nobody in particular."""
    token = ACTING.set(name)
    try:
        yield
    finally:
        ACTING.reset(token)


def who_acts() -> str | None:
    return ACTING.get()
