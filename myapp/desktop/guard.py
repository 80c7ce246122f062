"""Default deny: who may ask, from where, and with what proof. The one place that decides."""

import hmac
import logging
from collections.abc import Iterable
from typing import Any, NamedTuple

from .peers import Address, Owner, is_loopback, owner_of
from .sessions import Session, Sessions

Environ = dict[str, Any]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
OPEN_PATHS = frozenset({"/_desktop/health", "/_desktop/enter", "/_desktop/handover"})
"""Answered without a session: each gives nothing away, or asks for a proof of its own."""

LARGEST_OPEN_BODY = 1 << 20
"""Of a request that has not proved anything yet."""

OWN_SITES = (None, "none", "same-origin")
"""Sec-Fetch-Site: not sent, asked for by the person, or by a page of ours."""

OVERRIDES = ("HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD", "HTTP_X_METHOD_OVERRIDE")

VERDICT = "desktop.verdict"
log = logging.getLogger(__name__)


class Refusal(NamedTuple):
    """`reason` goes to the log, `sentence` to the person.

    `friendly` shows how to come in; `onward` also offers the page itself, as a link, and `back`
    the first page.
    """

    status: str
    reason: str
    sentence: str
    friendly: bool = False
    onward: bool = False
    back: bool = False


PEER = Refusal("403 Forbidden", "peer", "Only this computer may open this page.")
USER = Refusal("403 Forbidden", "user", "Another user of this computer runs this.", friendly=True)
HOST = Refusal("421 Misdirected Request", "host", "This is not the program's address.")
METHOD = Refusal("405 Method Not Allowed", "method", "This kind of request is not taken.")
TARGET = Refusal("400 Bad Request", "target", "This is not an address of a page here.")
UPGRADE = Refusal("400 Bad Request", "upgrade", "Connections of this kind are not taken.")
DISGUISED = Refusal("400 Bad Request", "disguise", "This request says two things at once.")
LARGE = Refusal("413 Content Too Large", "size", "That is too large to be taken.")
ORIGIN = Refusal("403 Forbidden", "origin", "Another page asked for this. It was refused.")
SESSION = Refusal("403 Forbidden", "session", "Nobody has come in here yet.", friendly=True)
LINKED = Refusal("403 Forbidden", "link", "Another page leads here.", friendly=True, onward=True)


class Guard:
    scheme = "http"
    trustworthy = True
    """Whether browsers take the address for one that nobody else can answer at."""
    open_paths = OPEN_PATHS
    most_of_a_peer: int | None = None
    """Connections at once from one address; None where all come from this computer."""

    def __init__(self, sessions: Sessions, port: int) -> None:
        self.sessions = sessions
        self.port = port
        names = ("127.0.0.1", "localhost")
        # A browser leaves the usual port out.
        self.hosts = frozenset(
            [f"{name}:{port}" for name in names] + (list(names) if port == 80 else [])
        )

    def admits(self, peer: Address) -> bool:
        """Whether a connection is listened to at all; one that is not gets no answer either."""
        return True

    def owner_of(self, peer: Address, own: Address) -> Owner:
        """Which user of this computer connected; asked once for each connection."""
        return owner_of(peer, own)

    def peer_of(self, head: bytes, peer: str) -> str | None:
        """Whose request this is, by its head: the other end's, for nothing stands between. None for
        one that gets no answer."""
        return peer

    def judge(self, environ: Environ) -> Refusal | None:
        """None lets the request in; decided once, and kept in the environ for the hook."""
        if VERDICT not in environ:
            verdict = environ[VERDICT] = self.refusal(environ)
            if verdict is not None:
                # The path may hold line breaks, which would look like lines of the log.
                log.info(
                    "refused (%s): %s %r",
                    verdict.reason,
                    environ.get("REQUEST_METHOD"),
                    environ.get("PATH_INFO"),
                )
        kept: Refusal | None = environ[VERDICT]
        return kept

    def refusal(self, environ: Environ) -> Refusal | None:
        return (
            self.refusal_by_peer(environ)
            or self.refusal_by_form(environ)
            or self.refusal_by_origin(environ)
            or self.refusal_by_session(environ)
        )

    def refusal_by_peer(self, environ: Environ) -> Refusal | None:
        if not is_loopback(str(environ.get("REMOTE_ADDR", ""))):
            return PEER
        # Set by our own server for each connection: without it nobody has looked.
        if environ.get("desktop.stranger", True):
            return USER
        return None

    def refusal_by_form(self, environ: Environ) -> Refusal | None:
        if environ.get("HTTP_HOST") not in self.hosts:
            return HOST
        method = environ.get("REQUEST_METHOD")
        if method not in KNOWN_METHODS:
            return METHOD
        if not str(environ.get("REQUEST_URI", "")).startswith("/"):
            return TARGET
        if "\0" in str(environ.get("PATH_INFO", "")):
            return TARGET
        if "HTTP_UPGRADE" in environ or "HTTP_HTTP2_SETTINGS" in environ:
            return UPGRADE
        if method in SAFE_METHODS and (
            environ.get("CONTENT_LENGTH", "0").strip("0")
            or any(name in environ for name in OVERRIDES)
        ):
            return DISGUISED
        return None

    def refusal_by_origin(self, environ: Environ) -> Refusal | None:
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin != origin_of(environ):
            return ORIGIN
        safe = environ["REQUEST_METHOD"] in SAFE_METHODS
        open_path = environ.get("PATH_INFO") in self.open_paths
        if environ.get("HTTP_SEC_FETCH_SITE") not in OWN_SITES:
            to_page = (
                environ["REQUEST_METHOD"] == "GET"
                and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
                and environ.get("HTTP_SEC_FETCH_DEST") == "document"
                and "HTTP_SEC_PURPOSE" not in environ
            )
            if not to_page:
                return ORIGIN
            # A browser keeps the cookie back from a link of another site, yet not from one of
            # another port. For both alike the person goes on by a click of their own.
            return None if open_path else LINKED
        if safe or environ.get("PATH_INFO") == "/_desktop/handover":
            return None
        return None if origin is not None else ORIGIN

    def refusal_by_session(self, environ: Environ) -> Refusal | None:
        session = self.sessions.find(str(environ.get("HTTP_COOKIE", "")))
        if session is None:
            if environ.get("PATH_INFO") not in self.open_paths:
                return SESSION
            too_large = int(environ.get("CONTENT_LENGTH") or 0) > LARGEST_OPEN_BODY
            return LARGE if too_large else None
        environ["desktop.session"] = session
        environ["desktop.token"] = self.sessions.token(session, origin_of(environ))
        return None

    def token_fits(self, environ: Environ, offered: Iterable[str | None]) -> bool:
        """Whether one of the offered tokens is the page's own."""
        wanted = str(environ.get("desktop.token", "")).encode()
        return bool(wanted) and any(
            hmac.compare_digest(wanted, each.encode("utf-8", "replace")) for each in offered if each
        )


def origin_of(environ: Environ) -> str:
    """Of the address that was asked, once the guard has found that it is ours."""
    return f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"


def session_of(environ: Environ) -> Session | None:
    """The session that the guard found, for what stands behind it."""
    found: Session | None = environ.get("desktop.session")
    return found
