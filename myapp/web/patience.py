"""Waiting for what may never answer, such as a drive of a network, without waiting for ever."""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
MOST_WAITING = 8
"""Threads that may hang at once; a question more is refused until one of them comes back."""


class NoAnswer(Exception):
    """The time is over."""


class Question:
    """One call in a thread of its own, which nobody can stop: what it hangs on decides its end."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work, self.answered = work, threading.Event()
        self.result: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.work()
        except BaseException as error:  # handed to whoever waits
            self.error = error
        finally:
            self.answered.set()


class Patience:
    """Asks the same thing once at a time: who asks again waits for the first answer."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: dict[object, Question] = {}

    def within(self, seconds: float, what: object, work: Callable[[], Result]) -> Result:
        """The result of `work`; `what` tells it from other work. Raises NoAnswer, and what it
        raises."""
        with self.lock:
            self.waiting = {key: each for key, each in self.waiting.items() if not done(each)}
            question = self.waiting.get(what)
            if question is None:
                if len(self.waiting) >= MOST_WAITING:
                    raise NoAnswer
                question = self.waiting[what] = Question(work)
                threading.Thread(target=question.run, name="folder", daemon=True).start()
        if not question.answered.wait(seconds):
            raise NoAnswer
        if question.error is not None:
            raise question.error
        return question.result  # type: ignore[return-value]


def done(question: Question) -> bool:
    return question.answered.is_set()
