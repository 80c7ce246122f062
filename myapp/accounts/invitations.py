"""One-time links: into a new account with a role, or to a new password of an account."""

import secrets
from typing import NamedTuple

import apsw

from .errors import InvitationOver
from .file import AccountsFile
from .passwords import check_password
from .people import Account, People, account_in, clean_name
from .roles import Role
from .sessions import LONGEST_TOKEN

KEPT = 30 * 86_400
"""Seconds that a link stays in the list after its end."""


class Invitation(NamedTuple):
    """`account` is that of a link to a new password, and None for a new account."""

    id: int
    role: Role
    account: Account | None
    note: str
    made: float
    ends: float


class Invitations:
    def __init__(self, file: AccountsFile, people: People) -> None:
        self.file, self.people = file, people

    def make(self, role: Role, note: str, seconds: float, account: int | None = None) -> str:
        """The token of a link; it is shown once, and not kept. Raises NoSuchAccount."""
        token = secrets.token_urlsafe(24)
        now = self.file.clock()
        with self.file.writing() as connection:
            if account is not None:
                role = account_in(connection, account).role
                connection.execute(
                    "DELETE FROM invitations WHERE account = ? AND used IS NULL", (account,)
                )
            connection.execute("DELETE FROM invitations WHERE ends < ?", (now - KEPT,))
            connection.execute(
                "INSERT INTO invitations (key, role, account, note, made, ends)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (self.key(token), role.value, account, note[:100], now, now + seconds),
            )
        return token

    def key(self, token: str) -> bytes:
        return self.file.digest("invitation", token)

    def find(self, token: str) -> Invitation:
        """Raises InvitationOver where it is unknown, used or too old."""
        with self.file.reading() as connection:
            return self.open_one(connection, token)

    def open_one(self, connection: apsw.Connection, token: str) -> Invitation:
        if not token or len(token) > LONGEST_TOKEN:
            raise InvitationOver
        row = connection.execute(
            "SELECT id, role, account, note, made, ends FROM invitations"
            " WHERE key = ? AND used IS NULL AND ends > ?",
            (self.key(token), self.file.clock()),
        ).fetchone()
        if row is None:
            raise InvitationOver
        return self.invitation_of(connection, row)

    def invitation_of(self, connection: apsw.Connection, row: tuple[object, ...]) -> Invitation:
        id_, role, account, note, made, ends = row
        return Invitation(
            int(str(id_)),
            Role(str(role)),
            None if account is None else account_in(connection, int(str(account))),
            str(note),
            float(str(made)),
            float(str(ends)),
        )

    def accept(self, token: str, name: str, password: str) -> Account:
        """Use the link up. Raises InvitationOver, NameNotFit, NameTaken, PasswordNotFit."""
        invitation = self.find(token)
        whose = clean_name(name) if invitation.account is None else invitation.account.name
        check_password(password, whose)
        hashed = self.people.passwords.hash(password)
        with self.file.writing() as connection:
            # Somebody else may have used it while the password was hashed.
            invitation = self.open_one(connection, token)
            connection.execute(
                "UPDATE invitations SET used = ? WHERE id = ?",
                (self.file.clock(), invitation.id),
            )
            if invitation.account is None:
                return self.people.insert(connection, whose, hashed, invitation.role)
            self.people.change_password(connection, invitation.account.id, hashed)
            return account_in(connection, invitation.account.id)

    def open_ones(self) -> list[Invitation]:
        """Those that can still be used, newest first."""
        with self.file.reading() as connection:
            rows = connection.execute(
                "SELECT id, role, account, note, made, ends FROM invitations"
                " WHERE used IS NULL AND ends > ? ORDER BY id DESC",
                (self.file.clock(),),
            ).fetchall()
            return [self.invitation_of(connection, row) for row in rows]

    def withdraw(self, id_: int) -> None:
        with self.file.writing() as connection:
            connection.execute("DELETE FROM invitations WHERE id = ? AND used IS NULL", (id_,))
