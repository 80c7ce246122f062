"""Carry out a change of records or tables inside a transaction that is already open."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import apsw

from . import history
from .changes import (
    BringBack,
    Change,
    ChooseTitle,
    CreateTable,
    DeleteFound,
    DeleteRecords,
    DropTable,
    DropView,
    FieldChange,
    FillField,
    InsertRecord,
    MoveTable,
    OrderByName,
    PutBack,
    RecordChange,
    RenameTable,
    RenameView,
    SaveView,
    SetFile,
    UpdateRecord,
    UpdateRecords,
)
from .connection import blob_sql, text_of
from .errors import (
    AmountNotClear,
    BadName,
    ChangedMeanwhile,
    NameTaken,
    NoSuchRecord,
    NoSuchTable,
    NotLinkable,
    RuleBroken,
    TableReadOnly,
    TooManyFields,
    ValueDoesNotFit,
)
from .ids import decode_id, encode_id, match_sql
from .keeping import keep_within_limit
from .national import plainly, unclear_amount
from .query import RecordId
from .schema import OWN_PREFIX, Doing, NewField, Schema, Table, quote
from .stretches import Notes, noting
from .values import NO_LIMITS, SPECIAL, Kind, Value, parse_value

if TYPE_CHECKING:
    from .files import Planned

MOST_FIELDS = 1_999
LONGEST_NAME = 200
LONGEST_TITLE = 60
"""Characters of a record's title in a sentence."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a change did: the records it made or changed, and the tables (in lower case) that it
    or anything in its wake wrote to. `triggers` tells whether its own table has any, `records`
    how many came back."""

    ids: tuple[RecordId, ...] = ()
    tables: frozenset[str] = frozenset()
    triggers: bool = False
    records: int = 0


def carry_out(
    connection: apsw.Connection,
    schema: Schema,
    change: Change,
    told: Callable[[int, int], None] | None = None,
) -> Carried:
    """Make `change` and record it. `told` hears how many records are done where that takes long."""
    ids: tuple[RecordId, ...] = ()
    if isinstance(change, CreateTable):
        create_table(connection, schema, change.name, change.fields)
        history.write_entry(connection, change.sentence, "create", change.name)
        return Carried()
    if isinstance(change, DropTable):
        drop_table(connection, schema, change)
        return Carried()
    if isinstance(change, RenameTable):
        rename_table(connection, schema, change)
        return Carried()
    if isinstance(change, FieldChange):
        from .fields import change_field
        from .rebuilding import nobody

        change_field(connection, schema, change, told or nobody)
        return Carried()
    if isinstance(change, ChooseTitle):
        from .titles import choose_title

        choose_title(connection, schema, change)
        return Carried()
    if isinstance(change, MoveTable | OrderByName):
        from .table_order import change_order

        change_order(connection, schema, change)
        return Carried()
    if isinstance(change, SaveView | RenameView | DropView):
        from .saved_views import change_view

        change_view(connection, schema, change)
        return Carried()
    table = writable_table(schema, change.table, *doings_of(change))
    if table.type == "view":
        from .sql_view_changes import carry_out_through

        return carry_out_through(connection, schema, table, change)
    if isinstance(change, SetFile):
        from .files import set_file

        set_file(connection, table, change)
        return Carried((change.id,))
    if isinstance(change, PutBack):
        from .putting_back import put_back

        ids, notes = put_back(connection, schema, table, change, told)
        return carried(connection, table, ids, notes)
    if isinstance(change, BringBack):
        from .deleted import bring_back

        last, count, back = bring_back(connection, schema, change, told)
        ids = (last,) if count == 1 and last is not None else ()
        return replace(carried(connection, table, ids, back), records=count)
    sentence = change.sentence
    if isinstance(change, DeleteRecords) and len(change.ids) == 1:
        sentence += named(connection, table, change.ids[0])
    given: tuple[SetFile, ...] = ()
    later: list[Planned] = []
    with noting(connection, sentence, table.name) as notes:
        if isinstance(change, InsertRecord):
            given = change.files
            ids = (insert_record(connection, table, change.values, given),)
        elif isinstance(change, UpdateRecord):
            given = change.files
            ids = (update_record(connection, table, change) if change.values else change.id,)
        elif isinstance(change, UpdateRecords):
            from .updating import update_records

            ids = update_records(connection, schema, table, change, look=notes.look)
        elif isinstance(change, DeleteFound):
            from .whole_views import delete_found

            delete_found(connection, schema, table, change, notes, told)
        elif isinstance(change, FillField):
            from .whole_views import fill_field

            fill_field(connection, schema, table, change, notes, told)
        else:
            delete_records(connection, table, change.ids)
        if given:
            from .files import set_large, set_small

            later = set_small(connection, table, ids[0], given)
    single = isinstance(change, InsertRecord | UpdateRecord) and notes.first == notes.last
    if single and notes.first is not None and may_be_linked(connection, schema, table):
        from .adopting import note_adopted

        edited = change.values if isinstance(change, UpdateRecord) else None
        note_adopted(connection, table, ids[0], notes.first, edited)
    if later:
        set_large(connection, table, later, notes.first)
    done = carried(connection, table, ids, notes)
    return replace(done, tables=done.tables | {table.name.lower()}) if later else done


def named(connection: apsw.Connection, table: Table, id_: RecordId) -> str:
    """The title of a record, to stand behind a sentence."""
    title = table.title_sql("t")
    if title is None:
        return ""
    # As a blob: a title need not be UTF-8.
    row = connection.execute(
        f"SELECT {blob_sql(f'substr(CAST({title} AS TEXT), 1, {LONGEST_TITLE})')}"
        f" FROM {quote(table.name)} AS t WHERE {match_sql(table)}",
        decode_id(table, id_),
    ).fetchone()
    said = text_of(row[0]) if row else ""
    return f": {' '.join(said.split())}" if said.strip() else ""


def carried(
    connection: apsw.Connection, table: Table, ids: tuple[RecordId, ...], notes: Notes
) -> Carried:
    written = frozenset(name.lower() for name in notes.tables)
    return Carried(ids, written, has_triggers(connection, table))


def has_triggers(connection: apsw.Connection, table: Table) -> bool:
    found = connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?)"
        " AND name NOT GLOB ?",
        (table.name, f"{OWN_PREFIX}*"),
    )
    return found.fetchone() is not None


def may_be_linked(connection: apsw.Connection, schema: Schema, table: Table) -> bool:
    """Whether others link to the table, or a deleted one may."""
    if history.has_trash(connection):
        return True
    name = table.name.lower()
    fields = (field for other in schema.tables.values() for field in other.fields)
    return any(field.link is not None and field.link.table.lower() == name for field in fields)


def doings_of(change: RecordChange) -> frozenset[Doing]:
    """What the change does with records."""
    if isinstance(change, InsertRecord):
        return frozenset(("add",))
    if isinstance(change, DeleteRecords | DeleteFound):
        return frozenset(("delete",))
    if isinstance(change, UpdateRecords):
        return frozenset("add" if record.id is None else "edit" for record in change.records)
    return frozenset(("edit",))


def writable_table(schema: Schema, name: str, *doings: Doing) -> Table:
    """Raises NoSuchTable, TableReadOnly."""
    table = schema.get(name)
    if table is None:
        raise NoSuchTable(name)
    for why in (table.why_read_only, *map(table.why_not, sorted(doings))):
        if why is not None:
            raise TableReadOnly(table.name, why)
    return table


def parsed(table: Table, values: Mapping[str, str | None]) -> dict[str, Value]:
    """Raises NoSuchField, ValueDoesNotFit, NotLinkable."""
    result: dict[str, Value] = {}
    for name, text in values.items():
        field = table.field(name)
        if not field.writable:
            is_file = field.kind is Kind.BLOB
            what = "holds files" if is_file else "is computed from others"
            raise TableReadOnly(table.name, f"the field “{name}” {what}.")
        try:
            plain = plainly(field.kind, text)
            if field.kind is Kind.MONEY and text and unclear_amount(text):
                raise AmountNotClear(field.name, text)
            result[field.name] = parse_value(field.name, field.kind, plain, field.limits)
        except ValueDoesNotFit as error:
            if field.link is None:
                raise
            raise NotLinkable(field.name, text or "", field.link.table) from error
    return result


def returned_id(
    connection: apsw.Connection, table: Table, sql: str, values: Sequence[Value]
) -> RecordId | None:
    rows = connection.execute(sql, tuple(values)).fetchall()
    if not rows:
        return None
    row = rows[0]
    return encode_id(row[0] if table.rowid is not None and isinstance(row[0], int) else row)


def check_key(connection: apsw.Connection, table: Table, id_: RecordId) -> None:
    """Raises RuleBroken where a key field of this record is empty.

    SQLite allows that outside WITHOUT ROWID and STRICT tables, but it tells such records apart
    nowhere, so their changes could not be undone.
    """
    if table.rowid is None or not table.key or table.field(table.key[0]).automatic:
        return
    columns = ", ".join(quote(name) for name in table.key)
    row = connection.execute(
        f"SELECT {columns} FROM {quote(table.name)} WHERE {match_sql(table)}",
        decode_id(table, id_),
    ).fetchone()
    for name, value in zip(table.key, row or (), strict=False):
        if value is None:
            raise RuleBroken(f"The field “{name}” tells records apart and must not be empty.", name)


def returning(table: Table) -> str:
    if table.rowid is not None:
        return f" RETURNING {table.rowid}"
    return " RETURNING " + ", ".join(quote(name) for name in table.key)


def insert_record(
    connection: apsw.Connection,
    table: Table,
    typed: Mapping[str, str | None],
    files: Sequence[SetFile] = (),
) -> RecordId:
    values = {name: value for name, value in parsed(table, typed).items() if value is not None}
    if files:
        from .files import must_come_along

        values |= must_come_along(table, files)
    if values:
        names = ", ".join(quote(name) for name in values)
        marks = ", ".join("?" * len(values))
        body = f"({names}) VALUES ({marks})"
    else:
        body = "DEFAULT VALUES"
    sql = f"INSERT INTO {quote(table.name)} {body}{returning(table)}"
    made = returned_id(connection, table, sql, list(values.values()))
    if made is None:
        raise NoSuchRecord(table.name)
    check_key(connection, table, made)
    return made


def update_record(connection: apsw.Connection, table: Table, change: UpdateRecord) -> RecordId:
    values = parsed(table, change.values)
    check_unchanged(connection, table, decode_id(table, change.id), change.was or {})
    return write_values(connection, table, change.id, values)


def write_values(
    connection: apsw.Connection, table: Table, id_: RecordId, values: Mapping[str, Value]
) -> RecordId:
    """Gives the record's id, which may be another one then. Raises NoSuchRecord, RuleBroken."""
    key = decode_id(table, id_)
    check_key(connection, table, id_)
    assignments = ", ".join(f"{quote(name)} = ?" for name in values)
    made = returned_id(
        connection,
        table,
        f"UPDATE {quote(table.name)} SET {assignments} WHERE {match_sql(table)}{returning(table)}",
        [*values.values(), *key],
    )
    if made is None:
        raise NoSuchRecord(table.name)
    check_key(connection, table, made)
    return made


def check_unchanged(
    connection: apsw.Connection,
    table: Table,
    key: tuple[Value, ...],
    was: Mapping[str, Value],
) -> None:
    """Raises ChangedMeanwhile where a value is not what the person saw before typing."""
    if not was:
        return
    names = [table.field(name).name for name in was]
    from .reading import fetch_named

    row = fetch_named(
        connection,
        [quote(name) for name in names],
        f"FROM {quote(table.name)} WHERE {match_sql(table)}",
        key,
    )
    if row is None:
        raise NoSuchRecord(table.name)
    theirs = {
        name: now
        for name, now, then in zip(names, row, was.values(), strict=True)
        if now != then and not (isinstance(now, float) and str(now) == then)
    }
    if theirs:
        raise ChangedMeanwhile(table.name, theirs)


def delete_records(connection: apsw.Connection, table: Table, ids: Sequence[RecordId]) -> None:
    keys = [decode_id(table, id_) for id_ in ids]
    if table.rowid is not None:
        if table.key and not table.field(table.key[0]).automatic:
            for id_ in ids:
                check_key(connection, table, id_)
        listed = json.dumps([key[0] for key in keys])
        if history.has_trash(connection):
            from .linking import let_go_in_trash

            let_go_in_trash(connection, table, listed)
        connection.execute(
            f"DELETE FROM {quote(table.name)} WHERE {table.rowid} IN"
            " (SELECT value FROM json_each(?))",
            (listed,),
        )
        return
    connection.executemany(f"DELETE FROM {quote(table.name)} WHERE {match_sql(table)}", keys)


def check_name(schema: Schema, connection: apsw.Connection, name: str) -> None:
    """Raises BadName, NameTaken."""
    if not name.strip():
        raise BadName(name, "it is empty.")
    if len(name) > LONGEST_NAME:
        raise BadName(name[:40] + "…", f"it is longer than {LONGEST_NAME} characters.")
    if "\0" in name:
        raise BadName(name.replace("\0", "�"), "it has a character that cannot be shown.")
    if name.lower().startswith(("sqlite_", OWN_PREFIX)):
        raise BadName(name, "names that begin like this are kept for the program itself.")
    taken = connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE lower(name) = lower(?)", (name,)
    ).fetchone()
    if schema.get(name) is not None or taken:
        raise NameTaken(name)


def create_table(
    connection: apsw.Connection, schema: Schema, name: str, fields: Sequence[NewField]
) -> None:
    """Raises BadName, NameTaken, TooManyFields, CannotLink."""
    check_name(schema, connection, name)
    columns: dict[str, str] = {}
    if any(field.link for field in fields):
        from .linking import index_link, new_columns

        columns = new_columns(
            schema, name, key_name({each.name.lower() for each in fields}), fields
        )
    connection.execute(definition(name, fields, columns))
    for field in columns:
        index_link(connection, name, field)
    from . import table_order
    from .field_settings import follow_table, put_settings, settings_for

    follow_table(connection, name, None)
    table_order.follow_table(connection, name, None)
    settings = {
        each.name: settings_for(
            each.limits.choices,
            dict(zip(each.limits.choices, each.colours, strict=False)),
            each.currency,
        )
        for each in fields
    }
    put_settings(connection, name, settings)


def definition(
    name: str,
    fields: Sequence[NewField],
    linked: Mapping[str, str] = MappingProxyType({}),
    *,
    checked: bool = True,
) -> str:
    """The CREATE TABLE statement, with a numbered key in front, and CHECKs where they are wanted.

    `linked` has the types and references of those fields that are links.

    A key of its own keeps a record's identity through VACUUM, which may renumber bare rowids.
    Source: https://sqlite.org/lang_vacuum.html
    """
    if len(fields) > MOST_FIELDS:
        raise TooManyFields(len(fields))
    seen: set[str] = set()
    for field in fields:
        if not field.name.strip() or "\0" in field.name:
            raise BadName(field.name, "a field needs a name.")
        if field.name.lower() in seen:
            raise NameTaken(field.name)
        seen.add(field.name.lower())
    columns = [f"{quote(key_name(seen))} INTEGER PRIMARY KEY"]
    columns += [
        column_definition(field, linked.get(field.name), checked=checked) for field in fields
    ]
    return f"CREATE TABLE {quote(name)} ({', '.join(columns)})"


def column_definition(field: NewField, linked: str | None = None, *, checked: bool = True) -> str:
    """Raises RuleBroken, ValueDoesNotFit."""
    checks = ""
    if checked and linked is None and (field.kind in SPECIAL or field.limits != NO_LIMITS):
        checks = checks_of(field)
    rules = f"{' NOT NULL' if field.required else ''}{' UNIQUE' if field.unique else ''}"
    if field.default:
        from .defaults import default_literal

        literal = default_literal(field.name, field.kind, field.default, field.limits)
        rules += f" DEFAULT {literal}" if literal is not None else ""
    if linked is not None:
        return f"{quote(field.name)} {linked}{rules}"
    return f"{quote(field.name)} {field.kind.declared}{rules}{checks}"


def checks_of(field: NewField) -> str:
    from .checks import checks_sql
    from .limiting import check_new

    limits = check_new(field.name, field.kind, field.limits)
    return "".join(f" {each}" for each in checks_sql(field.name, field.kind, limits))


def key_name(taken: set[str]) -> str:
    wanted = ["id", "record_id", *(f"record_id_{number}" for number in range(2, 3000))]
    return next(name for name in wanted if name not in taken)


def drop_table(connection: apsw.Connection, schema: Schema, change: DropTable) -> None:
    table = schema.get(change.name)
    if table is None:
        raise NoSuchTable(change.name)
    if table.type != "table":
        raise TableReadOnly(table.name, table.why_read_only or "it is an SQL view.")
    entry = history.write_entry(connection, change.sentence, "drop", table.name)
    history.rename_table(connection, table.name, f"{history.TRASH}{entry}")
    keep_within_limit(connection)


def rename_table(connection: apsw.Connection, schema: Schema, change: RenameTable) -> None:
    table = schema.get(change.name)
    if table is None:
        raise NoSuchTable(change.name)
    if table.type == "view":
        raise TableReadOnly(table.name, "SQLite gives no other name to an SQL view.")
    if change.name.lower() != change.to.lower():
        check_name(schema, connection, change.to)
    history.rename_table(connection, table.name, change.to)
    history.write_entry(connection, change.sentence, "rename", table.name, new_name=change.to)
