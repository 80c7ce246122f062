"""The file of the accounts: opened once a process, changed in short transactions.

Several processes share it; each waits for the others. What is secret lies in it only as a digest.
"""

import hashlib
import hmac
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from myapp.store.connection import check_sqlite, connect, sentences

WAIT_MS = 15_000
"""For the other processes, whose transactions take milliseconds."""

MAKE = """
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    folded TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    role TEXT NOT NULL,
    made REAL NOT NULL,
    ended REAL
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    key BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    began REAL NOT NULL,
    ends REAL NOT NULL,
    seen REAL NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sessions_of ON sessions (account);
CREATE TABLE IF NOT EXISTS invitations (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    account INTEGER REFERENCES accounts ON DELETE CASCADE,
    note TEXT NOT NULL,
    made REAL NOT NULL,
    ends REAL NOT NULL,
    used REAL
) STRICT;
CREATE TABLE IF NOT EXISTS tries (
    id INTEGER PRIMARY KEY,
    who BLOB NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS tries_of ON tries (who, at);
"""


class AccountsFile:
    """`secret` turns tokens into what is kept of them. `clock` gives seconds since 1970."""

    def __init__(self, path: Path, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self.path, self.secret, self.clock = path, secret, clock
        self.lock = threading.RLock()
        self.connection: apsw.Connection | None = None
        self.process = 0

    def digest(self, purpose: str, text: str) -> bytes:
        """Of a token or a name: says nothing about it to who has the file, but not the secret."""
        given = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, given, hashlib.sha256).digest()

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        with self.lock, sentences(self.path):
            yield self.open()

    @contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """A transaction, durable when it ends, undone when it raises."""
        with self.lock, sentences(self.path):
            connection = self.open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def open(self) -> apsw.Connection:
        # A process that was forked must not use what its parent opened.
        if self.connection is None or self.process != os.getpid():
            self.connection, self.process = connect(self.path, write=True), os.getpid()
            self.connection.set_busy_timeout(WAIT_MS)
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")
        return self.connection

    def close(self) -> None:
        with self.lock:
            if self.connection is not None and self.process == os.getpid():
                self.connection.close()
            self.connection = None


def open_accounts(
    path: Path, secret: bytes, clock: Callable[[], float] = time.time
) -> AccountsFile:
    """Make the file where there is none, for this user alone. Raises what opening it raises."""
    check_sqlite()
    if not path.exists():
        # Made by its rights first: nobody else may open it between the two.
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    file = AccountsFile(path, secret, clock)
    with file.lock, sentences(path):
        connection = file.open()
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA journal_mode = WAL")
        with file.writing() as made:
            made.execute(MAKE)
    return file
