"""A request as bytes, the honest one and the attack made of it, and what comes back."""

import contextlib
import re
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.conftest import LIMIT, Program

from .probe import SEEN

NOTHING = 0
"""The expected status where the program says nothing and closes, or goes on waiting."""


@dataclass(frozen=True)
class Request:
    """Words in capitals, PORT, COOKIE and TOKEN, are filled in when it is sent."""

    method: str = "GET"
    target: str = "/page"
    version: str = " HTTP/1.1"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    end: str = "\r\n"

    def but(self, **changed: str | None) -> "Request":
        """With other headers (None takes one away); method, target, version, body as they are."""
        parts = {k: v for k, v in changed.items() if k in ("method", "target", "version", "body")}
        request = replace(self, **parts)  # type: ignore[arg-type]
        for name, value in changed.items():
            if name not in parts:
                request = request.with_header(name.replace("_", "-"), value)
        return request

    def with_header(self, name: str, value: str | None) -> "Request":
        kept = [each for each in self.headers if each[0].lower() != name.lower()]
        place = next(
            (i for i, each in enumerate(self.headers) if each[0].lower() == name.lower()), len(kept)
        )
        added = [] if value is None else [(name, value)]
        return replace(self, headers=tuple(kept[:place] + added + kept[place:]))

    def and_also(self, *lines: tuple[str, str]) -> "Request":
        """With more header lines, even where one of the name is there."""
        return replace(self, headers=(*self.headers, *lines))

    def text(self) -> str:
        lines = [f"{self.method} {self.target}{self.version}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return self.end.join([*lines, "", ""]) + self.body


def honest_at(host: str, origin: str, *told: tuple[str, str]) -> tuple[Request, Request]:
    """A page and a form as a browser asks for them; `told` is what a proxy adds."""
    cookie, close = ("Cookie", "COOKIE"), ("Connection", "close")
    form = ("Content-Type", "application/x-www-form-urlencoded")
    page = Request(headers=(("Host", host), cookie, *told, close))
    sent = (("Host", host), cookie, ("Origin", origin), form, *told, ("Content-Length", "3"), close)
    return page, Request(method="POST", target="/change", headers=sent, body="a=1")


PAGE, CHANGE = honest_at("127.0.0.1:PORT", "http://127.0.0.1:PORT")
"""A page that the owner asks for, and a form that the owner sends."""

BROWSED = PAGE.and_also(
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
)
"""A link that the owner follows within the application."""


@dataclass(frozen=True)
class Attack:
    name: str
    honest: Request
    hostile: Request | str
    status: int
    harmless: bool = field(default=False)
    """Answered like the honest one, for what was tried has no effect."""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Reply:
    statuses: list[int]
    text: str

    @property
    def status(self) -> int:
        return self.statuses[0] if self.statuses else NOTHING


def send(
    program: Program, request: Request | str, address: str = "127.0.0.1", patience: float = LIMIT
) -> Reply:
    """Every answer that comes until the program closes, or says nothing for this long."""
    text = request if isinstance(request, str) else request.text()
    for word, value in (("PORT", str(program.port)), ("COOKIE", program.cookie)):
        text = text.replace(word, value)
    text = text.replace("TOKEN", program.token)
    got = b""
    with socket.create_connection((address, program.port), timeout=patience) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(text.encode("latin-1"))
        with contextlib.suppress(OSError):
            while piece := connection.recv(65536):
                first, got = not got, got + piece
                if first:
                    # Nothing more will be asked: it closes once it has answered what was.
                    connection.settimeout(LIMIT)
                    with contextlib.suppress(OSError):  # it has closed already
                        connection.shutdown(socket.SHUT_WR)
    statuses = [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3}) ", got)]
    return Reply(statuses, got.decode("latin-1"))


def seen(program: Program) -> list[str]:
    """What reached the application, in order."""
    path = Path(program.data, SEEN)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
