"""The accounts: made, given a role or a password, ended. An ended one keeps its name."""

import unicodedata
from typing import NamedTuple

import apsw

from myapp.likeness import likeness, misleads

from .errors import AccountEnded, LastOwner, NameNotFit, NameTaken, NoSuchAccount
from .file import AccountsFile
from .passwords import Passwords, check_password
from .roles import Role

SHORTEST_NAME, LONGEST_NAME = 2, 60
BESIDE_LETTERS = " ._@-"
COLUMNS = "id, name, role, made, ended"


class Account(NamedTuple):
    """`made` and `ended` in seconds since 1970."""

    id: int
    name: str
    role: Role
    made: float
    ended: float | None = None


def clean_name(name: str) -> str:
    """Raises NameNotFit."""
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    fits = SHORTEST_NAME <= len(clean) <= LONGEST_NAME and clean[0].isalnum()
    if not fits or not all(map(is_of_a_name, clean)) or misleads(clean):
        raise NameNotFit
    return clean


def is_of_a_name(character: str) -> bool:
    """Letters with their marks, which many languages write apart, digits, and few more."""
    known = character.isalnum() or character in BESIDE_LETTERS
    return known or unicodedata.category(character).startswith("M")


def folded(name: str) -> str:
    """Two names that look alike but for case or width are one."""
    return likeness(name)


class People:
    def __init__(self, file: AccountsFile, passwords: Passwords) -> None:
        self.file, self.passwords = file, passwords

    def add(self, name: str, password: str, role: Role) -> Account:
        """Raises NameNotFit, NameTaken, PasswordNotFit."""
        name = clean_name(name)
        check_password(password, name)
        hashed = self.passwords.hash(password)
        with self.file.writing() as connection:
            return self.insert(connection, name, hashed, role)

    def insert(self, connection: apsw.Connection, name: str, hashed: str, role: Role) -> Account:
        """In the transaction of an invitation. Raises NameTaken."""
        taken = connection.execute("SELECT 1 FROM accounts WHERE folded = ?", (folded(name),))
        if taken.fetchone() is not None:
            raise NameTaken
        made = self.file.clock()
        connection.execute(
            "INSERT INTO accounts (name, folded, password, role, made) VALUES (?, ?, ?, ?, ?)",
            (name, folded(name), hashed, role.value, made),
        )
        return Account(connection.last_insert_rowid(), name, role, made)

    def all(self) -> list[Account]:
        with self.file.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM accounts ORDER BY ended IS NOT NULL, folded"
            ).fetchall()
        return [account_of(row) for row in rows]

    def get(self, id_: int) -> Account:
        """Raises NoSuchAccount."""
        with self.file.reading() as connection:
            return account_in(connection, id_)

    def any_owner(self) -> bool:
        with self.file.reading() as connection:
            return owners(connection) > 0

    def kept_password(self, name: str) -> tuple[Account | None, str | None]:
        """The account of this name and its hash; nothing for one that is unknown or ended."""
        with self.file.reading() as connection:
            row = connection.execute(
                f"SELECT {COLUMNS}, password FROM accounts WHERE folded = ? AND ended IS NULL",
                (folded(name),),
            ).fetchone()
        return (account_of(row[:-1]), str(row[-1])) if row else (None, None)

    def set_password(self, id_: int, password: str, spared: bytes = b"") -> None:
        """Ends every session of the account but `spared`. Raises PasswordNotFit, NoSuchAccount."""
        check_password(password, self.get(id_).name)
        hashed = self.passwords.hash(password)
        with self.file.writing() as connection:
            self.change_password(connection, id_, hashed, spared)

    def change_password(
        self, connection: apsw.Connection, id_: int, hashed: str, spared: bytes = b""
    ) -> None:
        if account_in(connection, id_).ended is not None:
            raise AccountEnded
        connection.execute("UPDATE accounts SET password = ? WHERE id = ?", (hashed, id_))
        connection.execute("DELETE FROM sessions WHERE account = ? AND key <> ?", (id_, spared))
        connection.execute("DELETE FROM invitations WHERE account = ? AND used IS NULL", (id_,))

    def renew_hash(self, id_: int, before: str, password: str) -> str:
        """The same password with today's costs, unless it was changed meanwhile; gives its hash."""
        hashed = self.passwords.hash(password)
        with self.file.writing() as connection:
            connection.execute(
                "UPDATE accounts SET password = ? WHERE id = ? AND password = ?",
                (hashed, id_, before),
            )
        return hashed

    def set_role(self, id_: int, role: Role) -> None:
        """Raises NoSuchAccount, AccountEnded, LastOwner."""
        with self.file.writing() as connection:
            account = account_in(connection, id_)
            if account.ended is not None:
                raise AccountEnded
            if account.role is Role.OWNER and role is not Role.OWNER and owners(connection) == 1:
                raise LastOwner
            connection.execute("UPDATE accounts SET role = ? WHERE id = ?", (role.value, id_))

    def end(self, id_: int) -> None:
        """With all its sessions and links. Raises NoSuchAccount, LastOwner."""
        with self.file.writing() as connection:
            account = account_in(connection, id_)
            if account.ended is not None:
                return
            if account.role is Role.OWNER and owners(connection) == 1:
                raise LastOwner
            now = self.file.clock()
            connection.execute("UPDATE accounts SET ended = ? WHERE id = ?", (now, id_))
            connection.execute("DELETE FROM sessions WHERE account = ?", (id_,))
            connection.execute("DELETE FROM invitations WHERE account = ?", (id_,))


def account_of(row: tuple[object, ...]) -> Account:
    id_, name, role, made, ended = row
    return Account(
        int(str(id_)),
        str(name),
        Role(str(role)),
        float(str(made)),
        None if ended is None else float(str(ended)),
    )


def account_in(connection: apsw.Connection, id_: int) -> Account:
    row = connection.execute(f"SELECT {COLUMNS} FROM accounts WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NoSuchAccount
    return account_of(row)


def password_in(connection: apsw.Connection, id_: int) -> str:
    """Its hash; "" for an account that is not there."""
    row = connection.execute("SELECT password FROM accounts WHERE id = ?", (id_,)).fetchone()
    return str(row[0]) if row else ""


def owners(connection: apsw.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM accounts WHERE role = ? AND ended IS NULL", (Role.OWNER.value,)
    ).fetchone()
    return int(row[0]) if row else 0
