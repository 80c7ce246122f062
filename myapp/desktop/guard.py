"""Default deny: who may ask, from where, and with what proof. The one place that decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .peers import is_loopback, is_other_user
from .sessions import Sessions

Environ = dict[str, Any]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
OPEN_PATHS = frozenset({"/_desktop/health", "/_desktop/enter", "/_desktop/handover"})
"""Answered without a session: each gives nothing away, or asks for a proof of its own."""

VERDICT = "desktop.verdict"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`reason` goes to the log, `sentence` to the person; `friendly` shows how to come in."""

    status: str
    reason: str
    sentence: str
    friendly: bool = False


class Guard:
    def __init__(self, sessions: Sessions, port: int) -> None:
        self.sessions = sessions
        self.port = port
        self.hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})

    def judge(self, environ: Environ) -> Refusal | None:
        """None lets the request in; decided once, and kept in the environ for the hook."""
        if VERDICT not in environ:
            environ[VERDICT] = self.refusal(environ)
        verdict: Refusal | None = environ[VERDICT]
        return verdict

    def refusal(self, environ: Environ) -> Refusal | None:
        address = str(environ.get("REMOTE_ADDR", ""))
        if not is_loopback(address):
            return Refusal("403 Forbidden", "peer", "Only this computer may open this page.")
        if is_other_user(address, int(environ.get("REMOTE_PORT") or 0), self.port):
            return Refusal(
                "403 Forbidden", "user", "This belongs to another user of this computer."
            )
        host = str(environ.get("HTTP_HOST", ""))
        if host not in self.hosts:
            return Refusal("421 Misdirected Request", "host", "This is not the program's address.")
        method = str(environ.get("REQUEST_METHOD", ""))
        if method not in KNOWN_METHODS:
            return Refusal("405 Method Not Allowed", "method", "This kind of request is not taken.")
        if not str(environ.get("REQUEST_URI", "/")).startswith("/"):
            return Refusal("400 Bad Request", "target", "This is not an address of a page here.")
        if "HTTP_UPGRADE" in environ:
            return Refusal("400 Bad Request", "upgrade", "Connections of this kind are not taken.")
        return self.refusal_by_origin(environ, host, method) or self.refusal_by_session(
            environ, host
        )

    def refusal_by_origin(self, environ: Environ, host: str, method: str) -> Refusal | None:
        origin = environ.get("HTTP_ORIGIN")
        site = environ.get("HTTP_SEC_FETCH_SITE")
        foreign = Refusal("403 Forbidden", "origin", "Another page asked for this. It was refused.")
        if origin is not None and origin != f"http://{host}":
            return foreign
        if site in ("cross-site", "same-site"):
            mode, target = environ.get("HTTP_SEC_FETCH_MODE"), environ.get("HTTP_SEC_FETCH_DEST")
            # Following a link to us is no harm: the cookie stays behind, and nothing is done.
            if method not in SAFE_METHODS or (mode, target) != ("navigate", "document"):
                return foreign
        if method in SAFE_METHODS or environ.get("PATH_INFO") == "/_desktop/handover":
            return None
        return None if origin is not None else foreign

    def refusal_by_session(self, environ: Environ, host: str) -> Refusal | None:
        session = self.sessions.find(str(environ.get("HTTP_COOKIE", "")))
        if session is None:
            if environ.get("PATH_INFO") in OPEN_PATHS:
                return None
            return Refusal(
                "403 Forbidden", "session", "Nobody has come in here yet.", friendly=True
            )
        environ["desktop.session"] = session
        environ["desktop.token"] = self.sessions.token(session, f"http://{host}")
        return None

    def token_fits(self, environ: Environ, offered: Iterable[str | None]) -> bool:
        """Whether one of the offered tokens is the page's own."""
        import hmac

        wanted = str(environ.get("desktop.token", "")).encode()
        return bool(wanted) and any(
            hmac.compare_digest(wanted, each.encode()) for each in offered if each
        )
