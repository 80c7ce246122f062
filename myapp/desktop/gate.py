"""Stands before the application: the guard first, then the shell's own addresses, then the rest.

Everything under `/_desktop/` is answered here, so that no route of an application can collide.
"""

import json
import logging
import re
import secrets
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from flask import Flask, Response, abort, request

from myapp import identity

from .answers import Counted, StartResponse, is_own_frame, is_own_path, path_it_came_from, respond
from .errors import DesktopError
from .guard import SAFE_METHODS, Environ, Guard, Refusal, origin_of, session_of
from .handover import Welcomer
from .pages import ADDED, FRAMED, page_headers, quit_headers, read_static, render
from .presence import Presence
from .reporting import say
from .sessions import Sessions

if TYPE_CHECKING:
    from .at_login import AtLogin
    from .sharing import Sharing
    from .tray import Tray
    from .window import Window

log = logging.getLogger(__name__)
PREFIX = "/_desktop/"
STATIC = {
    "presence.js": "text/javascript; charset=utf-8",
}
LARGEST_BODY = 1 << 20
WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

PRESENCE_WORDS = ("hello", "ping", "hidden", "goodbye")
NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)


class Gate:
    """The WSGI application that the server runs."""

    def __init__(
        self,
        app: Flask,
        guard: Guard,
        sessions: Sessions,
        presence: Presence,
        welcomer: Welcomer,
        quit_: Callable[[], None],
    ) -> None:
        self.app: WSGI = app.wsgi_app
        self.guard, self.sessions, self.presence = guard, sessions, presence
        self.welcomer, self.quit = welcomer, quit_
        contract = app.extensions.get("desktop", {})
        self.open_files: Callable[[Sequence[Path]], str] | None = contract.get("open_files")
        self.place: Callable[[], str] = contract.get("place", lambda: "/")
        self.title: Callable[[], str] = contract.get("title", lambda: "")
        self.wants_token = bool(contract.get("token"))
        self.injects = contract.get("presence") != "own"
        self.at_login: Callable[[], AtLogin] | None = None
        """What is asked, and changed, about starting at login."""
        self.allows: Callable[[str, str, str], bool] = contract.get("allows", only_viewers_look)
        """Whether a role of the network may ask for a path by a method."""
        self.role_meanings: dict[str, str] = contract.get("roles", {})
        """What each role may do, in the application's words; no other role is offered."""
        self.make_sharing: Callable[[], Sharing] | None = None
        self.sharing: Sharing | None = None
        """What is needed for sharing on the network, from when its page was first looked at."""
        self.make_tray: Callable[[], Tray] | None = None
        self.tray: Tray | None = None
        """The icon in the tray, from when it was first asked for."""
        self.window: Window | None = None
        """Where pages of a second start are shown, rather than in its browser."""
        self.running = 0
        self.idle = threading.Condition()
        app.before_request_funcs.setdefault(None, []).insert(0, self.hook)

    def hook(self) -> Response | None:
        """First of the application's before_request functions, whoever serves it."""
        if self.guard.judge(request.environ) is not None:
            abort(403)
        if self.wants_token and request.method not in SAFE_METHODS:
            header = request.headers.get("X-Desktop-Token")
            offered = header or request.form.get("_token")
            if not self.guard.token_fits(request.environ, [offered]):
                abort(403)
        return None

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        refusal = self.guard.judge(environ)
        path = str(environ.get("PATH_INFO", ""))
        if refusal is not None or path.startswith(PREFIX):
            if refusal is not None:
                answer = self.refuse(refusal, environ, start)
            else:
                answer = self.answer_own(path.removeprefix(PREFIX), environ, start)
            # A body would be taken for the next answer of the connection.
            return [] if environ.get("REQUEST_METHOD") == "HEAD" else answer
        if self.make_sharing is not None:
            environ["desktop.share"] = f"{PREFIX}share"
        if self.sharing is not None:
            environ["desktop.waiting"] = len(self.sharing.waiting())
        return self.pass_on(environ, start)

    def pass_on(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """To the application, what the guard let in, from wherever."""
        environ["desktop.name"] = identity.NAME
        if self.sharing is not None and self.sharing.on:
            environ["desktop.shared"] = True
        environ["desktop.came_from"] = path_it_came_from(environ)
        with self.idle:
            self.running += 1
        self.presence.note_request()
        try:
            return Counted(self.answer(environ, self.completing(environ, start)), self.done)
        except Exception:
            self.done()
            return self.fail(environ, start)
        except BaseException:
            self.done()
            raise

    def answer(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """The application's answer, with the presence script where its page lacks one."""
        if not self.injects:
            return self.app(environ, start)
        from .injection import Injected, is_page_view, takes_script, with_script

        if not is_page_view(environ):
            return self.app(environ, start)
        injected = Injected(())
        device = str(environ.get("desktop.device_id", ""))

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if takes_script(status, headers):
                headers, injected.element = with_script(headers, origin_of(environ), device)
            return start(status, headers, *rest)

        injected.answer = self.app(environ, started)
        return injected

    def done(self) -> None:
        self.presence.note_request()
        with self.idle:
            self.running -= 1
            self.idle.notify_all()

    def drain(self, seconds: float) -> None:
        """Wait until running requests are finished, at most `seconds`."""
        with self.idle:
            self.idle.wait_for(lambda: self.running == 0, seconds)

    def completing(self, environ: Environ, start: StartResponse) -> StartResponse:
        """Add the security headers that an application did not set itself."""
        framed = is_own_frame(environ)

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [each for each in ADDED if each[0].lower() not in present]
            policies = [v for name, v in headers if name.lower() == "content-security-policy"]
            if not any("frame-ancestors" in each for each in policies):
                missing.append(FRAMED[framed or "x-frame-options" in present])
            session = session_of(environ)
            if session is not None and environ.get("HTTP_SEC_FETCH_MODE") == "navigate":
                cookie = self.sessions.renewed_cookie(session)
                missing += [("Set-Cookie", cookie)] if cookie else []
            return start(status, [*headers, *missing], *rest)

        return started

    def fail(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """What the application let through; Flask itself answers what its own pages raise."""
        number = secrets.token_hex(4)
        log.exception("failure %s at %r", number, environ.get("PATH_INFO"))
        page = render("That failed", f"The log holds the details under {number}.")
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
        start("500 Internal Server Error", [*headers, *page_headers()], sys.exc_info())
        return [page]

    def refuse(self, refusal: Refusal, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if not refusal.friendly:
            return respond(start, refusal.status, render("Not allowed", refusal.sentence))
        target = str(environ.get("REQUEST_URI", ""))
        page = render(
            f"Open {identity.NAME} from its icon",
            f"This page belongs to {identity.NAME}, which opens it for you: start it from the "
            "Start menu, its icon or the command line.",
            "If it is running already, starting it once more opens a page in it.",
            onward=target if refusal.onward and is_own_path(target) else "",
        )
        return respond(start, refusal.status, page)

    def answer_own(self, name: str, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        query = parse_qs(str(environ.get("QUERY_STRING", "")))
        if name in STATIC and method in SAFE_METHODS:
            return respond(start, "200 OK", read_static(name), STATIC[name])
        if name == "" and method in SAFE_METHODS:
            return self.show_own(environ, start)
        if name == "health" and method in SAFE_METHODS:
            return respond(start, "200 OK", b"ok\n", "text/plain")
        if name.startswith("share") and method in SAFE_METHODS:
            from . import share_door

            return share_door.show(self, name, environ, start)
        if name == "enter" and method == "GET":
            return self.enter(query, environ, start)
        if name == "handover" and method == "GET":
            offer = self.welcomer.offer(query.get("nonce", [""])[0])
            return respond(start, "200 OK", json.dumps(offer).encode(), "application/json")
        if method != "POST":
            return self.not_here(start)
        return self.answer_post(name, environ, start)

    def answer_post(self, name: str, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not 0 <= length <= LARGEST_BODY:
            return respond(start, "413 Content Too Large", b"too large\n", "text/plain")
        body = environ["wsgi.input"].read(length)
        if name == "presence":
            word, page, number = (*body.decode("ascii", "replace").split(" "), "", "")[:3]
            if word in PRESENCE_WORDS and 0 < len(page) <= 64 and NUMBER.fullmatch(number):
                self.presence.hear(page, word, int(number))
            return respond(start, "204 No Content", b"", "text/plain")
        if name == "quit":
            return self.end(body, environ, start)
        if name == "login":
            return self.change_login(body, environ, start)
        if name == "tray":
            return self.change_tray(body, environ, start)
        if name == "share":
            from . import share_door

            return share_door.change(self, body, environ, start)
        if name == "handover":
            handed = self.welcomer.accept(body, str(environ.get("HTTP_X_DESKTOP_PROOF", "")))
            if handed is None:
                return respond(start, "403 Forbidden", b"{}", "application/json")
            link = "" if handed.end else self.sessions.entry_link(self.page_for(handed.files))
            if link and self.window is not None and self.window.show(link, bool(handed.files)):
                link = ""
            answer = json.dumps({"link": link}).encode()
            answered = respond(start, "200 OK", answer, "application/json")
            return Counted(answered, self.quit) if handed.end else answered
        return self.not_here(start)

    def share(self) -> "Sharing | None":
        """Made when it is first asked for; None in a program that cannot share."""
        if self.sharing is None and self.make_sharing is not None:
            self.sharing = self.make_sharing()
        return self.sharing

    def look_at_tray(self) -> "Tray | None":
        """Made when it is first asked for; None where no icon can be shown."""
        with self.idle:
            if self.tray is None and self.make_tray is not None:
                self.tray = self.make_tray()
            return self.tray

    def show_tray(self) -> None:
        tray = self.look_at_tray()
        if tray is None:
            log.info("no icon in the tray: this system has none")
            say("No icon can be shown in the tray of this system.")
        else:
            tray.show()

    def not_here(self, start: StartResponse) -> Iterable[bytes]:
        page = render("Not here", "There is nothing at this address.")
        return respond(start, "404 Not Found", page)

    def show_own(
        self, environ: Environ, start: StartResponse, refusal: str = "", of: str = "login"
    ) -> Iterable[bytes]:
        """The shell's own page, for applications that have no menu of their own. A refusal is of
        "login" or "tray"."""
        from .own_page import render_own

        state = self.at_login().state() if self.at_login is not None else None
        token = str(environ.get("desktop.token", ""))
        tray = self.look_at_tray()
        page = render_own(
            token,
            state,
            {of: refusal} if refusal else {},
            share=self.make_sharing is not None,
            tray=tray.state() if tray is not None else None,
        )
        status = "500 Internal Server Error" if refusal else "200 OK"
        return respond(start, status, page, more=quit_headers())

    def change_login(self, body: bytes, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        form = parse_qs(body.decode("utf-8", "replace"))
        if self.at_login is None or not self.guard.token_fits(environ, form.get("_token", [])):
            return self.not_ours(start)
        try:
            self.at_login().turn(form.get("start") == ["on"])
        except DesktopError as error:
            log.warning("%s", error, exc_info=True)
            return self.show_own(environ, start, error.sentence)
        return respond(start, "303 See Other", b"", "text/plain", [("Location", PREFIX)])

    def change_tray(self, body: bytes, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        form = parse_qs(body.decode("utf-8", "replace"))
        tray = self.look_at_tray()
        if tray is None or not self.guard.token_fits(environ, form.get("_token", [])):
            return self.not_ours(start)
        try:
            tray.turn(form.get("show") == ["on"])
        except DesktopError as error:
            log.warning("%s", error, exc_info=True)
            return self.show_own(environ, start, error.sentence, "tray")
        return respond(start, "303 See Other", b"", "text/plain", [("Location", PREFIX)])

    def not_ours(self, start: StartResponse) -> Iterable[bytes]:
        page = render("Not allowed", "This request did not come from a page of the program.")
        return respond(start, "403 Forbidden", page)

    def page_for(self, files: Sequence[Path]) -> str:
        """The application's page for files that came from outside, or where the person was."""
        path = self.open_files(files) if files and self.open_files else self.place()
        return path if is_own_path(path) else "/"

    def enter(
        self, query: dict[str, list[str]], environ: Environ, start: StartResponse
    ) -> Iterable[bytes]:
        path = self.sessions.redeem(query.get("code", [""])[0])
        if path is not None:
            cookie = [("Set-Cookie", self.sessions.new_cookie())]
        elif session_of(environ) is not None:
            # Opened again by the one who came in: a browser that restores its pages, or Back.
            path, cookie = self.place(), []
        else:
            page = render(
                "This link has been used",
                "An entry link works once and for a short time.",
                f"Start {identity.NAME} again from its icon; that opens a page in it.",
            )
            return respond(start, "403 Forbidden", page)
        location = path if is_own_path(path) else "/"
        return respond(start, "303 See Other", b"", "text/plain", [("Location", location), *cookie])

    def end(self, body: bytes, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        form = parse_qs(body.decode("utf-8", "replace"))
        offered = [environ.get("HTTP_X_DESKTOP_TOKEN"), *form.get("_token", [])]
        if not self.guard.token_fits(environ, offered):
            return self.not_ours(start)
        page = render(f"{identity.NAME} has ended", "Everything is saved. You can close this page.")
        answer = respond(start, "200 OK", page)
        return Counted(answer, self.quit)


def only_viewers_look(role: str, method: str, path: str) -> bool:
    """For an application that knows no roles: a viewer may ask, and send nothing."""
    return role != "viewer" or method in SAFE_METHODS
