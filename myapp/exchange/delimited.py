"""A delimited text as a source of records."""

from collections.abc import Iterator
from pathlib import Path

from .batches import Batch
from .plan import FilePart, ReadOptions
from .reading import TextFile
from .records import Records

STRAY_LETTERS = (
    "Some bytes do not belong to the file's encoding and were read as Windows-1252 letters."
)


class DelimitedText:
    """All cells are texts, and the first record may hold the names."""

    typed = False
    names = None

    def __init__(self, path: Path, name: str, part: FilePart, options: ReadOptions) -> None:
        self.options = options
        self.file = TextFile(path, name, options.encoding or "utf-8", part.member)
        self.records = Records(self.file.text, name, options)

    def rows(self) -> Iterator[list[str]]:
        return self.records.rows()

    def batches(self, width: int) -> Iterator[Batch]:
        batches = self.records.batches(width)
        if self.options.header:
            first = next(batches, None)
            if first is not None and first.count > 1:
                yield first.without_first()
        yield from batches

    def progress(self) -> tuple[int, int]:
        return self.file.progress()

    def remarks(self) -> list[str]:
        return [STRAY_LETTERS] if self.file.raw.stray else []

    def close(self) -> None:
        self.file.close()
