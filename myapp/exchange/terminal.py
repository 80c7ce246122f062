"""What the commands share: their exit codes, what they say, and how they are stopped."""

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

DONE, REFUSED, CANCELLED = 0, 1, 130
BAR = 24
"""Characters of a progress bar."""

REDRAWN_SECONDS = 0.1


def say(sentence: str) -> None:
    """To a person; standard output may be where the records go."""
    print(sentence, file=sys.stderr)


class StopSign:
    """Ctrl+C and a polite end: the work stops at the next records and leaves nothing."""

    def __init__(self) -> None:
        self.seen = False
        self.before = {
            number: signal.signal(number, self.see) for number in (signal.SIGINT, signal.SIGTERM)
        }

    def see(self, number: int, frame: FrameType | None) -> None:
        self.seen = True

    def __call__(self) -> bool:
        return self.seen

    def put_down(self) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)


class Bar:
    """One line on a terminal that tells how far the work is."""

    def __init__(self, title: str, *, shown: bool) -> None:
        self.title = f"{title[:30]} " if title else ""
        self.shown, self.began, self.drawn = shown, time.monotonic(), 0.0

    def draw(self, part: float, sentence: Callable[[float], str], *, timed: bool = True) -> None:
        """`part` of the whole is done; `sentence` is given the seconds since the beginning."""
        moment = time.monotonic()
        if not self.shown or moment - self.drawn < REDRAWN_SECONDS:
            return
        self.drawn = moment
        seconds = moment - self.began
        left = f", {seconds / part - seconds:.0f} s left" if timed and part > 0.02 else ""
        filled = "#" * int(part * BAR)
        line = f"\r{self.title}[{filled:-<{BAR}}] {sentence(seconds)}{left}\x1b[K"
        print(line, end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.shown and self.drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
