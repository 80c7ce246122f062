"""Change all records that a view finds, or that were chosen, whatever their number: a stretch after
the other, inside one transaction that notes them as one step."""

from collections.abc import Iterator

import apsw

from .applying import check_key, delete_records, parsed
from .changes import DeleteFound, FillField
from .connection import constraint_broken
from .errors import NoSuchRecord, RuleBroken, TableReadOnly, ViewChanged
from .hearing import Told
from .ids import Key, encode_id, key_of, match_sql
from .links import find_named
from .query import Query
from .schema import Field, Schema, Table, quote
from .stretches import Notes, paced
from .updating import check_links, pointed
from .values import Kind, Value
from .views import IdList, build_list

AT_ONCE = 5_000
"""Records between two words about how far it is, at most."""


def expected_keys(
    connection: apsw.Connection, schema: Schema, table: Table, query: Query, count: int
) -> IdList:
    """What the view finds, in whatever order. Raises ViewChanged where they are not `count`."""
    keys = build_list(connection, schema, table, query._replace(sort=()), 0)
    if keys.total != count:
        raise ViewChanged(table.name, count, keys.total)
    return keys


def stretches(keys: IdList, notes: Notes, told: Told | None) -> Iterator[list[Key]]:
    for some in paced(notes, keys.total, AT_ONCE):
        if told is not None:
            told(some.start, keys.total)
        yield keys.slice(some.start, len(some))
    if told is not None:
        told(keys.total, keys.total)


def delete_found(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    change: DeleteFound,
    notes: Notes,
    told: Told | None,
) -> None:
    """Raises ViewChanged, RuleBroken, StepTooLarge."""
    keys = expected_keys(connection, schema, table, change.query, change.told)
    # Records that point to each other go together, though not with one statement.
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for some in stretches(keys, notes, told):
        delete_records(connection, table, [encode_id(key) for key in some])


def fill_field(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    change: FillField,
    notes: Notes,
    told: Told | None,
) -> None:
    """Raises ViewChanged, NoSuchField, NoSuchRecord, ValueDoesNotFit, NameNotClear, RuleBroken,
    TableReadOnly, StepTooLarge."""
    field = table.field(change.field)
    if field.name in table.key or field.automatic:
        raise RuleBroken(f"The field “{field.name}” tells records apart.", field.name)
    if field.kind is Kind.BLOB:
        raise TableReadOnly(table.name, f"the field “{field.name}” holds files.")
    typed = {field.name: meant(connection, schema, field, change)}
    (value,) = parsed(table, typed).values()
    if isinstance(change.of, Query):
        keys = expected_keys(connection, schema, table, change.of, change.told)
    else:
        listed = [key_of(table, id_) for id_ in dict.fromkeys(change.of)]
        check_there(connection, table, listed)
        keys = IdList(0, len(listed), ids=listed)  # type: ignore[arg-type]
    try:
        for some in stretches(keys, notes, told):
            fill_some(connection, table, field.name, value, some)
    except apsw.ConstraintError as error:
        if "FOREIGN KEY" in str(error):
            check_links(connection, schema, table, typed)
        raise constraint_broken(error) from error


def meant(
    connection: apsw.Connection, schema: Schema, field: Field, change: FillField
) -> str | None:
    """The text, or the key of the record that it names. Raises NameNotClear, NotLinkable."""
    if change.named and change.text is not None:
        return pointed(field, change.text, find_named(connection, schema, field, [change.text]))
    return change.text


def check_there(connection: apsw.Connection, table: Table, keys: list[Key]) -> None:
    """Raises NoSuchRecord."""
    sql = f"SELECT 1 FROM {quote(table.name)} WHERE {match_sql(table)}"
    for key in keys:
        if connection.execute(sql, key if isinstance(key, tuple) else (key,)).fetchone() is None:
            raise NoSuchRecord(table.name)


def fill_some(
    connection: apsw.Connection, table: Table, field: str, value: Value, keys: list[Key]
) -> None:
    if table.key and table.rowid is not None and not table.field(table.key[0]).automatic:
        for key in keys:
            check_key(connection, table, encode_id(key))
    connection.executemany(
        f"UPDATE {quote(table.name)} SET {quote(field)} = ? WHERE {match_sql(table)}",
        ((value, *(key if isinstance(key, tuple) else (key,))) for key in keys),
    )
