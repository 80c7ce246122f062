"""Files in the fields of records: their bytes as they are, and their name in a text field beside.

A small file goes the way of every value. A large one goes in and out piece by piece, so that memory
does not grow with it; the history then keeps the value that it took the place of in a hidden table,
and undo exchanges the two.
"""

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import BinaryIO, NamedTuple

import apsw

from . import history
from .changes import SetFile
from .connection import row_of
from .errors import CannotUndo, NoFileThere, NoSuchRecord, StoreError, TableReadOnly
from .ids import decode_id, encode_id, match_sql
from .present import key_of_row, row_of_key
from .query import RecordId
from .reading import source_of
from .schema import Field, Table, name_field, quote
from .values import Kind, Value

PIECE = 1 << 20
LARGEST = 250_000_000
LARGEST_WHOLE = 16_000_000
"""Bytes of a file where it has to go in as one value."""

BEGINNING = 16
"""Bytes that tell what kind of file it is."""


class FileTooLarge(StoreError):
    def __init__(self, size: int, most: int) -> None:
        super().__init__(
            f"The file has {size / 1e6:,.0f} MB; {most // 1_000_000:,} MB is the most that this "
            "field takes. Nothing was changed."
        )


class NotForFiles(StoreError):
    def __init__(self, field: str) -> None:
        super().__init__(f"The field “{field}” holds no files. Nothing was changed.")


class StoredFile(NamedTuple):
    """`name` is what the field beside says; `beginning` its first bytes."""

    size: int
    name: str
    beginning: bytes


class Cell(NamedTuple):
    """One value of a numbered record, in a table of the person's or of the history's."""

    table: str
    column: str
    rowid_name: str
    rowid: int

    @property
    def where(self) -> str:
        return f"FROM {quote(self.table)} WHERE {self.rowid_name} = {self.rowid}"


# --- out


def stored_file(
    connection: apsw.Connection, table: Table, field: Field, id_: RecordId
) -> StoredFile:
    """Raises NoSuchRecord, NoFileThere."""
    column, beside = f"t.{quote(field.name)}", name_field(table, field)
    name = f"t.{quote(beside.name)}" if beside else "NULL"
    source, key = source_of(table, id_)
    row = connection.execute(
        f"SELECT typeof({column}), octet_length({column}), {name} {source}", key
    ).fetchone()
    if row is None:
        raise NoSuchRecord(table.name)
    if row[0] != "blob":
        raise NoFileThere(field.name)
    beginning = bytearray()

    def take(piece: bytes) -> bool:
        beginning.extend(piece[:BEGINNING])
        return False

    read_pieces(connection, table, field, id_, take)
    return StoredFile(int(row[1]), str(row[2] or ""), bytes(beginning))


def read_pieces(
    connection: apsw.Connection,
    table: Table,
    field: Field,
    id_: RecordId,
    take: Callable[[bytes], object],
) -> None:
    """Hand over the bytes piece by piece, until `take` gives False."""
    source, key = source_of(table, id_)
    if table.rowid is None or not isinstance(key[0], int):
        (value,) = row_of(connection, f"SELECT t.{quote(field.name)} {source}", key)
        take(value)
        return
    with connection.blob_open("main", table.name, field.name, key[0], False) as blob:
        while piece := blob.read(PIECE):
            if take(piece) is False:
                return


# --- in


class Planned(NamedTuple):
    """A file and the field that it goes into, piece by piece where there is a `cell`."""

    change: SetFile
    field: Field
    beside: Field | None
    cell: Cell | None


def set_file(connection: apsw.Connection, table: Table, change: SetFile) -> None:
    """Make the change and record it. Raises as `plan_file` does."""
    planned = plan_file(connection, table, change)
    if planned.cell is not None:
        set_in_pieces(connection, table, planned.cell, planned)
        return
    with history.recorded(connection) as session:
        set_whole(connection, table, planned)
        changeset = session.changeset()
    if changeset:
        history.write_entry(connection, change.sentence, "records", table.name, changeset=changeset)


def set_small(
    connection: apsw.Connection, table: Table, id_: RecordId, files: Sequence[SetFile]
) -> list[Planned]:
    """Put those of a record in that go in whole; gives the others. Raises as `plan_file` does."""
    planned = [plan_file(connection, table, each._replace(id=id_)) for each in files]
    for each in planned:
        if each.cell is None:
            set_whole(connection, table, each)
    return [each for each in planned if each.cell is not None]


def set_large(
    connection: apsw.Connection,
    table: Table,
    files: Sequence[Planned],
    entry: int | None,
    sentence: str | None = None,
) -> None:
    """Put those of a record in that `set_small` left: one step with the history's `entry`."""
    group = None
    for each in files:
        if entry is not None and group is None:
            group, sentence = history.group_from(connection, entry)
        if each.cell is not None:
            entry = set_in_pieces(connection, table, each.cell, each, sentence, group)


def plan_file(connection: apsw.Connection, table: Table, change: SetFile) -> Planned:
    """Raises NoSuchField, NotForFiles, TableReadOnly, FileTooLarge, NoSuchRecord."""
    field = field_for_files(table, change.field)
    key = decode_id(table, change.id)
    (there, before) = connection.execute(
        f"SELECT count(*), max(octet_length({quote(field.name)})) FROM {quote(table.name)}"
        f" WHERE {match_sql(table)}",
        key,
    ).fetchone() or (0, None)
    if not there:
        raise NoSuchRecord(table.name)
    # Piece by piece it would be empty in between.
    cell = None if field.required else numbered_cell(connection, table, field, key)
    check_size(change, LARGEST if cell else LARGEST_WHOLE)
    in_pieces = cell is not None and max(change.size, before or 0) > PIECE
    return Planned(change, field, name_field(table, field), cell if in_pieces else None)


def field_for_files(table: Table, name: str) -> Field:
    """Raises NoSuchField, NotForFiles, TableReadOnly."""
    field = table.field(name)
    if field.kind is not Kind.BLOB:
        raise NotForFiles(field.name)
    if not field.writable:
        raise TableReadOnly(table.name, f"the field “{field.name}” is computed from others.")
    return field


def check_size(change: SetFile, most: int) -> None:
    """`most` in bytes. Raises FileTooLarge."""
    if change.size > most:
        raise FileTooLarge(change.size, most)


def must_come_along(table: Table, files: Sequence[SetFile]) -> dict[str, bytes]:
    """The bytes without which a new record would be refused. Raises as `plan_file` does."""
    values: dict[str, bytes] = {}
    for each in files:
        if field_for_files(table, each.field).required and each.source is not None:
            check_size(each, LARGEST_WHOLE)
            values[each.field] = each.source.read()
            each.source.seek(0)
    return values


def numbered_cell(
    connection: apsw.Connection, table: Table, field: Field, key: tuple[Value, ...]
) -> Cell | None:
    """Where pieces can be written: in a numbered record, and where nothing hangs on the value."""
    from .applying import has_triggers

    used = connection.execute(
        "SELECT 1 FROM pragma_index_list(?) AS l, pragma_index_xinfo(l.name) AS i"
        " WHERE i.name = ? OR i.cid = -2",
        (table.name, field.name),
    ).fetchone()
    if (
        table.rowid is None
        or not isinstance(key[0], int)
        or used
        or has_triggers(connection, table)
    ):
        return None
    return Cell(table.name, field.name, table.rowid, key[0])


def set_whole(connection: apsw.Connection, table: Table, planned: Planned) -> None:
    change, beside = planned.change, planned.beside
    value = change.source.read() if change.source is not None else None
    names = f", {quote(beside.name)} = ?" if beside else ""
    values: list[Value] = [value, change.name or None] if beside else [value]
    connection.execute(
        f"UPDATE {quote(table.name)} SET {quote(planned.field.name)} = ?{names}"
        f" WHERE {match_sql(table)}",
        (*values, *decode_id(table, change.id)),
    )


class Detail(NamedTuple):
    """What the history keeps: the record, its values' checksums before and after, the names, and
    the bytes of those values that are files.

    A record that has a `key` of its own is told by that: undo of another key may give it another
    rowid.
    """

    field: str
    rowid_name: str
    rowid: int
    before: str
    after: str = ""
    beside: str | None = None
    names: tuple[Value, Value] = (None, None)
    sizes: tuple[int | None, int | None] = (None, None)
    key: RecordId | None = None


def set_in_pieces(
    connection: apsw.Connection,
    table: Table,
    cell: Cell,
    planned: Planned,
    sentence: str | None = None,
    group: str | None = None,
) -> int:
    """Gives the entry in the history, which may be one of a `group` with one sentence."""
    change, beside = planned.change, planned.beside
    was = None
    if beside is not None:
        (was,) = row_of(connection, f"SELECT {quote(beside.name)} {cell.where}")
        was = None if isinstance(was, bytes) else was
    detail = Detail(cell.column, cell.rowid_name, cell.rowid, "")
    if table.key and not table.numbered:
        detail = detail._replace(key=encode_id(key_of_row(connection, table, cell.rowid) or ()))
    if beside is not None:
        detail = detail._replace(beside=beside.name, names=(was, change.name or None))
    sentence = sentence or change.sentence
    entry = history.write_entry(connection, sentence, "file", table.name, new_name=group)
    kept = make_kept(connection, entry)
    before = copy_value(connection, cell, kept)
    size = change.size if change.source is not None else None
    detail = detail._replace(sizes=(size_of(connection, kept), size))
    make_empty(connection, cell, detail.beside, detail.names[1])
    after = fill(connection, cell, change)
    text = json.dumps(detail._replace(before=before, after=after)._asdict(), ensure_ascii=False)
    history.set_detail(connection, entry, text.encode())
    return entry


def make_kept(connection: apsw.Connection, entry: int) -> Cell:
    """A place for the value that is not in the table now."""
    name = f"{history.KEPT}{entry}"
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(f"CREATE TABLE {name} (k0 INTEGER PRIMARY KEY, was)")
    connection.execute(f"INSERT INTO {name} VALUES (1, NULL)")
    return Cell(name, "was", "k0", 1)


def fill(connection: apsw.Connection, cell: Cell, change: SetFile) -> str:
    """Put the file's bytes into the record; gives their checksum."""
    source = change.source
    if source is None:
        set_value(connection, cell, "NULL")
        return checksum_of(None)
    sum_ = sha256()
    with room(connection, cell, change.size) as blob:
        left = change.size
        while left and (piece := source.read(min(PIECE, left))):
            blob.write(piece)
            sum_.update(piece)
            left -= len(piece)
    if left:
        raise StoreError("The file came in shorter than it was said to be. Nothing was changed.")
    return sum_.hexdigest()


def copy_value(connection: apsw.Connection, source: Cell, target: Cell) -> str:
    """One value into the place of another; gives its checksum."""
    column = quote(source.column)
    kind, size = row_of(
        connection, f"SELECT typeof({column}), octet_length({column}) {source.where}"
    )
    if kind != "blob":
        (value,) = row_of(connection, f"SELECT {column} {source.where}")
        set_value(connection, target, "?", value)
        return checksum_of(value)
    sum_ = sha256()
    with (
        connection.blob_open("main", source.table, source.column, source.rowid, False) as read,
        room(connection, target, int(size)) as write,
    ):
        while piece := read.read(PIECE):
            write.write(piece)
            sum_.update(piece)
    return sum_.hexdigest()


def room(connection: apsw.Connection, cell: Cell, size: int) -> apsw.Blob:
    set_value(connection, cell, f"zeroblob({size})")
    return connection.blob_open("main", cell.table, cell.column, cell.rowid, True)


def size_of(connection: apsw.Connection, cell: Cell) -> int | None:
    """Bytes of a file; None where there is none."""
    column = quote(cell.column)
    sql = f"SELECT iif(typeof({column}) = 'blob', octet_length({column}), NULL) {cell.where}"
    (size,) = row_of(connection, sql)
    return None if size is None else int(size)


def set_value(connection: apsw.Connection, cell: Cell, sql: str, *values: Value) -> None:
    connection.execute(
        f"UPDATE {quote(cell.table)} SET {quote(cell.column)} = {sql}"
        f" WHERE {cell.rowid_name} = {cell.rowid}",
        values,
    )


def make_empty(connection: apsw.Connection, cell: Cell, beside: str | None, name: Value) -> None:
    """No value, and the name of what comes: later that would take the whole file into memory."""
    if beside is None:
        set_value(connection, cell, "NULL")
    else:
        set_value(connection, cell, f"NULL, {quote(beside)} = ?", name)


def checksum_of(value: Value) -> str:
    return repr(value)


# --- undo and redo


def reverse_file(connection: apsw.Connection, entry: history.Entry, *, redo: bool) -> None:
    """Exchange the value in the table and the one in the history. Raises CannotUndo."""
    from .keeping import forget_size

    detail = Detail(**json.loads(entry.changeset or b"{}"))
    rowid = detail.rowid
    if detail.key is not None:
        rowid = row_of_key(connection, entry.table, detail.rowid_name, detail.key)
    cell = Cell(entry.table, detail.field, detail.rowid_name, rowid)
    # Two places that take turns: to renumber one would take the whole file into memory.
    kept = Cell(f"{history.KEPT}{entry.id}", "was", "k0", 2 if redo else 1)
    free = kept._replace(rowid=1 if redo else 2)
    connection.execute(f"INSERT INTO {kept.table} VALUES ({free.rowid}, NULL)")
    now, then = (detail.before, detail.after) if redo else (detail.after, detail.before)
    try:
        if copy_value(connection, cell, free) != now:
            raise CannotUndo(entry.sentence)
        make_empty(connection, cell, detail.beside, detail.names[int(redo)])
        if copy_value(connection, kept, cell) != then:
            raise CannotUndo(entry.sentence)
    except (apsw.SQLError, StopIteration) as error:
        raise CannotUndo(entry.sentence) from error
    connection.execute(f"DELETE FROM {kept.table} WHERE k0 = {kept.rowid}")
    forget_size(connection, kept.table)


def copy_file(
    connection: apsw.Connection, table: Table, field: Field, id_: RecordId, target: BinaryIO
) -> None:
    read_pieces(connection, table, field, id_, target.write)
