"""SQL views whose records can be changed: those that have INSTEAD OF triggers. Writes nothing.

SQLite tells from which table and field each column of a view comes
(https://sqlite.org/c3ref/column_database_name.html). The columns that are the whole key of one of
these tables tell its records apart, as far as can be said without reading them: before each change
is looked whether they do.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import NamedTuple

import apsw

from .connection import rows_of
from .definition import each_token, names_in
from .errors import SeveralSuchRecords
from .ids import match_sql
from .schema import OWN_PREFIX, Doing, Field, Table, choose_title, quote
from .values import Kind, Value

NO_TRIGGER: dict[Doing, str] = {
    "add": "it is an SQL view that has no INSTEAD OF INSERT trigger.",
    "edit": "it is an SQL view that has no INSTEAD OF UPDATE trigger.",
    "delete": "it is an SQL view that has no INSTEAD OF DELETE trigger.",
}
NO_KEY = "it is an SQL view, and none of its fields tells one record from another."
DELETED = "it is an SQL view, and a table that it is made from was deleted."
EVENTS: dict[str, Doing] = {"INSERT": "add", "UPDATE": "edit", "DELETE": "delete"}
COMPOUND = ("COMPOUND QUERY", "UNION", "EXCEPT", "INTERSECT", "MERGE (")
ROWID = "rowid"
"""SQLite's name for where a column comes from that is a rowid and no field."""


class Origin(NamedTuple):
    """The table and field that a column of a view comes from."""

    table: str
    field: str


class Event(NamedTuple):
    """What a trigger does instead; `fields` (in lower case) are those that it edits, None for all
    of them."""

    doing: Doing
    fields: frozenset[str] | None = None


def read_triggers(connection: apsw.Connection) -> dict[str, list[str]]:
    """The SQL of views that have triggers, each followed by that of its triggers; by the view's
    name in lower case."""
    sql = "SELECT type, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger')"
    listed = [(kind, str(name).lower(), str(text)) for kind, name, text in rows_of(connection, sql)]
    found = {name: [text] for kind, name, text in listed if kind == "view"}
    for kind, name, text in listed:
        if kind == "trigger" and name in found:
            found[name].append(text)
    return {view: texts for view, texts in found.items() if len(texts) > 1}


def with_triggers(
    connection: apsw.Connection, tables: Mapping[str, Table], view: Table, texts: Sequence[str]
) -> Table:
    """The view as its triggers let it be changed. `texts` are its SQL and theirs."""
    if any(names_ours(text) for text in texts):
        return view._replace(why_read_only=DELETED)
    events = [event for text in texts[1:] if (event := read_event(text)) is not None]
    origins = read_origins(connection, view)
    compound = is_compound(connection, view)
    key = find_key(view.fields, origins, tables, compound=compound)
    done = {event.doing for event in events}
    refused = {doing: why for doing, why in NO_TRIGGER.items() if doing not in done}
    if not key:
        refused |= {doing: NO_KEY for doing in ("edit", "delete") if doing in done}
    fields = tuple(
        described(field, base_of(tables, origin), compound=compound)._replace(
            fixed="edit" in refused or not edits(events, field)
        )
        for field, origin in zip(view.fields, origins, strict=True)
    )
    why = None
    if len(refused) == len(NO_TRIGGER):
        why = NO_KEY if NO_KEY in refused.values() else view.why_read_only
    return view._replace(
        fields=fields,
        key=key,
        why_read_only=why,
        title_fields=choose_title(fields),
        refused=tuple(refused.items()),
    )


def names_ours(sql: str) -> bool:
    """Whether it names one of our own tables, which a deleted table becomes."""
    return OWN_PREFIX in sql.lower() and any(name.startswith(OWN_PREFIX) for name in names_in(sql))


def read_event(sql: str) -> Event | None:
    """A trigger on a view is always one INSTEAD OF something."""
    tokens = each_token(sql)  # what it does may be long, and is not read
    last = ["", ""]
    for token in tokens:
        if last == ["INSTEAD", "OF"] and token.word in EVENTS:
            doing = EVENTS[token.word]
            if doing != "edit" or next(tokens).word != "OF":
                return Event(doing)
            listed = takewhile(lambda each: each.word != "ON", tokens)
            names = (each.name for each in listed if each.text != ",")
            return Event(doing, frozenset((name or "").lower() for name in names))
        last = [last[1], token.word]
    return None


def edits(events: Sequence[Event], field: Field) -> bool:
    return any(
        event.doing == "edit" and (event.fields is None or field.name.lower() in event.fields)
        for event in events
    )


def read_origins(connection: apsw.Connection, view: Table) -> list[Origin | None]:
    """Where each field comes from; None where it is computed, or this SQLite does not tell."""
    found: list[Origin | None] = []

    def look(cursor: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        for _name, _declared, file, table, field in getattr(cursor, "description_full", ()):
            known = file == "main" and table is not None and field is not None
            found.append(Origin(str(table), str(field)) if known else None)
        return False  # nothing of the view is computed

    cursor = connection.cursor()
    cursor.exec_trace = look
    with suppress(apsw.ExecTraceAbort):
        cursor.execute(f"SELECT * FROM {quote(view.name)}")
    return found if len(found) == len(view.fields) else [None] * len(view.fields)


def is_compound(connection: apsw.Connection, view: Table) -> bool:
    """Whether records come from several SELECTs. SQLite tells the origins of one of them alone."""
    plan = rows_of(connection, f"EXPLAIN QUERY PLAN SELECT * FROM {quote(view.name)}")
    return any(str(detail).startswith(COMPOUND) for *_, detail in plan)


def find_key(
    fields: Sequence[Field],
    origins: Sequence[Origin | None],
    tables: Mapping[str, Table],
    *,
    compound: bool,
) -> tuple[str, ...]:
    """The fields that tell records apart: all that make the whole key of a table. Of a compound
    also what comes from no table, as a word that says from which SELECT a record is."""
    keys: set[Origin] = set()
    there = {Origin(o.table.lower(), o.field.lower()) for o in origins if o is not None}
    for name in {origin.table for origin in there}:
        table = tables.get(name)
        if table is None:
            continue
        whole = {Origin(name, field.lower()) for field in table.key}
        number = Origin(name, ROWID)
        if whole and whole <= there:
            keys |= whole
        elif number in there and all(field.name.lower() != ROWID for field in table.fields):
            keys.add(number)
    return tuple(
        field.name
        for field, origin in zip(fields, origins, strict=True)
        if keys
        and (
            compound
            if origin is None
            else Origin(origin.table.lower(), origin.field.lower()) in keys
        )
    )


def base_of(tables: Mapping[str, Table], origin: Origin | None) -> Field | None:
    table = tables.get(origin.table.lower()) if origin is not None else None
    if table is None or origin is None:
        return None
    return next((field for field in table.fields if field.name == origin.field), None)


def described(field: Field, base: Field | None, *, compound: bool) -> Field:
    """With what is known of the field that it shows: choices, a range, where a link leads."""
    if base is not None and not compound:
        field = field._replace(
            kind=base.kind,
            limits=base.limits,
            colours=base.colours,
            currency=base.currency,
            link=base.link,
        )
    elif base is not None and field.kind is Kind.BLOB and base.kind is not Kind.BLOB:
        # SQLite calls a field without a type so.
        field = field._replace(kind=Kind.ANY)
    # Files go into the table itself.
    return field._replace(generated=field.kind is Kind.BLOB)


def check_one(connection: apsw.Connection, view: Table, key: tuple[Value, ...]) -> None:
    """Raises SeveralSuchRecords."""
    if count_few(connection, view, key) > 1:
        raise SeveralSuchRecords(view.name, view.key)


def count_few(connection: apsw.Connection, view: Table, key: tuple[Value, ...]) -> int:
    """How many records have this key: none, one, or two for several."""
    sql = f"SELECT 1 FROM {quote(view.name)} WHERE {match_sql(view)} LIMIT 2"
    return len(connection.execute(sql, key).fetchall())
