"""The history: every change with its inverse, written in the transaction of the change itself.

Changes of records are kept as SQLite changesets (the session extension), which also hold what
foreign keys and triggers did in their wake. A table that goes away is renamed, not dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import apsw

from .acting import who_acts
from .altering import alter
from .connection import has_table
from .errors import CannotUndo
from .hearing import Told
from .schema import OWN_PREFIX, quote
from .virtual_tables import (
    holds_texts,
    shadow_tables,
)

KEPT_ENTRIES = 1_000
TRASH = f"{OWN_PREFIX}trash_"
KEPT = f"{OWN_PREFIX}kept_"
ADD_RULED = "add ruled field"
REBUILDS = ("drop field", "change field", "move field", ADD_RULED)
"""Kinds of change that need foreign keys off, in both directions."""

GROUPED = "kind IN ('records', 'file')"
"""Entries that may be one of a group, which their `new_name` names."""

MAKE_HISTORY = f"""
CREATE TABLE IF NOT EXISTS {OWN_PREFIX}history (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    sentence TEXT NOT NULL,
    kind TEXT NOT NULL,
    table_name TEXT NOT NULL,
    new_name TEXT,
    changeset BLOB,
    undone INTEGER NOT NULL DEFAULT 0,
    who TEXT,
    undone_by TEXT
)
"""
NAMES = ("who", "undone_by")
"""Columns for the name of a device. A history that an older version made gets them with the first
change that has a name."""


class Entry(NamedTuple):
    """One change in the history.

    `kind` is records, create, drop or rename (of a table), or what was done to a field: add,
    rename, drop, change, move; or view, title, file, or order (of the tables). `new_name` is the
    name that a rename gives a table, or the group of some changes of records and files;
    `changeset` is SQLite's of records, and JSON of the others.
    """

    id: int
    sentence: str
    kind: str
    table: str
    new_name: str | None
    changeset: bytes | None

    @property
    def groups(self) -> bool:
        return self.kind in ("records", "file")


def begin_session(
    connection: apsw.Connection,
    noted: set[str] | None = None,
    written: set[str] | None = None,
) -> apsw.Session:
    """Note every change of the person's records from now on, until it is closed.

    `noted` gets the names of the tables of these, and `written` of all that are written to.
    """
    indexes = frozenset(each for each in shadow_tables(connection) if not holds_texts(each))

    def is_noted(name: str) -> bool:
        if written is not None:
            written.add(name)
        # A deleted table still follows its foreign keys, so what happens to it is kept as well.
        ours = name.lower().startswith(OWN_PREFIX) and not name.startswith(TRASH)
        if ours or name in indexes:
            return False
        if noted is not None:
            noted.add(name)
        return True

    session = apsw.Session(connection, "main")
    session.config(apsw.SQLITE_SESSION_OBJCONFIG_ROWID, True)
    session.config(apsw.SQLITE_SESSION_OBJCONFIG_SIZE, True)
    session.table_filter(is_noted)
    session.attach()
    return session


@contextmanager
def recorded(
    connection: apsw.Connection, written: set[str] | None = None
) -> Iterator[apsw.Session]:
    """Note every change of the person's records that happens inside.

    `written` gets the names of all tables that are written to, also of those that are not noted.
    """
    session = begin_session(connection, written=written)
    try:
        yield session
    finally:
        session.close()


def exists(connection: apsw.Connection) -> bool:
    return has_table(connection, f"{OWN_PREFIX}history")


def write_entry(
    connection: apsw.Connection,
    sentence: str,
    kind: str,
    table: str,
    *,
    new_name: str | None = None,
    changeset: bytes | None = None,
) -> int:
    """Add the change that was just made, inside its transaction; gives the entry's id."""
    entry = add_entry(connection, sentence, kind, table, new_name=new_name, changeset=changeset)
    forget_oldest(connection, entry, entry, kind, len(changeset or b""))
    return entry


def add_entry(
    connection: apsw.Connection,
    sentence: str,
    kind: str,
    table: str,
    *,
    new_name: str | None = None,
    changeset: bytes | None = None,
) -> int:
    """Like `write_entry`, with `forget_oldest` left to the end of a step of more than one."""
    connection.execute(MAKE_HISTORY)
    if kind in ("view", "title", "file", "order") or kind.endswith(" field"):
        let_every_kind_in(connection)
    forget_undone(connection)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    entry = next_id(connection)
    connection.execute(
        f"INSERT INTO {OWN_PREFIX}history (id, at, sentence, kind, table_name, new_name, changeset)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (entry, now, sentence, kind, table, new_name, changeset),
    )
    note_name(connection, "who", entry, who_acts())
    return entry


def forget_oldest(connection: apsw.Connection, first: int, last: int, kind: str, size: int) -> None:
    """The entries beyond what is kept, after a step, the last of whose entries has `size` bytes.
    The step itself stays, however many entries it has."""
    forget_up_to(connection, min(last - KEPT_ENTRIES, first - 1))
    from .keeping import keep_within_limit, worth_a_look

    if first != last or worth_a_look(last, kind, size):
        keep_within_limit(connection)


def has_names(connection: apsw.Connection) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM pragma_table_info(?) WHERE name IN (?, ?)",
        (f"{OWN_PREFIX}history", *NAMES),
    ).fetchone()
    return found is not None and found[0] == len(NAMES)


def note_name(connection: apsw.Connection, column: str, entry: int, who: str | None) -> None:
    """Write down who made an entry, or took it back; nobody's name needs no column."""
    if not has_names(connection):
        if who is None:
            return
        for each in NAMES:
            connection.execute(f"ALTER TABLE {OWN_PREFIX}history ADD COLUMN {each} TEXT")
    if who is not None or column == "undone_by":
        connection.execute(
            f"UPDATE {OWN_PREFIX}history SET {column} = ? WHERE id = ?", (who, entry)
        )


def next_who(connection: apsw.Connection, *, redo: bool) -> str | None:
    """Who made the change that undo, or redo, would take next; None for the owner here."""
    if not exists(connection) or not has_names(connection):
        return None
    row = next_row(connection, "who", redo=redo)
    return row[0] if row else None


def set_detail(connection: apsw.Connection, entry: int, detail: bytes) -> None:
    """What is known of a change only when it is made."""
    connection.execute(
        f"UPDATE {OWN_PREFIX}history SET changeset = ? WHERE id = ?", (detail, entry)
    )


def let_every_kind_in(connection: apsw.Connection) -> None:
    """A history that an older version made checks the kinds of change that it knew."""
    name = f"{OWN_PREFIX}history"
    (sql,) = connection.execute(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,)
    ).fetchone() or ("",)
    if "CHECK" not in sql:
        return
    alter(connection, f"ALTER TABLE {name} RENAME TO {name}_before")
    connection.execute(MAKE_HISTORY)
    columns = "id, at, sentence, kind, table_name, new_name, changeset, undone"
    connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {name}_before")
    connection.execute(f"DROP TABLE {name}_before")


def group_from(connection: apsw.Connection, entry: int) -> tuple[str, str]:
    """The name of a group of entries that are undone together, which begins with `entry`, and the
    sentence of all of them."""
    group = f"group {entry}"
    connection.execute(f"UPDATE {OWN_PREFIX}history SET new_name = ? WHERE id = ?", (group, entry))
    found = connection.execute(f"SELECT sentence FROM {OWN_PREFIX}history WHERE id = ?", (entry,))
    return group, str(next(found)[0])


def forget_undone(connection: apsw.Connection) -> None:
    """A new change ends what could be redone."""
    forget(connection, "undone")


def forget_up_to(connection: apsw.Connection, entry: int) -> None:
    """The oldest entries, with whole groups: one that is half gone could only be half undone."""
    old = f"id <= {entry}"
    forget(
        connection,
        f"{old} OR ({GROUPED} AND new_name IN (SELECT new_name FROM {OWN_PREFIX}history"
        f" WHERE {old} AND {GROUPED}))",
    )


def forget(connection: apsw.Connection, condition: str) -> None:
    gone = connection.execute(
        f"SELECT id FROM {OWN_PREFIX}history WHERE {condition} AND kind IN ('create', 'drop')"
    ).fetchall()
    for (entry,) in gone:
        trash = quote(f"{TRASH}{entry}")
        # Dropping a table that others still link to would carry out ON DELETE CASCADE on them,
        # and leave their foreign keys and views without a target. Such a table stays.
        needed = connection.execute(
            "SELECT 1 FROM sqlite_schema WHERE tbl_name <> ? AND instr(sql, ?)",
            (f"{TRASH}{entry}", trash),
        ).fetchone()
        if needed is None:
            connection.execute(f"DROP TABLE IF EXISTS {trash}")
            views_follow(connection, f"{TRASH}{entry}", None)
    if gone:
        from .search_index import drop_index, orphans

        for index in orphans(connection):
            drop_index(connection, index)
    rebuilt = connection.execute(
        f"SELECT id FROM {OWN_PREFIX}history WHERE ({condition})"
        " AND (kind GLOB '* field' OR kind = 'file')"
    ).fetchall()
    for (entry,) in rebuilt:
        connection.execute(f"DROP TABLE IF EXISTS {KEPT}{entry}")
    connection.execute(f"DELETE FROM {OWN_PREFIX}history WHERE {condition}")
    from .adopting import forget_adopted

    forget_adopted(connection)


def has_trash(connection: apsw.Connection) -> bool:
    """Whether the history keeps a deleted table."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name GLOB ?", (f"{TRASH}[0-9]*",)
    )
    return found.fetchone() is not None


def next_id(connection: apsw.Connection) -> int:
    """An id that no entry has, nor any table in the trash, whose name holds its entry's id."""
    trashed = connection.execute(
        "SELECT max(CAST(substr(name, ?) AS INTEGER)) FROM sqlite_schema"
        " WHERE type = 'table' AND name GLOB ?",
        (len(TRASH) + 1, f"{TRASH}[0-9]*"),
    ).fetchone()
    newest = connection.execute(f"SELECT max(id) FROM {OWN_PREFIX}history").fetchone()
    return 1 + max(
        (row[0] for row in (trashed, newest) if row is not None and isinstance(row[0], int)),
        default=0,
    )


def next_row(connection: apsw.Connection, columns: str, *, redo: bool) -> tuple[Any, ...] | None:
    """What is noted of the entry that undo, or redo, would take next; None where there is none."""
    if not exists(connection):
        return None
    return connection.execute(
        f"SELECT {columns} FROM {OWN_PREFIX}history"
        f" WHERE undone = ? ORDER BY id {'ASC' if redo else 'DESC'} LIMIT 1",
        (int(redo),),
    ).fetchone()


def next_entries(connection: apsw.Connection, *, redo: bool) -> Iterator[Entry]:
    """The change that undo, or redo, would take next: one entry, or a group in its order.

    The next of a group is read when the one before it is done: changesets can be large.
    """
    group: str | None = None
    first = True
    columns = "id, sentence, kind, table_name, new_name, changeset"
    while True:
        row = next_row(connection, columns, redo=redo)
        entry = Entry(*row) if row else None
        if entry is None or not (first or (entry.groups and entry.new_name == group)):
            return
        yield entry
        if not entry.groups or entry.new_name is None:
            return
        first, group = False, entry.new_name


def next_group(connection: apsw.Connection, *, redo: bool) -> str | None:
    """The sentence of what undo, or redo, would take next, where that is a group."""
    row = next_row(connection, f"sentence, {GROUPED} AND new_name IS NOT NULL", redo=redo)
    return str(row[0]) if row is not None and row[1] else None


def next_bytes(connection: apsw.Connection, *, redo: bool) -> int:
    """How large the changesets are that undo, or redo, would take next, with all of their group."""
    row = next_row(connection, "kind, new_name, length(changeset)", redo=redo)
    kind, group, size = row or (None, None, 0)
    if kind in ("records", "file") and group is not None:
        (size,) = connection.execute(
            f"SELECT sum(length(changeset)) FROM {OWN_PREFIX}history"
            f" WHERE undone = ? AND {GROUPED} AND new_name = ?",
            (int(redo), group),
        ).fetchone() or (0,)
    return int(size or 0)


def next_sentence(connection: apsw.Connection, *, redo: bool) -> str | None:
    """Like `next_entry`, without reading a changeset that may be large."""
    row = next_row(connection, "sentence", redo=redo)
    return row[0] if row else None


def next_rebuilds(connection: apsw.Connection, *, redo: bool) -> bool:
    """Whether the next change to take needs a transaction that began with foreign keys off."""
    return next_kind(connection, redo=redo) in REBUILDS


def next_kind(connection: apsw.Connection, *, redo: bool) -> str | None:
    """The kind of the change that undo, or redo, would take next."""
    row = next_row(connection, "kind", redo=redo)
    return str(row[0]) if row is not None else None


def reverse(
    connection: apsw.Connection,
    entry: Entry,
    *,
    redo: bool,
    told: Told | None = None,
    stale: set[str] | None = None,
    restoring: bool = False,
) -> tuple[str | None, str | None]:
    """Undo or redo `entry` inside a transaction; gives its table's name before it and after it.

    A name is None where there is no such table. For `stale` and `restoring` see `apply_changeset`.
    Raises CannotUndo where the same records were changed since by something else.
    """
    before: str | None = entry.table
    after: str | None = entry.table
    if entry.kind == "records" and entry.changeset is not None:
        from .changesets import apply_changeset

        apply_changeset(connection, entry, redo=redo, told=told, stale=stale, restoring=restoring)
    elif entry.kind.endswith(" field"):
        from .fields import reverse_field
        from .rebuilding import nobody

        reverse_field(connection, entry, redo=redo, told=told or nobody)
    elif entry.kind == "view":
        from .saved_views import reverse_view

        reverse_view(connection, entry, redo=redo)
    elif entry.kind == "file":
        from .files import reverse_file

        reverse_file(connection, entry, redo=redo)
    elif entry.kind == "title":
        from .titles import reverse_title

        reverse_title(connection, entry, redo=redo)
    elif entry.kind == "order":
        from .table_order import reverse_order

        reverse_order(connection, entry, redo=redo)
        before = after = entry.table or None
    elif entry.kind == "rename" and entry.new_name is not None:
        names = (entry.table, entry.new_name)
        source, target = names if redo else names[::-1]
        rename(connection, entry, source, target)
        before, after = source, target
    elif (entry.kind == "create") == redo:
        rename(connection, entry, f"{TRASH}{entry.id}", entry.table)
        before = None
    else:
        rename(connection, entry, entry.table, f"{TRASH}{entry.id}")
        after = None
    connection.execute(
        f"UPDATE {OWN_PREFIX}history SET undone = ? WHERE id = ?", (int(not redo), entry.id)
    )
    note_name(connection, "undone_by", entry.id, None if redo else who_acts())
    return before, after


def rename_table(connection: apsw.Connection, source: str, target: str) -> None:
    """Rename, with every reference to it but those of views that are broken already."""
    if source != target and source.lower() == target.lower():
        # SQLite says of a name that differs in case alone that it is another table's.
        between = f"{OWN_PREFIX}renamed"
        rename_table(connection, source, between)
        source = between
    alter(connection, f"ALTER TABLE {quote(source)} RENAME TO {quote(target)}")
    views_follow(connection, source, target)


def views_follow(connection: apsw.Connection, source: str, target: str | None) -> None:
    """The saved views of a table, the title of its records, the settings of its fields and its
    place go where it goes, into the trash too, and come back with it."""
    from . import field_settings, saved_views, table_order, titles

    for room in (saved_views, titles, field_settings, table_order):
        room.follow_table(connection, source, target)


def rename(connection: apsw.Connection, entry: Entry, source: str, target: str) -> None:
    try:
        rename_table(connection, source, target)
    except apsw.SQLError as error:
        raise CannotUndo(entry.sentence) from error
