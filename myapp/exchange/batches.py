"""Some records of a file on their way in, field by field, since that is where Python is fast."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Batch:
    """`columns` are equally long; `short` records had fewer fields, and are filled up.

    `line_of` tells where in the file a record of the batch begins: its line, or its number.
    """

    columns: list[Sequence[Any]]
    line_of: Callable[[int], int]
    short: int = 0

    @property
    def count(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def without_first(self) -> "Batch":
        line_of = self.line_of
        columns = [values[1:] for values in self.columns]
        return replace(self, columns=columns, line_of=lambda number: line_of(number + 1))


def in_columns(
    rows: Sequence[Sequence[Any]], width: int, blank: Any
) -> tuple[list[Sequence[Any]], int]:
    """Rows as columns, at least `width` of them, and how many rows had fewer fields than that.

    Shorter rows are filled up with `blank` to the widest.
    """
    widths = set(map(len, rows))
    short = 0
    if widths != {width}:
        widest = max(width, *widths)
        short = sum(len(row) < width for row in rows)
        rows = [[*row, *[blank] * (widest - len(row))] for row in rows]
    return list(zip(*rows, strict=True)), short


class Source(Protocol):
    """An open part of a file that has records."""

    typed: bool
    """Whether cells have the file's own types; otherwise all of them are texts."""

    names: tuple[str, ...] | None
    """The names of the fields, where the file knows them apart from its records."""

    def rows(self) -> Iterator[list[Any]]:
        """All records, the one with names too, each as wide as it is."""

    def batches(self, width: int) -> Iterator[Batch]:
        """All records; some may have more than `width` fields."""

    def progress(self) -> tuple[int, int]:
        """How far the reading is: so much of so much."""

    def remarks(self) -> list[str]:
        """What there is to say at the end."""

    def close(self) -> None: ...
