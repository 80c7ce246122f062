"""A record as it was before or after a change, compared with what it is now. Writes nothing.

Only what was changed since is in the history: any other field is taken to have been as it is.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

import apsw

from .connection import row_of
from .errors import (
    LinkGone,
    LinkLost,
    NotInPast,
    StoreError,
    TableReadOnly,
    ValueDoesNotFit,
)
from .file_events import detail_of, kept_before
from .hearing import Told
from .linking import is_lost
from .links import find_by
from .past import Event, Trail, events_of, key_values, plain, walk_back
from .query import RecordId
from .reading import fetch_whole
from .refusals import must_be_filled, why_not_empty
from .schema import Field, Schema, Table, name_field, quote
from .steps import Step
from .values import TEXTS, BlobSize, Kind, Value, format_value, parse_value


class KeptFile(NamedTuple):
    """A large file that the history keeps with its `entry`."""

    entry: int
    bytes: int
    checksum: str


Then = Value | KeptFile


class FieldThen(NamedTuple):
    """A field that is another one now. `why_not` says why its value cannot be put back."""

    field: str
    then: Then
    now: Value | BlobSize
    why_not: StoreError | None = None


class RecordThen(NamedTuple):
    """`fields` are those that are others now, `gone` those that the table has no more, with what
    they held."""

    step: Step
    fields: tuple[FieldThen, ...]
    gone: tuple[tuple[str, Value | BlobSize], ...]
    values: Mapping[str, Then | BlobSize]
    """All fields as they were then."""


class Walked:
    """What a record was, gathered while the history is walked back."""

    def __init__(self) -> None:
        self.values: dict[str, Then] = {}
        self.gone: dict[str, Value | BlobSize] = {}
        self.newest: dict[str, str] = {}
        """Checksums of the files that are there now."""

    def go_back(self, connection: apsw.Connection, event: Event, trail: Trail) -> None:
        """To before the event."""
        if event.what == "made":
            return
        if event.what == "deleted":
            # It tells of every field, and of an empty one by saying nothing.
            self.values |= {each.now: None for each in trail.columns if each.now is not None}
        for each in event.fields:
            if each.gone:
                self.gone[each.field] = each.before
            elif isinstance(each.before, BlobSize) or isinstance(each.after, BlobSize):
                self.values[each.field] = self.kept(connection, event.step, each.field)
            else:
                self.values[each.field] = each.before

    def kept(self, connection: apsw.Connection, step: Step, field: str) -> Then:
        detail, cell = detail_of(connection, step.id), kept_before(step.id)
        if field not in self.values:
            self.newest[field] = detail.after
        column = quote(cell.column)
        kind, size = row_of(
            connection, f"SELECT typeof({column}), octet_length({column}) {cell.where}"
        )
        if kind == "blob":
            return KeptFile(step.id, int(size), detail.before)
        return plain(row_of(connection, f"SELECT {column} {cell.where}")[0])


def read_then(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    id_: RecordId,
    entry: int,
    after: bool,
    told: Told | None = None,
) -> RecordThen:
    """`told` is asked before each step that is looked through, and what it raises ends it. Raises
    NoSuchRecord, NotInPast, TableReadOnly."""
    if table.type != "table":
        raise TableReadOnly(table.name, table.why_read_only or "it is an SQL view.")
    record = fetch_whole(connection, schema, table, id_)
    identity = key_values(connection, table, id_)
    walked = Walked()
    for step, trail in walk_back(connection, table):
        if step.id < entry or step.kind == "create":
            break
        if told is not None:
            told(0, 0)
        events, identity = events_of(connection, table, id_, step, trail, identity)
        if step.id == entry and events:
            if not after:
                if events[0].what == "made":
                    break
                go_back(connection, walked, events, trail)
            now = dict(zip((each.name for each in table.fields), record.values, strict=True))
            return compared(connection, schema, table, step, walked, now)
        go_back(connection, walked, events, trail)
    raise NotInPast(table.name)


def go_back(connection: apsw.Connection, walked: Walked, events: list[Event], trail: Trail) -> None:
    for event in events:
        walked.go_back(connection, event, trail)


def compared(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    step: Step,
    walked: Walked,
    now: dict[str, Value | BlobSize],
) -> RecordThen:
    fields = [
        FieldThen(name, then, now[name])
        for name, then in walked.values.items()
        if table.field(name).writable and differs(table.field(name), then, now[name], walked)
    ]
    fields.sort(key=lambda each: table.position_of(each.field))
    values = {each.field: each.then for each in fields}
    told = tuple(
        each._replace(why_not=why_not(connection, schema, table, each, values)) for each in fields
    )
    return RecordThen(step, told, tuple(walked.gone.items()), {**now, **walked.values})


def differs(field: Field, then: Then, now: Value | BlobSize, walked: Walked) -> bool:
    if isinstance(then, KeptFile):
        return now is None or walked.newest.get(field.name) != then.checksum
    if isinstance(now, BlobSize):
        return True
    if field.kind in TEXTS and isinstance(then, int | float):
        # The field held numbers once.
        return format_value(field.kind, then) != now
    return then != now


def why_not(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    each: FieldThen,
    values: Mapping[str, Then],
) -> StoreError | None:
    """Why an edit could not put this value there, as far as one field tells."""
    field = table.field(each.field)
    if isinstance(each.then, KeptFile):
        return None
    if each.then is None:
        empty = not field.automatic
        return why_not_empty(table, field, must_be_filled(connection, table)) if empty else None
    try:
        value = fitted(field, each.then)
    except ValueDoesNotFit as error:
        return error
    if field.link is None:
        lost = is_lost(connection, table.name, field.name)
        return LinkLost(field.name) if lost else None
    target = schema.get(field.link.table)
    # A record may point to itself, by a key that comes back with the link.
    if target is not None and target.name == table.name and values.get(field.link.field) == value:
        return None
    if target is None or find_by(connection, target, field.link.field, value) is None:
        return LinkGone(field.name, format_value(field.kind, value), field.link.table)
    return None


def fitted(field: Field, value: Value) -> Value:
    """What an earlier value is in the field of today: itself, where it fits. Raises
    ValueDoesNotFit, as when it is typed."""
    if value is None or field.kind is Kind.BLOB:
        return value
    if isinstance(value, bytes):
        if field.kind is Kind.ANY or (field.kind in TEXTS and not field.limits.choices):
            return value
        return parse_value(field.name, field.kind, "data", field.limits)
    parsed = parse_value(field.name, field.kind, format_value(field.kind, value), field.limits)
    if field.kind is Kind.ANY:
        return value
    same = isinstance(parsed, str) == isinstance(value, str) and field.kind is not Kind.CHOICES
    return value if same else parsed


def mark_of(now: Value | BlobSize) -> str:
    """Tells whether a value is still the one that a person saw."""
    return blake2b(repr(now).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def name_then(table: Table, field: Field, then: RecordThen) -> str:
    """What a file was called, by the field beside it."""
    beside = name_field(table, field)
    said = then.values.get(beside.name) if beside else None
    return said if isinstance(said, str) else ""
