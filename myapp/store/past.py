"""What the history tells of one record. Writes nothing."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple

import apsw

from . import history
from .connection import row_of, rows_of
from .errors import NoSuchRecord
from .ids import decode_id, encode_id, match_sql
from .query import RecordId
from .schema import Table, quote
from .steps import HISTORY, Step, names_of, step_of
from .values import BlobSize, Value

EVENTS = 30
"""Shown on one page."""

MOVES = ("Edit ", "Put back ")
"""How the sentences of steps begin that may give a record another key."""

LOOKED_FOR = 1.0
"""Seconds for which changesets are read for one page. At least one of them is."""

PIECE = 1 << 20
"""Bytes."""


class FieldChanged(NamedTuple):
    """`gone` where the table has this field no more; then it is called as it was. Of a large file
    the size alone is told."""

    field: str
    before: Value | BlobSize
    after: Value | BlobSize
    gone: bool


class Event(NamedTuple):
    """What a step did to a record. `in_its_wake` where a trigger or a foreign key did it. `number`
    is its place among the step's changes."""

    step: Step
    what: Literal["made", "changed", "deleted", "table made"]
    fields: tuple[FieldChanged, ...]
    in_its_wake: bool = False
    number: int = 0


class Past(NamedTuple):
    """Newest first. Where `before` is an entry's id, there may be more before it: ask again with
    it and with `key`, since a record's key may have been another one."""

    events: tuple[Event, ...]
    before: int | None
    key: RecordId


class Column(NamedTuple):
    """A column of a changeset by its name then, and now where it is still there."""

    then: str
    now: str | None


@dataclass
class Trail:
    """A table's name and columns as they were, while the history is walked back."""

    name: str
    columns: list[Column]
    hidden_key: bool

    def passes(self, connection: apsw.Connection, step: Step, new_name: str | None) -> bool:
        """Go back before a change of tables or fields. False where the table began with it."""
        if step.kind == "rename" and new_name is not None and self.is_called(new_name):
            self.name = step.table
        elif self.is_called(step.table) and step.kind in ("create", "drop"):
            return False
        elif self.is_called(step.table) and step.kind.endswith(" field"):
            self.pass_fields(connection, step.id, step.kind)
        return True

    def pass_fields(self, connection: apsw.Connection, entry: int, kind: str) -> None:
        """Go back before a change of this table's fields."""
        (detail,) = row_of(connection, f"SELECT changeset FROM {HISTORY} WHERE id = ?", (entry,))
        self.pass_field(kind, json.loads(detail or b"{}"))

    def pass_field(self, kind: str, detail: dict[str, str]) -> None:
        if "before" in detail:
            # The table was made anew; its definition of before tells what it had.
            now = {column.then: column.now for column in self.columns}
            self.columns = [Column(name, now.get(name)) for name in names_in(detail["before"])]
        elif kind == "rename field":
            old = {detail["to"]: detail["field"]}
            if "beside" in detail:
                old[detail["beside_to"]] = detail["beside"]
            self.columns = [
                column._replace(then=old.get(column.then, column.then)) for column in self.columns
            ]
        else:
            gone = (detail.get("field"), detail.get("beside"))
            self.columns = [each for each in self.columns if each.then not in gone]

    def is_called(self, name: str) -> bool:
        return self.name.lower() == name.lower()

    def named(self, values: tuple[object, ...]) -> Iterator[tuple[Column, object]]:
        """The values of a changeset with their columns, without a rowid that is no field."""
        given = values[1:] if self.hidden_key else values
        for number, value in enumerate(given):
            # Another program may have added fields, at the end; or taken some away.
            there = number < len(self.columns)
            yield self.columns[number] if there else Column(f"field {number + 1}", None), value

    def key_places(self, key: tuple[str, ...]) -> tuple[int, ...] | None:
        """Where in a changeset the fields `key` stand that tell records apart, or the rowid.

        None where the table was told apart by other fields then.
        """
        if self.hidden_key:
            return (0,)
        places = {column.now: number for number, column in enumerate(self.columns)}
        return tuple(places[name] for name in key) if all(name in places for name in key) else None


def names_in(definition: str) -> list[str]:
    """The fields of a CREATE TABLE statement that are not computed."""
    with closing(apsw.Connection(":memory:")) as connection:
        connection.execute(definition)
        return [
            str(name)
            for (name,) in connection.execute(
                "SELECT x.name FROM sqlite_schema AS s, pragma_table_xinfo(s.name) AS x"
                " WHERE s.type = 'table' AND s.name NOT GLOB 'sqlite_*' AND x.hidden = 0"
                " ORDER BY x.cid"
            )
        ]


def trail_of(table: Table) -> Trail:
    columns = [Column(field.name, field.name) for field in table.fields if not field.generated]
    return Trail(table.name, columns, not table.key)


def walk_back(
    connection: apsw.Connection, table: Table, before: int | None = None
) -> Iterator[tuple[Step, Trail]]:
    """Changes of any records and files, newest first, with what `table` was then; last the making
    of it."""
    if not history.exists(connection):
        return
    trail = trail_of(table)
    listed = list(
        rows_of(
            connection,
            "SELECT id, at, sentence, kind, table_name, coalesce(length(changeset), 0), undone"
            f"{names_of(connection)}, new_name FROM {HISTORY} WHERE NOT undone ORDER BY id DESC",
        )
    )
    group, whole = None, None
    for *row, new_name in listed:
        step = step_of(tuple(row))
        if step.kind not in ("records", "file") or new_name is None:
            group = whole = None
        elif new_name != group:
            group, whole = new_name, step.id
        step = step._replace(group=whole)
        asked = before is None or step.id < before
        if step.kind in ("records", "file"):
            if asked:
                yield step, trail
        elif not trail.passes(connection, step, new_name):
            if asked and step.kind == "create":
                yield step, trail
            return


@contextmanager
def changes_of(connection: apsw.Connection, step: Step) -> Iterator[Iterator[apsw.TableChange]]:
    """The changes of a step, read piece by piece: a changeset can be large."""
    with connection.blob_open("main", HISTORY, "changeset", step.id, False) as blob:
        yield iter(apsw.Changeset.iter(blob.read))


def read_past(
    connection: apsw.Connection,
    table: Table,
    id_: RecordId,
    before: int | None = None,
    key: RecordId | None = None,
) -> Past:
    """What became of a record, also of one that is gone. Raises NoSuchRecord."""
    identity = decode_key(table, key) if key else key_values(connection, table, id_)
    events: list[Event] = []
    ends = time.monotonic() + LOOKED_FOR
    last: int | None = None
    for step, trail in walk_back(connection, table, before):
        if last is not None and (len(events) >= EVENTS or time.monotonic() > ends):
            return Past(tuple(events), last, encode_id(identity))
        last = step.id
        if step.kind == "create":
            events.append(Event(step, "table made", ()))
            break
        found, identity = events_of(connection, table, id_, step, trail, identity)
        events += found
    return Past(tuple(events), None, encode_id(identity))


def events_of(
    connection: apsw.Connection,
    table: Table,
    id_: RecordId,
    step: Step,
    trail: Trail,
    identity: tuple[Value, ...],
) -> tuple[list[Event], tuple[Value, ...]]:
    """What a step of `walk_back` did to the record, and the record's key before it."""
    if step.kind == "file":
        from .file_events import event_of_file

        event = event_of_file(connection, table, id_, step, trail, identity)
        return ([event] if event is not None else []), identity
    if not may_tell(connection, step, identity):
        return [], identity
    return events_in(connection, table, step, trail, identity)


def may_tell(connection: apsw.Connection, step: Step, identity: tuple[Value, ...]) -> bool:
    """Whether the bytes of the record's key are anywhere in a changeset: most of the stretches of a
    step that changed very many are passed over in a tenth of the time.

    Source: the format of changesets in sqlite3session.h
    """
    wanted = [each for value in identity if (each := key_bytes(value)) is not None]
    longest = max(map(len, wanted), default=0)
    with connection.blob_open("main", HISTORY, "changeset", step.id, False) as blob:
        before = b""
        while wanted and (piece := blob.read(PIECE)):
            piece = before + piece
            wanted = [each for each in wanted if each not in piece]
            before = piece[-longest:]
    return not wanted


def key_bytes(value: Value) -> bytes | None:
    """As a changeset has it; None where that is not looked for."""
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return b"\x01" + value.to_bytes(8, "big", signed=True)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass") or None
    return None


def events_in(
    connection: apsw.Connection,
    table: Table,
    step: Step,
    trail: Trail,
    identity: tuple[Value, ...],
) -> tuple[list[Event], tuple[Value, ...]]:
    """What the step did to the record, and the record's key before it."""
    found: list[Event] = []
    moved: list[tuple[object, ...]] = []
    places = trail.key_places(table.key)
    if places is None:
        return [], identity
    edit, widest = step.sentence.startswith(MOVES), max(places)
    name, ours = "", False
    with changes_of(connection, step) as changes:
        for number, change in enumerate(changes):
            if change.name != name:
                name = change.name
                ours = trail.is_called(name) and change.column_count > widest
            if not ours:
                continue
            values = change.old or change.new or ()
            if values[places[0]] == identity[0] and identity == tuple(values[n] for n in places):
                found.append(event_of(step, trail, change)._replace(number=number))
            elif edit and change.op == "DELETE" and not change.indirect:
                moved = [*moved[:1], values]
    # SQLite keeps another key as a record that goes and one that comes.
    if len(moved) == 1 and found and found[0].what == "made":
        after = {each.field: each.after for each in found[0].fields}
        fields = tuple(
            FieldChanged(name, plain(was), after.get(name), column.now is None)
            for column, was in trail.named(moved[0])
            for name in (column.now or column.then,)
            if plain(was) != after.get(name)
        )
        found = [found[0]._replace(what="changed", fields=fields)]
        identity = tuple(plain(moved[0][place]) for place in places)
    return found, identity


def event_of(step: Step, trail: Trail, change: apsw.TableChange) -> Event:
    what: Literal["made", "changed", "deleted"] = (
        "made" if change.op == "INSERT" else "deleted" if change.op == "DELETE" else "changed"
    )
    count = change.column_count
    old = list(trail.named(change.old or (None,) * count))
    new = list(trail.named(change.new or (None,) * count))
    fields = tuple(
        FieldChanged(column.now or column.then, plain(was), plain(now), column.now is None)
        for (column, was), (_, now) in zip(old, new, strict=True)
        if now is not apsw.no_change and (was is not None or now is not None)
    )
    return Event(step, what, fields, change.indirect)


def plain(value: object) -> Value:
    return value if isinstance(value, int | float | str | bytes) else None


def key_values(connection: apsw.Connection, table: Table, id_: RecordId) -> tuple[Value, ...]:
    """What tells the record apart in a changeset: its key where it has one, or its rowid."""
    given = decode_id(table, id_)
    if table.rowid is None or not table.key or table.field(table.key[0]).automatic:
        return given
    columns = ", ".join(quote(name) for name in table.key)
    row = connection.execute(
        f"SELECT {columns} FROM {quote(table.name)} WHERE {match_sql(table)}", given
    ).fetchone()
    if row is None:
        raise NoSuchRecord(table.name)
    return tuple(plain(value) for value in row)


def decode_key(table: Table, key: RecordId) -> tuple[Value, ...]:
    """Raises NoSuchRecord."""
    return decode_id(table._replace(rowid=None, key=table.key or ("rowid",)), key)
