"""An import on its way: records gather in a hidden table, and become visible in one step."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self

import apsw

from . import history
from .applying import check_name, definition, key_name
from .changes import Applied
from .connection import row_of, rows_of
from .errors import CheckBroken
from .hearing import listening
from .merging import Staged, check_target, merge
from .schema import STAGING, NewField, Schema, quote
from .values import Value

CHECKPOINT_PAGES = 20_000
"""Fewer, larger checkpoints while importing: about 80 MB of WAL between two."""

VALUES_TOGETHER = 80
"""One statement inserts so many values: that saves a fifth of the time."""


Mode = Literal["new", "append", "update"]


class Writing(Protocol):
    def __call__(self, *, durable: bool = True) -> AbstractContextManager[apsw.Connection]: ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where staged records go: a new table, or added to one, or updating it by `key`."""

    table: str
    mode: Mode = "new"
    key: tuple[str, ...] = ()


class Staging:
    """Made by `Database.stage`. Leaving it as a context manager cancels unless it is finished."""

    def __init__(
        self,
        writing: Writing,
        schema: Callable[[apsw.Connection], Schema],
        version: Callable[[], int],
        target: Target,
        fields: Sequence[NewField],
    ) -> None:
        self.writing, self.schema, self.version = writing, schema, version
        self.target, self.fields = target, tuple(fields)
        self.records = self.updated = 0
        self.done = False
        with writing() as connection:
            self.check(connection)
            self.wal = row_of(connection, "PRAGMA journal_mode")[0] == "wal"
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
            checked = target.mode == "new"
            connection.execute(definition(self.name, self.fields, checked=checked))
        names = ", ".join(quote(field.name) for field in self.fields)
        marks = f"({', '.join('?' * len(self.fields))})"
        self.insert = f"INSERT INTO {quote(self.name)} ({names}) VALUES {marks}"
        self.together = max(1, VALUES_TOGETHER // max(1, len(self.fields)))
        self.insert_together = f"{self.insert}{f', {marks}' * (self.together - 1)}"

    def check(self, connection: apsw.Connection) -> None:
        """Raises what would keep the records from their table at the end."""
        schema = self.schema(connection)
        if self.target.mode == "new":
            check_name(schema, connection, self.target.table)
        else:
            names = [field.name for field in self.fields]
            check_target(schema, self.target.table, names, self.target.key)

    def append(self, records: Iterable[Sequence[Value]]) -> None:
        """Add a batch in a transaction of its own. Text becomes a number by the field's affinity.

        Raises DiskFull and the other errors of this room; nothing visible has changed then.
        """
        self.append_columns([list(zip(*records, strict=True))])

    def append_columns(self, batches: Iterable[Sequence[Sequence[Value]]]) -> None:
        """Like `append`, for some batches that are given field by field."""
        # What is hidden need not be safe from a power cut: `finish` waits for the disk, and for
        # all that was written before.
        with self.writing(durable=not self.wal) as connection:
            connection.wal_autocheckpoint(CHECKPOINT_PAGES)
            for columns in batches:
                self.insert_columns(connection, columns)

    def insert_columns(
        self, connection: apsw.Connection, columns: Sequence[Sequence[Value]]
    ) -> None:
        count = len(columns[0]) if columns else 0
        step = self.together
        even = count - count % step if step > 1 else 0
        if even:
            spread = [values[n:even:step] for n in range(step) for values in columns]
            connection.executemany(self.insert_together, zip(*spread, strict=True))
        rest = [values[even:] for values in columns]
        connection.executemany(self.insert, zip(*rest, strict=True))
        self.records += count

    def finish(
        self,
        added: Callable[[int], None] = lambda _: None,
        asked: Callable[[], None] = lambda: None,
    ) -> Applied:
        """Make the records visible. `asked` is called again and again; what it raises ends it, with
        the table as it was. Raises NameTaken where the new table's name was taken
        meanwhile, and RuleBroken, KeyRepeated where a table that is there refuses one."""
        try:
            return self.finish_at_once(added, asked)
        except CheckBroken as error:
            from .checks import explain

            with self.writing() as connection:
                why = explain(self.schema(connection), self.target.table, error)
            raise (why or error) from error

    def finish_at_once(self, added: Callable[[int], None], asked: Callable[[], None]) -> Applied:
        table = self.target.table
        with self.writing() as connection, listening(connection, asked):
            if self.target.mode == "new":
                sentence = f"Import {self.records:,} records into {table}"
                self.check(connection)
                history.rename_table(connection, self.name, table)
                history.write_entry(connection, sentence, "create", table)
            else:
                sentence = self.merge(connection, added)
        self.done = True
        return Applied(sentence, table, (), self.version())

    def merge(self, connection: apsw.Connection, added: Callable[[int], None]) -> str:
        names = [field.name for field in self.fields]
        key = self.target.key if self.target.mode == "update" else ()
        found, names_there = check_target(
            self.schema(connection), self.target.table, names, self.target.key
        )
        number = key_name({name.lower() for name in names})
        staged = Staged(self.name, number, names_there, self.records)
        verb = "Update by" if key else "Add"
        preposition = "in" if key else "to"
        sentence = f"{verb} {self.records:,} records {preposition} {found.name}"
        self.updated = merge(connection, found, staged, key, sentence, added)
        connection.execute(f"DROP TABLE {quote(self.name)}")
        return sentence

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
