"""Work that goes on in a thread of its own when its page is closed, and can be stopped."""

import secrets
import threading
import time
from collections.abc import Callable
from contextvars import copy_context


class BackgroundWork:
    """`id` finds it again, `began` is on the monotonic clock; `work` looks at `stop` as it goes."""

    def __init__(self) -> None:
        self.id = secrets.token_urlsafe(9)
        self.began = time.monotonic()
        self.stop = threading.Event()
        self.thread: threading.Thread | None = None

    @property
    def started(self) -> bool:
        return self.thread is not None

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    def begin(self, name: str, work: Callable[[], None]) -> None:
        """`name` is the thread's, for the log. What it changes is changed by who began it."""
        self.thread = threading.Thread(target=copy_context().run, args=(work,), name=name)
        self.thread.start()

    def cancel(self) -> None:
        self.stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended, or so long."""
        if self.thread is not None:
            self.thread.join(seconds)
