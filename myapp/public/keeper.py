"""Which of several processes keeps the data: the one that changes it and runs what takes long.

Each process reads for itself. Changes, imports, exports and backups are one process's: then there
is one writer, as on a desktop, no process meets a lock, and a page of progress finds its job. The
others pass such requests on to it, over a socket that this user alone can reach. When it ends,
whoever comes next takes its place.
"""

import logging
import mmap
import os
import secrets
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .relay import RelayServer, WSGILike

log = logging.getLogger(__name__)
WAIT = 30.0
"""Seconds that a request waits for the place to be taken again, as while processes change."""

NEW_KEEPER = 1 << 32
"""Versions that one keeper can count; JavaScript knows whole numbers up to 2^53."""


class Keeper:
    """`folder` holds the lock, and the address of who has it."""

    def __init__(self, folder: Path, app: WSGILike, taken: Callable[[], None]) -> None:
        self.folder, self.app, self.taken = folder, app, taken
        self.lock = threading.Lock()
        self.file: int | None = None
        self.server: RelayServer | None = None
        self.home: tempfile.TemporaryDirectory[str] | None = None
        self.version = SharedVersion(folder / "version")
        self.settled = self.ended = False

    @property
    def is_ours(self) -> bool:
        return self.file is not None

    def try_to_take(self) -> bool:
        """Become the keeper where nobody is. Everything is ready when this returns."""
        if self.file is not None:
            return True
        with self.lock:
            if self.file is not None or self.ended:
                return self.file is not None
            file = os.open(self.folder / "keeper.lock", os.O_CREAT | os.O_RDWR, 0o600)
            if not lock_file(file):
                os.close(file)
                return False
            try:
                self.version.begin_anew()
                self.taken()
                self.listen()
            except BaseException:
                os.close(file)
                raise
            self.file = file
            log.info("this process keeps the data")
            return True

    def listen(self) -> None:
        """Where the system has no such sockets, the program runs as one process."""
        if not hasattr(socket, "AF_UNIX"):
            return
        # Not beside the data, whose path may be longer than an address can be.
        self.home = tempfile.TemporaryDirectory(prefix="myapp-")
        path = Path(self.home.name) / "relay"
        self.server = RelayServer(self.app, path)
        beside = self.folder / f"keeper.{secrets.token_hex(4)}"
        beside.touch(0o600)
        beside.write_text(str(path), encoding="utf-8")
        beside.replace(self.folder / "keeper.address")

    def settle(self) -> None:
        """Before a process's first request: somebody should keep the data of mere readers, too."""
        if not self.settled:
            self.settled = True
            self.try_to_take()

    def address(self) -> str | None:
        try:
            return (self.folder / "keeper.address").read_text(encoding="utf-8") or None
        except OSError:
            return None

    def find(self, connect: Callable[[str], bool]) -> bool:
        """Whether `connect` reached the keeper; False where this process is the keeper itself.

        Raises TimeoutError where nobody is for long.
        """
        ends = time.monotonic() + WAIT
        while not self.try_to_take():
            address = self.address()
            if address is not None and connect(address):
                return True
            if time.monotonic() > ends:
                raise TimeoutError("nobody keeps the data")
            time.sleep(0.05)
        return False

    def agreed_version(self, seen: Callable[[], int]) -> int:
        """The data's version, by the same count in every process."""
        return self.version.tell(seen()) if self.is_ours else self.version.read()

    def close(self, finish: Callable[[], None]) -> None:
        """Take no more, wait for what runs, `finish` the work, and leave the place. Once."""
        if self.ended:
            return
        self.ended = True
        if self.server is not None:
            with suppress(OSError):
                (self.folder / "keeper.address").unlink(missing_ok=True)
            self.server.close()
        finish()
        with self.lock:
            if self.file is not None:
                os.close(self.file)
                self.file = None
        if self.home is not None:
            self.home.cleanup()
        self.version.close()


def lock_file(file: int) -> bool:
    """Held until the file is closed or the process ends. Where the system has no such locks, the
    program runs as one process."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class SharedVersion:
    """A number in memory that all processes share. The keeper alone writes it.

    SQLite's own count of changes differs between processes, and the page compares versions.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.memory: mmap.mmap | None = None
        self.base = 0
        self.lock = threading.Lock()

    def open(self) -> mmap.mmap:
        if self.memory is None:
            with self.lock:
                if self.memory is None:
                    file = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
                    try:
                        os.ftruncate(file, 8)
                        self.memory = mmap.mmap(file, 8)
                    finally:
                        os.close(file)
        return self.memory

    def read(self) -> int:
        return int(struct.unpack("=q", self.open()[:8])[0])

    def begin_anew(self) -> None:
        """No number that an earlier keeper told is told again."""
        self.base = (self.read() // NEW_KEEPER + 1) * NEW_KEEPER
        self.tell(0)

    def tell(self, seen: int) -> int:
        version = self.base + seen
        memory = self.open()
        with self.lock:
            # A thread that saw an older one must not take a newer one back.
            version = max(version, int(struct.unpack("=q", memory[:8])[0]))
            memory[:8] = struct.pack("=q", version)
        return version

    def close(self) -> None:
        if self.memory is not None:
            self.memory.close()
            self.memory = None
