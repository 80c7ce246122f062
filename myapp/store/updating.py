"""Change many records as one, as a pasted block of cells does: all of them, or none."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import apsw

from .applying import insert_record, update_record
from .changes import RecordValues, UpdateRecord, UpdateRecords
from .connection import constraint_broken
from .errors import (
    ChangedMeanwhile,
    NameNotClear,
    NoSuchRecord,
    NotLinkable,
    RecordRefused,
    RuleBroken,
    SeveralSuchRecords,
    StoreError,
    TooManyCells,
    ValueDoesNotFit,
)
from .ids import decode_id, match_sql
from .links import find_named
from .query import RecordId
from .schema import Field, Schema, Table, quote
from .values import Value, format_value, parse_value

if TYPE_CHECKING:
    from .sql_view_changes import ThroughTriggers

MOST_CELLS = 50_000
Names = Mapping[str, Mapping[str, list[Value]]]
REFUSALS = (ValueDoesNotFit, RuleBroken, ChangedMeanwhile, NoSuchRecord, SeveralSuchRecords)


def update_records(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    change: UpdateRecords,
    through: "ThroughTriggers | None" = None,
    look: Callable[[], None] = lambda: None,
) -> tuple[RecordId, ...]:
    """Inside a transaction; `through` writes to an SQL view, and `look` is called after each
    record. Raises RecordRefused, TooManyCells, TableReadOnly, NoSuchField."""
    cells = sum(len(record.values) for record in change.records)
    if cells > MOST_CELLS:
        raise TooManyCells(MOST_CELLS, cells)
    names = find_names(connection, schema, table, change)
    made: list[RecordId] = []
    added = 0
    for position, record in enumerate(change.records):
        added += record.id is None
        try:
            id_ = update_one(connection, schema, table, record, names, through)
            made += [id_] if id_ is not None else []
        except REFUSALS as error:
            called = call(connection, table, record.id) if record.id else f"new record {added}"
            raise RecordRefused(called, position, error) from error
        look()
    return tuple(made)


def find_names(
    connection: apsw.Connection, schema: Schema, table: Table, change: UpdateRecords
) -> Names:
    """For every field that is given by name: what its texts stand for."""
    names = {}
    for name in change.named:
        texts = {record.values.get(name) for record in change.records}
        given = [text for text in texts if text is not None]
        names[name] = find_named(connection, schema, table.field(name), given)
    return names


def update_one(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    record: RecordValues,
    names: Names,
    through: "ThroughTriggers | None",
) -> RecordId | None:
    values = {
        name: pointed(table.field(name), text, names[name]) if name in names else text
        for name, text in record.values.items()
    }
    if through is not None:
        return through.write(record._replace(values=values))
    try:
        if record.id is None:
            return insert_record(connection, table, values)
        if not values:
            return record.id
        change = UpdateRecord(table.name, record.id, values, record.was)
        return update_record(connection, table, change)
    except apsw.ConstraintError as error:
        if "FOREIGN KEY" in str(error):
            check_links(connection, schema, table, values)
        raise constraint_broken(error) from error


def pointed(field: Field, text: str | None, names: Mapping[str, list[Value]]) -> str | None:
    """The key that a link's text stands for; a text that names no record may be the key itself."""
    keys = names.get(text, []) if text is not None else []
    if len(keys) == 1:
        return format_value(field.kind, keys[0])
    link = field.link
    if link is None or text is None:
        return text
    if keys:
        raise NameNotClear(field.name, text, link.table, link.field)
    try:
        parse_value(field.name, field.kind, text)
    except ValueDoesNotFit as error:
        raise NotLinkable(field.name, text, link.table) from error
    return text


def check_links(
    connection: apsw.Connection, schema: Schema, table: Table, values: Mapping[str, str | None]
) -> None:
    """Raises RuleBroken for the first of `values` that points nowhere."""
    for name, text in values.items():
        field = table.field(name)
        target = schema.get(field.link.table) if field.link else None
        value = parse_value(name, field.kind, text)
        if field.link is None or target is None or value is None:
            continue
        column = quote(field.link.field)
        there = connection.execute(
            f"SELECT 1 FROM {quote(target.name)} WHERE {column} = ? LIMIT 1", (value,)
        )
        if there.fetchone() is None:
            raise NotLinkable(name, str(text), target.name)


def call(connection: apsw.Connection, table: Table, id_: RecordId) -> str:
    """A record as a person knows it: by its title, or by its key."""
    try:
        key = decode_id(table, id_)
        title = table.title_sql("t")
        if title is not None:
            row = connection.execute(
                f"SELECT substr({title}, 1, 60) FROM {quote(table.name)} AS t"
                f" WHERE {match_sql(table)}",
                key,
            ).fetchone()
            if row is not None and row[0]:
                return f"the record “{row[0]}”"
        return "record " + ", ".join(map(str, key))
    except (StoreError, UnicodeDecodeError):
        return "a record"
