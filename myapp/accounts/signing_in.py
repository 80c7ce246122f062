"""Signing in, with tries that are counted by account and by address, for all processes together.

A try is counted before its password is looked at, so that many at once are no way around it. Known
and unknown names are treated alike in what is said, how long it takes and how often it may be
tried.
"""

import ipaddress

from .errors import NoSuchAccount, NotSignedIn, TooManyTries
from .file import AccountsFile
from .passwords import Passwords
from .people import Account, People, folded
from .sessions import Sessions

PER_NAME, PER_ADDRESS = 8, 30
"""Tries that failed within WINDOW."""

WINDOW = 15 * 60.0
"""Seconds."""


def network_of(address: str) -> str:
    """Who has one address of an IPv6 network has all of its 2^64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed)


class SigningIn:
    def __init__(
        self,
        file: AccountsFile,
        people: People,
        passwords: Passwords,
        per_name: int = PER_NAME,
        per_address: int = PER_ADDRESS,
    ) -> None:
        self.file, self.people, self.passwords = file, people, passwords
        self.per_name, self.per_address = per_name, per_address

    def begin(
        self, sessions: Sessions, name: str, password: str, address: str, agent: str
    ) -> tuple[Account, str]:
        """A session's token, for the right password. Raises NotSignedIn, TooManyTries."""
        account, hashed = self.prove(name, password, address)
        try:
            return account, sessions.begin(account, address, agent, hashed)
        except NoSuchAccount as error:
            raise NotSignedIn from error

    def sign_in(self, name: str, password: str, address: str) -> Account:
        """Raises NotSignedIn, TooManyTries."""
        return self.prove(name, password, address)[0]

    def prove(self, name: str, password: str, address: str) -> tuple[Account, str]:
        """The account, and the hash that fitted. Raises NotSignedIn, TooManyTries."""
        tries = self.count_try(name, address)
        account, kept = self.people.kept_password(name)
        fits = self.passwords.fits(kept, password)
        if account is None or kept is None or not fits:
            raise NotSignedIn
        self.forget(tries, name)
        if self.passwords.is_outdated(kept):
            kept = self.people.renew_hash(account.id, kept, password)
        return account, kept

    def confirm(self, account: Account, password: str, address: str) -> None:
        """The password once more, of who is signed in. Raises NotSignedIn, TooManyTries."""
        self.sign_in(account.name, password, address)

    def count_try(self, name: str, address: str) -> list[int]:
        keys = [
            (self.file.digest("try name", folded(name)[:200]), self.per_name),
            (self.file.digest("try address", network_of(address)), self.per_address),
        ]
        now = self.file.clock()
        with self.file.writing() as connection:
            connection.execute("DELETE FROM tries WHERE at <= ?", (now - WINDOW,))
            for who, most in keys:
                row = connection.execute(
                    "SELECT count(*), (SELECT at FROM tries WHERE who = :who ORDER BY at DESC"
                    " LIMIT 1 OFFSET :last) FROM tries WHERE who = :who",
                    {"who": who, "last": most - 1},
                ).fetchone()
                if row is not None and row[0] >= most:
                    raise TooManyTries(float(row[1]) + WINDOW - now)
            ids = []
            for who, _ in keys:
                connection.execute("INSERT INTO tries (who, at) VALUES (?, ?)", (who, now))
                ids.append(connection.last_insert_rowid())
        return ids

    def forget(self, tries: list[int], name: str) -> None:
        """What was tried before with this name, and this one try of the address."""
        who = self.file.digest("try name", folded(name)[:200])
        with self.file.writing() as connection:
            connection.execute(
                "DELETE FROM tries WHERE who = ? OR id IN (?, ?)", (who, tries[0], tries[1])
            )
