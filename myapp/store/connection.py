"""Open SQLite connections one way, and turn the driver's errors into sentences."""

import os
import queue
import re
import threading
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from .errors import (
    BrokenOff,
    CannotOpen,
    CheckBroken,
    CorruptDatabase,
    DiskFailed,
    DiskFull,
    FileVanished,
    LinkBroken,
    LockedByAnother,
    NotADatabase,
    NotText,
    OldSQLite,
    PartMissing,
    ReadOnlyFile,
    Refused,
    RuleBroken,
    StoreError,
    TookTooLong,
)
from .hearing import PROGRESS_STEPS
from .values import Value

OLDEST_SQLITE = (3, 51, 3)
"""The first version without the WAL-reset bug: https://sqlite.org/wal.html#walresetbug"""

BUSY_MS = 5_000
WRITER_CACHE_KIB = 8_000
READER_CACHE_KIB = 2_000
"""Of each reader; the system keeps the file's pages too. Sorting takes as much once more."""

READERS = 4

MISSING = re.compile(r"no such (function|collation sequence|module): (.*)", re.DOTALL)

LONGEST_READ = 120.0
"""Seconds. A foreign file may hold a view that never ends."""

MARKS = re.compile("[\u0300-\u036f]+")


def check_sqlite() -> None:
    """Raises OldSQLite."""
    found = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if found < OLDEST_SQLITE:
        raise OldSQLite(apsw.sqlite_lib_version(), ".".join(map(str, OLDEST_SQLITE)))


def connect(
    path: Path,
    *,
    write: bool = False,
    create: bool = False,
    attach: bool = False,
    keep_statements: bool = True,
) -> apsw.Connection:
    """A connection with a small cache, a bounded wait for locks, and no trust in the schema.

    With `attach` it reads `path` and can write to other files that are attached to it. Without
    `keep_statements` a query over a whole table takes a third less time: kept ones fill the memory
    that SQLite sets aside for small things (https://sqlite.org/malloc.html#lookaside).
    """
    if not write:
        take_back_broken_off(path)
    flags = apsw.SQLITE_OPEN_READWRITE if write or attach else apsw.SQLITE_OPEN_READONLY
    if create or attach:
        flags |= apsw.SQLITE_OPEN_CREATE
    address = os.fspath(path)
    if attach:
        # An attached file gets the flags given here, the first one what its address says.
        address, flags = f"{path.absolute().as_uri()}?mode=ro", flags | apsw.SQLITE_OPEN_URI
    connection = apsw.Connection(
        address, flags=flags, statementcachesize=100 if keep_statements else 0
    )
    connection.set_busy_timeout(BUSY_MS)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    # A hostile file gets no extension and no endless chain of triggers.
    connection.enable_load_extension(False)
    connection.limit(apsw.SQLITE_LIMIT_TRIGGER_DEPTH, 100)
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA recursive_triggers = OFF")
    connection.create_scalar_function(
        "myapp_fold", fold, 1, deterministic=True, flags=apsw.SQLITE_DIRECTONLY
    )
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB if write else READER_CACHE_KIB}")
    # What is sorted lies in pieces; one is put in order while the next is read.
    connection.execute("PRAGMA threads = 1")
    return connection


def take_back_broken_off(path: Path) -> None:
    """Have SQLite take back what a program left half written that ended in the middle of it.

    Outside WAL mode a connection that only reads may not, and could not read at all:
    https://sqlite.org/rescode.html#readonly_rollback. A journal that is in use is let be.
    """
    journal = f"{os.fspath(path)}-journal"
    try:
        with Path(journal).open("rb") as file:
            if file.read(1) in (b"", b"\0"):
                return
    except OSError:
        return
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return
    connection = connect(path, write=True)
    try:
        row_of(connection, "SELECT count(*) FROM sqlite_schema")
    finally:
        connection.close()


def fold(*text: Value) -> str:
    """What a text sorts by and is found by: without accents and case. SQLite calls it for texts
    beyond ASCII alone, and gives them as blobs, which need not be UTF-8."""
    given = text[0]
    said = given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given)
    return MARKS.sub("", unicodedata.normalize("NFKD", said)).casefold()


def know_any_order(connection: apsw.Connection) -> list[str]:
    """Let it read texts in an order of another program that is not here, such as Anki's `unicase`:
    SQLite reads no table whose key is in one. It must never write to such an index: one in another
    order than its own program's is damaged. The names of those that are asked for are added to the
    answer."""
    given: list[str] = []

    def give_order(asked: apsw.Connection, name: str) -> None:
        # In a file of UTF-16 SQLite asks for its own too, before it makes them of those for UTF-8.
        if name.upper() not in ("BINARY", "NOCASE", "RTRIM"):
            asked.create_collation(name, compare_folded)
            given.append(name)

    connection.collation_needed(give_order)
    return given


@contextmanager
def any_order_known(connection: apsw.Connection) -> Iterator[None]:
    """The same for a while, on the writer, for what is known to touch no such index."""
    given = know_any_order(connection)
    try:
        yield
    finally:
        connection.collation_needed(None)
        for name in given:
            connection.create_collation(name, None)


def compare_folded(one: str, other: str) -> int:
    first, second = (fold(one), one), (fold(other), other)
    return (first > second) - (first < second)


def plain_sql(column: str) -> str:
    """An SQL expression for a value without accents; LIKE sees to the case of ASCII texts.

    In a file of UTF-16 no letter has one byte, and a blob of them would not be UTF-8.
    """
    return (
        f"CASE WHEN octet_length({column}) <> length({column}) THEN"
        f" myapp_fold({blob_sql(column)})"
        f" ELSE {column} END"
    )


def blob_sql(text: str) -> str:
    """An SQL expression for a text as a blob, so that one that is not UTF-8 can be read: see
    `text_of`. In a file of UTF-16, whose blob would be UTF-16 as well, it stays a text."""
    return f"CASE octet_length('a') WHEN 1 THEN CAST({text} AS BLOB) ELSE {text} END"


def text_of(value: bytes | str | None) -> str:
    """What `blob_sql` gave, with a mark in place of what is not UTF-8."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""


def rows_of(
    connection: apsw.Connection, sql: str, parameters: Sequence[Value] = ()
) -> Iterator[tuple[Any, ...]]:
    """The answer's rows, read as they are asked for."""
    return iter(connection.execute(sql, tuple(parameters)))


def row_of(
    connection: apsw.Connection, sql: str, parameters: Sequence[Value] = ()
) -> tuple[Any, ...]:
    """The one row of an answer that always has one."""
    return next(rows_of(connection, sql, parameters))


def has_table(connection: apsw.Connection, name: str) -> bool:
    """Whether the file has a table of exactly this name, which says not that it is ours."""
    sql = "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?"
    return next(rows_of(connection, sql, (name,)), None) is not None


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn whatever the driver raises inside into an error of this room."""
    try:
        yield
    except apsw.Error as error:
        raise sentence_for(path, error) from error
    except UnicodeDecodeError as error:
        raise NotText(path) from error


def sentence_for(path: Path, error: apsw.Error) -> StoreError:
    if isinstance(error, apsw.NotADBError):
        return NotADatabase(path)
    if isinstance(error, apsw.CorruptError):
        return CorruptDatabase(path)
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return LockedByAnother(path)
    if isinstance(error, apsw.FullError):
        return DiskFull(path)
    if isinstance(error, apsw.ReadOnlyError):
        if getattr(error, "extendedresult", 0) == apsw.SQLITE_READONLY_ROLLBACK:
            return BrokenOff(path)
        return ReadOnlyFile(path, "the file or its folder is write-protected.")
    if isinstance(error, apsw.ConstraintError):
        return constraint_broken(error)
    if isinstance(error, apsw.CantOpenError):
        if not path.exists():
            return FileVanished(path)
        return CannotOpen(path, "this account may not read it, or its folder is write-protected.")
    if isinstance(error, apsw.IOError):
        return DiskFailed(path) if path.exists() else FileVanished(path)
    if isinstance(error, apsw.InterruptError):
        return TookTooLong(path)
    if isinstance(error, apsw.TooBigError):
        return RuleBroken("A value is larger than SQLite can keep (one gigabyte).")
    if found := MISSING.fullmatch(str(error)):
        return PartMissing(*found.groups())
    if str(error) == "no query solution":  # of a table whose key is in such an order
        return PartMissing("collation sequence", "of its key")
    return StoreError(f"SQLite refused: {error}. Nothing was changed.")


def constraint_broken(error: apsw.ConstraintError) -> RuleBroken:
    if getattr(error, "extendedresult", 0) == apsw.SQLITE_CONSTRAINT_TRIGGER:
        return Refused(str(error))
    return rule_broken(str(error))


def rule_broken(message: str) -> RuleBroken:
    """SQLite's constraint message in words."""
    rule, _, rest = message.partition(" constraint failed")
    names = [part.strip().partition(".")[2] for part in rest.lstrip(": ").split(",")]
    fields = ", ".join(f"“{name}”" for name in names if name)
    first = names[0] if names and names[0] else None
    rule = rule.rpartition(": ")[2]
    if rule == "NOT NULL":
        return RuleBroken(f"The field {fields} must not be empty.", first)
    if rule == "UNIQUE":
        return RuleBroken(f"Another record has the same {fields} already.", first)
    if rule == "FOREIGN KEY":
        return LinkBroken()
    if rule == "CHECK":
        return CheckBroken(rest.lstrip(": "))
    if "cannot store" in message:
        field = message.rpartition(".")[2]
        return RuleBroken(f"The field “{field}” does not take a value of this kind.", field)
    return RuleBroken(f"A rule of the table does not allow this ({message}).")


class Readers:
    """At most READERS read-only connections, lent to one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.idle: queue.LifoQueue[apsw.Connection] = queue.LifoQueue()
        self.lent = threading.BoundedSemaphore(READERS)
        self.closed = self.closing = False

    @contextmanager
    def borrow(self) -> Iterator[apsw.Connection]:
        """A reader for one call, which waits until one is free. Raises CannotOpen once closed."""
        with self.lent, sentences(self.path):
            if self.closed:
                raise CannotOpen(self.path, "it was closed, because another file was opened.")
            take_back_broken_off(self.path)
            try:
                connection = self.idle.get_nowait()
            except queue.Empty:
                connection = connect(self.path)
                know_any_order(connection)
            ends = time.monotonic() + LONGEST_READ
            connection.set_progress_handler(
                lambda: self.closing or time.monotonic() > ends, PROGRESS_STEPS
            )
            try:
                yield connection
            finally:
                self.idle.put(connection)

    def close(self) -> None:
        """Close every connection; what the lent ones are computing is interrupted."""
        self.closing = True
        for _ in range(READERS):
            self.lent.acquire()
        self.closed = True
        while not self.idle.empty():
            self.idle.get_nowait().close()
        for _ in range(READERS):
            self.lent.release()
