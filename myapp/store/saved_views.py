"""Saved views: a table's sort, filters, search, hidden fields and widths, under a name.

They lie in a table of our own, which is made with the first of them. A renamed table or field is
followed. What a view says of a field that is gone is passed over, and holds again when the field
comes back; the views of a deleted table wait beside it. Knows SQL and no transactions.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import apsw

from . import history
from .changes import RenameView, SaveView, ViewChange
from .conditions import changed_conditions, listed_conditions, read_conditions
from .connection import has_table, rows_of
from .errors import BadName, NoSuchTable, NoSuchView, TooManyConditions, ViewNameTaken
from .query import SavedView, Sort
from .schema import SAVED_VIEWS, Schema, Table

LONGEST_NAME = 100
UNREADABLE = (ValueError, TypeError, AttributeError, TooManyConditions)
WIDTHS = range(20, 4_000)
"""In pixels; others are nobody's wish."""


class Stored(NamedTuple):
    """One row: a name, and the rest as JSON."""

    name: str
    layout: str


def read_views(connection: apsw.Connection, table: Table) -> tuple[SavedView, ...]:
    """The table's views by name, without what they say of fields that it has not."""
    if not has_table(connection, SAVED_VIEWS):
        return ()
    found = []
    for name, text in stored_rows(connection, table.name):
        try:
            found.append(fitted(view_of(name, json.loads(text)), table))
        except UNREADABLE:
            continue  # another program may have written anything
    return tuple(sorted(found, key=lambda view: view.name.casefold()))


def stored_rows(connection: apsw.Connection, table: str) -> list[tuple[str, str]]:
    sql = (
        f"SELECT name, layout FROM {SAVED_VIEWS} WHERE lower(table_name) = lower(?)"
        " AND typeof(name) = 'text' AND typeof(layout) = 'text'"
    )
    try:
        return [(str(name), str(text)) for name, text in rows_of(connection, sql, (table,))]
    except apsw.SQLError:
        return []  # a table of this name that is not ours


# --- a view as JSON, in the file and for the page


def layout_of(view: SavedView) -> dict[str, object]:
    return {
        "sort": [f"-{sort.field}" if sort.descending else sort.field for sort in view.sort],
        "filter": listed_conditions(view.filters),
        "q": view.search,
        "hide": list(view.hidden),
        "widths": dict(view.widths),
    }


def view_of(name: str, layout: object) -> SavedView:
    """Raises ValueError, TypeError or AttributeError for what is no layout, TooManyConditions."""
    if not isinstance(layout, dict):
        raise TypeError(layout)
    sort, hidden = listed(layout.get("sort")), listed(layout.get("hide"))
    return SavedView(
        name,
        tuple(Sort(each.removeprefix("-"), each.startswith("-")) for each in sort),
        read_conditions(layout.get("filter") or []),
        str(layout.get("q") or "").strip(),
        tuple(map(str, hidden)),
        tuple(
            (str(field), int(width))
            for field, width in (layout.get("widths") or {}).items()
            if int(width) in WIDTHS
        ),
    )


def listed(part: object) -> list[Any]:
    if not isinstance(part, list | None):
        raise TypeError(part)
    return part or []


def fitted(view: SavedView, table: Table) -> SavedView:
    """The view without what it says of other fields than the table's; some field is shown."""
    names = {field.name for field in table.fields}
    hidden = tuple(each for each in view.hidden if each in names)
    return view._replace(
        sort=tuple(each for each in view.sort if each.field in names),
        filters=changed_conditions(view.filters, lambda it: it if it.field in names else None),
        hidden=hidden if len(set(hidden)) < len(names) else (),
        widths=tuple(each for each in view.widths if each[0] in names),
    )


# --- changes, inside a transaction


def change_view(connection: apsw.Connection, schema: Schema, change: ViewChange) -> None:
    """Make the change and record it. Raises NoSuchTable, NoSuchView, BadName, ViewNameTaken."""
    table = schema.get(change.table)
    if table is None:
        raise NoSuchTable(change.table)
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {SAVED_VIEWS} (id INTEGER PRIMARY KEY,"
        " table_name TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL COLLATE NOCASE,"
        " layout TEXT NOT NULL, UNIQUE (table_name, name))"
    )
    before: Stored | None = None
    after: Stored | None = None
    if isinstance(change, SaveView):
        before = find(connection, table, change.view.name)
        if before is not None and not change.replace:
            raise ViewNameTaken(before.name)
        text = json.dumps(layout_of(fitted(change.view, table)), ensure_ascii=False)
        after = Stored(checked_name(change.view.name), text)
    else:
        before = find(connection, table, change.name)
        if before is None:
            raise NoSuchView(table.name, change.name)
        if isinstance(change, RenameView):
            other = find(connection, table, change.to)
            if other is not None and other.name != before.name:
                raise ViewNameTaken(other.name)
            after = Stored(checked_name(change.to), before.layout)
    if before == after:
        return
    put(connection, table.name, before, after)
    detail = json.dumps({"before": before, "after": after}, ensure_ascii=False).encode()
    history.write_entry(connection, change.sentence, "view", table.name, changeset=detail)


def checked_name(name: str) -> str:
    if not name.strip() or "\0" in name:
        raise BadName(name.replace("\0", "�"), "a view needs a name.")
    if len(name) > LONGEST_NAME:
        raise BadName(name[:40] + "…", f"it is longer than {LONGEST_NAME} characters.")
    return name


def find(connection: apsw.Connection, table: Table, name: str) -> Stored | None:
    rows = stored_rows(connection, table.name)
    return next((Stored(*row) for row in rows if row[0].casefold() == name.casefold()), None)


def put(
    connection: apsw.Connection, table: str, before: Stored | None, after: Stored | None
) -> None:
    """`after` in place of `before`; None is no view."""
    if before is not None:
        connection.execute(
            f"DELETE FROM {SAVED_VIEWS} WHERE lower(table_name) = lower(?) AND name = ?",
            (table, before.name),
        )
    if after is not None:
        connection.execute(
            f"INSERT OR REPLACE INTO {SAVED_VIEWS} (table_name, name, layout) VALUES (?, ?, ?)",
            (table, after.name, after.layout),
        )


def reverse_view(connection: apsw.Connection, entry: history.Entry, *, redo: bool) -> None:
    """Undo or redo."""
    detail = json.loads(entry.changeset or b"{}")
    kept = [Stored(*each) if each else None for each in (detail["before"], detail["after"])]
    if has_table(connection, SAVED_VIEWS):
        put(connection, entry.table, *(kept if redo else kept[::-1]))


# --- what else happens to a table and its fields


def follow_table(connection: apsw.Connection, source: str, target: str | None) -> None:
    """The table has another name now, or is gone for good."""
    if not has_table(connection, SAVED_VIEWS) or not stored_rows(connection, source):
        return
    mine = "WHERE lower(table_name) = lower(?)"
    if target is None:
        connection.execute(f"DELETE FROM {SAVED_VIEWS} {mine}", (source,))
        return
    connection.execute(
        f"UPDATE OR REPLACE {SAVED_VIEWS} SET table_name = ? {mine}", (target, source)
    )


def follow_field(connection: apsw.Connection, table: str, old: str, new: str) -> None:
    """The field has another name now."""
    if not has_table(connection, SAVED_VIEWS):
        return

    def named(field: str) -> str:
        return new if field == old else field

    for name, text in stored_rows(connection, table):
        try:
            view = renamed(view_of(name, json.loads(text)), named)
        except UNREADABLE:
            continue
        layout = json.dumps(layout_of(view), ensure_ascii=False)
        put(connection, table, Stored(name, text), Stored(name, layout))


def renamed(view: SavedView, named: Callable[[str], str]) -> SavedView:
    return view._replace(
        sort=tuple(each._replace(field=named(each.field)) for each in view.sort),
        filters=changed_conditions(
            view.filters, lambda each: each._replace(field=named(each.field))
        ),
        hidden=tuple(map(named, view.hidden)),
        widths=tuple((named(field), width) for field, width in view.widths),
    )
