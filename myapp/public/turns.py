"""Who sends or reads slowly keeps a thread of this process, so nobody may keep all of them.

A stranger's body that comes in drops is a turn of all together who have not signed in, and a large
answer that is taken in drops one of its account. Where none is left the request is refused.
"""

import io
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, BinaryIO

ENDING = "myapp.ending"
"""In the environ: what is called once the answer was sent."""

LARGEST_FREE = 2 << 20
"""Bytes of an answer that the system's own buffers take, about."""


PATIENCE = 0.25
"""Seconds that a turn is waited for: what is not slow is over by then."""


class Turns:
    def __init__(self, threads: int) -> None:
        self.most_of_strangers = max(1, threads // 2)
        self.most_of_an_address = max(1, threads // 4)
        self.most_of_an_account = max(1, threads - 2)
        self.held: Counter[str] = Counter()
        self.changed = threading.Condition()

    def take(self, *whose: tuple[str, int]) -> Callable[[], None] | None:
        """What gives the turn back, in whatever thread and however often it is called; None where
        one of these, each with the most that it may hold, has none left."""
        names = [name for name, _ in whose]
        with self.changed:
            if not self.changed.wait_for(lambda: self.has_left(*whose), PATIENCE):
                return None
            self.held.update(names)
        given_back = threading.Lock()

        def give_back() -> None:
            if given_back.acquire(blocking=False):
                with self.changed:
                    self.held -= Counter(names)
                    self.changed.notify_all()

        return give_back

    def has_left(self, *whose: tuple[str, int]) -> bool:
        return all(self.held[name] < most for name, most in whose)

    def of_account(self, id_: int) -> Callable[[], None] | None:
        return self.take((f"account {id_}", self.most_of_an_account))

    def of_stranger(self, network: str) -> Callable[[], None] | None:
        return self.take(
            ("strangers", self.most_of_strangers), (f"from {network}", self.most_of_an_address)
        )


class Body(io.RawIOBase):
    """A request's body, whose turn is over with its last byte."""

    def __init__(self, body: BinaryIO, length: int, over: Callable[[], None]) -> None:
        self.body, self.left, self.over = body, length, over

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.body.read(min(len(buffer), self.left))
        self.left -= len(data)
        if not data or not self.left:
            self.over()
        buffer[: len(data)] = data
        return len(data)
