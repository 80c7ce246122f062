"""One database file: one writer behind a lock, a few readers, and the views between them."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from . import history, links
from .changes import Applied, Change, ChangeField, DropField, MoveField
from .connection import BUSY_MS, Readers, check_sqlite, connect, row_of, rows_of, sentences
from .errors import (
    AppError,
    CannotOpen,
    FileReplaced,
    FileVanished,
    LinkBroken,
    LockedByAnother,
    NameNotClear,
    NoSuchFile,
    NoSuchTable,
    ReadOnlyFile,
    StillWorking,
)
from .ids import Key, decode_id
from .query import (
    Choice,
    Groups,
    Incoming,
    Query,
    RecordId,
    SavedView,
    TableHits,
    WholeRecord,
    Window,
)
from .reading import fetch_by_position, fetch_records, fetch_whole
from .schema import (
    SEARCH_REGISTRY,
    STAGING,
    NewField,
    Schema,
    Table,
    quote,
    read_schema,
    read_unique,
)
from .values import Kind, Value
from .views import IdList, Views, build_list

if TYPE_CHECKING:
    from .deleted import DeletedRecords
    from .grouping import Order
    from .keeping import Cost
    from .past import Past, Step
    from .planning import FieldLoss, FieldRules, TableLoss
    from .staging import Mode, Staging
    from .streaming import Part, Snapshot

LARGEST_IDLE_WAL = 64 << 20


def open_database(path: Path) -> "Database":
    """Open an existing file, ours or foreign, without writing to it.

    Raises NoSuchFile, CannotOpen, NotADatabase, CorruptDatabase, LockedByAnother, OldSQLite.
    """
    check_sqlite()
    if path.is_dir():
        raise CannotOpen(path, "it is a folder.")
    if not path.exists():
        raise NoSuchFile(path)
    database = Database(path)
    try:
        if not path.stat().st_size and not database.wal_was_there:
            raise CannotOpen(path, "it is empty, without a single byte. Perhaps a copy broke off.")
        database.tables()
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
    beside.rename(path)
    return Database(path)


class Database:
    """The records of one file. Safe to call from many threads; made by the two functions above."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.why_read_only = reason_read_only(path)
        try:
            self.identity = file_identity(path)
        except OSError as error:
            raise FileVanished(path) from error
        self.wal = path.with_name(path.name + "-wal")
        self.wal_was_there = self.wal.exists()
        self.readers = Readers(path)
        self.views = Views()
        self.write_lock = threading.RLock()
        self.writer: apsw.Connection | None = None
        self.watch_lock = threading.Lock()
        self.watch: apsw.Connection | None = None
        self.schema_seen: Schema | None = None
        self.working: str | None = None

    @property
    def writable(self) -> bool:
        return self.why_read_only is None

    # --- reading

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """One of the readers. Raises FileVanished, FileReplaced, StillWorking."""
        self.check_identity()
        with self.own_work_named(), self.readers.borrow() as connection:
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

    def schema(self, connection: apsw.Connection) -> Schema:
        cookie = int(row_of(connection, "PRAGMA schema_version")[0])
        seen = self.schema_seen
        if seen is None or seen.cookie != cookie:
            self.schema_seen = seen = read_schema(connection)
        return seen

    def tables(self) -> tuple[Table, ...]:
        """The person's own tables and views, by name."""
        with self.reading() as connection:
            return tuple(self.schema(connection).tables.values())

    def table(self, name: str) -> Table:
        """Raises NoSuchTable."""
        with self.reading() as connection:
            return found(self.schema(connection), name)

    def version(self) -> int:
        """A number that changes whenever anybody commits a change to the file."""
        with self.watch_lock, self.own_work_named(), sentences(self.path):
            if self.watch is None:
                self.watch = connect(self.path)
            return int(row_of(self.watch, "PRAGMA data_version")[0])

    def id_list(self, connection: apsw.Connection, query: Query) -> IdList:
        schema = self.schema(connection)
        table = found(schema, query.table)
        version = self.version()
        return self.views.get(
            query, version, lambda: build_list(connection, schema, table, query, version)
        )

    def count(self, query: Query) -> int:
        with self.reading() as connection:
            return self.id_list(connection, query).total

    def count_quickly(self, table: str, cap: int = 10_000) -> int:
        """The table's number of records, or cap + 1 where there are more."""
        with self.reading() as connection:
            name = quote(found(self.schema(connection), table).name)
            counted = row_of(
                connection, f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT ?)", (cap + 1,)
            )
            return int(counted[0])

    def window(self, query: Query, start: int, count: int, long_text: int = 500) -> Window:
        """`count` records from position `start` of what `query` finds.

        Texts longer than `long_text` characters come as LongText, blobs as BlobSize.
        """
        with self.reading() as connection:
            ids = self.id_list(connection, query)
            schema = self.schema(connection)
            table = found(schema, query.table)
            start = max(start, 0)
            if ids.by_position:
                records = fetch_by_position(
                    connection, schema, table, query, start, count, long_text
                )
            else:
                keys = ids.slice(start, count)
                records = fetch_records(connection, schema, table, keys, long_text)
            return Window(start, ids.total, tuple(records), ids.version)

    def record(self, table: str, id_: RecordId) -> WholeRecord:
        """One record, whole. Raises NoSuchTable, NoSuchRecord."""
        with self.reading() as connection:
            schema = self.schema(connection)
            return fetch_whole(connection, schema, found(schema, table), id_)

    def check_filters(self, query: Query) -> None:
        """Raises FilterUnfit where a filter asks for what its field cannot hold."""
        from .filters import check_filter

        with self.reading() as connection:
            table = found(self.schema(connection), query.table)
            for condition in query.filters:
                check_filter(connection, table, condition)

    def saved_views(self, table: str) -> tuple[SavedView, ...]:
        """By name. Raises NoSuchTable."""
        from .saved_views import read_views

        with self.reading() as connection:
            return read_views(connection, found(self.schema(connection), table))

    def groups(
        self, query: Query, field: str, hidden: Sequence[str] = (), order: "Order" = "count"
    ) -> Groups:
        """What `query` finds, grouped by `field`, with the sums of the fields not `hidden`.

        Raises NoSuchTable, NoSuchField.
        """
        from .grouping import group_records

        with self.reading() as connection:
            schema = self.schema(connection)
            table = found(schema, query.table)
            return group_records(connection, schema, table, query, field, hidden, order)

    def position(self, query: Query, id_: RecordId) -> int | None:
        """Where a record stands in a view; None where the view leaves it out."""
        with self.reading() as connection:
            table = found(self.schema(connection), query.table)
            if table.rowid is None and not table.key:
                return None
            parts = decode_id(table, id_)
            key: Key = parts
            if table.rowid is not None and isinstance(parts[0], int):
                key = parts[0]
            return self.id_list(connection, query).position(key)

    def choices(self, table: str, field: str, text: str, limit: int = 20) -> tuple[Choice, ...]:
        """Records that a link field can point to, by what their title contains."""
        with self.reading() as connection:
            schema = self.schema(connection)
            return links.find_choices(connection, schema, found(schema, table), field, text, limit)

    def named(self, table: str, field: str, text: str) -> Value:
        """What a link field holds that points to the record named `text`; None where none is.

        Raises NameNotClear where more than one has the name.
        """
        with self.reading() as connection:
            schema = self.schema(connection)
            asked = found(schema, table).field(field)
            keys = links.find_named(connection, schema, asked, [text]).get(text, [])
        if len(keys) > 1 and asked.link is not None:
            raise NameNotClear(field, text, asked.link.table, asked.link.field)
        return keys[0] if keys else None

    def unique_fields(self, table: str) -> frozenset[str]:
        """The fields that tell records apart, alone or together: a copy must differ in them."""
        with self.reading() as connection:
            return read_unique(connection, found(self.schema(connection), table))

    def linked(self, table: str, id_: RecordId) -> tuple[Incoming, ...]:
        """Which records of other tables point to this one, counted by table and field."""
        with self.reading() as connection:
            schema = self.schema(connection)
            record = fetch_whole(connection, schema, found(schema, table), id_)
            return links.find_incoming(connection, schema, found(schema, table), record)

    def find_by(self, table: str, field: str, value: Value) -> RecordId | None:
        """The id of the record whose `field` holds `value`: where a link leads."""
        with self.reading() as connection:
            return links.find_by(connection, found(self.schema(connection), table), field, value)

    def fields(self, table: str) -> "tuple[FieldRules, ...]":
        """A table's fields with the rules that a person may change."""
        from .planning import rules_of

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return tuple(rules_of(connection, there, field) for field in there.fields)

    def field_loss(self, table: str, field: str) -> "FieldLoss":
        """What would go with a field. Raises NoSuchTable, NoSuchField."""
        from .planning import find_loss

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return find_loss(connection, there, there.field(field))

    def table_loss(self, table: str) -> "TableLoss":
        """What would go with a table. Raises NoSuchTable."""
        from .planning import find_table_loss

        with self.reading() as connection:
            return find_table_loss(connection, found(self.schema(connection), table))

    def misfits(self, table: str, field: str, kind: Kind) -> tuple[int, str | None]:
        """How many values would not fit another type, and one of them with its record."""
        from .fitting import find_misfits

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return find_misfits(connection, there, there.field(field), kind)

    def steps(self, before: int | None = None) -> "tuple[Step, ...]":
        """The history's newest steps, or those before one, and one more than a page shows."""
        from .past import read_steps

        with self.reading() as connection:
            return read_steps(connection, before)

    def past(
        self, table: str, id_: RecordId, before: int | None = None, key: RecordId | None = None
    ) -> "Past":
        """What became of a record. Raises NoSuchTable, NoSuchRecord."""
        from .past import read_past

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return read_past(connection, there, id_, before, key)

    def deleted(self, table: str, after: tuple[int, int] | None = None) -> "DeletedRecords":
        """Records of a table that the history can bring back. Raises NoSuchTable."""
        from .deleted import read_deleted

        with self.reading() as connection:
            return read_deleted(connection, found(self.schema(connection), table), after)

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

    def search(self, text: str, per_table: int = 5) -> Iterator[TableHits]:
        """Tables with records that hold every word of `text`, and a few of each: first those
        with a search index, then one after the other as it is scanned."""
        from .search_index import read_indexes
        from .searching import search_table

        with self.reading() as connection:
            tables = self.schema(connection).tables.values()
            indexed = {index.table.lower() for index in read_indexes(connection)}
        for table in sorted(tables, key=lambda each: each.name.lower() not in indexed):
            with self.reading() as connection:
                found = search_table(connection, self.schema(connection), table, text, per_table)
            if found.hits:
                yield found

    # --- writing

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

    def apply(self, change: Change, told: Callable[[int, int], None] | None = None) -> Applied:
        """Make a change and its history entry in one transaction; durable when this returns.

        Where it takes long, `told` hears how many records are done, of how many; what it raises
        takes the change back. Raises StillWorking while another such change is made.
        """
        # The first page changes nothing: it need not wait for what only changes need.
        from .applying import carry_out
        from .following import follow

        rebuilds = isinstance(change, DropField | ChangeField | MoveField)
        with self.turn(change.sentence if rebuilds else None), self.explaining(change):
            with self.writing_aside(
                lambda query, kept: follow(schema, change, done, query, kept), links=not rebuilds
            ) as connection:
                schema = self.schema(connection)
                done = carry_out(connection, schema, change, told)
            after = self.version()
        table = getattr(change, "table", None) or getattr(change, "to", None)
        return Applied(change.sentence, table or getattr(change, "name", None), done.ids, after)

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

    def undo(self, told: Callable[[int, int], None] | None = None) -> Applied | None:
        """Take back the newest change; None where there is none. Raises CannotUndo, and as `apply`
        does."""
        return self.step(told, redo=False)

    def redo(self, told: Callable[[int, int], None] | None = None) -> Applied | None:
        """Make the change last taken back again. Raises CannotUndo, and as `apply` does."""
        return self.step(told, redo=True)

    def step(self, told: Callable[[int, int], None] | None = None, *, redo: bool) -> Applied | None:
        with self.turn():
            with self.reading() as reader:
                sentence = history.next_sentence(reader, redo=redo)
                if sentence is None:
                    return None
                rebuilds = history.next_rebuilds(reader, redo=redo)
            verb = "Redo" if redo else "Undo"
            with (
                self.turn(f"{verb}: {sentence}" if rebuilds else None),
                self.writing(links=not rebuilds) as connection,
            ):
                entry = None
                for entry in history.next_entries(connection, redo=redo):
                    before, now = history.reverse(connection, entry, redo=redo, told=told)
        return Applied(entry.sentence, now, (), self.version(), before) if entry else None

    def next_undo(self) -> str | None:
        with self.reading() as connection:
            return history.next_sentence(connection, redo=False)

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

    def restore(self, backup: Path) -> None:
        """Become what the backup is, in one step. Raises BackupDamaged, ReadOnlyFile."""
        from .backup import restore_into

        with self.write_lock, sentences(self.path):
            restore_into(self.open_writer(), backup)
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

    def has_search_indexes(self) -> bool:
        with self.reading() as connection:
            found = connection.execute(
                "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (SEARCH_REGISTRY,)
            )
            return found.fetchone() is not None

    def close(self) -> None:
        """Close every connection; the last one writes the WAL back into the file."""
        with self.write_lock:
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

    def remove_wal(self) -> None:
        """A reader in WAL mode makes `-wal` and `-shm` and cannot remove them; a writer does."""
        with suppress(apsw.Error, AppError):
            self.check_identity()
            if self.wal.exists():
                connection = connect(self.path, write=True)
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
                connection.close()


def found(schema: Schema, name: str) -> Table:
    table = schema.get(name)
    if table is None:
        raise NoSuchTable(name)
    return table


def file_identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def reason_read_only(path: Path) -> str | None:
    if not os.access(path, os.W_OK):
        return "the file is write-protected."
    if not os.access(path.parent, os.W_OK):
        return "its folder is write-protected, and SQLite needs to write beside the file."
    return None
