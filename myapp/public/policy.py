"""Who may ask for what: the application's roles, and what accounts and servers add to them.

What is in no set, nobody may.

An endpoint that names paths of the server, opens other files, or ends the program stays out.
"""

from typing import NamedTuple

from myapp.accounts import Role
from myapp.web import access

OPEN = frozenset(
    {"static", "accounts.enter", "accounts.sign_in", "accounts.join", "accounts.accept"}
    | {"accounts.home_screen"}
)
"""Without having signed in."""

VIEWER = access.READING | {
    "accounts.show", "accounts.sign_out", "accounts.sign_out_everywhere",
    "accounts.end_session", "accounts.change_password",
}  # fmt: skip
EDITOR = access.CHANGING_RECORDS
OWNER = access.SHAPING | {
    "accounts.people", "accounts.invite", "accounts.withdraw", "accounts.set_role",
    "accounts.new_password", "accounts.end_account", "accounts.sign_out_account",
    # The server's own files, which an owner here has no other way to.
    "backups.show", "backups.make", "backups.restore", "history.limit", "history.forget",
}  # fmt: skip
NEVER = frozenset(
    {"browsing.show", "files.open_path", "home.know_location"}
    | {"copies.choose", "copies.make", "copies.made", "copies.add_folder"}
)
"""They name paths of the server, or show, open or write what lies there."""

STEPS_OF_EDITORS = frozenset({"records", "file", "view"})
"""Kinds of steps in the history that an editor may take back or make again."""

HERE = frozenset({"accounts"})
"""Blueprints whose changes touch the accounts alone, which every process may change."""

OF_JOBS = frozenset({"imports", "exports", "backups", "work"})
OF_JOBS_TOO = frozenset(
    {"searching.show_job", "searching.progress", "fields.confirm", "fields.link"}
)
"""Pages that know what runs in the background, by blueprint and one by one."""


class Rule(NamedTuple):
    """`least` is None where nobody may."""

    known: bool
    least: Role | None
    open: bool = False


def rule_of(endpoint: str | None) -> Rule:
    if endpoint in OPEN:
        return Rule(True, Role.VIEWER, open=True)
    for role, endpoints in ((Role.VIEWER, VIEWER), (Role.EDITOR, EDITOR), (Role.OWNER, OWNER)):
        if endpoint in endpoints:
            return Rule(True, role)
    return Rule(endpoint in NEVER, None)


def allows(role: Role | None, endpoint: str | None) -> bool:
    """Whether this role may ask for it; None for who has not signed in."""
    rule = rule_of(endpoint)
    if rule.open:
        return True
    return role is not None and rule.least is not None and role.includes(rule.least)


def is_for_keeper(endpoint: str, *, safe: bool, imported: bool) -> bool:
    """Whether the one process that changes the data must answer this. `imported` says that the
    page tells of an import."""
    blueprint = endpoint.partition(".")[0]
    if blueprint in HERE:
        return False
    if not safe or blueprint in OF_JOBS or endpoint in OF_JOBS_TOO:
        return True
    return imported and endpoint == "tables.show"
