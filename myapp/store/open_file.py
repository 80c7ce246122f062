"""An open database file: its place, its few readers, its schema and its version."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from .connection import Readers, connect, row_of, sentences, take_back_broken_off
from .errors import FileReplaced, FileVanished, LockedByAnother, NoSuchTable, StillWorking
from .hearing import Told, heard
from .schema import Schema, Table, read_schema, read_titles

if TYPE_CHECKING:
    from .streaming import Part, Snapshot


class OpenFile:
    """What an open file holds. Safe to call from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.why_read_only = reason_read_only(path)
        try:
            self.identity = file_identity(path)
        except OSError as error:
            raise FileVanished(path) from error
        self.wal = path.with_name(path.name + "-wal")
        self.wal_identity = identity_or_none(self.wal)
        self.wal_was_there = self.wal_identity is not None
        self.readers = Readers(path)
        self.watch_lock = threading.Lock()
        self.watch: apsw.Connection | None = None
        self.schema_seen: Schema | None = None
        self.working: str | None = None
        self.told_version: Callable[[Callable[[], int]], int] | None = None
        """Where several processes serve one file: gives a version that all of them agree on."""

    @property
    def writable(self) -> bool:
        return self.why_read_only is None

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """One of the readers. Raises FileVanished, FileReplaced, StillWorking."""
        self.check_identity()
        with self.own_work_named(), self.readers.borrow() as connection:
            yield connection

    @contextmanager
    def looking(self, told: Told | None) -> Iterator[apsw.Connection]:
        """Like `reading`, where a whole table is looked through: `told` is asked again and again,
        and what it raises ends it."""
        with self.reading() as connection, heard(connection, told):
            yield connection

    @contextmanager
    def own_work_named(self) -> Iterator[None]:
        """Outside WAL mode a long change of our own locks readers out: that is no other program."""
        try:
            yield
        except LockedByAnother as error:
            if self.working is None:
                raise
            raise StillWorking(self.working) from error

    def check_identity(self) -> None:
        """A new connection would read the new file, and an old one still the old."""
        try:
            identity = file_identity(self.path)
        except OSError as error:
            raise FileVanished(self.path) from error
        if identity != self.identity:
            raise FileReplaced(self.path)

    def is_lost(self) -> bool:
        """Whether the file that was opened is not at its place any more."""
        return identity_or_none(self.path) != self.identity

    def schema(self, connection: apsw.Connection) -> Schema:
        """As it is now, read again only where a definition or a title has changed."""
        cookie = int(row_of(connection, "PRAGMA schema_version")[0])
        seen = self.schema_seen
        # A choice of a title changes no definition.
        if (
            seen is None
            or seen.cookie != cookie
            or (seen.titles is not None and seen.titles != read_titles(connection))
        ):
            self.schema_seen = seen = read_schema(connection)
        return seen

    def tables(self) -> tuple[Table, ...]:
        """The person's own tables and views, in the person's order, or by name."""
        with self.reading() as connection:
            return tuple(self.schema(connection).tables.values())

    def table(self, name: str) -> Table:
        """Raises NoSuchTable."""
        with self.reading() as connection:
            return found(self.schema(connection), name)

    def version(self) -> int:
        """A number that changes whenever anybody commits a change to the file."""
        return self.told_version(self.seen_version) if self.told_version else self.seen_version()

    def seen_version(self) -> int:
        """The same, counted by this process alone."""
        with self.watch_lock, self.own_work_named(), sentences(self.path):
            if self.watch is None:
                self.watch = connect(self.path)
            else:
                take_back_broken_off(self.path)
            return int(row_of(self.watch, "PRAGMA data_version")[0])

    @contextmanager
    def snapshot(self, stopped: Callable[[], bool] = lambda: False) -> Iterator["Snapshot"]:
        """Every table as it is now, to be read from end to end. Raises ReadStopped."""
        from .streaming import open_snapshot

        self.check_identity()
        with open_snapshot(self.path, lambda: self.readers.closing or stopped()) as snapshot:
            yield snapshot

    def copy(
        self, target: Path, parts: "Sequence[Part] | None", stopped: Callable[[], bool]
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Make a plain SQLite file of `parts`, or of everything: the records found, and those
        written, by table. Raises ReadStopped."""
        from .copying import copy_parts, copy_whole

        self.check_identity()

        def ending() -> bool:
            return self.readers.closing or stopped()

        if parts is None:
            return copy_whole(self.path, target, ending)
        return copy_parts(self.path, target, parts, ending)


def found(schema: Schema, name: str) -> Table:
    """Raises NoSuchTable."""
    table = schema.get(name)
    if table is None:
        raise NoSuchTable(name)
    return table


def file_identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def identity_or_none(path: Path) -> tuple[int, int] | None:
    try:
        return file_identity(path)
    except OSError:
        return None


def set_aside(path: Path) -> None:
    """Keep what SQLite wrote beside a file that is lost, under a name that it does not read: it
    would take it for a part of another file at the same place."""
    number = 1
    while (kept := path.with_name(f"{path.name} left over {number}")).exists():
        number += 1
    path.rename(kept)


def reason_read_only(path: Path) -> str | None:
    if not os.access(path, os.W_OK):
        return "the file is write-protected."
    if not os.access(path.parent, os.W_OK):
        return "its folder is write-protected, and SQLite needs to write beside the file."
    return None
