"""Records that were deleted and are in the history still: listed, and brought back."""

import time
from array import array
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import apsw

from .applying import returned_id, returning, writable_table
from .changes import BringBack
from .connection import rows_of
from .errors import CannotBringBack
from .past import LOOKED_FOR, MOVES, Column, Trail, changes_of, plain, walk_back
from .query import RecordId
from .schema import Schema, Table, quote
from .steps import HISTORY, Step
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
    ends = time.monotonic() + LOOKED_FOR
    last: tuple[int, int] | None = None
    first, passed = after or (None, -1)
    for step, trail in walk_back(connection, table, None if first is None else first + 1):
        if step.kind != "records":
            continue
        if last is not None and time.monotonic() > ends:
            return DeletedRecords(tuple(found), last)
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
    return " ".join(words).strip() or number_of(table, values)


def number_of(table: Table, values: dict[str | None, Value]) -> str:
    """What a record without a name is called, where its number was kept."""
    key = next((field.name for field in table.fields if field.automatic), None)
    number = values.get(key)
    return f"Record {number}" if isinstance(number, int) else ""


def gone_in(
    connection: apsw.Connection, trail: Trail, step: Step, back: set[str] | None = None
) -> Iterator[tuple[int, tuple[object, ...]]]:
    """What the step deleted of the trail's table, and has not come back since, or not with `back`,
    where that is given."""
    back = brought_back(connection, step) if back is None else back
    if "all" in back:
        return
    moved = step.sentence.startswith(MOVES) and comes_too(connection, trail, step)
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
            if not count and change.number is None:
                notes.sentence = change.said(total)
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
    taken = [array("q") for _ in entries]
    ways = [Ways(connection, table, trail) for trail, *_ in entries]
    for place, entry in enumerate(entries):
        for number, values in gone_in(connection, *entry):
            if alone and number != change.number:
                continue
            way = ways[place].of(values)
            if way.is_taken(values):
                taken[place].append(number)
            else:
                yield way.insert(values), total
    # Last, so that their new numbers are none of the others' old ones.
    for place, numbers in enumerate(taken):
        wanted = set(numbers)
        for number, values in gone_in(connection, *entries[place]) if wanted else ():
            if number in wanted:
                yield ways[place].of(values).insert(values, anew=True), total


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


class Ways:
    """How what an entry deleted comes into its table of today, by how many values it had."""

    def __init__(self, connection: apsw.Connection, table: Table, trail: Trail) -> None:
        self.make = partial(Way, connection, table, trail)
        self.known: dict[int, Way] = {}

    def of(self, values: tuple[object, ...]) -> "Way":
        count = len(values)
        if count not in self.known:
            self.known[count] = self.make(count)
        return self.known[count]


class Way:
    """Into the fields of today, without those that are gone or computed by now."""

    def __init__(self, connection: apsw.Connection, table: Table, trail: Trail, count: int) -> None:
        self.connection, self.table = connection, table
        writable = {field.name for field in table.fields if field.writable or field.automatic}
        hidden = 1 if trail.hidden_key else 0
        # By the SQL name of the field: where its value stands.
        self.places = {
            quote(column.now): place
            for place, (column, _) in enumerate(trail.named((None,) * count), hidden)
            if column.now is not None and column.now in writable
        }
        if hidden and table.rowid is not None:
            self.places[table.rowid] = 0
        by_itself = not table.key or table.field(table.key[0]).automatic
        # Of the number that SQLite gives each record by itself.
        self.number = self.places.get(table.rowid or "") if by_itself else None
        self.find = f"SELECT 1 FROM {quote(table.name)} WHERE {table.rowid} = ?"
        self.insert_as_it_was = self.insert_sql(self.places)
        anew = {name: place for name, place in self.places.items() if place != self.number}
        self.insert_anew, self.places_anew = self.insert_sql(anew), tuple(anew.values())

    def insert_sql(self, names: Collection[str]) -> str:
        marks = ", ".join("?" * len(names))
        body = f"({', '.join(names)}) VALUES ({marks})" if names else "DEFAULT VALUES"
        return f"INSERT INTO {quote(self.table.name)} {body}{returning(self.table)}"

    def is_taken(self, values: tuple[object, ...]) -> bool:
        """Whether its number is another record's by now."""
        if self.number is None or values[self.number] is None:
            return False
        asked = (plain(values[self.number]),)
        return self.connection.execute(self.find, asked).fetchone() is not None

    def insert(self, values: tuple[object, ...], *, anew: bool = False) -> RecordId:
        """With a new number where it is made `anew`."""
        sql = self.insert_anew if anew else self.insert_as_it_was
        places = self.places_anew if anew else self.places.values()
        given = [plain(values[place]) for place in places]
        made = returned_id(self.connection, self.table, sql, given)
        if made is None:
            raise CannotBringBack(self.table.name)
        return made
