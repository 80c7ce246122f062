"""The history: every change with its inverse, written in the transaction of the change itself.

Changes of records are kept as SQLite changesets (the session extension), which also hold what
foreign keys and triggers did in their wake. A table that goes away is renamed, not dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import apsw

from .errors import CannotUndo
from .schema import OWN_PREFIX, quote

KEPT_ENTRIES = 1_000
TRASH = f"{OWN_PREFIX}trash_"

MAKE_HISTORY = f"""
CREATE TABLE IF NOT EXISTS {OWN_PREFIX}history (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    sentence TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('records', 'create', 'drop', 'rename')),
    table_name TEXT NOT NULL,
    new_name TEXT,
    changeset BLOB,
    undone INTEGER NOT NULL DEFAULT 0
)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change in the history; `new_name` is the name that a rename gives."""

    id: int
    sentence: str
    kind: str
    table: str
    new_name: str | None
    changeset: bytes | None


@contextmanager
def recorded(connection: apsw.Connection) -> Iterator[apsw.Session]:
    """Note every change of the person's records that happens inside."""
    session = apsw.Session(connection, "main")
    try:
        session.config(apsw.SQLITE_SESSION_OBJCONFIG_ROWID, True)
        session.table_filter(lambda name: not name.lower().startswith(OWN_PREFIX))
        session.attach()
        yield session
    finally:
        session.close()


def exists(connection: apsw.Connection) -> bool:
    found = connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (f"{OWN_PREFIX}history",)
    )
    return found.fetchone() is not None


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
    connection.execute(MAKE_HISTORY)
    forget_undone(connection)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    connection.execute(
        f"INSERT INTO {OWN_PREFIX}history (at, sentence, kind, table_name, new_name, changeset)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (now, sentence, kind, table, new_name, changeset),
    )
    entry = connection.last_insert_rowid()
    forget(connection, f"id <= {entry - KEPT_ENTRIES}")
    return entry


def forget_undone(connection: apsw.Connection) -> None:
    """A new change ends what could be redone."""
    forget(connection, "undone")


def forget(connection: apsw.Connection, condition: str) -> None:
    gone = connection.execute(
        f"SELECT id FROM {OWN_PREFIX}history WHERE {condition} AND kind IN ('create', 'drop')"
    ).fetchall()
    for (entry,) in gone:
        connection.execute(f"DROP TABLE IF EXISTS {quote(f'{TRASH}{entry}')}")
    connection.execute(f"DELETE FROM {OWN_PREFIX}history WHERE {condition}")


def next_entry(connection: apsw.Connection, *, redo: bool) -> Entry | None:
    """The change that undo, or redo, would take next."""
    if not exists(connection):
        return None
    row = connection.execute(
        f"SELECT id, sentence, kind, table_name, new_name, changeset FROM {OWN_PREFIX}history"
        f" WHERE undone = ? ORDER BY id {'ASC' if redo else 'DESC'} LIMIT 1",
        (int(redo),),
    ).fetchone()
    return Entry(*row) if row else None


def next_sentence(connection: apsw.Connection, *, redo: bool) -> str | None:
    """Like `next_entry`, without reading a changeset that may be large."""
    if not exists(connection):
        return None
    row = connection.execute(
        f"SELECT sentence FROM {OWN_PREFIX}history WHERE undone = ?"
        f" ORDER BY id {'ASC' if redo else 'DESC'} LIMIT 1",
        (int(redo),),
    ).fetchone()
    return row[0] if row else None


def reverse(connection: apsw.Connection, entry: Entry, *, redo: bool) -> str:
    """Undo or redo `entry` inside a transaction; gives the name of the table to show after it.

    Raises CannotUndo where the same records were changed since by something else.
    """
    shown = entry.table
    if entry.kind == "records" and entry.changeset is not None:
        apply_changeset(connection, entry, redo=redo)
    elif entry.kind == "rename" and entry.new_name is not None:
        names = (entry.table, entry.new_name)
        source, target = names if redo else names[::-1]
        rename(connection, entry, source, target)
        shown = target
    elif (entry.kind == "create") == redo:
        rename(connection, entry, f"{TRASH}{entry.id}", entry.table)
    else:
        rename(connection, entry, entry.table, f"{TRASH}{entry.id}")
    connection.execute(
        f"UPDATE {OWN_PREFIX}history SET undone = ? WHERE id = ?", (int(not redo), entry.id)
    )
    return shown


def apply_changeset(connection: apsw.Connection, entry: Entry, *, redo: bool) -> None:
    flags = apsw.SQLITE_CHANGESETAPPLY_FKNOACTION
    if not redo:
        flags |= apsw.SQLITE_CHANGESETAPPLY_INVERT
    # The changeset holds what triggers did; they must not do it again.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    try:
        apsw.Changeset.apply(entry.changeset or b"", connection, flags=flags)
    except (apsw.AbortError, apsw.ConstraintError, apsw.SchemaChangeError) as error:
        raise CannotUndo(entry.sentence) from error
    finally:
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 1)


def rename(connection: apsw.Connection, entry: Entry, source: str, target: str) -> None:
    try:
        connection.execute(f"ALTER TABLE {quote(source)} RENAME TO {quote(target)}")
    except apsw.SQLError as error:
        raise CannotUndo(entry.sentence) from error
