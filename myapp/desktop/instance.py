"""Take the single-instance lock, and tell later starts where the first one answers.

The operating system holds the lock, so a crash releases it. Knows nothing of HTTP or Flask.
"""

import json
import logging
import os
import sys
from pathlib import Path
from typing import IO, NamedTuple

from .folders import write_private

log = logging.getLogger(__name__)


class RunInfo(NamedTuple):
    """Where the running instance answers. `secret` proves both sides of a hand-over."""

    pid: int
    port: int
    secret: str


class InstanceLock:
    """One per data folder and user. `take` says whether this process is the first."""

    def __init__(self, folder: Path) -> None:
        self.lock_path = folder / "instance.lock"
        self.info_path = folder / "instance.json"
        self.file: IO[bytes] | None = None

    def take(self) -> bool:
        """Whether it is ours now; False where another instance holds it."""
        file = self.lock_path.open("ab")
        try:
            lock_file(file)
        except OSError:
            file.close()
            return False
        self.file = file
        return True

    def publish(self, info: RunInfo) -> None:
        """Where it cannot be written, on a full disk, a second start waits and then says so."""
        try:
            write_private(self.info_path, json.dumps(info._asdict()).encode())
        except OSError:
            log.warning("%s cannot be written", self.info_path, exc_info=True)

    def read_info(self) -> RunInfo | None:
        """What the first instance wrote; None while it is starting, or where it is unreadable."""
        try:
            return RunInfo(**json.loads(self.info_path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def release(self) -> None:
        """Harmless where it was never taken."""
        if self.file is None:
            return
        try:
            self.info_path.unlink(missing_ok=True)
        except OSError:
            # Windows removes none that a second start is just reading. Left behind, as by a crash,
            # it leads nobody astray.
            log.info("%s stays", self.info_path, exc_info=True)
        self.file.close()
        self.file = None


if sys.platform == "win32":
    import msvcrt

    def lock_file(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock_file(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.set_inheritable(file.fileno(), False)
