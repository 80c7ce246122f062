"""No device of the network keeps every thread by reading slowly.

The server holds a small answer for who reads it slowly, and its thread goes on. With a large one,
or one without an end, the thread waits: of such a device is sent few at once.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from .answers import StartResponse, respond, say
from .guard import Environ, Refusal
from .server import HELD_FOR_A_READER

MOST_OF_A_DEVICE = 6
"""As many as a browser asks one address for at once."""

MANY = Refusal(
    "503 Service Unavailable",
    "long",
    "This device is being sent as many large files as it may be at once. Try again when they are "
    "there.",
    back=True,
)
WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]


class LongAnswers:
    def __init__(self, most: int = MOST_OF_A_DEVICE) -> None:
        self.most = most
        self.held: Counter[str] = Counter()
        self.lock = threading.Lock()

    def take(self, device: str) -> bool:
        with self.lock:
            if self.held[device] >= self.most:
                return False
            self.held[device] += 1
            return True

    def give_back(self, device: str) -> None:
        with self.lock:
            self.held -= Counter([device])

    def pass_on(
        self, app: WSGI, device: str, environ: Environ, start: StartResponse
    ) -> Iterable[bytes]:
        """The application's answer, or a refusal where it is long and the device has its share."""
        sent = Sent(self, device)

        def started(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
            if sent.taken or not is_long(environ, status, headers):
                return start(status, headers, *rest)
            sent.taken = self.take(device)
            if sent.taken:
                return start(status, headers, *rest)
            page, kind = say(MANY, str(environ.get("HTTP_ACCEPT", "")))
            sent.refusal = respond(start, MANY.status, page, kind, [("Retry-After", "10")])
            return None

        try:
            sent.answer = app(environ, started)
        except BaseException:
            sent.close()
            raise
        return sent


def is_long(environ: Environ, status: str, headers: list[tuple[str, str]]) -> bool:
    if environ.get("REQUEST_METHOD") == "HEAD" or status.startswith(("1", "204", "304")):
        return False
    length = next((value for name, value in headers if name.lower() == "content-length"), "")
    return not length.isdigit() or int(length) > HELD_FOR_A_READER


class Sent:
    """An answer on its way; what it took is given back when it was sent."""

    answer: Iterable[bytes] = ()
    refusal: Iterable[bytes] | None = None
    taken = False

    def __init__(self, kept: LongAnswers, device: str) -> None:
        self.kept, self.device = kept, device

    def __iter__(self) -> Iterator[bytes]:
        if self.refusal is None:
            for piece in self.answer:
                if self.refusal is not None:
                    break
                yield piece
        yield from self.refusal or ()

    def close(self) -> None:
        try:
            close = getattr(self.answer, "close", None)
            if close is not None:
                close()
        finally:
            if self.taken:
                self.taken = False
                self.kept.give_back(self.device)
