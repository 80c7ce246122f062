"""Put values of a record back as they were once: a change of its own, by the same rules as an edit,
inside a transaction."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import BinaryIO, cast

import apsw

from .applying import named, write_values
from .changes import PutBack, SetFile
from .earlier import FieldThen, KeptFile, RecordThen, fitted, mark_of, name_then, read_then
from .errors import ChangedMeanwhile, NothingToPutBack, NotInPast
from .file_events import kept_before
from .files import set_large, set_small
from .hearing import Told
from .query import RecordId
from .schema import Schema, Table, name_field
from .stretches import Notes, noting
from .values import BlobSize, Kind, Value


class KeptBytes:
    """A file that the history keeps, opened when it is read: until then its entry may be let go."""

    def __init__(self, connection: apsw.Connection, table: str, entry: int) -> None:
        self.connection, self.table, self.cell = connection, table, kept_before(entry)
        self.blob: apsw.Blob | None = None

    def read(self, size: int = -1) -> bytes:
        """Raises NotInPast."""
        if self.blob is None:
            cell = self.cell
            where = cell.table, cell.column, cell.rowid
            try:
                self.blob = self.connection.blob_open("main", *where, False)
            except apsw.SQLError as error:
                raise NotInPast(self.table) from error
        return self.blob.read(size)

    def close(self) -> None:
        if self.blob is not None:
            self.blob.close()


def put_back(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    change: PutBack,
    told: Told | None = None,
) -> tuple[tuple[RecordId, ...], Notes]:
    """Make the change and record it; gives the record's id. `told` is asked again and again while
    the history is walked back. Raises NoSuchRecord, NotInPast,
    NothingToPutBack, ChangedMeanwhile, and as an edit does."""
    then = read_then(connection, schema, table, change.id, change.step, change.after, told)
    chosen = chosen_fields(table, then, change)
    check_seen(table, chosen, change.seen)
    for each in chosen:
        if each.why_not is not None:
            raise each.why_not
    files = [each for each in chosen if is_file(table, each)]
    beside = {name_of(table, each.field) for each in files}
    values = {
        each.field: fitted(table.field(each.field), cast(Value, each.then))
        for each in chosen
        if each not in files and each.field not in beside
    }
    sentence = change.said([each.field for each in chosen])
    sentence += named(connection, table, change.id)
    id_ = change.id
    sources: list[KeptBytes] = []
    try:
        with noting(connection, sentence, table.name) as notes:
            if values:
                id_ = write_values(connection, table, id_, values)
            sent = [sent_file(connection, table, then, each, id_, sources) for each in files]
            later = set_small(connection, table, id_, sent)
        set_large(connection, table, later, notes.first, sentence)
    finally:
        for source in sources:
            source.close()
    if later:
        notes.tables.add(table.name)
    return (id_,), notes


def chosen_fields(table: Table, then: RecordThen, change: PutBack) -> Sequence[FieldThen]:
    """Raises NoSuchField, NothingToPutBack."""
    wanted = {table.field(name).name for name in change.fields}
    chosen = [each for each in then.fields if not wanted or each.field in wanted]
    if not chosen:
        raise NothingToPutBack(table.name)
    return chosen


def check_seen(table: Table, chosen: Sequence[FieldThen], seen: Mapping[str, str]) -> None:
    """Raises ChangedMeanwhile where a value is not the one that the person saw."""
    theirs = {
        each.field: None if isinstance(each.now, BlobSize) else each.now
        for each in chosen
        if seen.get(each.field, mark_of(each.now)) != mark_of(each.now)
    }
    if theirs:
        raise ChangedMeanwhile(table.name, theirs)


def is_file(table: Table, each: FieldThen) -> bool:
    """Whether it goes the way of files, which leaves large ones out of memory."""
    if table.field(each.field).kind is not Kind.BLOB:
        return False
    return each.then is None or isinstance(each.then, bytes | KeptFile)


def name_of(table: Table, field: str) -> str | None:
    beside = name_field(table, table.field(field))
    return beside.name if beside else None


def sent_file(
    connection: apsw.Connection,
    table: Table,
    then: RecordThen,
    each: FieldThen,
    id_: RecordId,
    sources: list[KeptBytes],
) -> SetFile:
    field = table.field(each.field)
    if each.then is None:
        return SetFile(table.name, id_, field.name)
    name = name_then(table, field, then)
    if isinstance(each.then, KeptFile):
        source = KeptBytes(connection, table.name, each.then.entry)
        sources.append(source)
        return SetFile(table.name, id_, field.name, cast(BinaryIO, source), each.then.bytes, name)
    data = cast(bytes, each.then)
    return SetFile(table.name, id_, field.name, BytesIO(data), len(data), name)
