"""Entry links, the session cookie, and the page token: who may come in.

A session outlives the program, so that a page left open works again after a restart: it is signed
with a key that lies in the data folder, readable by this user alone.
"""

import hashlib
import hmac
import secrets
import threading
import time
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import quote

from myapp import identity

from .folders import write_private

LINK_SECONDS = 120.0


def read_key(folder: Path) -> bytes:
    path = folder / "session.key"
    try:
        key = path.read_bytes()
    except OSError:
        key = b""
    if len(key) != 32:
        key = secrets.token_bytes(32)
        write_private(path, key)
    return key


class Sessions:
    def __init__(self, key: bytes, port: int) -> None:
        self.key = key
        self.port = port
        # Cookies ignore ports: two programs on 127.0.0.1 must not overwrite each other's.
        self.cookie = f"{identity.SLUG}-{port}"
        self.codes: dict[str, float] = {}
        self.lock = threading.Lock()

    def sign(self, purpose: str, text: str) -> str:
        return hmac.new(self.key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def entry_link(self, path: str = "/") -> str:
        """A link that opens a session once, within LINK_SECONDS."""
        code = secrets.token_urlsafe(24)
        now = time.monotonic()
        with self.lock:
            self.codes = {each: end for each, end in self.codes.items() if end > now}
            self.codes[code] = now + LINK_SECONDS
        following = f"&next={quote(path, safe='')}" if path != "/" else ""
        return f"http://127.0.0.1:{self.port}/_desktop/enter?code={code}{following}"

    def redeem(self, code: str) -> str | None:
        """The cookie's value for a valid code, which is used up by this; None for any other."""
        with self.lock:
            match = next(
                (c for c in self.codes if hmac.compare_digest(c.encode(), code.encode())), None
            )
            if match is None or self.codes.pop(match) < time.monotonic():
                return None
        session = secrets.token_urlsafe(18)
        return f"{session}.{self.sign('session', session)}"

    def find(self, cookie_header: str) -> str | None:
        """The session that a Cookie header proves, or None."""
        try:
            morsel = SimpleCookie(cookie_header).get(self.cookie)
        except CookieError:
            return None
        session, _, signature = (morsel.value if morsel else "").partition(".")
        proven = hmac.compare_digest(self.sign("session", session).encode(), signature.encode())
        return session if session and proven else None

    def token(self, session: str, origin: str) -> str:
        """What a page of ours must send with every change, bound to its origin."""
        return self.sign("token", f"{session} {origin}")

    def cookie_header(self, value: str) -> str:
        return f"{self.cookie}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000"
