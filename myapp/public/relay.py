"""Requests on their way from one process of ours to another, over a socket in a private folder.

A frame is its length in four bytes and its bytes; one of length nought ends an answer. The first
frame each way is JSON: what a WSGI server knows of a request, and the beginning of an answer.
"""

import io
import json
import logging
import select
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

Environ = dict[str, Any]
WSGILike = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
CHUNK = 1 << 16
DRAIN = 20.0
"""Seconds that requests on their way are waited for at the end."""

PASSED = ("myapp.client", "wsgi.url_scheme")
RELAYED = "myapp.relayed"
TAKEN = b"!"
"""Says that a connection is not one of those that nobody takes any more."""

log = logging.getLogger(__name__)


class Broken(Exception):
    """The other process ended in the middle of it."""


def send_frame(connection: socket.socket, data: bytes) -> None:
    connection.sendall(struct.pack(">I", len(data)) + data)


def read_frame(file: BinaryIO) -> bytes:
    """Raises Broken."""
    head = file.read(4)
    if len(head) < 4:
        raise Broken
    (length,) = struct.unpack(">I", head)
    data = file.read(length)
    if len(data) < length:
        raise Broken
    return data


class RelayServer:
    """Answers what other processes pass on; one thread a request."""

    def __init__(self, app: WSGILike, path: Path) -> None:
        self.app = app
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(path))
        self.socket.listen(256)
        self.running = 0
        self.idle = threading.Condition()
        self.closed = False
        threading.Thread(target=self.serve, name="relay", daemon=True).start()

    def serve(self) -> None:
        while not self.closed:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with self.idle:
                if self.closed:
                    connection.close()
                    return
                self.running += 1
            threading.Thread(
                target=self.answer, args=(connection,), name="relayed", daemon=True
            ).start()

    def answer(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as file:
                connection.sendall(TAKEN)
                run(self.app, connection, file)
        except (Broken, OSError):
            log.info("a request was given up on its way")
        except Exception:
            log.exception("a request that was passed on failed")
        finally:
            with self.idle:
                self.running -= 1
                self.idle.notify_all()

    def close(self) -> None:
        """Take no more, and wait for those that run."""
        with self.idle:
            self.closed = True
        # Closing alone does not wake a thread that waits for a connection.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        with self.idle:
            self.idle.wait_for(lambda: self.running == 0, DRAIN)


def run(app: WSGILike, connection: socket.socket, file: BinaryIO) -> None:
    given = json.loads(read_frame(file))
    environ: Environ = {
        **given,
        RELAYED: True,
        "wsgi.version": (1, 0),
        "wsgi.input": Body(file, int(given.get("CONTENT_LENGTH") or 0)),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    begun: list[object] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        begun[:] = [status, headers]

    answer = app(environ, start)
    try:
        first = True
        for data in answer:
            if first:
                send_frame(connection, json.dumps(begun).encode())
                first = False
            for begin in range(0, len(data), CHUNK):
                send_frame(connection, data[begin : begin + CHUNK])
        if first:
            send_frame(connection, json.dumps(begun).encode())
        send_frame(connection, b"")
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()


class Body(io.RawIOBase):
    """A request's body, as long as it was said to be."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self.file, self.left = file, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read(min(len(buffer), self.left, CHUNK))
        self.left -= len(data)
        buffer[: len(data)] = data
        return len(data)


class Passing:
    """One request that is passed on."""

    def __init__(self) -> None:
        self.connection: socket.socket | None = None

    def connect(self, address: str) -> bool:
        """False where nobody listens there. Nothing was sent then."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(address)
            if connection.recv(1) != TAKEN:
                connection.close()
                return False
        except OSError:
            connection.close()
            return False
        self.connection = connection
        return True

    def ask(self, environ: Environ) -> tuple[str, list[tuple[str, str]], "Answer"]:
        """Send it with its body; gives the beginning of the answer. Raises Broken."""
        connection = self.connection
        if connection is None:
            raise Broken
        given = {
            name: value
            for name, value in environ.items()
            if isinstance(value, str) and (name.isupper() or name in PASSED)
        }
        try:
            try:
                send_frame(connection, json.dumps(given).encode())
                self.send_body(connection, environ)
            except (BrokenPipeError, ConnectionResetError):
                # It answered before it had read everything.
                pass
            file = connection.makefile("rb")
            status, headers = json.loads(read_frame(file))
        except (OSError, ValueError) as error:
            connection.close()
            raise Broken from error
        except BaseException:
            connection.close()
            raise
        return status, [(name, value) for name, value in headers], Answer(connection, file)

    def send_body(self, connection: socket.socket, environ: Environ) -> None:
        left = int(environ.get("CONTENT_LENGTH") or 0)
        body: BinaryIO = environ["wsgi.input"]
        while left:
            data = body.read(min(left, CHUNK))
            if not data:
                raise Broken
            connection.sendall(data)
            left -= len(data)
            if select.select([connection], [], [], 0)[0]:
                return


class Answer:
    """The body of an answer that was passed back."""

    def __init__(self, connection: socket.socket, file: BinaryIO) -> None:
        self.connection, self.file = connection, file

    def __iter__(self) -> Iterator[bytes]:
        while data := read_frame(self.file):
            yield data

    def close(self) -> None:
        self.file.close()
        self.connection.close()
