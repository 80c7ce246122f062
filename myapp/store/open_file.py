"""An open database file as it is read: a few readers, and the views that are kept of it."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import apsw

from . import links
from .connection import Readers, connect, row_of, sentences, take_back_broken_off
from .errors import (
    FileReplaced,
    FileVanished,
    LockedByAnother,
    NameNotClear,
    NoSuchTable,
    StillWorking,
)
from .hearing import Asker, Gone, Told, heard, listening
from .ids import encode_id, id_columns, key_of
from .query import (
    Beginning,
    Choices,
    Groups,
    Incoming,
    Query,
    Record,
    RecordId,
    SavedView,
    TableHits,
    Unit,
    WholeRecord,
    Window,
)
from .reading import fetch_by_position, fetch_records, fetch_whole
from .schema import LinkTo, Schema, Table, quote, read_schema, read_titles, read_unique
from .values import NO_LIMITS, Kind, Limits, Value
from .views import IdList, Views, build_list, first_keys, is_natural, list_of

if TYPE_CHECKING:
    from .changes import InsertRecord, UpdateRecord
    from .deleted import DeletedRecords
    from .dropping import FieldLoss, TableLoss
    from .errors import StoreError
    from .field_rules import FieldRules
    from .files import StoredFile
    from .grouping import Order
    from .matching import By, Matching
    from .past import Past, Step
    from .streaming import Part, Snapshot

SOON = 20_000
"""Records of a table of which every view is known in a few hundredths of a second."""


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
        self.views = Views()
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
        """The person's own tables and views, by name."""
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

    def id_list(
        self, connection: apsw.Connection, query: Query, gone: Gone | None = None
    ) -> IdList:
        """Raises ReadStopped where who asked is gone, and nobody else waits for the same."""
        schema = self.schema(connection)
        table = found(schema, query.table)
        version = self.version()

        def build() -> IdList:
            if gone is None:
                return build_list(connection, schema, table, query, version)
            asker = Asker(gone, lambda: self.views.is_for_others(query))
            with listening(connection, asker):
                return build_list(connection, schema, table, query, version)

        return self.views.get(query, version, build)

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

    def window(
        self,
        query: Query,
        start: int,
        count: int,
        long_text: int = 500,
        gone: Gone | None = None,
    ) -> Window:
        """`count` records from position `start` of what `query` finds. Raises ReadStopped where it
        takes long and `gone` says that nobody waits for it.

        Texts longer than `long_text` characters come as LongText, blobs as BlobSize.
        """
        with self.reading() as connection:
            ids = self.id_list(connection, query, gone)
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

    def beginning(
        self, query: Query, count: int, long_text: int = 500, gone: Gone | None = None
    ) -> Beginning | None:
        """The first `count` records of what `query` finds, where they can be had long before all of
        it is known; None where `window` gives them as soon. Raises as `window` does."""
        with self.reading() as connection:
            schema = self.schema(connection)
            table = found(schema, query.table)
            version = self.version()
            if (
                is_natural(query)
                or not id_columns(table)
                or self.views.kept(query, version) is not None
                or self.count_quickly(table.name, SOON) <= SOON
            ):
                return None
            with listening(connection, Asker(gone or (lambda: False))):
                keys = first_keys(connection, schema, table, query, count + 1)
            if len(keys) <= count:
                self.views.get(query, version, lambda: list_of(keys, version))
                return None
            unsorted = self.views.kept(query._replace(sort=()), version)
            records = fetch_records(connection, schema, table, keys[:count], long_text)
            return Beginning(unsorted.total if unsorted else None, tuple(records), version)

    def in_order(self, query: Query, ids: Sequence[RecordId]) -> tuple[RecordId, ...]:
        """Those of `ids` that `query` finds, in its order. Raises NoSuchTable, NoSuchRecord."""
        with self.reading() as connection:
            table = found(self.schema(connection), query.table)
            keys = {key_of(table, each) for each in ids}
            return tuple(map(encode_id, self.id_list(connection, query).only(keys)))

    def records(
        self, table: str, ids: Sequence[RecordId], long_text: int = 500
    ) -> tuple[Record, ...]:
        """Those that are there, as in a window. Raises NoSuchTable, NoSuchRecord."""
        with self.reading() as connection:
            schema = self.schema(connection)
            there = found(schema, table)
            keys = [key_of(there, each) for each in ids]
            return tuple(fetch_records(connection, schema, there, keys, long_text))

    def record(self, table: str, id_: RecordId) -> WholeRecord:
        """One record, whole. Raises NoSuchTable, NoSuchRecord."""
        with self.reading() as connection:
            schema = self.schema(connection)
            return fetch_whole(connection, schema, found(schema, table), id_)

    def check_filters(self, query: Query) -> None:
        """Raises FilterUnfit where a filter asks for what its field cannot hold."""
        from .conditions import each_filter
        from .filters import check_filter

        with self.reading() as connection:
            table = found(self.schema(connection), query.table)
            for condition in each_filter(query.filters):
                check_filter(connection, table, condition)

    def saved_views(self, table: str) -> tuple[SavedView, ...]:
        """By name. Raises NoSuchTable."""
        from .saved_views import read_views

        with self.reading() as connection:
            return read_views(connection, found(self.schema(connection), table))

    def groups(
        self,
        query: Query,
        field: str,
        hidden: Sequence[str] = (),
        order: "Order" = "count",
        unit: Unit | None = None,
        gone: Gone | None = None,
    ) -> Groups:
        """What `query` finds, grouped by `field`, with the sums of the fields not `hidden`.

        Dates are grouped by periods as long as `unit`, where one is given.

        Raises NoSuchTable, NoSuchField; ReadStopped where `gone` says that nobody waits for it.
        """
        from .grouping import group_records

        asker = Asker(gone or (lambda: False))
        with self.reading() as connection, listening(connection, asker):
            schema = self.schema(connection)
            table = found(schema, query.table)
            return group_records(connection, schema, table, query, field, hidden, order, unit)

    def position(self, query: Query, id_: RecordId) -> int | None:
        """Where a record stands in a view; None where the view leaves it out."""
        with self.reading() as connection:
            table = found(self.schema(connection), query.table)
            if table.rowid is None and not table.key:
                return None
            return self.id_list(connection, query).position(key_of(table, id_))

    def choices(self, table: str, field: str, text: str, limit: int = 20) -> Choices:
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

    def refusals(self, change: "InsertRecord | UpdateRecord") -> "tuple[StoreError, ...]":
        """Why a record that was refused does not fit, for every field that can be told of."""
        from .refusals import find_refusals

        with self.reading() as connection:
            schema = self.schema(connection)
            there = found(schema, change.table)
            return tuple(find_refusals(connection, schema, there, change))

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

    def find_code(self, table: str, code: str, most: int) -> list[RecordId]:
        """At most `most` records of which a field holds exactly a scanned code."""
        from .codes import find_code

        with self.reading() as connection:
            return find_code(connection, found(self.schema(connection), table), code, most)

    def fields(self, table: str) -> "tuple[FieldRules, ...]":
        """A table's fields with the rules that a person may change."""
        from .field_rules import rules_of

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return tuple(rules_of(connection, there, field) for field in there.fields)

    @contextmanager
    def looking(self, told: Told | None) -> Iterator[apsw.Connection]:
        """Like `reading`, where a whole table is looked through: `told` is asked again and again,
        and what it raises ends it."""
        with self.reading() as connection, heard(connection, told):
            yield connection

    def field_loss(self, table: str, field: str, told: Told | None = None) -> "FieldLoss":
        """What would go with a field. Raises NoSuchTable, NoSuchField."""
        from .dropping import find_loss

        with self.looking(told) as connection:
            there = found(self.schema(connection), table)
            return find_loss(connection, there, there.field(field))

    def table_loss(self, table: str) -> "TableLoss":
        """What would go with a table. Raises NoSuchTable."""
        from .dropping import find_table_loss

        with self.reading() as connection:
            return find_table_loss(connection, found(self.schema(connection), table))

    def misfits(
        self, table: str, field: str, kind: Kind, limits: Limits = NO_LIMITS
    ) -> tuple[int, str | None]:
        """How many values would not fit another type, and one of them with its record."""
        from .fitting import Fit, find_misfits

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            asked = there.field(field)
            return find_misfits(connection, there, asked, Fit(asked.kind, kind, limits))

    def matching(
        self, table: str, field: str, link: LinkTo, by: "By", told: Told | None = None
    ) -> "Matching | None":
        """What a field's values would become as links; None where they would stay as they are, or
        where no title could be one. Raises NoSuchTable, NoSuchField, CannotLink."""
        from .matching import find_matching

        with self.looking(told) as connection:
            schema = self.schema(connection)
            there = found(schema, table)
            return find_matching(connection, schema, there, there.field(field), link, by)

    def file(self, table: str, id_: RecordId, field: str) -> "StoredFile":
        """What is known of a record's file. Raises NoSuchTable, NoSuchRecord, NoFileThere."""
        from .files import stored_file

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            return stored_file(connection, there, there.field(field), id_)

    def copy_file(self, table: str, id_: RecordId, field: str, target: BinaryIO) -> None:
        """Write a record's file, piece by piece. Raises as `file` does."""
        from .files import copy_file

        with self.reading() as connection:
            there = found(self.schema(connection), table)
            copy_file(connection, there, there.field(field), id_, target)

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

    def search(
        self, text: str, per_table: int = 5, gone: Gone | None = None
    ) -> Iterator[TableHits]:
        """Tables with records that hold every word of `text`, and a few of each: first those
        with a search index, then one after the other as it is scanned. Raises ReadStopped where
        `gone` says that nobody waits for it."""
        from .search_index import read_indexes
        from .searching import search_table

        with self.reading() as connection:
            tables = self.schema(connection).tables.values()
            indexed = {index.table.lower() for index in read_indexes(connection)}
        for table in sorted(tables, key=lambda each: each.name.lower() not in indexed):
            asker = Asker(gone or (lambda: False))
            with self.reading() as connection, listening(connection, asker):
                found = search_table(connection, self.schema(connection), table, text, per_table)
            if found.hits:
                yield found


def found(schema: Schema, name: str) -> Table:
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
