"""What a connection is asked before it is a request: Waitress, with the guard at its door.

Waitress receives a whole body before an application hears of the request. Here the guard judges
the head alone first, so that nobody else can fill the disk; forms of a request that no browser
sends, and that two readers could understand differently, are refused without a judgement.
"""

import functools
import re
import socket
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask

from .answers import say
from .guard import Environ, Guard, Refusal
from .pages import heeded, page_headers, render
from .peers import Owner, can_tell

SINGLE = frozenset(
    {b"host", b"origin", b"cookie", b"content-length", b"content-type", b"transfer-encoding"}
    | {b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest", b"x-desktop-token"}
)
"""Waitress joins a header that comes twice by commas; these make sense once only."""

PROXY = ("HTTP_X_FORWARDED", "HTTP_X_ORIGINAL", "HTTP_X_REWRITE")
PROXIES = frozenset({"HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_HOST", "HTTP_PROXY"})
"""Nobody may say in these who asks, or for what: no application reads them. What a proxy says,
where one was set, the guard has read before."""

LONGEST_LENGTH = 15
CONTROL = re.compile(rb"[\x00-\x1f\x7f]")

UNCLEAR = Refusal("400 Bad Request", "form", "The request was not understood.")
WAITRESS_SAYS = {
    400: UNCLEAR,
    413: Refusal("413 Content Too Large", "size", "That is too large to be taken."),
    431: Refusal(
        "431 Request Header Fields Too Large",
        "headers",
        "The request's header is too large. Other programs at this address may have left too many "
        "cookies: delete the cookies of this address in your browser.",
    ),
    501: Refusal("501 Not Implemented", "coding", "A body in this form is not taken."),
}
NOBODY = Refusal("400 Bad Request", "forwarded", "Nobody is told this.")
FAILED = Refusal(
    "500 Internal Server Error", "failure", "Something went wrong. The log says what it was."
)


class Refused(ParsingError):  # type: ignore[misc]
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class Parser(HTTPRequestParser):  # type: ignore[misc]
    refusal: Refusal | None = None
    peer: str | None
    """Who asks; None for one that gets no byte of an answer."""

    def __init__(self, channel: "Channel", adj: Any) -> None:
        super().__init__(adj)
        self.channel = channel
        self.peer = str(channel.addr[0])

    def parse_header(self, header_plus: bytes) -> None:
        try:
            self.peer = self.channel.guard.peer_of(header_plus, str(self.channel.addr[0]))
            # Of a head that is too large, Waitress passes on none, and says so itself.
            if self.peer is None and self.header_bytes_received < self.adj.max_request_header_size:
                raise Refused(NOBODY)
            refuse_unclear(header_plus)
            super().parse_header(header_plus)
            if self.body_rcv is not None:
                refusal = self.channel.guard.judge(Task(self.channel, self).get_environment())
                if refusal is not None:
                    raise Refused(refusal)
        except Refused as refused:
            # Otherwise Waitress asks for the body before it answers.
            self.expect_continue = False
            self.refusal = refused.refusal
            raise


def refuse_unclear(head: bytes) -> None:
    """Raises Refused for what two readers of the same bytes could take for different requests."""
    first, *lines = head.split(b"\r\n")
    if CONTROL.search(first):
        raise Refused(UNCLEAR)
    if first.rpartition(b" ")[2] not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Refused(
            Refusal("505 HTTP Version Not Supported", "version", "This version is not spoken.")
        )
    seen = set()
    for line in lines:
        # A line that goes on with the one before is obsolete, and read differently by many.
        if line.startswith((b" ", b"\t")):
            raise Refused(UNCLEAR)
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in SINGLE and name in seen:
            raise Refused(UNCLEAR)
        seen.add(name)
        if name == b"content-length" and len(value.strip()) > LONGEST_LENGTH:
            raise Refused(WAITRESS_SAYS[413])
    if b"transfer-encoding" in seen:
        if b"content-length" in seen:
            raise Refused(UNCLEAR)
        # A browser always says how much it sends.
        raise Refused(Refusal("411 Length Required", "coding", "The length must be said first."))


class Task(WSGITask):  # type: ignore[misc]
    def get_environment(self) -> Environ:
        environ: Environ = super().get_environment()
        if "desktop.stranger" not in environ:
            for name in [each for each in environ if each.startswith(PROXY) or each in PROXIES]:
                del environ[name]
            environ["REMOTE_ADDR"] = environ["REMOTE_HOST"] = str(self.request.peer)
            environ["wsgi.url_scheme"] = self.channel.guard.scheme
            environ["desktop.stranger"] = self.channel.stranger
            environ["desktop.connection"] = self.channel
            environ["desktop.gone"] = self.channel.is_gone
        return environ


class Refuse(ErrorTask):  # type: ignore[misc]
    """An answer of ours in place of Waitress's own, with the same headers as every page."""

    def service(self) -> None:
        if self.request.peer is None:
            self.close_on_finish = True
        else:
            super().service()

    def execute(self) -> None:
        refusal = self.request.refusal
        if refusal is None:
            refusal = WAITRESS_SAYS.get(self.request.error.code, FAILED)
        page, kind = say(refusal, self.request.headers.get("ACCEPT", ""))
        if refusal is FAILED:
            page, kind = render("That failed", refusal.sentence), "text/html; charset=utf-8"
        self.status = refusal.status
        added = heeded(page_headers(), trustworthy=self.channel.guard.trustworthy)
        self.response_headers += [("Content-Type", kind), *added]
        self.set_close_on_finish()
        self.content_length = len(page)
        self.write(page)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection, whose owner is asked for once: when it is taken."""

    task_class = Task
    error_task_class = Refuse

    def __init__(
        self, guard: Guard, owner: Owner, server: Any, sock: Any, addr: Any, adj: Any, map: Any
    ) -> None:
        super().__init__(server, sock, addr, adj, map)
        self.guard = guard
        self.stranger = owner is not Owner.SAME
        self.device = ""
        """The id of the device of the network that it was used by."""
        self.parser_class = functools.partial(Parser, self)

    def is_gone(self) -> bool:
        """Whether who asks has closed the connection meanwhile. Waitress looks after its answer."""
        try:
            # The socket does not block; what lies there is left for Waitress.
            return self.socket.recv(1, socket.MSG_PEEK) == b""  # type: ignore[no-any-return]
        except (BlockingIOError, InterruptedError, ValueError):
            return False  # nothing came yet; TLS cannot be looked into
        except OSError:
            return True


def stand_guard(server: Any, guard: Guard) -> None:
    """Make every connection of this Waitress server ask the guard."""
    can_tell()
    server.channel_class = functools.partial(take, guard)


def take(guard: Guard, server: Any, sock: Any, addr: Any, adj: Any, map: Any) -> None:
    """A connection that was just accepted: dropped before a byte of it is read, or listened to."""
    most = guard.most_of_a_peer
    few = most is None or most > sum(
        each.addr[0] == addr[0] for each in list(server.active_channels.values())
    )
    if not few or not guard.admits(addr[:2]):
        sock.close()
        return
    owner = owner_of(guard, sock, addr)
    if owner is Owner.GONE:
        # A browser leaves at once where its page gives a request up. Nobody waits for an answer,
        # and whose request it was cannot be told any more.
        sock.close()
    else:
        Channel(guard, owner, server, sock, addr, adj, map)


def owner_of(guard: Guard, sock: Any, addr: Any) -> Owner:
    try:
        return guard.owner_of(addr[:2], sock.getsockname()[:2])
    except (OSError, ValueError):
        return Owner.UNKNOWN
