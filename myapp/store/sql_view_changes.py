"""Change records of an SQL view through its INSTEAD OF triggers, inside a transaction.

What the triggers do is theirs alone: each record is looked for by its key before, and looked at
again afterwards. The history keeps what they did to the tables below. What it could not keep whole
is refused, and so is a change by which nothing changes.
"""

from collections.abc import Mapping, Sequence

import apsw

from . import history
from .applying import Carried, check_unchanged, named, parsed
from .changes import (
    DeleteFound,
    DeleteRecords,
    FillField,
    InsertRecord,
    RecordChange,
    RecordValues,
    UpdateRecord,
    UpdateRecords,
)
from .connection import constraint_broken, row_of
from .errors import (
    LinkBroken,
    NoSuchRecord,
    NothingDone,
    RuleBroken,
    SeveralSuchRecords,
    StepTooLarge,
    TableReadOnly,
    ViewChanged,
)
from .ids import decode_id, encode_id, key_sql, keys_sql, match_sql
from .query import Query, RecordId
from .schema import Field, Schema, Table, quote
from .selection import select_for
from .sql_views import ROWID, check_one, count_few, read_origins
from .stretches import LARGEST_ENTRY
from .unrecorded import recorded_whole
from .values import Value


def carry_out_through(
    connection: apsw.Connection, schema: Schema, view: Table, change: RecordChange
) -> Carried:
    """Make `change` and record it. Raises NothingDone, NotTakenBack, SeveralSuchRecords,
    NoSuchRecord, TableReadOnly, and as a change of a table does."""
    sentence = change.sentence
    if isinstance(change, DeleteRecords) and len(change.ids) == 1:
        sentence += named(connection, view, change.ids[0])
    through = ThroughTriggers(connection, schema, view)
    with recorded_whole(connection, schema, view) as session:
        ids = through.make(change)
        changeset = session.changeset()
        if isinstance(change, InsertRecord):
            ids = through.find_new(change, changeset)
    if through.ran and not changeset:
        raise NothingDone(view.name)
    if len(changeset) > LARGEST_ENTRY:
        raise StepTooLarge
    if changeset:
        history.write_entry(connection, sentence, "records", view.name, changeset=changeset)
    written = frozenset(each.name.lower() for each in apsw.Changeset.iter(changeset))
    return Carried(ids, written, triggers=True)


class ThroughTriggers:
    """Writes to one view. `ran` says whether any trigger was asked to do something."""

    def __init__(self, connection: apsw.Connection, schema: Schema, view: Table) -> None:
        self.connection, self.schema, self.view = connection, schema, view
        self.name = quote(view.name)
        self.ran = False

    def make(self, change: RecordChange) -> tuple[RecordId, ...]:
        """The ids, as far as they are known."""
        if isinstance(change, UpdateRecords):
            from .updating import update_records

            return update_records(self.connection, self.schema, self.view, change, self)
        if isinstance(change, InsertRecord) and not change.files:
            self.insert(change.values)
        elif isinstance(change, UpdateRecord) and not change.files:
            id_ = self.update(RecordValues(change.id, change.values, change.was))
            return (id_,) if id_ is not None else ()
        elif isinstance(change, DeleteRecords):
            self.delete(change.ids)
        elif isinstance(change, DeleteFound):
            condition, parameters = self.found(change.query, change.told)
            self.run(f"DELETE FROM {self.name} WHERE {condition}", parameters)
        elif isinstance(change, FillField):
            self.fill(change)
        else:
            why = "it is an SQL view, and files and deleted records go into the tables below it."
            raise TableReadOnly(self.view.name, why)
        return ()

    def run(self, sql: str, parameters: Sequence[Value]) -> None:
        """Raises NothingDone, RuleBroken."""
        before = self.connection.total_changes()
        self.ran = True
        try:
            self.connection.execute(sql, tuple(parameters))
        except apsw.ConstraintError as error:
            raise self.broken(error) from error
        if self.connection.total_changes() == before:
            raise NothingDone(self.view.name)

    def broken(self, error: apsw.ConstraintError) -> RuleBroken:
        """What a table below refused; it may name a field that the view has not."""
        found = constraint_broken(error)
        if found.field is not None and all(each.name != found.field for each in self.view.fields):
            found.field = None
        return found

    # --- one record

    def write(self, record: RecordValues) -> RecordId | None:
        """One of many."""
        if record.id is not None:
            return self.update(record) if record.values else record.id
        self.insert(record.values)
        return None

    def insert(self, typed: Mapping[str, str | None]) -> None:
        values = {
            name: value for name, value in parsed(self.view, typed).items() if value is not None
        }
        body = "DEFAULT VALUES"
        if values:
            names, marks = ", ".join(map(quote, values)), ", ".join("?" * len(values))
            body = f"({names}) VALUES ({marks})"
        self.run(f"INSERT INTO {self.name} {body}", list(values.values()))

    def update(self, record: RecordValues) -> RecordId | None:
        """The record's id as it is then; None where the view does not show it any more."""
        view = self.view
        for name in record.values:
            self.check_edited(view.field(name))
        values = parsed(view, record.values)
        key = self.key_there(record.id or "")
        check_unchanged(self.connection, view, key, record.was or {})
        if self.stored(values, key) == tuple(values.values()):
            return record.id
        after = tuple(values.get(name, now) for name, now in zip(view.key, key, strict=True))
        taken = after != key and count_few(self.connection, view, after) > 0
        assignments = ", ".join(f"{quote(name)} = ?" for name in values)
        sql = f"UPDATE {self.name} SET {assignments} WHERE {match_sql(view)}"
        self.run(sql, [*values.values(), *key])
        for each in (key,) if taken else dict.fromkeys((after, key)):
            if count_few(self.connection, view, each) == 1:
                return encode_id(each)
        return None

    def check_edited(self, field: Field) -> None:
        """Raises TableReadOnly. What is computed or holds files is refused where it is read."""
        if field.fixed and field.writable:
            why = f"the field “{field.name}” is edited by no trigger of the SQL view."
            raise TableReadOnly(self.view.name, why)

    def key_there(self, id_: RecordId) -> tuple[Value, ...]:
        """The key of the one record that has it. Raises NoSuchRecord, SeveralSuchRecords."""
        key = decode_id(self.view, id_)
        check_one(self.connection, self.view, key)
        return key

    def stored(self, names: Mapping[str, Value], key: tuple[Value, ...]) -> tuple[Value, ...]:
        """Raises NoSuchRecord."""
        columns = ", ".join(map(quote, names)) or "1"
        sql = f"SELECT {columns} FROM {self.name} WHERE {match_sql(self.view)}"
        row = self.connection.execute(sql, key).fetchone()
        if row is None:
            raise NoSuchRecord(self.view.name)
        return tuple(row)

    def find_new(self, change: InsertRecord, changeset: bytes) -> tuple[RecordId, ...]:
        """The id of the record that was added, where it can be told: by the keys that the tables
        below were given, and those that were typed."""
        typed = parsed(self.view, change.values)
        known: dict[str, Value] = {}
        for field, origin in zip(
            self.view.fields, read_origins(self.connection, self.view), strict=True
        ):
            if field.name not in self.view.key:
                continue
            made = None if origin is None else self.made_in(origin.table, origin.field, changeset)
            value = typed.get(field.name) if made is None else made
            if value is not None:
                known[field.name] = value
        if not known:
            return ()
        columns = ", ".join(map(quote, self.view.key))
        condition = " AND ".join(f"{quote(name)} IS ?" for name in known)
        sql = f"SELECT {columns} FROM {self.name} WHERE {condition} LIMIT 2"
        keys = self.connection.execute(sql, tuple(known.values())).fetchall()
        return (encode_id(keys[0]),) if len(keys) == 1 else ()

    def made_in(self, name: str, field: str, changeset: bytes) -> Value:
        """What the one new record of a table below holds in a field of its key, or its rowid."""
        table = self.schema.get(name)
        made = [
            change.new or ()
            for change in apsw.Changeset.iter(changeset)
            if change.op == "INSERT" and change.name.lower() == name.lower()
        ]
        if table is None or len(made) != 1:
            return None
        stored = [each.name for each in table.fields if not each.generated]
        # Without a key of its own the rowid stands before the fields.
        columns = stored if table.key else [ROWID, *stored]
        value = made[0][columns.index(field)] if field in columns else None
        return value if isinstance(value, int | float | str | bytes) else None

    # --- many records, by one statement

    def delete(self, ids: Sequence[RecordId]) -> None:
        condition, parameters = self.chosen(ids)
        self.run(f"DELETE FROM {self.name} WHERE {condition}", parameters)

    def fill(self, change: FillField) -> None:
        from .updating import check_links
        from .whole_views import meant

        view, field = self.view, self.view.field(change.field)
        self.check_edited(field)
        typed = {field.name: meant(self.connection, self.schema, field, change)}
        (value,) = parsed(view, typed).values()
        if isinstance(change.of, Query):
            condition, parameters = self.found(change.of, change.told)
        else:
            condition, parameters = self.chosen(change.of)
        column = quote(field.name)
        other = f"SELECT 1 FROM {self.name} WHERE ({condition}) AND {column} IS NOT ? LIMIT 1"
        if self.connection.execute(other, (*parameters, value)).fetchone() is None:
            return
        sql = f"UPDATE {self.name} SET {column} = ? WHERE {condition}"
        try:
            self.run(sql, (value, *parameters))
        except LinkBroken:
            check_links(self.connection, self.schema, view, typed)
            raise

    def chosen(self, ids: Sequence[RecordId]) -> tuple[str, tuple[Value, ...]]:
        """A condition that finds these records. Raises NoSuchRecord, SeveralSuchRecords."""
        keys = list(dict.fromkeys(decode_id(self.view, id_) for id_ in ids))
        condition, parameters = (
            (match_sql(self.view), keys[0]) if len(keys) == 1 else keys_sql(self.view, keys)
        )
        if self.count(condition, parameters) < len(keys):
            raise NoSuchRecord(self.view.name)
        return condition, parameters

    def found(self, query: Query, told: int) -> tuple[str, tuple[Value, ...]]:
        """A condition that finds what a query finds. Raises ViewChanged, SeveralSuchRecords."""
        view = self.view
        selection = select_for(self.schema, view, query)
        source = f"FROM {self.name} AS t{selection.where}"
        (now,) = row_of(self.connection, f"SELECT count(*) {source}", selection.parameters)
        if now != told:
            raise ViewChanged(view.name, told, now)
        # SQLite knows no alias in a statement that changes a view.
        condition = f"{key_sql(view)} IN (SELECT {key_sql(view, 't.')} {source})"
        self.count(condition, selection.parameters)
        return condition, selection.parameters

    def count(self, condition: str, parameters: Sequence[Value]) -> int:
        """How many records it finds. Raises SeveralSuchRecords where some have the same key."""
        sql = f"SELECT count(*), count(DISTINCT {key_sql(self.view)}) FROM {self.name}"
        total, keys = row_of(self.connection, f"{sql} WHERE {condition}", parameters)
        if total != keys:
            raise SeveralSuchRecords(self.view.name, self.view.key)
        return int(total)
