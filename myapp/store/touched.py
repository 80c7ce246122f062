"""What each step on a page of the history changed: its table as it is called today, its records
where they are few, and the values of a single one. How much is read of a step is bounded."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

import apsw

from .beginnings import MOST, UNKNOWN, Changed, Known, Unknown, read_beginning
from .connection import rows_of
from .deleted import BACK
from .file_events import detail_of
from .ids import decode_key, encode_id
from .past import MOVES, Trail, plain
from .present import cut, find_record, key_for, key_of_row
from .query import RecordId
from .schema import Schema, Table
from .steps import HISTORY, Step, read_steps
from .tables_then import TablesThen
from .values import BlobSize, LongText, Shown, Value

FEW = 3
"""Records that are named, and fields of one of them."""

ENTRIES = 4
"""Of one step, that are looked at."""

What = Literal["made", "changed", "deleted"]


class ValueChanged(NamedTuple):
    """`gone` where the table has this field no more; then it is called as it was."""

    field: str
    before: Shown
    after: Shown
    gone: bool


class TouchedRecord(NamedTuple):
    """`table` and `title` are those of today, or the last that is known; `id` is None where the
    record is not there. `key` asks for the past of one that is not, where that can be told.
    `entry` and `number` bring a deleted one back; they are None where it `is_back`."""

    table: str
    title: str
    what: What
    id: RecordId | None
    key: RecordId | None = None
    entry: int | None = None
    number: int | None = None
    is_back: bool = False


class StepTold(NamedTuple):
    """`table` is None where there is none of today. `more` says how many records are not named; it
    is None of very many, which are neither named nor counted. `fields` are those of the only
    record."""

    step: Step
    table: str | None
    records: tuple[TouchedRecord, ...] = ()
    fields: tuple[ValueChanged, ...] = ()
    more: int | None = 0


class Found(NamedTuple):
    """A change of a record, with its place among those of the history's `entry`."""

    table: Table
    identity: tuple[Value, ...]
    what: What
    indirect: bool
    values: tuple[tuple[str, bool, Known, Known], ...]
    entry: int
    number: int


def read_told(
    connection: apsw.Connection, schema: Schema, before: int | None = None
) -> tuple[StepTold, ...]:
    """As `read_steps`, one more than a page shows."""
    steps = read_steps(connection, before)
    if not steps:
        return ()
    then = TablesThen(connection, schema, steps[-1].id)
    teller = Teller(connection, then)
    undone = [teller.tell(step) for step in reversed(steps) if step.undone]
    return (*reversed(undone), *(teller.tell(step) for step in steps if not step.undone))


class Teller:
    def __init__(self, connection: apsw.Connection, then: TablesThen) -> None:
        self.connection, self.then = connection, then
        self.back = {
            str(name).removeprefix(BACK)
            for (name,) in rows_of(
                connection,
                f"SELECT new_name FROM {HISTORY} WHERE kind = 'records' AND NOT undone"
                " AND new_name GLOB ?",
                (f"{BACK}*",),
            )
        }

    def tell(self, step: Step) -> StepTold:
        table = self.then.table_of(step)
        told = StepTold(step, table.name if table else None)
        if step.kind not in ("records", "file"):
            return told
        try:
            return self.with_records(told)
        except apsw.SQLError:  # let go of meanwhile
            return told

    def with_records(self, told: StepTold) -> StepTold:
        step = told.step
        entries = entries_of(self.connection, step)
        if len(entries) == ENTRIES:
            return told._replace(more=None)
        found: list[Found] = []
        whole, many = True, False
        for entry, kind in entries:
            if kind == "file":
                found += self.of_file(step, entry)
                continue
            beginning = read_beginning(self.connection, entry)
            whole = whole and beginning.whole
            many = many or (not beginning.whole and len(beginning.changes) == MOST)
            found += self.of_changes(step, entry, beginning.changes)
        records = sorted(moved_as_one(step, found), key=lambda each: each.indirect)
        if many:
            return told._replace(more=None)
        told = told._replace(
            records=tuple(self.record(step, each) for each in records[:FEW]),
            more=max(0, len(records) - FEW),
        )
        if len(records) == 1 and whole and records[0].what == "changed":
            told = told._replace(fields=tuple(values_of(records[0])))
        return told

    def of_changes(self, step: Step, entry: int, changes: Iterable[Changed]) -> Iterator[Found]:
        tables = self.then.at(step)
        for number, change in enumerate(changes):
            known = tables.get(change.name.lower())
            if known is None or known.table.type != "table":
                continue
            values = change.old or change.new
            identity = identity_in(known.trail, known.table, values)
            if identity is None:
                continue
            what: What = "made" if not change.old else "deleted" if not change.new else "changed"
            named = named_values(known.trail, change) if known.fields_known else ()
            yield Found(known.table, identity, what, change.indirect, tuple(named), entry, number)

    def of_file(self, step: Step, entry: int) -> Iterator[Found]:
        """A large file, of which the history tells the name."""
        known = self.then.at(step).get(step.table.lower())
        detail = detail_of(self.connection, entry)
        if known is None or known.table.rowid is None:
            return
        names = {column.then: column.now for column in known.trail.columns}
        field = detail.beside or detail.field
        now = names.get(field)
        before, after = detail.names
        values = ((now or field, now is None, before, after),) if detail.beside else ()
        if detail.key is None:
            identity = key_of_row(self.connection, known.table, detail.rowid)
        else:
            identity = decode_key(detail.key)
        if identity is not None and len(identity) == max(len(known.table.key), 1):
            yield Found(known.table, identity, "changed", False, values, entry, 0)

    def record(self, step: Step, found: Found) -> TouchedRecord:
        table = found.table
        there = find_record(self.connection, table, found.identity)
        told = TouchedRecord(table.name, "", found.what, None)
        is_deleted = found.what == "deleted" and not step.undone
        is_back = is_deleted and bool(
            {f"{found.entry} {found.number}", f"{step.id} all"} & self.back
        )
        if there is not None and (is_back or not is_deleted):
            id_, title = there
            return told._replace(id=id_, title=title or called(found), is_back=is_back)
        told = told._replace(title=called(found), is_back=is_back)
        if there is None and (table.rowid is None or table.numbered or not table.key):
            told = told._replace(key=encode_id(key_for(table, found.identity)))
        if is_deleted and not is_back:
            told = told._replace(entry=found.entry, number=found.number)
        return told


def entries_of(connection: apsw.Connection, step: Step) -> list[tuple[int, str]]:
    """The first entries of a step, and their kinds, newest first."""
    listed = rows_of(
        connection,
        f"SELECT id, kind, new_name FROM {HISTORY} WHERE id <= ? ORDER BY id DESC LIMIT ?",
        (step.id, ENTRIES),
    )
    found: list[tuple[int, str]] = []
    group: str | None = None
    for entry, kind, name in listed:
        if found and (name is None or name != group or kind not in ("records", "file")):
            break
        found.append((int(entry), str(kind)))
        group = name
    return found


def identity_in(trail: Trail, table: Table, values: tuple[Known, ...]) -> tuple[Value, ...] | None:
    places = trail.key_places(table.key)
    if places is None or max(places) >= len(values):
        return None
    found = tuple(values[place] for place in places)
    if any(isinstance(each, Unknown | BlobSize | LongText) for each in found):
        return None
    return found  # type: ignore[return-value]


def named_values(trail: Trail, change: Changed) -> Iterator[tuple[str, bool, Known, Known]]:
    """Field, whether it is gone, its value before and after."""
    count = max(len(change.old), len(change.new))
    old = trail.named(change.old or (None,) * count)
    new = trail.named(change.new or (None,) * count)
    for (column, was), (_, now) in zip(old, new, strict=True):
        if was is not UNKNOWN or now is not UNKNOWN:
            yield column.now or column.then, column.now is None, was, now  # type: ignore[misc]


def moved_as_one(step: Step, found: list[Found]) -> list[Found]:
    """A record once, whatever happened to it; one whose key was edited as one that was changed."""
    merged: dict[tuple[str, tuple[Value, ...]], Found] = {}
    # Oldest first: what was made and then got its file was made.
    for each in reversed(found):
        first = merged.setdefault((each.table.name, each.identity), each)
        if first is not each and first.what == "changed":
            joined = first._replace(values=first.values + each.values)
            merged[each.table.name, each.identity] = joined
    records = list(merged.values())
    if not step.sentence.startswith(MOVES):
        return records
    gone = [each for each in records if each.what == "deleted" and not each.indirect]
    come = [each for each in records if each.what == "made" and not each.indirect]
    if not gone or not come:
        return records
    if len(gone) == len(come) == 1:
        were = {field: was for field, _, was, _ in gone[0].values}
        values = tuple(
            (field, lost, were.get(field, UNKNOWN), now) for field, lost, _, now in come[0].values
        )
        moved = [come[0]._replace(what="changed", values=values)]
    else:
        moved = [each._replace(what="changed", values=()) for each in come]
    kept = [each for each in records if each not in gone and each not in come]
    return moved + kept


def values_of(found: Found) -> Iterator[ValueChanged]:
    """The first few fields that a change of one record put another value in."""
    told = 0
    for field, gone, before, after in found.values:
        if isinstance(after, Unknown) or isinstance(before, Unknown) or before == after:
            continue
        if told == FEW:
            return
        told += 1
        yield ValueChanged(field, before, after, gone)


def called(found: Found) -> str:
    """As far as the change itself tells: by its title, or else by its number or key."""
    values = {
        name: plain(value.prefix if isinstance(value, LongText) else value)
        for name, gone, was, now in found.values
        for value in ((was if found.what == "deleted" else now),)
        if not gone
    }
    words = " ".join(str(values[name]) for name in found.table.title_fields if values.get(name))
    if words.strip():
        return cut(words)
    return "Record " + ", ".join(map(str, found.identity))
