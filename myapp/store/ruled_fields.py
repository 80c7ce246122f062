"""Add a field with rules, required, unique or a default value, by a rebuild of its table.

SQLite's ALTER TABLE adds no UNIQUE, no NOT NULL without a default, and no default that it computes.
The records that are there take the default as it is at that moment, also when it is done again.
"""

from typing import Literal, NamedTuple

import apsw

from . import history
from .changes import AddField
from .checks import checks_sql
from .connection import row_of
from .defaults import as_value, default_literal, literal
from .definition import Column, plain
from .dependents import check_sound, own_objects, sound
from .errors import CannotUndo, RuleBroken, StoreError, ValueDoesNotFit
from .field_rules import definition_of, shape_of
from .field_settings import NO_SETTINGS, as_json, from_json, put_settings, settings_for
from .hearing import Told
from .limiting import check_new
from .linking import check_emptied, index_sql, is_strict, linked_type, reference_sql, target_of
from .planning import new_type
from .rebuilding import Copy, Shape, broken_links, rebuild
from .rebuilt_fields import field_names, write
from .schema import Field, NewField, Schema, Table, quote, read_schema
from .search_index import note_rebuilt
from .values import Kind, Value


class RuleRefused(RuleBroken):
    """A rule that a new field cannot have; `rule` names which."""

    def __init__(self, field: str, rule: Literal["required", "unique", "default"], why: str):
        super().__init__(f"“{field}” {why}", field)
        self.rule = rule


class DefaultUnfit(StoreError):
    """A default value that the field itself would not take."""

    rule = "default"


class Ruled(NamedTuple):
    """What the history keeps: definitions before and after, the SQL of the value that the records
    took, the settings as JSON, and how many links led nowhere before."""

    field: str
    before: str
    before_objects: tuple[str, ...]
    after: str
    after_objects: tuple[str, ...]
    given: str
    settings: str
    astray: int | None = 0


def add_ruled(
    connection: apsw.Connection, schema: Schema, table: Table, change: AddField, told: Told
) -> None:
    """Raises RuleRefused, DefaultUnfit, RuleBroken, FieldFixed, NoSuchTable, CannotLink, Emptied;
    FieldInUse where a view or trigger could not be with one field more."""
    field = change.field
    if field.kind is Kind.BLOB:
        rule: Literal["required", "unique"] = "required" if field.required else "unique"
        raise RuleRefused(field.name, rule, "holds files, which take no such rule.")
    before = shape_of(connection, table)
    after, default = planned(connection, schema, table, field, before)
    check_records(connection, table, field, default)
    colours = dict(zip(field.limits.choices, field.colours, strict=False))
    settings = settings_for(field.limits.choices, colours, field.currency)
    given = "NULL" if default is None else frozen(connection, default)
    astray = broken_links(connection, table.name)
    detail = Ruled(field.name, *before, *after, given, as_json(settings), astray)
    understood = sound(connection)
    write(connection, change, history.ADD_RULED, table.name, detail._asdict())
    carry_out(connection, table, detail, told)
    check_sound(connection, understood, table, field.name)


def planned(
    connection: apsw.Connection, schema: Schema, table: Table, field: NewField, shape: Shape
) -> tuple[Shape, str | None]:
    """The table with the field, and the SQL of its default."""
    definition, objects = definition_of(table, shape), shape.objects
    name = quote(field.name)
    rules = ["NOT NULL"] if field.required else []
    rules += ["UNIQUE"] if field.unique else []
    if field.link is not None:
        check_emptied(field.name, field.link, required=field.required)
        target, key = target_of(schema, field.link)
        declared = linked_type(key, strict=is_strict(connection, table.name))
        default = default_of(field, key.kind)
        check_linked(connection, target, key, field, default)
        rest = [reference_sql(target.name, key.name, field.link.on_delete)]
        if not field.unique:
            objects = (*objects, index_sql(connection, table.name, field.name)[1])
    else:
        limits = check_new(field.name, field.kind, field.limits)
        declared = new_type(definition, field.name, field.kind)
        default = default_of(field, field.kind)
        rest = checks_sql(field.name, field.kind, limits)
    rules += [f"DEFAULT {default}"] if default is not None else []
    text = " ".join(part for part in (name, declared, *rules, *rest) if part)
    column = Column(field.name, text, name, declared, ())
    definition = definition._replace(columns=(*definition.columns, column))
    return Shape(definition.sql, objects), default


def default_of(field: NewField, kind: Kind) -> str | None:
    """Its SQL. Raises DefaultUnfit."""
    try:
        return default_literal(field.name, kind, field.default, field.limits)
    except ValueDoesNotFit as error:
        raise DefaultUnfit(error.sentence) from error


def check_linked(
    connection: apsw.Connection, target: Table, key: Field, field: NewField, default: str | None
) -> None:
    """Raises RuleRefused where the default would lead nowhere."""
    if default is None:
        return
    found = connection.execute(
        f"SELECT 1 FROM {quote(target.name)} WHERE {quote(key.name)} = {as_value(default)}"
    )
    if found.fetchone() is None:
        why = (
            f"cannot have this default value: no record of “{target.name}” has the "
            f"{key.name} “{field.default}”."
        )
        raise RuleRefused(field.name, "default", why)


def check_records(
    connection: apsw.Connection, table: Table, field: NewField, default: str | None
) -> None:
    """Raises RuleRefused where the records that are there could not keep to the rules."""
    (count,) = row_of(connection, f"SELECT count(*) FROM {quote(table.name)}")
    if not count or not (field.required or field.unique):
        return
    if field.required and field.unique and count > 1:
        why = (
            f"cannot be required and unique at once: the {count:,} records that are there would"
            " all have the same value, or none. Add it without the two, fill it, and change it"
            " then."
        )
        raise RuleRefused(field.name, "required", why)
    if field.required and default is None:
        there = f"{count:,} records" if count > 1 else "one record"
        verb = "are" if count > 1 else "is"
        why = (
            f"cannot be required without a default value: it would be empty in the {there} that"
            f" {verb} there."
        )
        raise RuleRefused(field.name, "required", why)
    if field.unique and default is not None and count > 1:
        why = (
            f"cannot be unique with a default value: the {count:,} records that are there would"
            " all have the same."
        )
        raise RuleRefused(field.name, "unique", why)


def frozen(connection: apsw.Connection, default: str) -> str:
    """The default as the plain value that it is now."""
    value: Value = row_of(connection, f"SELECT {as_value(default)}")[0]
    return literal(value) or "NULL"


def carry_out(connection: apsw.Connection, table: Table, detail: Ruled, told: Told) -> None:
    shape = Shape(detail.after, tuple(detail.after_objects))
    rebuild(connection, table, shape, Copy({detail.field: detail.given}), told=told)
    put_settings(connection, table.name, {detail.field: from_json(detail.settings)})
    note(connection, table, detail)


def add_again(
    connection: apsw.Connection, entry: history.Entry, detail: Ruled, *, redo: bool, told: Told
) -> None:
    """Undo or redo. Raises CannotUndo where the table, or what the field holds, is another."""
    before = Shape(detail.before, tuple(detail.before_objects))
    after = Shape(detail.after, tuple(detail.after_objects))
    source, target = (before, after) if redo else (after, before)
    table = read_schema(connection).get(entry.table)
    if table is None or plain(shape_of(connection, table).sql) != plain(source.sql):
        raise CannotUndo(entry.sentence)
    known = {plain(sql) for sql in source.objects}
    theirs = tuple(
        each.sql for each in own_objects(connection, table.name) if plain(each.sql) not in known
    )
    objects = (*target.objects, *theirs)
    if redo:
        again = detail._replace(after=target.sql, after_objects=objects)
        carry_out(connection, table, again, told)
        return
    column = quote(detail.field)
    # Another program may have filled it since.
    used = connection.execute(
        f"SELECT 1 FROM {quote(table.name)}"
        f" WHERE {column} COLLATE BINARY IS NOT {detail.given} LIMIT 1"
    )
    if used.fetchone() is not None:
        raise CannotUndo(entry.sentence)
    shape = Shape(target.sql, objects)
    rebuild(connection, table, shape, Copy({}), told=told, astray=detail.astray)
    put_settings(connection, table.name, {detail.field: NO_SETTINGS})
    note(connection, table, detail)


def note(connection: apsw.Connection, table: Table, detail: Ruled) -> None:
    """Tell the search index which records say something else now."""
    before = [field.name for field in table.fields]
    others = f"SELECT {table.rowid} FROM {quote(table.name)}" if detail.given != "NULL" else None
    note_rebuilt(connection, table.name, before, field_names(connection, table.name), others)
