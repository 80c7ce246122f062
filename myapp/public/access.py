"""Asked before every request, in this order: who it is, what they may, and whether they mean it."""

import hmac
import re
import secrets
from datetime import datetime
from typing import cast
from urllib.parse import unquote

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from myapp.accounts import AccountsFile, Role, Session, Sessions, TooManyTries, network_of
from myapp.store import AppError, Database
from myapp.web.failures import Answer, answer
from myapp.web.person import PERSON, person
from myapp.web.workspace import workspace

from .gate import CLIENT, NOTED, SAFE_METHODS, UNLOGGED
from .policy import STEPS_OF_EDITORS, allows, rule_of
from .relay import RELAYED
from .settings import Settings
from .turns import ENDING, LARGEST_FREE, Body, Turns

INSIDE = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")
LONGEST_NEXT = 2_000
TOKEN = "X-Desktop-Token"  # noqa: S105
VISIT_SECONDS = 86_400


class Refused(AppError):
    """`status` is HTTP's."""

    def __init__(self, sentence: str, status: int = 403) -> None:
        super().__init__(sentence)
        self.status = status


SIGNED_OUT = (
    "You are not signed in any more. Nothing was changed: sign in again in another tab, and what "
    "you typed here is still there."
)
STRANGE = "This did not come from a page of this program, or the page is too old. Load it again."
ROLES = {
    Role.VIEWER: "Your account is a viewer's: it may look at everything and change nothing.",
    Role.EDITOR: "Your account is an editor's: it may change records. This is for an owner to do.",
    Role.OWNER: "Nobody may do this here.",
}
BUSY = (
    "Too much is on its way to you, or from you, at once. Nothing was changed. Try again in a "
    "moment."
)
OF_ANOTHER = "The next step is somebody else's: it is theirs or an owner's to take back."


class Access:
    def __init__(self, settings: Settings, file: AccountsFile, sessions: Sessions) -> None:
        self.settings, self.file, self.sessions = settings, file, sessions
        self.turns = Turns(settings.threads)
        prefix = "__Host-myapp" if settings.secure else "myapp"
        self.cookie, self.visit_cookie = prefix, f"{prefix}-visit"

    def hook(self) -> Response | Answer | None:
        """First of the application's before_request functions; anything but None ends it here."""
        session = self.sessions.find(request.cookies.get(self.cookie, ""))
        role = session.account.role if session else None
        g.session = session
        noted = request.environ.get(NOTED, {})
        noted["endpoint"] = request.endpoint
        if request.endpoint == "home.changes" and session is not None:
            request.environ[UNLOGGED] = True
        if session is not None:
            request.environ[PERSON] = noted["who"] = session.account.name
        if role is Role.EDITOR:
            g.may_take = self.may_take
        if not allows(role, request.endpoint):
            if session is None:
                return self.to_sign_in()
            if request.endpoint is not None:
                least = rule_of(request.endpoint).least
                raise Refused(ROLES[session.account.role if least else Role.OWNER])
        if request.method not in SAFE_METHODS:
            if request.headers.get("Origin") != self.settings.address:
                raise Refused(STRANGE)
            if session is None:
                self.take_turn()
            passed = self.pass_on()
            if passed is not None:
                return passed
            self.check_token(session)
            if role is Role.EDITOR and request.endpoint in ("history.undo", "history.redo"):
                self.check_step(redo=request.endpoint == "history.redo")
            return None
        return self.pass_on()

    def take_turn(self) -> None:
        """For a stranger's body, which is read from here on. Raises Refused."""
        environ = request.environ
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not length or environ.get(RELAYED):
            return
        give_back = self.turns.of_stranger(network_of(client_address()))
        if give_back is None:
            raise Refused(BUSY, 503)
        environ["wsgi.input"] = Body(environ["wsgi.input"], length, give_back)
        environ[ENDING].append(give_back)

    def hold_back(self, response: Response) -> Response:
        """A large answer, where its account is being sent as many as it may."""
        session: Session | None = g.get("session")
        small = (response.content_length or 0) <= LARGEST_FREE
        if small or session is None or request.environ.get(RELAYED):
            return response
        give_back = self.turns.of_account(session.account.id)
        if give_back is None:
            response.close()
            return current_app.make_response(answer(BUSY, 503, {}))
        request.environ[ENDING].append(give_back)
        return response

    def pass_on(self) -> Response | None:
        from .passing import pass_on

        return pass_on()

    def to_sign_in(self) -> Response | Answer:
        """Whatever the address is: who has not signed in learns nothing of what there is."""
        asks_page = request.accept_mimetypes.best_match(["text/html", "application/json"])
        if request.method not in SAFE_METHODS or asks_page != "text/html":
            return answer(SIGNED_OUT, 401, {})
        there = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "/")
        return redirect(url_for("accounts.enter", next=None if there == "/" else there), 303)

    # --- whether they mean it

    def check_token(self, session: Session | None) -> None:
        """Raises Refused. Forms of who has not signed in are bound to a visit."""
        if rule_of(request.endpoint).open:
            wanted = self.visit_token()
        else:
            wanted = self.token(session) if session else ""
        offered = request.headers.get(TOKEN) or request.form.get("_token") or ""
        fits = hmac.compare_digest(wanted.encode(), offered.encode("utf-8", "replace"))
        if not wanted or not fits:
            raise Refused(STRANGE)

    def token(self, session: Session) -> str:
        """What a page must send with every change: of this session, and from this address."""
        return self.file.digest("token", f"{session.key.hex()} {self.settings.address}").hex()

    def visit_token(self) -> str:
        visit = g.get("visit") or request.cookies.get(self.visit_cookie, "")
        if not visit:
            return ""
        return self.file.digest("visit", f"{visit} {self.settings.address}").hex()

    def page_token(self) -> str:
        """The token for the page that is being made."""
        if rule_of(request.endpoint).open:
            return self.visit_token()
        session: Session | None = g.get("session")
        return self.token(session) if session else ""

    def check_step(self, *, redo: bool) -> None:
        """An editor takes back what editors do, and nobody changes what is next meanwhile.

        Raises Refused, StillWorking.
        """
        opened, who = workspace().database(), person()

        def check() -> None:
            if not self.may_take(opened, redo, who):
                raise Refused(OF_ANOTHER)

        check()
        # Once more in the step's own turn, when nobody can change what is next.
        g.check_step = check

    def may_take(self, opened: Database, redo: bool, who: str | None = None) -> bool:
        """Whether undo, or redo, takes an editor's own; `who` is who asks where none is named."""
        step = opened.next_step_of(redo=redo)
        return step is None or (step[0] in STEPS_OF_EDITORS and step[1] == (who or person()))

    # --- cookies

    def begin_visit(self) -> None:
        """Before a form for who has not signed in is shown."""
        g.visit = request.cookies.get(self.visit_cookie) or secrets.token_urlsafe(24)

    def give_cookies(self, response: Response) -> Response:
        visit = g.get("visit")
        if visit and request.cookies.get(self.visit_cookie) != visit:
            self.set_cookie(response, self.visit_cookie, visit, VISIT_SECONDS)
        begun: str | None = g.get("begun")
        if begun is not None:
            seconds = int(self.sessions.seconds) if begun else 0
            self.set_cookie(response, self.cookie, begun, seconds)
            self.set_cookie(response, self.visit_cookie, "", 0)
        return response

    def set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=self.settings.secure,
            httponly=True,
            samesite="Lax",
        )

    def begin_session(self, token: str) -> None:
        """The browser gets a new session's cookie with this answer; an empty one ends it."""
        g.begun = token


def access() -> Access:
    return cast(Access, current_app.extensions["access"])


def client_address() -> str:
    return str(request.environ.get(CLIENT, ""))


def moment(seconds: float) -> str:
    """To the minute, in the server's time."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M %Z")


def safe_next(target: str | None) -> str:
    """Where to go after signing in: an address of ours that a page can be read at, or the first."""
    first = url_for("home.show")
    if not target or len(target) > LONGEST_NEXT or not INSIDE.fullmatch(target):
        return first
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return first
    try:
        adapter.match(unquote(target.partition("?")[0]), "GET")
    except HTTPException:
        return first
    return target


def refuse(error: Refused) -> Answer:
    return answer(error.sentence, error.status, {})


def too_many(error: TooManyTries) -> Response:
    response = current_app.make_response(answer(error.sentence, 429, {}))
    response.headers["Retry-After"] = str(error.seconds)
    return response


def register(app: Flask, made: Access) -> None:
    app.extensions["access"] = made
    app.before_request_funcs.setdefault(None, []).insert(0, made.hook)
    app.after_request(made.give_cookies)
    app.after_request(made.hold_back)
    app.register_error_handler(Refused, refuse)
    app.register_error_handler(TooManyTries, too_many)
    app.context_processor(
        lambda: {
            "token": made.page_token(),
            "hosted": False,
            # Several people always work in this file: open pages ask whether it changed.
            "shared": g.get("session") is not None,
            "account": session.account if (session := g.get("session")) else None,
            "role": session.account.role.value if session else "",
            "at_this_computer": False,
            "device": None,
            "device_id": "",
            "home_screen": {
                "manifest": url_for("accounts.home_screen"),
                "icon": url_for("static", filename="desktop/icon-touch-180.png"),
            },
            "moment": moment,
        }
    )
