"""Entry links, the session cookie, and the page token: who may come in.

A session outlives the program, so that a bookmark and a page left open work again after a restart:
it is signed with a key that lies in the data folder, readable by this user alone.
"""

import hashlib
import hmac
import logging
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from myapp import identity

from .folders import write_private

log = logging.getLogger(__name__)
LINK_SECONDS = 120.0
DAY = 24 * 3600
SESSION_SECONDS = 60 * DAY
"""Since the last visit: each visit on a later day makes the cookie anew."""


def read_key(folder: Path) -> bytes:
    """The key that signs sessions; a new one where another user may have seen the old one."""
    path = folder / "session.key"
    try:
        key = path.read_bytes() if is_private(path) else b""
    except OSError:
        key = b""
    if len(key) != 32:
        key = secrets.token_bytes(32)
        try:
            write_private(path, key)
        except OSError:
            # A full disk: sessions then end with the program, and the person gets in all the same.
            log.warning("%s cannot be written", path, exc_info=True)
    return key


def is_private(path: Path) -> bool:
    """Windows keeps the data folder itself from other users."""
    if sys.platform == "win32":
        return True
    status = path.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


class Session(NamedTuple):
    id: str
    issued: int


class Link(NamedTuple):
    """What an entry link opens, and until when."""

    path: str
    end: float


class Sessions:
    def __init__(
        self,
        key: bytes,
        port: int,
        clock: Callable[[], float] = time.time,
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self.key = key
        self.port = port
        self.clock, self.ticking = clock, ticking
        # Cookies ignore ports: two programs on 127.0.0.1 must not overwrite each other's.
        self.cookie = f"{identity.SLUG}-{port}"
        self.links: dict[str, Link] = {}
        self.lock = threading.Lock()

    def sign(self, purpose: str, text: str) -> str:
        return hmac.new(self.key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def entry_link(self, path: str = "/") -> str:
        """A link that opens a session once, within LINK_SECONDS, and leads to `path`.

        The path stays here: an address that names its own target could be led astray.
        """
        code = secrets.token_urlsafe(24)
        now = self.ticking()
        with self.lock:
            self.links = {each: link for each, link in self.links.items() if link.end > now}
            self.links[code] = Link(path, now + LINK_SECONDS)
        return f"http://127.0.0.1:{self.port}/_desktop/enter?code={code}"

    def redeem(self, code: str) -> str | None:
        """The path that a valid code leads to, which is used up by this; None for any other."""
        offered = code.encode("utf-8", "replace")
        with self.lock:
            match = None
            for each in self.links:
                if hmac.compare_digest(each.encode(), offered):
                    match = each
            if match is None:
                return None
            link = self.links.pop(match)
        return link.path if self.ticking() < link.end else None

    def new_cookie(self) -> str:
        return self.cookie_header(Session(secrets.token_urlsafe(18), int(self.clock())))

    def renewed_cookie(self, session: Session) -> str | None:
        """The same session with its time begun anew, where a day of it has passed."""
        now = int(self.clock())
        return self.cookie_header(Session(session.id, now)) if now - session.issued > DAY else None

    def find(self, cookie_header: str) -> Session | None:
        """The session that a Cookie header proves, or None.

        Another server on this machine may have set a cookie of the same name for a longer path,
        which a browser sends first: any one that is valid will do.
        """
        for value in values_of(self.cookie, cookie_header):
            text, _, signature = value.rpartition(".")
            if not hmac.compare_digest(self.mark(text).encode(), signature.encode()):
                continue
            issued, _, id_ = text.partition(".")
            session = Session(id_, int(issued))
            if -DAY <= self.clock() - session.issued < SESSION_SECONDS:
                return session
        return None

    def mark(self, text: str) -> str:
        """Bound to the port as well: a session of one port is none of another's."""
        return self.sign("session", f"{self.port}.{text}")

    def token(self, session: Session, origin: str) -> str:
        """What a page of ours must send with every change, bound to its origin."""
        return self.sign("token", f"{session.id} {origin}")

    def cookie_header(self, session: Session) -> str:
        text = f"{session.issued}.{session.id}"
        return (
            f"{self.cookie}={text}.{self.mark(text)}; "
            f"Path=/; HttpOnly; SameSite=Strict; Max-Age={SESSION_SECONDS}"
        )


def values_of(name: str, cookie_header: str) -> Iterator[str]:
    """Each value of a cookie. One that another server made oddly must not hide ours, as it does
    in http.cookies."""
    for pair in cookie_header.split(";"):
        found, _, value = pair.strip().partition("=")
        if found == name:
            yield value
