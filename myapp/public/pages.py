"""Signing in and out, accepting an invitation, and one's own account."""

import logging

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp import identity
from myapp.accounts import (
    InvitationOver,
    NameNotFit,
    NameTaken,
    NotSignedIn,
    PasswordNotFit,
    Session,
    TooManyTries,
)
from myapp.store import AppError
from myapp.web.failures import answer

from .access import access, client_address, safe_next
from .accounts_of import accounts
from .agents import name_agent

pages = Blueprint("accounts", __name__)
log = logging.getLogger("myapp.accounts")
Page = Response | str | tuple[str | Response, int] | tuple[str, int, dict[str, str]]


def begin(name: str, token: str) -> None:
    """The browser gets this session, and the one that it had before ends."""
    before: Session | None = g.get("session")
    if before is not None:
        accounts().sessions.end(before.key)
    access().begin_session(token)
    note("signed in", name)


def note(event: str, name: str, **more: object) -> None:
    log.info(event, extra={"more": {"who": name, "client": client_address(), **more}})


def session() -> Session:
    """Of who has signed in: the policy let nobody else in here."""
    found: Session = g.session
    return found


@pages.get("/manifest.webmanifest")
def home_screen() -> Response:
    """Says the program's name and icons alone, to whoever asks."""
    icons = url_for("static", filename="desktop/")
    answer = jsonify(identity.home_screen(icons))
    answer.mimetype = "application/manifest+json"
    return answer


# --- signing in


@pages.get("/sign-in")
def enter() -> Page:
    if g.get("session") is not None:
        return redirect(safe_next(request.args.get("next")), 303)
    access().begin_visit()
    return enter_page("", request.args.get("next", ""))


def enter_page(name: str, target: str, error: AppError | None = None) -> str:
    return render_template(
        "accounts/enter.html",
        name=name,
        target=target,
        error=error.sentence if error else None,
        left=request.args.get("left"),
    )


@pages.post("/sign-in")
def sign_in() -> Page:
    given, target = request.form, request.form.get("next", "")
    name = given.get("name", "")
    rooms = accounts()
    agent, password = request.headers.get("User-Agent", ""), given.get("password", "")
    try:
        account, token = rooms.signing_in.begin(
            rooms.sessions, name, password, client_address(), agent
        )
    except TooManyTries as error:
        note("too many tries", "")
        return enter_page(name, target, error), 429, {"Retry-After": str(error.seconds)}
    except NotSignedIn as error:
        # What was typed as a name may be a password.
        note("not signed in", "")
        return enter_page(name, target, error), 401
    begin(account.name, token)
    return redirect(safe_next(target), 303)


# --- invitations


@pages.get("/join/<token>")
def join(token: str) -> Page:
    access().begin_visit()
    return join_page(token, "", None)


def join_page(token: str, name: str, error: AppError | None) -> Page:
    try:
        invitation = accounts().invitations.find(token)
    except InvitationOver as over:
        return answer(over.sentence, 410, {})
    page = render_template(
        "accounts/join.html",
        invitation=invitation,
        name=name,
        error=error.sentence if error else None,
        wrong="name" if isinstance(error, NameNotFit | NameTaken) else "password",
    )
    return page, 422 if error else 200


@pages.post("/join/<token>")
def accept(token: str) -> Page:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    rooms = accounts()
    try:
        if password != request.form.get("again", ""):
            raise PasswordNotFit("The two passwords differ. Type the same one twice.")
        account = rooms.invitations.accept(token, name, password)
    except InvitationOver as over:
        return answer(over.sentence, 410, {})
    except (NameNotFit, NameTaken, PasswordNotFit) as error:
        return join_page(token, name, error)
    note("invitation accepted", account.name, role=account.role.value)
    agent = request.headers.get("User-Agent", "")
    begin(account.name, rooms.sessions.begin(account, client_address(), agent))
    return redirect(url_for("home.show"), 303)


# --- one's own account


@pages.get("/account")
def show() -> Page:
    return own_page()


def own_page(error: AppError | None = None, status: int = 200) -> Page:
    own = session()
    page = render_template(
        "accounts/show.html",
        own=own,
        sessions=accounts().sessions.of(own.account.id),
        error=error.sentence if error else None,
        done=request.args.get("done"),
        name_agent=name_agent,
    )
    return page, status


@pages.post("/account/password")
def change_password() -> Page:
    rooms, own, given = accounts(), session(), request.form
    try:
        if given.get("password", "") != given.get("again", ""):
            raise PasswordNotFit("The two new passwords differ. Type the same one twice.")
        rooms.signing_in.confirm(own.account, given.get("current", ""), client_address())
        rooms.people.set_password(own.account.id, given.get("password", ""))
    except NotSignedIn:
        return own_page(PasswordNotFit("That is not your password of now. Nothing changed."), 422)
    except PasswordNotFit as error:
        return own_page(error, 422)
    note("password changed", own.account.name)
    agent = request.headers.get("User-Agent", "")
    begin(own.account.name, rooms.sessions.begin(own.account, client_address(), agent))
    return redirect(url_for("accounts.show", done="password"), 303)


@pages.post("/account/sign-out")
def sign_out() -> Response:
    own = session()
    accounts().sessions.end(own.key)
    note("signed out", own.account.name)
    return left()


@pages.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> Response:
    own = session()
    accounts().sessions.end_all(own.account.id)
    note("signed out everywhere", own.account.name)
    return left()


def left() -> Response:
    access().begin_session("")
    response = redirect(url_for("accounts.enter", left=1), 303)
    # What the browser kept of the pages goes as well.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@pages.post("/account/sessions/end")
def end_session() -> Response:
    own = session()
    accounts().sessions.end_named(own.account.id, request.form.get("session", ""))
    return redirect(url_for("accounts.show", done="session"), 303)
