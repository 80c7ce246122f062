"""Apply what the history noted of changes of records, or its inverse."""

import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from .altering import check_order
from .connection import any_order_known
from .errors import CannotUndo, LinksLost, LinksUnfollowed
from .hearing import Told, listening
from .history import TRASH, Entry
from .rebuilding import linking_tables
from .schema import quote
from .virtual_tables import (
    TEXTS,
    holds_texts,
    kept_by_triggers,
    make_anew,
    missing_parts,
    search_tables,
    shadow_tables,
)

UNFOLLOWED = re.compile(r"foreign key mismatch|no such table: ")
TOLD_EVERY = 50_000
"""Records that are counted between two questions whether to go on."""


def apply_changeset(
    connection: apsw.Connection,
    entry: Entry,
    *,
    redo: bool,
    told: Told | None = None,
    stale: set[str] | None = None,
    restoring: bool = False,
) -> None:
    """One of a group leaves open links to the rest of it, which `together` looks after, and adds to
    `stale` the full-text tables that have to be made anew at the end.

    While links are not looked after, it has to be `restoring`: records that come back, and values
    that nothing else can link to, with links that lead nowhere; or they are counted around it.
    Raises CannotUndo; LinksLost where a link leads nowhere; LinksUnfollowed.
    """
    flags = apsw.SQLITE_CHANGESETAPPLY_FKNOACTION
    if not redo:
        flags |= apsw.SQLITE_CHANGESETAPPLY_INVERT
    changeset = entry.changeset or b""
    shadows = shadow_tables(connection)
    texts = {each for each in shadows if holds_texts(each)}
    may_go: dict[str, bool] = {}
    adopted = restoring and not redo and came_to_links(connection, entry)
    if adopted:
        may_go[entry.table] = True
    count, written, tables, edited, indirect = 0, 0, set(), set(), False
    for change in apsw.Changeset.iter(changeset):
        count += not change.name.startswith(TRASH)  # it may have been let go since
        written += change.name in texts
        tables.add(change.name)
        if change.op == "UPDATE":
            edited.add(change.name)
        indirect = indirect or (change.indirect and change.name not in texts)
        if restoring and change.op == "INSERT":
            if adopted and change.name not in may_go:
                # Written in the wake, by a trigger.
                may_go[change.name] = not linking_tables(connection, change.name)
            if not may_go.get(change.name):
                raise LinksLost(entry.sentence)
        if told is not None and count % TOLD_EVERY == 0:
            told(0, 0)
    # What only comes back leaves no link behind.
    edited -= {entry.table} if adopted else set()
    if restoring and any(is_linked_by_others(connection, name) for name in edited):
        raise LinksLost(entry.sentence)
    kept = kept_by_triggers(connection, tables)
    indexes = search_tables(connection, kept)
    indexes |= {each.removesuffix(TEXTS) for each in tables & texts}
    # The changeset holds what triggers did; they must not do it again. What they did to a virtual
    # table it does not hold: triggers that did nothing else are left to keep it true.
    run_triggers = bool(kept) and indexes <= kept and not indirect and not stale
    # What a function that is not here keeps out was not written to a virtual table, either.
    run_triggers = run_triggers and not missing_parts(connection, tables)
    if run_triggers:
        count -= written
    passed_over = shadows if run_triggers else shadows - texts
    before = connection.total_changes()

    lost_links = False

    def refuse(why: int, _change: apsw.TableChange) -> int:
        nonlocal lost_links
        lost_links = why == apsw.SQLITE_CHANGESET_FOREIGN_KEY
        return apsw.SQLITE_CHANGESET_ABORT

    def tell() -> None:
        if told is not None:
            told(min(connection.total_changes() - before, count), count)

    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, int(run_triggers))
    # Only the texts of full-text tables are written so: of other shadow tables nothing is taken.
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, int(not written or run_triggers))
    try:
        for each in tables:
            check_order(connection, each)
        with (
            any_order_known(connection),
            listing_changed(connection, unless=run_triggers),
            listening(connection, tell),
        ):
            apsw.Changeset.apply(
                changeset,
                connection,
                filter=lambda name: name not in passed_over,
                flags=flags,
                conflict=refuse if stale is None else wait,
            )
    except apsw.SQLError as error:
        if any(not can_follow_links(connection, each) for each in tables):
            raise LinksUnfollowed(entry.sentence) from error
        raise
    except (apsw.AbortError, apsw.ConstraintError, apsw.SchemaChangeError) as error:
        raise (LinksLost if lost_links else CannotUndo)(entry.sentence) from error
    finally:
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 1)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    # SQLite passes over tables that are gone or have other fields now, without an error.
    if connection.total_changes() - before < count:
        raise CannotUndo(entry.sentence)
    if stale is not None and not run_triggers:
        stale.update(indexes)
    elif not run_triggers:
        make_anew(connection, indexes)


def came_to_links(connection: apsw.Connection, entry: Entry) -> bool:
    """Whether it made a record that links led to already, and no others do now."""
    from .adopting import is_adopted
    from .schema import read_schema

    return is_adopted(connection, read_schema(connection), entry.table, entry.id)


def can_follow_links(connection: apsw.Connection, table: str) -> bool:
    """Whether SQLite could look after the links of the table's records and to them. Where it
    cannot, it changes no record that has one or may be the target of one."""
    try:
        connection.execute(f"DELETE FROM {quote(table)} WHERE 0")
    except apsw.SQLError as error:
        return not UNFOLLOWED.match(str(error))
    return True


def wait(why: int, _change: apsw.TableChange) -> int:
    """The record that a link leads to may come with another changeset of the group."""
    links = why == apsw.SQLITE_CHANGESET_FOREIGN_KEY
    return apsw.SQLITE_CHANGESET_OMIT if links else apsw.SQLITE_CHANGESET_ABORT


@contextmanager
def listing_changed(connection: apsw.Connection, *, unless: bool) -> Iterator[None]:
    """Do what the triggers of our own search indexes would do, while triggers are off."""
    from .search_index import note_changed, read_indexes

    indexes = {index.table.lower(): index for index in read_indexes(connection)}
    changed = {table: array("q") for table in indexes}

    def note(_kind: int, _file: str, table: str, rowid: int) -> None:
        if table.lower() in changed:
            changed[table.lower()].append(rowid)

    if indexes and not unless:
        connection.set_update_hook(note)
    try:
        yield
    finally:
        connection.set_update_hook(None)
    for table, ids in changed.items():
        note_changed(connection, indexes[table], ids)


def is_linked_by_others(connection: apsw.Connection, table: str) -> bool:
    """Whether links lead to fields of the table that are not its key: a value that changes could
    leave them behind."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_schema AS s, pragma_foreign_key_list(s.name) AS f"
        ' WHERE s.type = \'table\' AND lower(f."table") = lower(?1) AND f."to" IS NOT NULL'
        ' AND lower(f."to") NOT IN (SELECT lower(name) FROM pragma_table_info(?1) WHERE pk)',
        (table,),
    )
    return found.fetchone() is not None
