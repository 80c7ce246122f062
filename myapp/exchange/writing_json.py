"""Write tables as JSON: an array of objects, or one object a line."""

import json
from collections.abc import Callable, Sequence
from typing import BinaryIO

from myapp.store import JsonLines, Part, Snapshot

from .tally import Tally

SEPARATOR = b",\n"
Counted = Callable[[Part, int], None]


def write_ndjson(file: BinaryIO, snapshot: Snapshot, part: Part, tally: Tally) -> int:
    """How many records were written."""
    written = 0
    for count, text in snapshot.lines(part, JsonLines()):
        file.write(text)
        written += count
        tally.add(count)
    return written


def write_array(file: BinaryIO, snapshot: Snapshot, part: Part, tally: Tally) -> int:
    """How many records were written."""
    written = 0
    file.write(b"[\n")
    for count, text in snapshot.lines(part, JsonLines(end=SEPARATOR.decode())):
        if written:
            file.write(SEPARATOR)
        file.write(text.removesuffix(SEPARATOR))
        written += count
        tally.add(count)
    file.write(b"\n]")
    return written


def write_tables(
    file: BinaryIO, snapshot: Snapshot, parts: Sequence[Part], tally: Tally, counted: Counted
) -> None:
    """One object whose names are the tables', each with its array; `counted` hears each count."""
    file.write(b"{")
    for number, part in enumerate(parts):
        name = json.dumps(snapshot.table(part.table).name, ensure_ascii=False)
        file.write(f"{',' if number else ''}\n{name}: ".encode("utf-8", "replace"))
        counted(part, write_array(file, snapshot, part, tally))
    file.write(b"\n}")
