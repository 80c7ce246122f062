"""Records that were deleted and are in the history still: listed, and brought back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import apsw

from .applying import returned_id, returning, writable_table
from .changes import BringBack
from .connection import row_of, rows_of
from .errors import CannotBringBack
from .past import HISTORY, LOOKED_THROUGH, Column, Step, Trail, changes_of, plain, walk_back
from .query import RecordId
from .schema import Schema, Table, quote
from .stretches import Notes, noting
from .values import Value

TOLD_EVERY = 1_000
"""Records that come back between two words on how far it is."""

RECORDS = 50
"""Shown on one page."""

BACK = "back "
"""Begins the name of the group in which a record came back, and says which one it was."""


class DeletedRecord(NamedTuple):
    """`number` is its place among the step's changes."""

    step: Step
    number: int
    title: str
    fields: tuple[tuple[str, Value], ...]


class DeletedRecords(NamedTuple):
    """Last deleted first. `next` is the place, a step's id and a number, from which to go on."""

    records: tuple[DeletedRecord, ...]
    next: tuple[int, int] | None


def read_deleted(
    connection: apsw.Connection, table: Table, after: tuple[int, int] | None = None
) -> DeletedRecords:
    found: list[DeletedRecord] = []
    looked = 0
    last: tuple[int, int] | None = None
    first, passed = after or (None, -1)
    for step, trail in walk_back(connection, table, None if first is None else first + 1):
        if step.kind != "records":
            continue
        if looked > LOOKED_THROUGH:
            return DeletedRecords(tuple(found), last)
        looked += step.bytes
        for number, values in gone_in(connection, trail, step):
            if step.id == first and number <= passed:
                continue
            if len(found) == RECORDS:
                return DeletedRecords(tuple(found), last)
            named = [(column, plain(value)) for column, value in trail.named(values)]
            found.append(
                DeletedRecord(
                    step,
                    number,
                    title_of(table, named),
                    tuple((column.now or column.then, value) for column, value in named),
                )
            )
            last = step.id, number
        last = step.id, 2**62
    return DeletedRecords(tuple(found), None)


def title_of(table: Table, named: list[tuple[Column, Value]]) -> str:
    values = {column.now: value for column, value in named}
    words = [str(values[name]) for name in table.title_fields if values.get(name) is not None]
    return " ".join(words).strip()


def gone_in(
    connection: apsw.Connection, trail: Trail, step: Step, back: set[str] | None = None
) -> Iterator[tuple[int, tuple[object, ...]]]:
    """What the step deleted of the trail's table, and has not come back since, or not with `back`,
    where that is given."""
    back = brought_back(connection, step) if back is None else back
    if "all" in back:
        return
    moved = step.sentence.startswith("Edit ") and comes_too(connection, trail, step)
    if moved:
        return
    with changes_of(connection, step) as changes:
        for number, change in enumerate(changes):
            if change.op == "DELETE" and trail.is_called(change.name) and str(number) not in back:
                yield number, change.old or ()


def comes_too(connection: apsw.Connection, trail: Trail, step: Step) -> bool:
    """A record whose key was edited goes and comes again under the other one."""
    with changes_of(connection, step) as changes:
        return any(each.op == "INSERT" and trail.is_called(each.name) for each in changes)


def brought_back(connection: apsw.Connection, step: Step) -> set[str]:
    start = f"{BACK}{step.id} "
    listed = rows_of(
        connection,
        f"SELECT new_name FROM {HISTORY} WHERE kind = 'records' AND NOT undone"
        " AND (substr(new_name, 1, ?) = ? OR new_name = ?)",
        (len(start), start, f"{BACK}{step.whole} all"),
    )
    return {str(name).rpartition(" ")[2] for (name,) in listed}


def bring_back(
    connection: apsw.Connection,
    schema: Schema,
    change: BringBack,
    told: Callable[[int, int], None] | None = None,
) -> tuple[RecordId | None, int, Notes]:
    """Insert records as they were, inside a transaction, and record it; gives the last one's id,
    and how many they are. A number of its own that is taken is replaced by a new one. `told` hears
    how many are back, of how many.

    Raises NoSuchTable, TableReadOnly, CannotBringBack, RuleBroken, StepTooLarge.
    """
    table = writable_table(schema, change.table)
    # Records that point to each other come back in any order.
    connection.execute("PRAGMA defer_foreign_keys = ON")
    which = "all" if change.number is None else str(change.number)
    id_: RecordId | None = None
    count = 0
    with noting(connection, change.sentence, table.name, f"{BACK}{change.step} {which}") as notes:
        for made, total in insert_gone(connection, table, change):
            id_ = made
            count += 1
            notes.look()
            if told is not None and count % TOLD_EVERY == 0:
                told(count, total)
        if not count:
            raise CannotBringBack(table.name)
    return id_, count, notes


def insert_gone(
    connection: apsw.Connection, table: Table, change: BringBack
) -> Iterator[tuple[RecordId, int]]:
    """The ids, each with how many there will be."""
    entries = list(entries_of(connection, table, change))
    alone = change.number is not None
    total = 1 if alone else sum(1 for each in entries for _ in gone_in(connection, *each))
    taken = []
    for place, (trail, step, back) in enumerate(entries):
        for number, values in gone_in(connection, trail, step, back):
            if alone and number != change.number:
                continue
            given = values_now(table, trail, values)
            if is_taken(connection, table, given):
                taken.append((place, number))
            else:
                yield insert(connection, table, given), total
    # Last, so that their new numbers are none of the others' old ones.
    for place, numbers in groupby(taken, itemgetter(0)):
        trail, step, back = entries[place]
        wanted = {number for _, number in numbers}
        for number, values in gone_in(connection, trail, step, back):
            if number in wanted:
                given = values_now(table, trail, values)
                given.pop(own_number(table) or "", None)
                yield insert(connection, table, given), total


def entries_of(
    connection: apsw.Connection, table: Table, change: BringBack
) -> Iterator[tuple[Trail, Step, set[str]]]:
    """What to look through: the entry that a record was deleted by, or all of the step; and what of
    it is back, before this change writes down that it is."""
    for step, trail in walk_back(connection, table):
        asked = step.whole if change.number is None else step.id
        if asked == change.step and step.kind == "records":
            # The walk goes on, and the trail with it.
            yield replace(trail), step, brought_back(connection, step)
        elif step.whole < change.step:
            return


def values_now(table: Table, trail: Trail, values: tuple[object, ...]) -> dict[str, Value]:
    """By the SQL name of the field; without fields that are gone or computed by now."""
    writable = {field.name for field in table.fields if field.writable or field.automatic}
    given = {
        quote(column.now): plain(value)
        for column, value in trail.named(values)
        if column.now is not None and column.now in writable
    }
    if trail.hidden_key and table.rowid is not None:
        given[table.rowid] = plain(values[0])
    return given


def own_number(table: Table) -> str | None:
    """The SQL name of the number that SQLite gives each record by itself."""
    by_itself = not table.key or table.field(table.key[0]).automatic
    return table.rowid if by_itself else None


def is_taken(connection: apsw.Connection, table: Table, given: dict[str, Value]) -> bool:
    number = own_number(table)
    if number is None or given.get(number) is None:
        return False
    sql = f"SELECT count(*) FROM {quote(table.name)} WHERE {number} = ?"
    return bool(row_of(connection, sql, (given[number],))[0])


def insert(connection: apsw.Connection, table: Table, given: dict[str, Value]) -> RecordId:
    names, marks = ", ".join(given), ", ".join("?" * len(given))
    body = f"({names}) VALUES ({marks})" if given else "DEFAULT VALUES"
    sql = f"INSERT INTO {quote(table.name)} {body}{returning(table)}"
    made = returned_id(connection, table, sql, list(given.values()))
    if made is None:
        raise CannotBringBack(table.name)
    return made
