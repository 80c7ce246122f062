"""What the commands share: their exit codes, what they say, and how they are stopped."""

import signal
import sys
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
