"""Hostile requests over raw sockets, each with the answer it must get."""

import socket
from collections.abc import Iterator

import pytest

from tests.conftest import LIMIT, Program, running_program


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One for all: what is refused changes nothing for the next."""
    with running_program(tmp_path_factory.mktemp("data")) as started:
        yield started


def raw(program: Program, text: str) -> int:
    """Send these very bytes; gives the status of the answer, 0 where there was none."""
    filled = text.replace("PORT", str(program.port)).replace("COOKIE", program.cookie)
    filled = filled.replace("TOKEN", program.token)
    with socket.create_connection(("127.0.0.1", program.port), timeout=LIMIT) as connection:
        connection.sendall(filled.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").readline().split()
    return int(answer[1]) if answer else 0


HOST = "Host: 127.0.0.1:PORT\r\n"
IN = HOST + "Cookie: COOKIE\r\n"
ORIGIN = "Origin: http://127.0.0.1:PORT\r\n"
END = "Connection: close\r\n\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n"

HOSTILE = {
    "no cookie": ("GET / HTTP/1.1\r\n" + HOST + END, 403),
    "forged cookie": ("GET / HTTP/1.1\r\n" + HOST + "Cookie: myapp-PORT=a.b\r\n" + END, 403),
    "cookie of another port": ("GET / HTTP/1.1\r\n" + HOST + "Cookie: myapp-1=a.b\r\n" + END, 403),
    "foreign host": ("GET / HTTP/1.1\r\nHost: evil.example\r\nCookie: COOKIE\r\n" + END, 421),
    "rebound host with our port": (
        "GET / HTTP/1.1\r\nHost: evil.example:PORT\r\nCookie: COOKIE\r\n" + END,
        421,
    ),
    "host without port": ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: COOKIE\r\n" + END, 421),
    "host 0.0.0.0": ("GET / HTTP/1.1\r\nHost: 0.0.0.0:PORT\r\nCookie: COOKIE\r\n" + END, 421),
    "no host": ("GET / HTTP/1.0\r\nCookie: COOKIE\r\n\r\n", 421),
    "empty host": ("GET / HTTP/1.1\r\nHost: \r\nCookie: COOKIE\r\n" + END, 421),
    "forwarded for": (
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX-Forwarded-For: 127.0.0.1\r\n" + END,
        403,
    ),
    "forwarded host": (
        "GET / HTTP/1.1\r\nHost: evil\r\nX-Forwarded-Host: 127.0.0.1:PORT\r\nCookie: COOKIE\r\n"
        + END,
        421,
    ),
    "post without origin": ("POST /sample HTTP/1.1\r\n" + IN + FORM + END, 403),
    "post with null origin": (
        "POST /sample HTTP/1.1\r\n" + IN + "Origin: null\r\n" + FORM + END,
        403,
    ),
    "post with origin of another port": (
        "POST /sample HTTP/1.1\r\n" + IN + "Origin: http://127.0.0.1:1\r\n" + FORM + END,
        403,
    ),
    "post with https origin": (
        "POST /sample HTTP/1.1\r\n" + IN + "Origin: https://127.0.0.1:PORT\r\n" + FORM + END,
        403,
    ),
    "post with origin but no token": ("POST /sample HTTP/1.1\r\n" + IN + ORIGIN + FORM + END, 403),
    "post with a wrong token": (
        "POST /sample HTTP/1.1\r\n" + IN + ORIGIN + "X-Desktop-Token: abc\r\n" + FORM + END,
        403,
    ),
    "token without cookie": (
        "POST /sample HTTP/1.1\r\n" + HOST + ORIGIN + "X-Desktop-Token: TOKEN\r\n" + FORM + END,
        403,
    ),
    "token bound to another host name": (
        "POST /sample HTTP/1.1\r\nHost: localhost:PORT\r\nCookie: COOKIE\r\n"
        "Origin: http://localhost:PORT\r\nX-Desktop-Token: TOKEN\r\n" + FORM + END,
        403,
    ),
    "json as text/plain": (
        "POST /undo HTTP/1.1\r\n"
        + IN
        + ORIGIN
        + "Content-Type: text/plain\r\nContent-Length: 2\r\n"
        + END
        + "{}",
        403,
    ),
    "cross-site script": (
        "GET / HTTP/1.1\r\n" + IN + "Sec-Fetch-Site: cross-site\r\n"
        "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n" + END,
        403,
    ),
    "cross-site frame": (
        "GET / HTTP/1.1\r\n" + IN + "Sec-Fetch-Site: cross-site\r\n"
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n" + END,
        403,
    ),
    "same-site probe of another port": (
        "GET /search?q=a HTTP/1.1\r\n"
        + IN
        + "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
        + END,
        403,
    ),
    "foreign origin on a get": ("GET / HTTP/1.1\r\n" + IN + "Origin: http://evil\r\n" + END, 403),
    "websocket": ("GET / HTTP/1.1\r\n" + IN + "Upgrade: websocket\r\n" + END, 400),
    "trace": ("TRACE / HTTP/1.1\r\n" + IN + END, 405),
    "connect": ("CONNECT / HTTP/1.1\r\n" + IN + END, 405),
    "made-up method": ("BREW / HTTP/1.1\r\n" + IN + END, 405),
    "quit by get": ("GET /_desktop/quit HTTP/1.1\r\n" + IN + END, 404),
    "quit without token": ("POST /_desktop/quit HTTP/1.1\r\n" + IN + ORIGIN + FORM + END, 403),
    "hand-over without proof": (
        "POST /_desktop/handover HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n" + END + "{}",
        403,
    ),
    "entry with a guessed code": ("GET /_desktop/enter?code=abc HTTP/1.1\r\n" + HOST + END, 403),
    "entry without a code": ("GET /_desktop/enter HTTP/1.1\r\n" + HOST + END, 403),
    "two content lengths": (
        "POST /undo HTTP/1.1\r\n"
        + IN
        + ORIGIN
        + "Content-Length: 0\r\nContent-Length: 5\r\n"
        + END,
        400,
    ),
    "presence of nobody": (
        "POST /_desktop/presence HTTP/1.1\r\n"
        + HOST
        + ORIGIN
        + "Content-Length: 9\r\n"
        + END
        + "hello a 1",
        403,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_request_is_refused(program: Program, name: str) -> None:
    request, expected = HOSTILE[name]
    assert raw(program, request) == expected


def test_the_owner_comes_in(program: Program) -> None:
    assert raw(program, "GET / HTTP/1.1\r\n" + IN + END) == 200


def test_a_change_with_every_proof_is_made(program: Program) -> None:
    request = "POST /sample HTTP/1.1\r\n" + IN + ORIGIN + "X-Desktop-Token: TOKEN\r\n" + FORM + END
    assert raw(program, request) == 303


def test_every_page_carries_the_security_headers(program: Program) -> None:
    for path in ("/", "/new-table", "/nowhere", "/static/css/main.css", "/_desktop/health"):
        headers = program.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]


def test_a_stranger_sees_how_to_come_in(program: Program) -> None:
    answer = program.ask("GET", "/")
    assert answer.status == 403
    assert "from its icon" in answer.text
