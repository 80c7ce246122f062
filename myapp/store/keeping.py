"""How much of the history is kept: so many bytes, and the oldest steps go first.

Deleted tables that the history can bring back count with what they take in the file.
"""

from typing import NamedTuple

import apsw

from . import history
from .connection import has_table, row_of, rows_of
from .schema import OWN_PREFIX

HISTORY = f"{OWN_PREFIX}history"
SIZES = f"{OWN_PREFIX}history_sizes"
"""Bytes by the name of a table that is kept hidden, measured once; and by LIMIT what is allowed."""

LIMIT = "limit"
LEAST, PART = 256_000_000, 4
"""Without a limit of its own a history may take LEAST bytes, or one PART of its file."""

LOOKED_AT, EVERY = 16 << 10, 16
"""Small changes of records are counted together: their sizes are added up every so many."""

KEPT_TABLES = (history.TRASH, history.KEPT)
"""How the names of hidden tables begin; their entry's id follows."""


class Cost(NamedTuple):
    """What the history takes in the file, in bytes. `own_limit` is None where none was set."""

    steps: int
    bytes: int
    limit: int
    own_limit: int | None


def worth_a_look(entry: int, kind: str, size: int) -> bool:
    return kind != "records" or size >= LOOKED_AT or entry % EVERY == 0


def keep_within_limit(connection: apsw.Connection) -> None:
    """Forget the oldest steps beyond the limit, inside a transaction; never the newest one."""
    measure_tables(connection)
    sizes = entry_sizes(connection, table_sizes(connection))
    total, limit = sum(size for _, size in sizes), limit_of(connection)
    newest = first_of_newest(connection)
    last_gone = None
    for entry, size in sizes:
        if total <= limit or newest is None or entry >= newest:
            break
        total -= size
        last_gone = entry
    if last_gone is not None:
        history.forget_up_to(connection, last_gone)
        forget_sizes(connection)


def entry_sizes(connection: apsw.Connection, tables: dict[str, int]) -> list[tuple[int, int]]:
    """Bytes by entry, oldest first."""
    hidden: dict[int, int] = {}
    for name, size in tables.items():
        entry = entry_of(name)
        hidden[entry] = hidden.get(entry, 0) + size
    return [
        (int(entry), int(size) + hidden.get(int(entry), 0))
        for entry, size in rows_of(
            connection,
            f"SELECT id, coalesce(length(changeset), 0) FROM {HISTORY} ORDER BY id",
        )
    ]


def first_of_newest(connection: apsw.Connection) -> int | None:
    """Where the step begins that undo would take back."""
    row = connection.execute(
        f"SELECT id, kind, new_name FROM {HISTORY} WHERE NOT undone ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    entry, kind, group = row
    if kind not in ("records", "file") or group is None:
        return int(str(entry))
    sql = f"SELECT min(id) FROM {HISTORY} WHERE {history.GROUPED} AND new_name = ?"
    return int(row_of(connection, sql, (str(group),))[0])


def hidden_tables(connection: apsw.Connection) -> list[str]:
    names = rows_of(
        connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND (name GLOB ? OR name GLOB ?)",
        tuple(f"{start}[0-9]*" for start in KEPT_TABLES),
    )
    return [str(name) for (name,) in names]


def entry_of(name: str) -> int:
    digits = name.rpartition("_")[2]
    return int(digits) if digits.isdigit() else 0


def measure_tables(connection: apsw.Connection) -> None:
    """Write down how large each hidden table is: it does not change any more."""
    forget_sizes(connection)
    hidden = hidden_tables(connection)
    if not hidden:
        return
    make_sizes(connection)
    known = noted(connection)
    for name in hidden:
        if name not in known:
            connection.execute(
                f"INSERT INTO {SIZES} (name, bytes) VALUES (?, ?)",
                (name, measure(connection, name)),
            )


def measure(connection: apsw.Connection, table: str) -> int:
    """Bytes of a table with its indexes, found by reading its pages."""
    trees = rows_of(
        connection, "SELECT name FROM sqlite_schema WHERE tbl_name = ? AND rootpage > 0", (table,)
    )
    sql = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name = ? AND aggregate = 1"
    return sum(int(row_of(connection, sql, (name,))[0]) for (name,) in list(trees))


def table_sizes(connection: apsw.Connection) -> dict[str, int]:
    """Bytes of the hidden tables, measured where it is not known yet."""
    known = noted(connection)
    return {
        name: known[name] if name in known else measure(connection, name)
        for name in hidden_tables(connection)
    }


def make_sizes(connection: apsw.Connection) -> None:
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {SIZES} (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL)"
        " WITHOUT ROWID"
    )


def noted(connection: apsw.Connection) -> dict[str, int]:
    if not has_table(connection, SIZES):
        return {}
    return {
        str(name): int(size)
        for name, size in rows_of(connection, f"SELECT name, bytes FROM {SIZES}")
    }


def forget_sizes(connection: apsw.Connection) -> None:
    """Of tables that are hidden no more."""
    known = noted(connection)
    gone = set(known) - set(hidden_tables(connection)) - {LIMIT}
    if gone and gone == set(known):
        connection.execute(f"DROP TABLE {SIZES}")
        return
    for name in gone:
        connection.execute(f"DELETE FROM {SIZES} WHERE name = ?", (name,))


def forget_size(connection: apsw.Connection, table: str) -> None:
    """Of one hidden table that holds something else now."""
    if table in noted(connection):
        connection.execute(f"DELETE FROM {SIZES} WHERE name = ?", (table,))


def limit_of(connection: apsw.Connection) -> int:
    own = noted(connection).get(LIMIT)
    return default_limit(connection) if own is None else own


def default_limit(connection: apsw.Connection) -> int:
    """In bytes: a part of the file's own size, and never less than `LEAST`."""
    pages = row_of(connection, "PRAGMA page_count")[0]
    return max(LEAST, int(pages) * int(row_of(connection, "PRAGMA page_size")[0]) // PART)


def set_limit(connection: apsw.Connection, limit: int | None) -> None:
    """Inside a transaction. What is over the limit goes at once; None stands for the default."""
    make_sizes(connection)
    connection.execute(f"DELETE FROM {SIZES} WHERE name = ?", (LIMIT,))
    if limit is not None:
        connection.execute(f"INSERT INTO {SIZES} (name, bytes) VALUES (?, ?)", (LIMIT, limit))
    if history.exists(connection):
        keep_within_limit(connection)


def forget_everything(connection: apsw.Connection) -> None:
    """Inside a transaction. The records stay as they are, and nothing can be undone."""
    if history.exists(connection):
        history.forget(connection, "1")
        forget_sizes(connection)


def read_cost(connection: apsw.Connection) -> Cost:
    steps, size = 0, 0
    if history.exists(connection):
        steps, size = row_of(
            connection,
            f"SELECT count(DISTINCT CASE WHEN {history.GROUPED} THEN coalesce(new_name, id) ELSE id"
            f" END), coalesce(sum(length(changeset)), 0) FROM {HISTORY}",
        )
    size += sum(table_sizes(connection).values())
    return Cost(int(steps), int(size), limit_of(connection), noted(connection).get(LIMIT))
