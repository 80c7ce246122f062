"""How Waitress is ended while its threads are still at work."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from myapp.desktop.guard import Guard
from myapp.desktop.server import Server
from myapp.desktop.sessions import Sessions
from myapp.desktop.sockets import bind
from tests.conftest import LIMIT


class Fine:
    """An application that says the same to everybody."""

    def __init__(self, port: int) -> None:
        self.guard = Guard(Sessions(b"k" * 32, port), port)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [("Content-Length", "3")])
        return [b"ok\n"]


@pytest.fixture
def server() -> Server:
    bound = bind(0)
    made = Server(Fine(bound.getsockname()[1]), bound)
    made.start()
    return made


def test_a_thread_that_wakes_the_loop_while_it_ends_finds_it_and_writes_nowhere_else(
    server: Server,
) -> None:
    trigger = server.waitress.trigger
    wake = trigger._physical_pull

    def wake_twice() -> None:
        """As when an answer of another thread is done in the moment of the end."""
        wake()
        server.thread.join(LIMIT)
        # The next file that is opened would get the number of a pipe that was closed.
        reader, writer = os.pipe()
        try:
            wake()
            os.set_blocking(reader, False)
            with pytest.raises(BlockingIOError):
                os.read(reader, 1)
        finally:
            os.close(reader)
            os.close(writer)

    trigger._physical_pull = wake_twice
    server.stop()
    assert not server.thread.is_alive()
    trigger._physical_pull = wake
    server.stop_whole()


def test_one_that_ends_long_before_the_program_gives_everything_back(server: Server) -> None:
    assert server.is_ready()
    server.stop_whole()
    assert server.waitress.trigger._closed
    assert not server.waitress.task_dispatcher.threads
    bind(server.port).close()
