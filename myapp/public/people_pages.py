"""The accounts, for an owner: invitations, roles, new passwords, ending an account."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.accounts import Account, NoSuchAccount, Role

from .access import Refused
from .accounts_of import accounts
from .pages import note, pages, session

__all__ = ["pages"]

INVITED_FOR = 7 * 86_400
PASSWORD_FOR = 86_400
"""Seconds that a link can be used."""

ROLES = {
    Role.VIEWER: "looks at everything and changes nothing",
    Role.EDITOR: "changes records as well",
    Role.OWNER: "also tables, fields, backups and accounts",
}


@pages.get("/accounts")
def people() -> str:
    return people_page()


def people_page(link: str | None = None, whose: Account | None = None) -> str:
    """With a link that was just made: it is shown this once."""
    rooms = accounts()
    return render_template(
        "accounts/people.html",
        own=session(),
        people=rooms.people.all(),
        invitations=rooms.invitations.open_ones(),
        roles=ROLES,
        link=link,
        whose=whose,
        done=request.args.get("done"),
    )


def link_to(token: str) -> str:
    """By the address of the settings: never by what a request says."""
    return accounts().settings.address + url_for("accounts.join", token=token)


def read_role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError as error:
        raise Refused("There is no such role. Nothing was changed.", 422) from error


def other(id_: int) -> Account:
    """Somebody else's account: one's own has its own page. Raises Refused, NoSuchAccount."""
    if id_ == session().account.id:
        raise Refused("This is your own account. Another owner can change it.", 422)
    return accounts().people.get(id_)


@pages.post("/accounts/invite")
def invite() -> str:
    role = read_role()
    token = accounts().invitations.make(role, request.form.get("note", "").strip(), INVITED_FOR)
    note("invited", session().account.name, role=role.value)
    return people_page(link_to(token))


@pages.post("/accounts/invitations/<int:id_>/withdraw")
def withdraw(id_: int) -> Response:
    accounts().invitations.withdraw(id_)
    note("invitation withdrawn", session().account.name)
    return back("withdrawn")


@pages.post("/accounts/<int:id_>/role")
def set_role(id_: int) -> Response:
    account, role = other(id_), read_role()
    accounts().people.set_role(id_, role)
    note("role changed", session().account.name, account=account.name, role=role.value)
    return back("role")


@pages.post("/accounts/<int:id_>/password")
def new_password(id_: int) -> str:
    """A link to a new password, for who forgot theirs."""
    account = other(id_)
    if account.ended is not None:
        raise NoSuchAccount
    token = accounts().invitations.make(account.role, "", PASSWORD_FOR, account.id)
    note("link to a new password made", session().account.name, account=account.name)
    return people_page(link_to(token), account)


@pages.post("/accounts/<int:id_>/sign-out")
def sign_out_account(id_: int) -> Response:
    account = other(id_)
    accounts().sessions.end_all(id_)
    note("sessions ended", session().account.name, account=account.name)
    return back("signed-out")


@pages.post("/accounts/<int:id_>/end")
def end_account(id_: int) -> Response:
    account = other(id_)
    accounts().people.end(id_)
    note("account ended", session().account.name, account=account.name)
    return back("ended")


def back(done: str) -> Response:
    return redirect(url_for("accounts.people", done=done), 303)
