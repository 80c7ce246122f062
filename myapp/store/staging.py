"""An import on its way: records gather in a hidden table that becomes visible in one step."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

import apsw

from . import history
from .applying import check_name, definition
from .changes import Applied
from .connection import row_of, rows_of
from .schema import STAGING, NewField, Schema, quote
from .values import Value

IMPORT_CHECKPOINT_PAGES = 20_000
"""Fewer, larger checkpoints while importing: about 80 MB of WAL between two."""

Writing = Callable[[], AbstractContextManager[apsw.Connection]]


class Staging:
    """Made by `Database.stage`. Leaving it as a context manager cancels unless it is finished."""

    def __init__(
        self,
        writing: Writing,
        schema: Callable[[apsw.Connection], Schema],
        version: Callable[[], int],
        table: str,
        fields: Sequence[NewField],
    ) -> None:
        self.writing, self.schema, self.version = writing, schema, version
        self.table, self.fields = table, tuple(fields)
        self.records = 0
        self.done = False
        with writing() as connection:
            check_name(schema(connection), connection, table)
            number = 1 + max(
                (
                    int(name.removeprefix(STAGING))
                    for (name,) in rows_of(
                        connection,
                        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?",
                        (f"{STAGING}[0-9]*",),
                    )
                ),
                default=0,
            )
            self.name = f"{STAGING}{number}"
            connection.execute(definition(self.name, self.fields))
        names = ", ".join(quote(field.name) for field in self.fields)
        marks = ", ".join("?" * len(self.fields))
        self.insert = f"INSERT INTO {quote(self.name)} ({names}) VALUES ({marks})"

    def append(self, records: Iterable[Sequence[Value]]) -> None:
        """Add a batch in a transaction of its own. Text becomes a number by the field's affinity.

        Raises DiskFull and the other errors of this room; nothing visible has changed then.
        """
        with self.writing() as connection:
            connection.wal_autocheckpoint(IMPORT_CHECKPOINT_PAGES)
            before = connection.total_changes()
            connection.executemany(self.insert, records)
            self.records += connection.total_changes() - before

    def texts_among_numbers(self, fields: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Of number fields: how many values stayed text, and one of them, up to 80 characters."""
        if not fields:
            return {}
        columns = ", ".join(
            f"count(*) FILTER (WHERE typeof({quote(name)}) = 'text'),"
            f" min(substr({quote(name)}, 1, 80)) FILTER (WHERE typeof({quote(name)}) = 'text')"
            for name in fields
        )
        with self.writing() as connection:
            found = row_of(connection, f"SELECT {columns} FROM {quote(self.name)}")
        counted = zip(fields, found[::2], found[1::2], strict=True)
        return {name: (count, example) for name, count, example in counted if count}

    def finish(self) -> Applied:
        """Make the table visible under its name. Raises NameTaken where it was taken meanwhile."""
        sentence = f"Import {self.records:,} records into {self.table}"
        with self.writing() as connection:
            check_name(self.schema(connection), connection, self.table)
            history.rename_table(connection, self.name, self.table)
            history.write_entry(connection, sentence, "create", self.table)
        self.done = True
        return Applied(sentence, self.table, (), self.version())

    def cancel(self) -> None:
        """Leave nothing behind."""
        if self.done:
            return
        self.done = True
        with self.writing() as connection:
            connection.execute(f"DROP TABLE IF EXISTS {quote(self.name)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()
