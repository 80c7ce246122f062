"""Rows of cells that lie in memory, or come one by one, as a source of records."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from .batches import Batch, in_columns
from .plan import ReadOptions

ROWS = 1_000


class TableRows:
    """Rows of one width or of several; the first may hold the names.

    Where the source knows no `empty_texts`, such a cell means no value.
    """

    def __init__(
        self,
        rows: Callable[[], Iterable[list[Any]]],
        options: ReadOptions,
        *,
        typed: bool,
        empty_texts: bool = True,
        names: tuple[str, ...] | None = None,
        total: int = 0,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.make_rows, self.options, self.typed, self.names = rows, options, typed, names
        self.empty_texts = empty_texts
        self.total, self.done = total, 0
        self.close = close
        self.said: list[str] = []

    def rows(self) -> Iterator[list[Any]]:
        """Rows with anything in them."""
        if self.empty_texts:
            return self.filled_rows()
        return ([None if cell == "" else cell for cell in row] for row in self.filled_rows())

    def filled_rows(self) -> Iterator[list[Any]]:
        nothing = (None, "")
        for row in self.make_rows():
            self.done += 1
            if any(row) or any(cell not in nothing for cell in row):
                yield row

    def batches(self, width: int) -> Iterator[Batch]:
        rows = self.filled_rows()
        blank: Any = None if self.typed else ""
        if self.options.header and self.names is None:
            next(rows, None)
        number = 1
        while batch := list(islice(rows, ROWS)):
            columns, short = in_columns(batch, width, blank)
            if not self.empty_texts:
                columns = [without_empty_texts(cells) for cells in columns]
            yield Batch(columns, partial(int.__add__, number), short if not self.typed else 0)
            number += len(batch)

    def progress(self) -> tuple[int, int]:
        return self.done, self.total

    def remarks(self) -> list[str]:
        return self.said


def without_empty_texts(cells: Sequence[Any]) -> Sequence[Any]:
    return [None if cell == "" else cell for cell in cells] if "" in cells else cells
