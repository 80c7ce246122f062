"""Rows of cells that lie in memory, or come one by one, as a source of records."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from .batches import Batch, in_columns
from .plan import ReadOptions

ROWS = 1_000


class TableRows:
    """Rows of one width or of several; the first may hold the names."""

    def __init__(
        self,
        rows: Callable[[], Iterable[list[Any]]],
        options: ReadOptions,
        *,
        typed: bool,
        names: tuple[str, ...] | None = None,
        total: int = 0,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.make_rows, self.options, self.typed, self.names = rows, options, typed, names
        self.total, self.done = total, 0
        self.close = close
        self.said: list[str] = []

    def rows(self) -> Iterator[list[Any]]:
        """Rows with anything in them."""
        nothing = (None, "")
        for row in self.make_rows():
            self.done += 1
            if any(cell not in nothing for cell in row):
                yield row

    def batches(self, width: int) -> Iterator[Batch]:
        rows = self.rows()
        blank: Any = None if self.typed else ""
        if self.options.header and self.names is None:
            next(rows, None)
        number = 1
        while batch := list(islice(rows, ROWS)):
            columns, short = in_columns(batch, width, blank)
            yield Batch(columns, partial(int.__add__, number), short if not self.typed else 0)
            number += len(batch)

    def progress(self) -> tuple[int, int]:
        return self.done, self.total

    def remarks(self) -> list[str]:
        return self.said
