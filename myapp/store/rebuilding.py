"""Give a table another definition: a new table in its place, filled from the old one.

SQLite's own way for what ALTER TABLE cannot do, in one transaction with foreign keys off:
https://sqlite.org/lang_altertable.html#otheralter. Here the old table steps aside first, and
`legacy_alter_table` keeps what others say of it, so that every definition stays word for word.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import apsw

from .connection import row_of, rows_of
from .dependents import own_objects
from .errors import RuleBroken
from .hearing import Told
from .schema import OWN_PREFIX, ROWID_NAMES, Table, quote
from .values import Value

OLD = f"{OWN_PREFIX}old"
STEP = 20_000
"""Records copied between two words of progress."""


def nobody(_done: int, _total: int) -> None:
    """Where nobody listens."""


class Shape(NamedTuple):
    """A table's definition, and those of its indexes and triggers."""

    sql: str
    objects: tuple[str, ...]


class Copy(NamedTuple):
    """How values come over: SQL expressions by field, of the old record `o` and what `join` adds.

    Every other field takes the value of its own name.
    """

    values: Mapping[str, str]
    join: str = ""


class Keep(NamedTuple):
    """Values of a field to be kept under `name`: all, or those that became others; each with its
    record's rowid or, where they are `keyed`, its key."""

    name: str
    field: str
    became: bool
    keyed: bool = False


def keys_of(table: Table, *, keyed: bool = False) -> list[str]:
    return [table.rowid] if table.rowid and not keyed else [quote(name) for name in table.key]


def is_keyed(table: Table) -> bool:
    """Whether a key that is not the rowid tells the records apart: one that was deleted and comes
    back has its key again, and another rowid. One whose key is empty is not deleted here."""
    return table.rowid is not None and bool(table.key) and not table.numbered


def without_key(table: Table, alias: str) -> str:
    """SQL of whether a record's key is empty, in part or whole: such a one has its rowid alone."""
    keys = keys_of(table, keyed=True)
    return "(" + " OR ".join(f"{alias}.{key} IS NULL" for key in keys) + ")"


def kept_join(table: Table, name: str, alias: str = "o", *, keyed: bool = False) -> str:
    keys = enumerate(keys_of(table, keyed=keyed))
    same = " AND ".join(f"k.k{n} = {alias}.{key}" for n, key in keys)
    if keyed:
        empty = without_key(table, alias)
        same = f"(({same}) OR (k.number = {alias}.{table.rowid} AND {empty}))"
    return f" LEFT JOIN {quote(name)} AS k ON {same}"


def rebuild(
    connection: apsw.Connection,
    table: Table,
    shape: Shape,
    copy: Copy,
    keep: Keep | None = None,
    told: Told = nobody,
    astray: int | None = 0,
) -> None:
    """Inside a transaction that began with foreign keys off. Raises RuleBroken, and what `told`
    raises; apsw.SQLError where the definition is not SQLite's any more.

    No more links lead nowhere than before; of this table so many may, None for all.
    """
    name, old = quote(table.name), quote(OLD)
    books = [each.sql for each in own_objects(connection, table.name, ours=True)]
    numbered = highest_number(connection, table.name)
    family = [table.name, *linking_tables(connection, table.name)]
    broken = [broken_links(connection, each) for each in family]
    connection.execute("PRAGMA legacy_alter_table = ON")
    try:
        connection.execute(f"ALTER TABLE {name} RENAME TO {old}")
    finally:
        connection.execute("PRAGMA legacy_alter_table = OFF")
    with definitions_only(connection):
        connection.execute(shape.sql)
    copy_records(connection, table, copy, told)
    if keep is not None:
        keep_values(connection, table, keep)
    connection.execute(f"DROP TABLE {old}")
    with definitions_only(connection):
        for sql in (*shape.objects, *books):
            connection.execute(sql)
    if numbered is not None:
        connection.execute(
            "UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (numbered, table.name)
        )
        if not connection.changes():
            connection.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table.name, numbered))
    for each, before in zip(family, broken, strict=True):
        now = broken_links(connection, each)
        known = each == table.name and (astray is None or (now is not None and now <= astray))
        if before is not None and (now is None or now > before) and not known:
            raise RuleBroken(f"Links of “{each}” would not find their records any more.")


@contextmanager
def definitions_only(connection: apsw.Connection) -> Iterator[None]:
    """A definition may come out of the file's own history, and the file from anybody."""
    outside = {
        apsw.SQLITE_ATTACH,
        apsw.SQLITE_DETACH,
        apsw.SQLITE_PRAGMA,
        apsw.SQLITE_TRANSACTION,
        apsw.SQLITE_SAVEPOINT,
    }

    def allow(code: int, *_: str | None) -> int:
        return apsw.SQLITE_DENY if code in outside else apsw.SQLITE_OK

    connection.authorizer = allow
    try:
        yield
    finally:
        connection.authorizer = None


def copy_records(connection: apsw.Connection, table: Table, copy: Copy, told: Told) -> None:
    fields = [
        str(name)
        for (name,) in rows_of(
            connection,
            "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid",
            (table.name,),
        )
    ]
    targets = [quote(field) for field in fields]
    values = [copy.values.get(field, f"o.{quote(field)}") for field in fields]
    rowid = shared_rowid(table, fields)
    if rowid is not None and rowid not in targets:
        targets.insert(0, rowid)
        values.insert(0, f"o.{rowid}")
    # OR ABORT: a rule that says ON CONFLICT REPLACE or IGNORE must not lose a record here.
    insert = (
        f"INSERT OR ABORT INTO {quote(table.name)} ({', '.join(targets)})"
        f" SELECT {', '.join(values)} FROM {quote(OLD)} AS o{copy.join}"
    )
    total = int(row_of(connection, f"SELECT count(*) FROM {quote(OLD)}")[0])
    done = 0
    told(done, total)
    if rowid is None:
        connection.execute(insert)
        done = connection.changes()
    else:
        for where, bounds in steps(connection, rowid):
            connection.execute(f"{insert} WHERE {where} ORDER BY o.{rowid}", bounds)
            done += connection.changes()
            told(done, total)
    if done != total:
        raise RuleBroken(f"{done:,} of {total:,} records would have come over.")


def shared_rowid(table: Table, fields: Sequence[str]) -> str | None:
    """A name of the rowid that is no field's name, before and after; the numbering field's own."""
    if table.rowid is None or table.rowid in (quote(field) for field in fields):
        return table.rowid
    taken = {field.lower() for field in fields} | {field.name.lower() for field in table.fields}
    return next((name for name in ROWID_NAMES if name not in taken), None)


def steps(connection: apsw.Connection, rowid: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    last: int | None = None
    while True:
        after = "" if last is None else f" WHERE {rowid} > {last}"
        (end,) = row_of(
            connection,
            f"SELECT max(r) FROM (SELECT {rowid} AS r FROM {quote(OLD)}{after}"
            f" ORDER BY {rowid} LIMIT {STEP})",
        )
        if end is None:
            return
        if last is None:
            yield f"o.{rowid} <= ?", (end,)
        else:
            yield f"o.{rowid} > ? AND o.{rowid} <= ?", (last, end)
        last = int(end)


def keep_values(connection: apsw.Connection, table: Table, keep: Keep) -> None:
    """What a record had in the field, and what it has now."""
    keys, name, field = keys_of(table, keyed=keep.keyed), quote(keep.name), quote(keep.field)
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    columns = ", ".join(f"k{n}" for n in range(len(keys)))
    if keep.keyed:
        connection.execute(
            f"CREATE TABLE {name} (number INTEGER PRIMARY KEY, {columns}, was, became)"
        )
        connection.execute(f"CREATE INDEX {quote(f'{keep.name}_keys')} ON {name} ({columns})")
        keys.insert(0, str(table.rowid))
    elif table.rowid:
        connection.execute(f"CREATE TABLE {name} (k0 INTEGER PRIMARY KEY, was, became)")
    else:
        connection.execute(f"CREATE TABLE {name} ({columns}, was, became, PRIMARY KEY ({columns}))")
    had = ", ".join(f"o.{key}" for key in keys)
    if keep.became:
        same = " AND ".join(f"n.{key} = o.{key}" for key in keys_of(table))
        connection.execute(
            f"INSERT INTO {name} SELECT {had}, o.{field}, n.{field}"
            f" FROM {quote(OLD)} AS o JOIN {quote(table.name)} AS n ON {same}"
            f" WHERE typeof(o.{field}) <> typeof(n.{field})"
            f" OR o.{field} COLLATE BINARY IS NOT n.{field}"
        )
    else:
        connection.execute(
            f"INSERT INTO {name} SELECT {had}, o.{field}, NULL FROM {quote(OLD)} AS o"
            f" WHERE o.{field} IS NOT NULL"
        )


def linking_tables(connection: apsw.Connection, table: str | None = None) -> list[str]:
    """Those with links to others: to this table, or to any."""
    return [
        str(name)
        for (name,) in rows_of(
            connection,
            "SELECT DISTINCT m.name FROM sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f"
            " WHERE m.type = 'table' AND (?1 IS NULL OR lower(f.\"table\") = lower(?1)"
            " AND lower(m.name) <> lower(?1))",
            (table,),
        )
    ]


def broken_links(connection: apsw.Connection, table: str) -> int | None:
    """How many links of a table lead nowhere; None where SQLite cannot follow them at all."""
    try:
        found = row_of(connection, "SELECT count(*) FROM pragma_foreign_key_check(?)", (table,))
        return int(found[0])
    except apsw.SQLError:
        return None


def highest_number(connection: apsw.Connection, table: str) -> Value:
    """What AUTOINCREMENT gave last, which no later record may get."""
    there = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'")
    if there.fetchone() is None:
        return None
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return row[0] if row else None
