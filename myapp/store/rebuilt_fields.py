"""Drop, change and move a field by a rebuild of its table, and do or undo that again.

The history keeps both definitions, and a hidden table the values that went away.
"""

import json
from base64 import b64decode, b64encode
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import apsw

from . import history
from .changes import ChangeField, DropField, FieldChange, MoveField
from .changesets import apply_changeset
from .connection import row_of
from .definition import plain
from .dependents import (
    check_free,
    check_order_free,
    check_sound,
    check_understood,
    own_objects,
    sound,
)
from .dropping import plan_drop
from .errors import CannotUndo
from .field_rules import shape_of
from .field_settings import NO_SETTINGS, as_json, find_settings, from_json, put_settings
from .fitting import Fit, fit_functions, fit_sql
from .hearing import Told
from .matching import FOUND, JOIN, Match, make_missing, matched, plan_match
from .planning import plan_change, plan_move
from .rebuilding import (
    Copy,
    Keep,
    Shape,
    broken_links,
    is_keyed,
    kept_join,
    linking_tables,
    rebuild,
    without_key,
)
from .schema import LinkTo, Schema, Table, quote, read_schema
from .search_index import note_rebuilt
from .values import NO_LIMITS, Kind, Limits


class Detail(NamedTuple):
    """What the history keeps of a rebuild: definitions before and after, and what became of values.

    `kinds` are those before and after where the type changed; `fill` is the SQL of a default that
    empty values took. With `kept` a hidden table holds the values that went away, by the records'
    keys where it is `keyed`, and else by their rowids. `last` is the highest of these, where VACUUM
    would give the records others. `limits` are those after, `renamed`
    choices by both names, and `settings` the field's, before and after, as JSON.

    `match` is how values became links, `made` the changeset of linked records that were made for
    them. `astray` links led nowhere before; None where SQLite could not follow them.
    """

    field: str
    before: str
    before_objects: tuple[str, ...]
    after: str
    after_objects: tuple[str, ...]
    kinds: tuple[str, str] | None = None
    fill: str | None = None
    kept: bool = False
    last: int | None = None
    limits: tuple[Any, ...] | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    settings: tuple[str, str] | None = None
    match: Match | None = None
    made: str | None = None
    astray: int | None = 0
    keyed: bool = False

    @property
    def fit(self) -> Fit | None:
        if self.kinds is None:
            return None
        choices, low, high = self.limits or NO_LIMITS
        renamed = tuple((str(old), str(new)) for old, new in self.renamed)
        old, new = (Kind(each) for each in self.kinds)
        return Fit(old, new, Limits(tuple(choices), low, high), renamed)

    @property
    def rebuilds(self) -> bool:
        """Whether anything but the settings changes."""
        return self.shapes[0] != self.shapes[1] or self.kept

    @property
    def shapes(self) -> tuple[Shape, Shape]:
        return (
            Shape(self.before, tuple(self.before_objects)),
            Shape(self.after, tuple(self.after_objects)),
        )


def rebuild_for(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    change: DropField | ChangeField | MoveField,
    told: Told,
) -> None:
    """Raises as `change_field` does."""
    field = table.field(change.field)
    before = shape_of(connection, table)
    fit, fill, match, made = None, None, None, None
    settings = was = find_settings(connection, table.name, field.name)
    if isinstance(change, DropField):
        kind, after, settings = "drop field", plan_drop(table, field, before), NO_SETTINGS
        check_free(connection, table, field.name)
    elif isinstance(change, MoveField):
        kind, after = "move field", plan_move(table, field, before, change.to)
        if after != before:
            check_order_free(connection, table, field.name)
    else:
        kind = "change field"
        if change.misfits == "make" and isinstance(change.link, LinkTo):
            wanted = plan_match(schema, field, change.link, change.by)
            made = wanted and make_missing(connection, schema, table, field, wanted)
        planned = plan_change(connection, schema, table, field, before, change, told)
        after, fit, fill, settings, match = planned
    if after == before and fill is None and fit is None and settings == was:
        return
    kept = fill is not None or fit is not None or match is not None
    kept = kept or (kind == "drop field" and not field.generated)
    keyed = kept and is_keyed(table)
    last = last_rowid(connection, table, keyed=keyed) if kept else None
    detail = Detail(field.name, *before, *after, fill=fill, kept=kept, last=last, match=match)
    detail = detail._replace(
        made=b64encode(made).decode() if made else None,
        astray=broken_links(connection, table.name),
        keyed=keyed,
    )
    if fit is not None:
        kinds = fit.old.value, fit.new.value
        detail = detail._replace(kinds=kinds, limits=fit.limits, renamed=fit.renamed)
    if settings != was:
        detail = detail._replace(settings=(as_json(was), as_json(settings)))
    understood = sound(connection)
    if kind == "drop field":
        check_understood(connection, understood, table, field.name)
    entry = write(connection, change, kind, table.name, detail._asdict())
    carry_out(connection, table, kind, detail, f"{history.KEPT}{entry}", told)
    check_sound(connection, understood, table, field.name)


def carry_out(
    connection: apsw.Connection, table: Table, kind: str, detail: Detail, kept: str, told: Told
) -> None:
    """The rebuild itself, the first time and each time that it is done again."""
    if detail.settings is not None:
        put_settings(connection, table.name, {detail.field: from_json(detail.settings[1])})
    if not detail.rebuilds:
        return
    column = f"o.{quote(detail.field)}"
    value, join = column, ""
    if detail.fit is not None:
        fit_functions(connection, detail.field, detail.fit)
        _, value = fit_sql(value, detail.fit)
    if detail.fill is not None:
        value = f"coalesce({value}, {detail.fill})"
    keep = None
    if detail.kept:
        keep = Keep(kept, detail.field, became=kind == "change field", keyed=detail.keyed)
    matching: AbstractContextManager[None] = nullcontext()
    if detail.match is not None:
        value, join = FOUND, JOIN.format(quote(detail.field))
        matching = matched(connection, table.name, detail.field, Match(*detail.match))
    values = {detail.field: value} if value != column else {}
    with matching:
        rebuild(connection, table, detail.shapes[1], Copy(values, join), keep, told)
    note(connection, table, kind, detail, kept)


def rebuild_again(
    connection: apsw.Connection, entry: history.Entry, detail: Detail, *, redo: bool, told: Told
) -> None:
    """Raises CannotUndo where the table has changed otherwise since."""
    if not redo and detail.settings is not None:
        put_settings(connection, entry.table, {detail.field: from_json(detail.settings[0])})
    if not detail.rebuilds:
        if redo and detail.settings is not None:
            put_settings(connection, entry.table, {detail.field: from_json(detail.settings[1])})
        return
    source, target = detail.shapes if redo else detail.shapes[::-1]
    table = read_schema(connection).get(entry.table)
    if table is None or plain(shape_of(connection, table).sql) != plain(source.sql):
        raise CannotUndo(entry.sentence)
    known = {plain(sql) for sql in source.objects}
    theirs = tuple(
        each.sql for each in own_objects(connection, table.name) if plain(each.sql) not in known
    )
    target = Shape(target.sql, target.objects + theirs)
    kept = f"{history.KEPT}{entry.id}"
    if redo:
        again = detail._replace(after=target.sql, after_objects=target.objects)
        reverse_made(connection, entry, detail, redo=True)
        carry_out(connection, table, entry.kind, again, kept, told)
        return
    copy = Copy({})
    if detail.kept:
        check_numbers(connection, table, detail, entry)
        column = f"o.{quote(detail.field)}"
        join = kept_join(table, kept, keyed=detail.keyed)
        value, there = "k.was", "k.number" if detail.keyed else "k.k0"
        if entry.kind == "change field":
            check_untouched(connection, table, detail.field, join, there, entry)
            value = f"CASE WHEN {there} IS NULL THEN {column} ELSE k.was END"
        copy = Copy({detail.field: value}, join)
    rebuild(connection, table, target, copy, told=told, astray=detail.astray)
    note(connection, table, entry.kind, detail, kept)
    connection.execute(f"DROP TABLE IF EXISTS {quote(kept)}")
    reverse_made(connection, entry, detail, redo=False)


def reverse_made(
    connection: apsw.Connection, entry: history.Entry, detail: Detail, *, redo: bool
) -> None:
    """The linked records that were made for values go, or come again. Raises CannotUndo."""
    if detail.match is None or detail.made is None:
        return
    target = Match(*detail.match).table
    family = [target, *linking_tables(connection, target)]
    before = [broken_links(connection, each) for each in family]
    made = entry._replace(kind="records", changeset=b64decode(detail.made))
    apply_changeset(connection, made, redo=redo)
    # Records that are made again may have defaults that lead nowhere, as they had at first.
    for each, was in list(zip(family, before, strict=True))[redo:]:
        now = broken_links(connection, each)
        if was is not None and (now is None or now > was):
            raise CannotUndo(entry.sentence)


def note(connection: apsw.Connection, table: Table, kind: str, detail: Detail, kept: str) -> None:
    """Tell the search index which records say something else now."""
    before = [field.name for field in table.fields]
    after = field_names(connection, table.name)
    if detail.kept and detail.keyed:
        join = kept_join(table, kept, keyed=True)
        others = (
            f"SELECT o.{table.rowid} FROM {quote(table.name)} AS o{join} WHERE k.number IS NOT NULL"
        )
    elif detail.kept:
        others = f"SELECT k0 FROM {quote(kept)}"
    elif kind == "drop field":
        # A computed field keeps no values.
        others = f"SELECT {table.rowid} FROM {quote(table.name)}"
    else:
        others = None
    note_rebuilt(connection, table.name, before, after, others)


def last_rowid(connection: apsw.Connection, table: Table, *, keyed: bool) -> int | None:
    """The highest of rowids that VACUUM may change: those of no field, with gaps between them; of
    `keyed` records those without their key."""
    if table.rowid is None or table.numbered:
        return None
    if keyed:
        return highest_without_key(connection, table)
    last, count = row_of(
        connection, f"SELECT max({table.rowid}), count(*) FROM {quote(table.name)}"
    )
    return None if last is None or last == count else int(last)


def highest_without_key(connection: apsw.Connection, table: Table) -> int | None:
    empty = without_key(table, "t")
    (last,) = row_of(
        connection, f"SELECT max(t.{table.rowid}) FROM {quote(table.name)} AS t WHERE {empty}"
    )
    return None if last is None else int(last)


def check_numbers(
    connection: apsw.Connection, table: Table, detail: Detail, entry: history.Entry
) -> None:
    """Raises CannotUndo where kept values would come to other records than they were of."""
    if detail.last is None:
        return
    if detail.keyed:
        last = highest_without_key(connection, table)
    else:
        (last,) = row_of(connection, f"SELECT max({table.rowid}) FROM {quote(table.name)}")
    if last is None or last < detail.last:
        raise CannotUndo(entry.sentence)


def check_untouched(
    connection: apsw.Connection,
    table: Table,
    field: str,
    join: str,
    there: str,
    entry: history.Entry,
) -> None:
    """Raises CannotUndo where another program wrote over a value that would come back."""
    changed = row_of(
        connection,
        f"SELECT count(*) FROM {quote(table.name)} AS o{join}"
        f" WHERE {there} IS NOT NULL AND o.{quote(field)} COLLATE BINARY IS NOT k.became",
    )[0]
    if changed:
        raise CannotUndo(entry.sentence)


def write(
    connection: apsw.Connection, change: FieldChange, kind: str, table: str, detail: dict[str, Any]
) -> int:
    written = json.dumps(detail, ensure_ascii=False).encode()
    return history.write_entry(connection, change.sentence, kind, table, changeset=written)


def field_names(connection: apsw.Connection, table: str) -> list[str]:
    listed = connection.execute(
        "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1 ORDER BY cid", (table,)
    )
    return [str(name) for (name,) in listed]
