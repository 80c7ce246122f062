"""Tables of another SQLite file as sources of records."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from myapp.store import Kind, Limits, Part, Query, open_database

from .batches import Batch
from .errors import NotText
from .plan import FilePart, ReadOptions


def list_tables(path: Path) -> list[FilePart]:
    """Raises what opening the file raises."""
    database = open_database(path)
    try:
        return [FilePart("table", table.name) for table in database.tables() if table.fields]
    finally:
        database.close()


class DatabaseTable:
    """The records of one table as they are in one moment, with their types."""

    typed = True

    def __init__(self, path: Path, name: str, part: FilePart, options: ReadOptions) -> None:
        self.done = 0
        # What goes wrong in here leaves through the contexts, which give it its sentence.
        with ExitStack() as opening:
            database = open_database(path)
            opening.callback(database.close)
            self.snapshot = opening.enter_context(database.snapshot())
            found = self.snapshot.schema.get(part.title)
            if found is None:
                raise NotText(name, f"an SQLite file without a table “{part.title}”")
            self.part = Part(Query(part.title))
            self.total = self.snapshot.count(self.part)
            self.closing = opening.pop_all()
        self.names: tuple[str, ...] | None = tuple(field.name for field in found.fields)
        self.kinds: tuple[Kind, ...] = tuple(field.kind for field in found.fields)
        # Other rules stay behind: the records may be older than they are.
        self.limits = tuple(Limits(field.limits.choices) for field in found.fields)

    def rows(self) -> Iterator[list[object]]:
        for batch in self.snapshot.records(self.part):
            yield from map(list, batch)

    def batches(self, width: int) -> Iterator[Batch]:
        for batch in self.snapshot.records(self.part):
            first = self.done
            self.done += len(batch)
            yield Batch(list(zip(*batch, strict=True)), partial(int.__add__, first + 1))

    def progress(self) -> tuple[int, int]:
        return self.done, self.total

    def remarks(self) -> list[str]:
        if not self.snapshot.unreadable:
            return []
        return ["Some texts were no UTF-8; a mark stands where their letters could not be read."]

    def close(self) -> None:
        self.closing.close()
