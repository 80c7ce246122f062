"""ALTER TABLE in files where a view or trigger is broken already, as in many of other programs."""

import re

import apsw

BREAKING = re.compile(r"error in .* after (rename|drop column): ", re.DOTALL)
"""What SQLite says of a view or trigger that it would not understand any more."""


def alter(connection: apsw.Connection, sql: str) -> None:
    """Raises apsw.SQLError.

    SQLite reads every view and trigger first, and one that names a lost table or field stops it.
    Such a one is let be: all others still follow a new name.
    Source: `renameColumnParseError` and `sqlite3WritableSchema` in alter.c
    """
    try:
        connection.execute(sql)
    except apsw.SQLError as error:
        if not str(error).startswith("error in ") or BREAKING.match(str(error)):
            raise
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
        connection.execute("PRAGMA writable_schema = ON")
        try:
            connection.execute(sql)
        finally:
            connection.execute("PRAGMA writable_schema = OFF")
            connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
