"""ALTER TABLE in files where a view or trigger is broken already, as in many of other programs."""

import re

import apsw

from .connection import any_order_known
from .schema import quote

BREAKING = re.compile(r"error in .* after (rename|drop column): ", re.DOTALL)
"""What SQLite says of a view or trigger that it would not understand any more."""


def check_order(connection: apsw.Connection, table: str) -> None:
    """Raises apsw.SQLError where an index of the table is in an order of texts that is not here:
    its records cannot be written anew, not even by undo."""
    try:
        connection.execute(f"DELETE FROM {quote(table)} WHERE 0")
    except apsw.SQLError as error:
        if str(error).startswith(("no such collation sequence", "no query solution")):
            raise


def alter(connection: apsw.Connection, sql: str) -> None:
    """Inside a transaction. Raises apsw.SQLError.

    SQLite reads every view and trigger first, and one that names a lost table or field stops it.
    Such a one is let be: all others still follow a new name.
    Source: `renameColumnParseError` and `sqlite3WritableSchema` in alter.c
    """
    if " DROP COLUMN " not in sql:
        # No record is read or written, though SQLite asks for the order of every index.
        with any_order_known(connection):
            alter_past_broken(connection, sql)
    else:
        alter_past_broken(connection, sql)


def alter_past_broken(connection: apsw.Connection, sql: str) -> None:
    try:
        connection.execute(sql)
    except apsw.SQLError as error:
        if not str(error).startswith("error in ") or BREAKING.match(str(error)):
            raise
        if not passed_over(connection, sql):
            # A broken trigger of the table itself: it follows where none of the others does.
            connection.execute("PRAGMA legacy_alter_table = ON")
            try:
                connection.execute(sql)
            finally:
                connection.execute("PRAGMA legacy_alter_table = OFF")


def passed_over(connection: apsw.Connection, sql: str) -> bool:
    """Carry it out past what is broken, unless SQLite could not read the file's definitions then:
    a broken trigger goes on naming the table that it is of."""
    connection.execute("SAVEPOINT altering")
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
    connection.execute("PRAGMA writable_schema = ON")
    try:
        connection.execute(sql)
        # Has it read anew.
        connection.execute("PRAGMA writable_schema = RESET")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except (apsw.CorruptError, apsw.SQLError):
        connection.execute("ROLLBACK TO altering")
        return False
    finally:
        connection.execute("PRAGMA writable_schema = RESET")
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.execute("RELEASE altering")
    return True
