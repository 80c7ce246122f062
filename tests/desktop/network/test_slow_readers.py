"""Who reads slowly keeps few of the threads that everybody waits for."""

import socket
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from myapp.desktop.long_answers import MOST_OF_A_DEVICE, LongAnswers
from myapp.desktop.server import HELD_FOR_A_READER
from tests.conftest import Program

from .shared import Device, Owner

LARGE = str(HELD_FOR_A_READER + 1)
Answer = Callable[..., Any]


def answering(**headers: str) -> Answer:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]

    def app(environ: dict[str, Any], start: Answer) -> Iterable[bytes]:
        start("200 OK", named)
        return [b"x"]

    return app


def ask(kept: LongAnswers, device: str, app: Answer, method: str = "GET") -> tuple[str, Any]:
    """The status, and the answer, which is not closed yet."""
    told: list[str] = []
    answer = kept.pass_on(
        app, device, {"REQUEST_METHOD": method}, lambda status, *_: told.append(status)
    )
    first = next(iter(answer), b"")
    assert first == b"x" or b"large files" in first
    return told[-1][:3], answer


@pytest.mark.parametrize("headers", [{"Content_Length": LARGE}, {}], ids=["large", "endless"])
def test_a_device_is_sent_few_long_answers_at_once(headers: dict[str, str]) -> None:
    kept, app = LongAnswers(2), answering(**headers)
    (first, one), (second, _) = ask(kept, "phone", app), ask(kept, "phone", app)
    assert (first, second) == ("200", "200")
    assert ask(kept, "phone", app)[0] == "503"
    assert ask(kept, "till", app)[0] == "200"
    assert ask(kept, "phone", answering(Content_Length="9"))[0] == "200"
    assert ask(kept, "phone", app, "HEAD")[0] == "200"
    one.close()
    one.close()
    assert ask(kept, "phone", app)[0] == "200"
    assert ask(kept, "phone", app)[0] == "503"


def test_an_application_that_answers_as_it_is_read_is_held_back_too() -> None:
    kept = LongAnswers(1)

    def lazy(environ: dict[str, Any], start: Answer) -> Iterable[bytes]:
        start("200 OK", [])
        yield b"x"
        yield b"y"

    assert ask(kept, "phone", lazy)[0] == "200"
    assert ask(kept, "phone", lazy)[0] == "503"


@pytest.mark.slow
def test_others_go_on_while_a_viewer_reads_a_large_file_in_drops(
    ours: tuple[Program, Owner], devices: dict[str, Device]
) -> None:
    connection = sqlite3.connect(ours[0].data / "MyApp.sqlite", timeout=20)
    with connection:
        connection.execute("CREATE TABLE Big (id INTEGER PRIMARY KEY, film BLOB)")
        connection.execute("INSERT INTO Big VALUES (1, zeroblob(?))", (HELD_FOR_A_READER * 2,))
    connection.close()
    viewer = devices["viewer"]
    host, _, port = viewer.host.partition(":")
    asked = f"GET /tables/Big/records/1/file?field=film HTTP/1.1\r\nHost: {viewer.host}\r\n"
    held = []
    for _ in range(30):
        each = socket.socket()
        each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        each.settimeout(30)
        each.connect((host, int(port)))
        each.sendall(f"{asked}Cookie: {viewer.cookie}\r\n\r\n".encode())
        held.append(each)
    said = [each.recv(12)[-3:] for each in held]
    try:
        assert said.count(b"200") == MOST_OF_A_DEVICE
        assert said.count(b"503") == 30 - MOST_OF_A_DEVICE
        assert devices["editor"].get("/tables/Books").status == 200
    finally:
        for each in held:
            each.close()
