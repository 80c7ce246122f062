"""One database file as it is changed: one writer behind a lock, beside those that read it."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from . import history
from .asking import AskedFile
from .changes import AddField, Applied, Change, ChangeField, DropField, MoveField
from .connection import (
    BUSY_MS,
    Readers,
    check_sqlite,
    connect,
    has_table,
    row_of,
    rows_of,
    sentences,
)
from .errors import (
    AnothersChange,
    AppError,
    CannotOpen,
    CheckBroken,
    LinkBroken,
    LinksLost,
    LinksUnfollowed,
    NoSuchFile,
    ReadOnlyFile,
    RuleBroken,
    StillWorking,
)
from .hearing import Told, heard
from .open_file import identity_or_none, set_aside
from .query import Query
from .schema import SEARCH_REGISTRY, STAGING, NewField, quote
from .views import IdList

if TYPE_CHECKING:
    from .keeping import Cost
    from .staging import Mode, Staging
    from .together import Reversed

LARGEST_IDLE_WAL = 64 << 20


def open_database(path: Path, *, alone: bool = True) -> "Database":
    """Open an existing file, ours or foreign, without writing to it.

    `alone` says that no other process of ours has it open: what a killed one left is removed.

    Raises NoSuchFile, CannotOpen, NotADatabase, CorruptDatabase, LockedByAnother, OldSQLite.
    """
    check_sqlite()
    try:
        if path.is_dir():
            raise CannotOpen(path, "it is a folder.")
        if not path.exists():
            raise NoSuchFile(path)
    except OSError as error:
        why = (error.strerror or "no reason was given").lower()
        raise CannotOpen(path, f"this computer does not find it ({why}).") from error
    database = Database(path)
    try:
        if not path.stat().st_size and not database.wal_was_there:
            raise CannotOpen(path, "it is empty, without a single byte. Perhaps a copy broke off.")
        database.tables()
        if alone:
            database.clear_leftovers()
    except BaseException:
        database.close()
        raise
    return database


def create_database(path: Path) -> "Database":
    """Make a new file, with full durability, and WAL where its place allows it. Raises CannotOpen
    where one is there."""
    from .location import network_of

    check_sqlite()
    if path.exists():
        raise CannotOpen(path, "a file of this name is there already.")
    # Made beside it and renamed: a file that is there is never half made.
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with sentences(path):
        connection = connect(beside, write=True, create=True)
        # WAL needs memory that all who have the file open share: https://sqlite.org/wal.html
        if network_of(path, windows=os.name == "nt") is None:
            connection.execute("PRAGMA journal_mode = WAL")
        # The header is written with the first table; a file without one is empty.
        connection.execute(history.MAKE_HISTORY)
        connection.close()
    for left in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-journal")):
        if left.exists():
            set_aside(left)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    beside.rename(path)
    return Database(path)


class Database(AskedFile):
    """The records of one file, to be read and changed. Made by the two functions above."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.write_lock = threading.RLock()
        self.writer: apsw.Connection | None = None

    @contextmanager
    def writing(self, *, durable: bool = True, links: bool = True) -> Iterator[apsw.Connection]:
        """One transaction on the one writer: durable when it ends, undone when it raises.

        What nobody was told of yet need not be durable: in WAL mode a power cut then takes it
        back, and harms nothing else. Without `links`, foreign keys are not looked after.
        """
        with self.write_lock, sentences(self.path):
            connection = self.open_writer()
            if not durable:
                connection.execute("PRAGMA synchronous = NORMAL")
            if not links:
                # SQLite ignores this inside a transaction.
                connection.execute("PRAGMA foreign_keys = OFF")
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
                if self.wal_identity is None:
                    self.wal_identity = identity_or_none(self.wal)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                if not durable:
                    connection.execute("PRAGMA synchronous = FULL")
                if not links:
                    connection.execute("PRAGMA foreign_keys = ON")

    def open_writer(self) -> apsw.Connection:
        """Raises ReadOnlyFile, FileVanished, FileReplaced."""
        if self.why_read_only is not None:
            raise ReadOnlyFile(self.path, self.why_read_only)
        self.check_identity()
        if self.writer is None:
            self.writer = connect(self.path, write=True)
            self.writer.execute("PRAGMA synchronous = FULL")
            self.writer.execute("PRAGMA foreign_keys = ON")
            # The WAL of a rebuilt table gives its room back at its next beginning.
            self.writer.execute(f"PRAGMA journal_size_limit = {LARGEST_IDLE_WAL}")
        return self.writer

    @contextmanager
    def writing_aside(
        self,
        follow: Callable[[Query, IdList], IdList | None] = lambda _, kept: kept,
        *,
        durable: bool = True,
        links: bool = True,
    ) -> Iterator[apsw.Connection]:
        """A transaction after which the views' lists need not be computed again: they are what
        `follow` makes of them, and the same where no record of the person's is changed."""
        with self.write_lock:
            with self.writing(durable=durable, links=links) as connection:
                before = self.version()
                others = row_of(connection, "PRAGMA data_version")
                yield connection
            after = self.version()
            with sentences(self.path):
                alone = row_of(connection, "PRAGMA data_version") == others
            if alone:
                self.views.carry_over(before, after, follow)

    @contextmanager
    def turn(self, working: str | None = None) -> Iterator[None]:
        """The writer alone. `working` says what will take long: meanwhile the others give up
        after a while. Raises StillWorking."""
        while not self.write_lock.acquire(timeout=BUSY_MS / 1_000):
            if self.working is not None:
                raise StillWorking(self.working)
        was, self.working = self.working, working or self.working
        try:
            yield
        finally:
            self.working = was
            self.write_lock.release()

    def apply(self, change: Change, told: Told | None = None) -> Applied:
        """Make a change and its history entry in one transaction; durable when this returns.

        `told` hears how far it is, and is asked again and again; what it raises takes the change
        back. Raises StillWorking while another such change is made.
        """
        # The first page changes nothing: it need not wait for what only changes need.
        from .applying import carry_out
        from .following import follow

        rebuilds = isinstance(change, DropField | ChangeField | MoveField)
        rebuilds = rebuilds or (isinstance(change, AddField) and change.field.ruled)
        takes_long = rebuilds or told is not None
        with self.turn(change.sentence if takes_long else None), self.explaining(change):
            with (
                self.writing_aside(
                    lambda query, kept: follow(schema, change, done, query, kept),
                    links=not rebuilds,
                ) as connection,
                heard(connection, told) as telling,
            ):
                schema = self.schema(connection)
                done = carry_out(connection, schema, change, telling)
            after = self.version()
        table = getattr(change, "table", None) or getattr(change, "to", None)
        name = table or getattr(change, "name", None)
        return Applied(change.sentence, name, done.ids, after, records=done.records)

    @contextmanager
    def explaining(self, change: Change) -> Iterator[None]:
        """Say which link broke. SQLite may find it as late as in the COMMIT."""
        try:
            yield
        except LinkBroken as error:
            from .broken_links import explain

            with self.reading() as connection:
                why = explain(connection, self.schema(connection), change)
            if why is None:
                raise
            raise why from error
        except CheckBroken as error:
            raise self.explained(error, getattr(change, "table", "")) from error

    def explained(self, error: CheckBroken, table: str) -> RuleBroken:
        """Say what the field takes whose rule was broken."""
        from .checks import explain

        with self.reading() as connection:
            return explain(self.schema(connection), table, error) or error

    def undo(self, told: Told | None = None, *, only_of: str | None = None) -> Applied | None:
        """Take back the newest change; None where there is none. With `only_of`, one that was made
        by this name alone. Raises CannotUndo, AnothersChange, and as `apply` does."""
        return self.step(told, redo=False, only_of=only_of)

    def redo(self, told: Told | None = None, *, only_of: str | None = None) -> Applied | None:
        """Make the change last taken back again. Raises as `undo` does."""
        return self.step(told, redo=True, only_of=only_of)

    def step(
        self,
        told: Told | None = None,
        *,
        redo: bool,
        only_of: str | None = None,
    ) -> Applied | None:
        with self.turn():
            with self.reading() as reader:
                sentence = history.next_sentence(reader, redo=redo)
                if sentence is None:
                    return None
                rebuilds = history.next_rebuilds(reader, redo=redo)
                who = history.next_who(reader, redo=redo) if only_of is not None else None
            if who != only_of:
                raise AnothersChange(sentence, who)
            verb = "Redo" if redo else "Undo"
            with self.turn(f"{verb}: {sentence}" if rebuilds or told is not None else None):
                try:
                    done = self.reverse(told, redo=redo, links=not rebuilds)
                except LinksUnfollowed:
                    done = self.reverse(told, redo=redo, links=False, counting=True)
                except LinksLost:
                    if rebuilds:
                        raise
                    # Many files hold links that lead nowhere: their records come back as they were.
                    done = self.reverse(
                        told, redo=redo, links=False, restoring=not redo, counting=redo
                    )
        if done is None:
            return None
        return Applied(done.sentence, done.now, (), self.version(), done.before)

    def reverse(
        self,
        told: Told | None,
        *,
        redo: bool,
        links: bool,
        restoring: bool = False,
        counting: bool = False,
    ) -> "Reversed | None":
        """One transaction. Raises as `reverse_step` or, `counting`, the other."""
        from .together import reverse_counting, reverse_step

        with self.writing(links=links) as connection, heard(connection, told) as telling:
            if counting:
                return reverse_counting(connection, redo=redo, told=telling)
            return reverse_step(connection, redo=redo, told=telling, restoring=restoring)

    def next_undo(self) -> str | None:
        with self.reading() as connection:
            return history.next_sentence(connection, redo=False)

    def next_step_of(self, *, redo: bool) -> tuple[str, str | None] | None:
        """The kind of the change that undo, or redo, takes next, and who made it."""
        with self.reading() as connection:
            kind = history.next_kind(connection, redo=redo)
            return (kind, history.next_who(connection, redo=redo)) if kind is not None else None

    def next_redo(self) -> str | None:
        with self.reading() as connection:
            return history.next_sentence(connection, redo=True)

    def history_cost(self) -> "Cost":
        """What the history takes in the file, and what it may take."""
        from .keeping import read_cost

        with self.reading() as connection:
            return read_cost(connection)

    def usual_history_limit(self) -> int:
        """Bytes of history that are kept where no limit was set."""
        from .keeping import default_limit

        with self.reading() as connection:
            return default_limit(connection)

    def limit_history(self, limit: int | None) -> None:
        """Keep at most so many bytes of history; None for the default. The newest step stays."""
        from .keeping import set_limit

        with self.writing_aside() as connection:
            set_limit(connection, limit)

    def forget_history(self) -> None:
        """What was done up to now cannot be undone any more. The records stay as they are."""
        from .keeping import forget_everything

        with self.writing_aside() as connection:
            forget_everything(connection)

    def stage(
        self,
        table: str,
        fields: Sequence[NewField],
        *,
        mode: "Mode" = "new",
        key: Sequence[str] = (),
    ) -> "Staging":
        """Begin an import into a new table, or one that is there, which `key` may update.

        Raises BadName, NameTaken, TooManyFields; NoSuchTable, NoSuchField, TableReadOnly,
        RuleBroken.
        """
        from .staging import Staging, Target

        target = Target(table, mode, tuple(key))
        return Staging(self.writing, self.schema, self.version, target, fields)

    def restore(self, backup: Path, told: Told | None = None) -> None:
        """Become what the backup is, in one step. `told` hears how many megabytes are copied; what
        it raises leaves everything as it was. Raises BackupDamaged, ReadOnlyFile."""
        from .backup import restore_into

        with self.turn("Restore a backup"), sentences(self.path):
            restore_into(self.open_writer(), backup, told)
            self.schema_seen = None

    def table_name_for(self, wanted: str) -> str:
        """A free name like `wanted`."""
        name = " ".join(wanted.replace("\0", " ").split())[:180] or "Table"
        if name.lower().startswith(("sqlite_", "_myapp_")):
            name = f"My {name}"
        taken = {table.name.lower() for table in self.tables()}
        candidates = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
        return next(each for each in candidates if each.lower() not in taken)

    # --- the file itself

    def clear_leftovers(self) -> None:
        """Drop what a killed import left hidden, and search indexes whose table another program
        took away. A file without such tables is not touched."""
        if not self.writable:
            return
        with self.reading() as reader:
            found_any = list(
                rows_of(
                    reader,
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?",
                    (f"{STAGING}[0-9]*",),
                )
            )
        if found_any:
            with self.writing() as connection:
                for (name,) in found_any:
                    connection.execute(f"DROP TABLE {quote(name)}")
        if self.has_search_indexes():
            from .indexing import drop_orphans

            drop_orphans(self)

    def use_wal(self) -> bool:
        """Keep it in WAL mode from now on, so that readers and the writer do not wait for each
        other; gives whether that changed it. Raises LockedByAnother where it is open elsewhere."""
        with self.write_lock, sentences(self.path):
            connection = self.open_writer()
            was = row_of(connection, "PRAGMA journal_mode")[0]
            self.readers.close()
            self.readers = Readers(self.path)
            return bool(
                was != "wal" and row_of(connection, "PRAGMA journal_mode = WAL")[0] == "wal"
            )

    def has_search_indexes(self) -> bool:
        with self.reading() as connection:
            return has_table(connection, SEARCH_REGISTRY)

    def close(self) -> None:
        """Close every connection; the last one writes the WAL back into the file.

        SQLite leaves the WAL of a file that was deleted or replaced. It is set aside: the next to
        open what lies there now would have its pages written over.
        """
        with self.write_lock:
            lost = self.is_lost()
            self.readers.close()
            with self.watch_lock:
                if self.watch is not None:
                    self.watch.close()
                    self.watch = None
            if self.writer is None and self.writable and not self.wal_was_there:
                self.remove_wal()
            if self.writer is not None:
                self.writer.close()
                self.writer = None
            if lost and self.wal_identity is not None:
                self.leave_no_wal()

    def leave_no_wal(self) -> None:
        with suppress(OSError):
            if identity_or_none(self.wal) == self.wal_identity:
                set_aside(self.wal)
                self.path.with_name(self.path.name + "-shm").unlink(missing_ok=True)

    def remove_wal(self) -> None:
        """A reader in WAL mode makes `-wal` and `-shm` and cannot remove them; a writer does."""
        with suppress(apsw.Error, AppError):
            self.check_identity()
            if self.wal.exists():
                connection = connect(self.path, write=True)
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
                connection.close()
