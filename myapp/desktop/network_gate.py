"""What the server of the shared address runs: joining, and the application for who has joined.

Of the shell's own addresses it knows those alone that a device needs; everything else of them, such
as Quit, the hand-over and Share, is the owner's on this computer.
"""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from myapp import identity

from .answers import StartResponse, is_own_path, respond, say
from .gate import NUMBER, PREFIX, PRESENCE_WORDS, STATIC, Gate
from .guard import SAFE_METHODS, Environ, Refusal
from .joining import WAIT_SECONDS, Joining, JoinRefused
from .long_answers import LongAnswers
from .network_guard import JOIN, NetworkGuard
from .pages import heeded, read_static
from .sessions import values_of
from .share_pages import (
    render_device,
    render_join,
    render_renaming,
    render_waiting,
    share_headers,
)

SCRIPTS = (*STATIC, "join.js")
FORGOTTEN = (
    "This device is not known here any more: its access was ended, or it stayed away for 60 days. "
    "It can join anew with a code."
)
MOST_PAGES = 50
"""Of one device that count as open."""


class NetworkGate:
    """A second door of the same house: its own guard, the gate's own way to the application."""

    def __init__(self, gate: Gate, guard: NetworkGuard, joining: Joining) -> None:
        self.gate, self.guard, self.joining = gate, guard, joining
        self.secure = guard.scheme == "https"
        self.long_answers = LongAnswers()

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        refusal = self.guard.judge(environ)
        path = str(environ.get("PATH_INFO", ""))
        start = self.completing(start)
        if refusal is not None:
            answer = self.refuse(refusal, environ, start)
        elif path.startswith(PREFIX):
            answer = self.answer_own(path.removeprefix(PREFIX), environ, start)
        else:
            device = environ["desktop.connection"].device = str(environ["desktop.device_id"])
            return self.long_answers.pass_on(self.gate.pass_on, device, environ, start)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else answer

    def completing(self, start: StartResponse) -> StartResponse:
        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start(status, heeded(headers, trustworthy=self.guard.trustworthy), *rest)

        return started

    def refuse(self, refusal: Refusal, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        accept = str(environ.get("HTTP_ACCEPT", "text/html"))
        asks_page = "application/json" not in accept
        if refusal is JOIN and asks_page and environ["REQUEST_METHOD"] in SAFE_METHODS:
            if "text/html" not in accept:
                return respond(start, refusal.status, b"join first\n", "text/plain")
            return go(start, f"{PREFIX}join")
        target = str(environ.get("REQUEST_URI", ""))
        onward = target if refusal.onward and is_own_path(target) else ""
        return respond(start, refusal.status, *say(refusal, accept, onward))

    def answer_own(self, name: str, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if name == "join" and method == "GET":
            return self.show_join(environ, start)
        if name == "manifest.webmanifest" and method in SAFE_METHODS:
            told = json.dumps(identity.home_screen(PREFIX)).encode()
            return respond(start, "200 OK", told, "application/manifest+json")
        if name.startswith("icon-") and method in SAFE_METHODS:
            return respond(start, "200 OK", read_static(name), "image/png")
        if name in SCRIPTS and method in SAFE_METHODS:
            return respond(start, "200 OK", read_static(name), STATIC["presence.js"])
        if name == "" and method in SAFE_METHODS:
            return respond(start, "200 OK", render_device(environ), more=share_headers())
        if method == "POST" and name in ("join", "presence", "leave"):
            length = int(environ.get("CONTENT_LENGTH") or 0)
            if not 0 <= length <= 4_096:
                return respond(start, "413 Content Too Large", b"too large\n", "text/plain")
            body = environ["wsgi.input"].read(length)
            if name == "join":
                return self.join(body, environ, start)
            if name == "leave":
                return self.leave(body, environ, start)
            self.hear(body, environ)
            return respond(start, "204 No Content", b"", "text/plain")
        return self.gate.not_here(start)

    def show_join(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if "desktop.device" in environ:
            return go(start, "/")
        query = parse_qs(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
        brought = str(environ.get("HTTP_COOKIE", ""))
        trouble, cookies = "", []
        if any(values_of(self.guard.cookie, brought)):
            trouble = FORGOTTEN
        for secret in values_of(self.guard.waiting_cookie, brought):
            token = self.joining.fetch(secret)
            if token is not None:
                # A session of its own, made now: nobody can have given it to this device before.
                cookies = [
                    ("Set-Cookie", self.guard.cookie_header(token)),
                    ("Set-Cookie", self.guard.waiting_header("", 0)),
                ]
                return go(start, "/", cookies)
            asking = self.joining.find(secret)
            if asking is not None:
                draw = render_renaming if "rename" in query else render_waiting
                page = draw(asking.name)
                return respond(start, "200 OK", page, more=share_headers())
            trouble = (
                "The owner said no, or did not answer in time. You can ask again with a new code."
            )
            cookies = [("Set-Cookie", self.guard.waiting_header("", 0))]
        code = query.get("code", [""])[0]
        page = render_join(self.secure, code[:6], trouble=trouble)
        return respond(start, "200 OK", page, more=[*share_headers(), *cookies])

    def join(self, body: bytes, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        form = parse_qs(body.decode("utf-8", "replace"))
        code, name = form.get("code", [""])[0], form.get("name", [""])[0]
        if "rename" in form:
            return self.rename(name, environ, start)
        try:
            secret = self.joining.ask(code, name, str(environ["REMOTE_ADDR"]))
        except JoinRefused as refused:
            page = render_join(self.secure, code[:7], name[:80], refused.sentence, refused.of)
            return respond(start, refused.status, page, more=share_headers())
        cookie = ("Set-Cookie", self.guard.waiting_header(secret, int(WAIT_SECONDS)))
        return go(start, f"{PREFIX}join", [cookie])

    def rename(self, name: str, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Of a device that waits; one that does not any more is told so by the page of joining."""
        for secret in values_of(self.guard.waiting_cookie, str(environ.get("HTTP_COOKIE", ""))):
            try:
                self.joining.rename(secret, name)
            except JoinRefused as refused:
                page = render_renaming(name[:80], refused.sentence)
                return respond(start, refused.status, page, more=share_headers())
        return go(start, f"{PREFIX}join")

    def leave(self, body: bytes, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        offered = parse_qs(body.decode("utf-8", "replace")).get("_token", [])
        if not self.guard.token_fits(environ, offered):
            return self.gate.not_ours(start)
        self.guard.devices.end(str(environ["desktop.device_id"]))
        return go(start, f"{PREFIX}join", [("Set-Cookie", self.guard.cookie_header("", 0))])

    def hear(self, body: bytes, environ: Environ) -> None:
        """A device's pages count as open, like the owner's; they cannot be taken for others'."""
        word, page, number = (*body.decode("ascii", "replace").split(" "), "", "")[:3]
        if word not in PRESENCE_WORDS or not 0 < len(page) <= 64 or not NUMBER.fullmatch(number):
            return
        own = f"{environ['desktop.device_id']}:"
        presence = self.gate.presence
        open_now = sum(each.startswith(own) for each in list(presence.pages))
        if open_now < MOST_PAGES or own + page in presence.pages:
            presence.hear(own + page, word, int(number))


def go(start: StartResponse, address: str, more: Iterable[tuple[str, str]] = ()) -> Iterable[bytes]:
    return respond(start, "303 See Other", b"", "text/plain", [("Location", address), *more])
