"""Sessions: begun by signing in, found by their token, ended one by one or everywhere.

The token is in the browser's cookie alone. The account and its role are read anew each time, so
that a change of them counts from the next request on.
"""

import secrets
from typing import Any, NamedTuple

from .errors import NoSuchAccount
from .file import AccountsFile
from .people import Account, account_in, account_of, password_in

MOST = 50
"""Of one account. The oldest ends when there are more."""

SEEN_EVERY = 300.0
"""Seconds between two notes of when a session was last used."""

LONGEST_TOKEN = 200


class Session(NamedTuple):
    key: bytes
    account: Account
    began: float
    ends: float
    seen: float
    address: str
    agent: str

    @property
    def name(self) -> str:
        """Names the session in a form, without being of use to who reads it."""
        return self.key.hex()[:32]


class Sessions:
    """`seconds` is how long one lasts from signing in on."""

    def __init__(self, file: AccountsFile, seconds: float) -> None:
        self.file, self.seconds = file, seconds

    def begin(self, account: Account, address: str, agent: str, hashed: str | None = None) -> str:
        """A new token. Never one that a browser brought. `hashed` must still be the password's.

        Raises NoSuchAccount.
        """
        token = secrets.token_urlsafe(32)
        now = self.file.clock()
        with self.file.writing() as connection:
            # It may have ended, or changed, while its password was being checked.
            if account_in(connection, account.id).ended is not None:
                raise NoSuchAccount
            if hashed is not None and password_in(connection, account.id) != hashed:
                raise NoSuchAccount
            connection.execute("DELETE FROM sessions WHERE ends <= ?", (now,))
            connection.execute(
                "DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE account = ?"
                " ORDER BY began DESC LIMIT -1 OFFSET ?)",
                (account.id, MOST - 1),
            )
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    self.key(token),
                    account.id,
                    now,
                    now + self.seconds,
                    now,
                    address[:60],
                    printable(agent)[:200],
                ),
            )
        return token

    def key(self, token: str) -> bytes:
        return self.file.digest("session", token)

    def find(self, token: str) -> Session | None:
        """None for a token that is unknown, ended, or of an account that was ended."""
        if not token or len(token) > LONGEST_TOKEN:
            return None
        now = self.file.clock()
        with self.file.reading() as connection:
            row = connection.execute(
                "SELECT s.key, s.began, s.ends, s.seen, s.address, s.agent,"
                " a.id, a.name, a.role, a.made, a.ended"
                " FROM sessions AS s JOIN accounts AS a ON a.id = s.account"
                " WHERE s.key = ? AND s.ends > ? AND a.ended IS NULL",
                (self.key(token), now),
            ).fetchone()
        if row is None:
            return None
        session = session_of(row[:6], account_of(row[6:]))
        if now - session.seen > SEEN_EVERY:
            with self.file.writing() as connection:
                connection.execute("UPDATE sessions SET seen = ? WHERE key = ?", (now, session.key))
        return session

    def of(self, account: int) -> list[Session]:
        """The sessions of an account, last used first."""
        with self.file.reading() as connection:
            there = account_in(connection, account)
            rows = connection.execute(
                "SELECT key, began, ends, seen, address, agent FROM sessions"
                " WHERE account = ? AND ends > ? ORDER BY seen DESC",
                (account, self.file.clock()),
            ).fetchall()
        return [session_of(row, there) for row in rows]

    def end(self, key: bytes) -> None:
        with self.file.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE key = ?", (key,))

    def end_named(self, account: int, name: str) -> None:
        """One of the account's own, by its name; another's stays."""
        for session in self.of(account):
            if session.name == name:
                self.end(session.key)

    def end_all(self, account: int, spared: bytes = b"") -> None:
        with self.file.writing() as connection:
            connection.execute(
                "DELETE FROM sessions WHERE account = ? AND key <> ?", (account, spared)
            )


def session_of(row: tuple[Any, ...], account: Account) -> Session:
    return Session(row[0], account, *row[1:])


def printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
