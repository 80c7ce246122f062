"""Stands before the application: what a request must look like before anybody reads it.

Whom it comes from, for which host, in what form and how large. Answers the health check, writes a
line to the log for every request, and adds what only a public address needs.
"""

import html
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from myapp import identity

from .proxies import Environ, NotFromProxy, take_address
from .settings import Settings
from .turns import ENDING

CLIENT = "myapp.client"
NOTED = "myapp.noted"
"""What the application adds to the line of the log: who asked, and for which endpoint."""

UNLOGGED = "myapp.unlogged"
"""Set for what every open page asks each second: it is not worth a line, unless it fails."""

HEALTH = "/health"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE_METHODS | {"POST"}
OVERRIDES = ("HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD", "HTTP_X_METHOD_OVERRIDE")
LARGEST_TEXT = 16 << 20
"""Bytes of a body that is no upload."""

LARGEST_STRANGE = 64 << 10
"""Bytes of a body of who brings no session."""

LONGEST_ADDRESS = 16_000
HEADERS = (
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=()"),
    ("X-Robots-Tag", "noindex, nofollow"),
)
OPENER = ("Cross-Origin-Opener-Policy", "same-origin")
HSTS = ("Strict-Transport-Security", "max-age=31536000")

StartResponse = Callable[..., Any]
WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]
access = logging.getLogger("myapp.access")


class Refusal(NamedTuple):
    status: str
    reason: str
    sentence: str


UNCLEAR = Refusal("400 Bad Request", "form", "The request was not understood.")
METHOD = Refusal("405 Method Not Allowed", "method", "This kind of request is not taken.")
HOST = Refusal("421 Misdirected Request", "host", "This is not the program's address.")
LENGTH = Refusal("411 Length Required", "length", "The length must be said first.")
LARGE = Refusal("413 Content Too Large", "size", "That is too large to be taken.")
LONG = Refusal("414 URI Too Long", "address", "This address is too long.")
PROXY = Refusal("403 Forbidden", "proxy", "Ask through the program's address.")
SITE = Refusal("403 Forbidden", "site", "Another page asked for this. It was refused.")


class Gate:
    """`healthy` says what is wrong, or nothing. `cookie` is the name of the session's cookie."""

    def __init__(
        self, app: WSGI, settings: Settings, cookie: str, healthy: Callable[[], str | None]
    ) -> None:
        self.app, self.settings, self.cookie, self.healthy = app, settings, cookie, healthy
        self.added = [*HEADERS, *([HSTS] if settings.secure else [])]
        # Elsewhere no browser heeds it, and each page's console calls it an error.
        self.added += [OPENER] if settings.trustworthy else []

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        noted: dict[str, object] = {}
        environ[NOTED], environ[ENDING] = noted, []
        line = Line(environ, noted)
        started = line.watching(self.completing(start))
        if environ.get("PATH_INFO") == HEALTH and environ.get("REQUEST_METHOD") in ("GET", "HEAD"):
            return line.ending(self.tell_health(environ, started))
        refusal = self.refusal(environ)
        if refusal is not None:
            noted["refused"] = noted.get("refused", refusal.reason)
            return line.ending(answer(environ, started, refusal))
        try:
            return line.ending(self.app(environ, started))
        except BaseException:
            line.end(500)
            raise

    def refusal(self, environ: Environ) -> Refusal | None:
        try:
            environ[CLIENT] = take_address(environ, self.settings)
        except NotFromProxy as error:
            noted: dict[str, object] = environ[NOTED]
            noted["refused"] = str(error)
            return PROXY
        return self.refusal_by_form(environ) or self.refusal_by_body(environ)

    def refusal_by_form(self, environ: Environ) -> Refusal | None:
        if environ.get("HTTP_HOST") != self.settings.host:
            return HOST
        if environ.get("REQUEST_METHOD") not in METHODS:
            return METHOD
        target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "/")
        if len(target) > LONGEST_ADDRESS:
            return LONG
        path = str(environ.get("PATH_INFO", ""))
        if not target.startswith("/") or not path.startswith("/") or environ.get("SCRIPT_NAME"):
            return UNCLEAR
        if any(ord(character) < 32 or ord(character) == 127 for character in path):
            return UNCLEAR
        if "HTTP_UPGRADE" in environ or any(name in environ for name in OVERRIDES):
            return UNCLEAR
        site, mode = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_SEC_FETCH_MODE")
        strange = site not in (None, "none", "same-origin")
        if strange and (mode != "navigate" or environ["REQUEST_METHOD"] not in SAFE_METHODS):
            return SITE
        return None

    def refusal_by_body(self, environ: Environ) -> Refusal | None:
        text = str(environ.get("CONTENT_LENGTH") or "0")
        if "HTTP_TRANSFER_ENCODING" in environ:
            return LENGTH
        if not (text.isascii() and text.isdigit()):
            return UNCLEAR
        length = int(text) if len(text) < 16 else 1 << 62
        if environ["REQUEST_METHOD"] in SAFE_METHODS:
            return UNCLEAR if length else None
        most = LARGEST_TEXT
        if str(environ.get("CONTENT_TYPE", "")).lower().startswith("multipart/form-data"):
            most = self.settings.largest_upload
        # Whether it is a session is seen later: this only keeps others from sending much.
        if f"{self.cookie}=" not in str(environ.get("HTTP_COOKIE", "")):
            most = LARGEST_STRANGE
        return LARGE if length > most else None

    def tell_health(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Says nothing but whether it works, to whoever asks."""
        trouble = self.healthy()
        if trouble:
            logging.getLogger(__name__).error("not healthy: %s", trouble)
        body = json.dumps({"status": "failing" if trouble else "ok"}).encode() + b"\n"
        status = "503 Service Unavailable" if trouble else "200 OK"
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def completing(self, start: StartResponse) -> StartResponse:
        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [each for each in self.added if each[0].lower() not in present]
            return start(status, [*headers, *missing], *rest)

        return started


class Line:
    """One request in the log. Its query is left out: it holds what people look for."""

    def __init__(self, environ: Environ, noted: dict[str, object]) -> None:
        self.environ, self.noted = environ, noted
        self.began = time.perf_counter()
        self.status = 0
        self.written = False

    def watching(self, start: StartResponse) -> StartResponse:
        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            self.status = int(status[:3])
            return start(status, headers, *rest)

        return started

    def ending(self, body: Iterable[bytes]) -> Iterable[bytes]:
        return Ending(body, self)

    def end(self, status: int | None = None) -> None:
        for each in self.environ[ENDING]:
            each()
        self.write(status)

    def write(self, status: int | None = None) -> None:
        if self.written:
            return
        self.written = True
        if self.environ.get(UNLOGGED) and (status or self.status) < 400:
            return
        # An address can hold the token of a link, and is only said where it is known to hold none.
        known = {"endpoint": self.noted.get("endpoint")}
        if not known["endpoint"]:
            known = {"path": str(self.environ.get("PATH_INFO", ""))[:200].partition("/join/")[0]}
        access.info(
            "request",
            extra={
                "more": {
                    "id": secrets.token_hex(6),
                    "method": str(self.environ.get("REQUEST_METHOD", ""))[:20],
                    **known,
                    "status": status or self.status,
                    "ms": round((time.perf_counter() - self.began) * 1_000, 1),
                    "client": str(self.environ.get(CLIENT) or self.environ.get("REMOTE_ADDR", "")),
                    **{name: self.noted[name] for name in self.noted if name != "endpoint"},
                }
            },
        )


class Ending:
    """An answer's body, after whose last byte the line is written."""

    def __init__(self, body: Iterable[bytes], line: Line) -> None:
        self.body, self.line = body, line

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body)

    def close(self) -> None:
        try:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()
        finally:
            self.line.end()


def answer(environ: Environ, start: StartResponse, refusal: Refusal) -> list[bytes]:
    """A page without anything of ours in it, and no body of the request read."""
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(identity.NAME)}"
        f"</title><h1>Not done</h1><p>{html.escape(refusal.sentence)}"
    ).encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(page))),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
    start(refusal.status, headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [page]
