"""Real SQLite files, made small, and the music shop where it lies beside the checkout."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from myapp.store import Database, create_database, open_database

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """Make a file with the given statements, as another program would, and open it."""
    made: list[Database] = []

    def make(*statements: str, name: str = "foreign.db") -> Database:
        path = tmp_path / name
        raw(path, *statements)
        database = open_database(path)
        made.append(database)
        return database

    yield make
    for database in made:
        database.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Database]:
    database = create_database(tmp_path / "own.sqlite")
    yield database
    database.close()


@pytest.fixture
def chinook(tmp_path: Path) -> Iterator[Database]:
    source = SHARED / "chinook.sqlite"
    if not source.exists():
        pytest.skip(f"{source} is not here")
    shutil.copyfile(source, tmp_path / "chinook.sqlite")
    database = open_database(tmp_path / "chinook.sqlite")
    yield database
    database.close()


def raw(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """Run statements as another program, over a connection of its own; the last one's rows."""
    connection = apsw.Connection(str(path))
    try:
        rows: list[tuple[object, ...]] = []
        for statement in statements:
            rows = list(connection.execute(statement))
        return rows
    finally:
        connection.close()


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the person has in the file: definitions and records, by table.

    SQLite puts a name in quotes when it renames a table; that is no difference.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found = {}
        listed = connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " AND tbl_name NOT LIKE '\\_myapp\\_%' ESCAPE '\\' AND type = 'table'"
        )
        for name, sql in list(listed):
            quoted = '"' + str(name).replace('"', '""') + '"'
            found[str(name)] = [
                (str(sql).replace('"', ""),),
                *sorted(connection.execute(f"SELECT * FROM {quoted}"), key=repr),
            ]
        return found
    finally:
        connection.close()


def everything(path: Path) -> list[tuple[object, ...]]:
    """The person's definitions of every kind, and all records with their types, in order."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found: list[tuple[object, ...]] = []
        listed = connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
            " AND name NOT LIKE '\\_myapp\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'"
            " AND tbl_name NOT LIKE '\\_myapp\\_%' ESCAPE '\\' ORDER BY type, name"
        )
        for kind, name, sql in list(listed):
            # SQLite sets quotes, and moves spaces, where it renames.
            found.append((kind, name, re.sub(r'[\s"]', "", str(sql))))
            if kind == "table" and "VIRTUAL" not in str(sql):
                quoted = '"' + str(name).replace('"', '""') + '"'
                rows = connection.execute(f"SELECT * FROM {quoted}")
                found += sorted(
                    ((name, *((type(value).__name__, value) for value in row)) for row in rows),
                    key=repr,
                )
        return found
    finally:
        connection.close()
