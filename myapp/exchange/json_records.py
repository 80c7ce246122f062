"""JSON and NDJSON as sources of records, read piece by piece."""

import base64
import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from .batches import Batch, in_columns
from .cells import LARGEST
from .errors import CellTooLong, NotJson
from .plan import FilePart, ReadOptions
from .reading import LONGEST_CELL, TextFile

PIECE = 1 << 18
RECORDS = 1_000
SPACE = re.compile(r"[ \t\r\n\ufeff\x1e]*")
DIGITS = 19
PLAIN_NAME = "Value"


class Scanner:
    """Values of a JSON text one after the other, however long the text is.

    Raises NotJson with the line, CellTooLong.
    """

    def __init__(self, file: TextFile, name: str) -> None:
        self.file, self.name = file, name
        self.decoder = json.JSONDecoder(parse_constant=lambda _: None, parse_int=whole_number)
        self.buffer, self.at, self.line = "", 0, 1
        self.ended = False

    def more(self) -> bool:
        """Read on; False at the end of the text."""
        if self.ended:
            return False
        if self.at:
            self.line += self.buffer.count("\n", 0, self.at)
            self.buffer, self.at = self.buffer[self.at :], 0
        if len(self.buffer) > LONGEST_CELL:
            raise CellTooLong(self.name, self.line)
        # Twice as much each time, so that a long value is not scanned again too often.
        text = self.file.text.read(max(PIECE, len(self.buffer)))
        self.ended = not text
        self.buffer += text
        return bool(text)

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            found = SPACE.match(self.buffer, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def pass_over(self, *marks: str) -> str:
        mark = self.peek()
        if mark not in marks:
            raise self.wrong()
        self.at += 1
        return mark

    def value(self) -> Any:
        if not self.peek():
            raise self.wrong()
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer, self.at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self.more():
                    raise self.wrong() from error
                continue
            # A number at the very end of what was read may go on.
            if end == len(self.buffer) and self.more():
                continue
            self.at = end
            return value

    def wrong(self) -> NotJson:
        return NotJson(self.name, self.line + self.buffer.count("\n", 0, self.at))

    def elements(self) -> Iterator[Any]:
        """The values of an array."""
        self.pass_over("[")
        if self.peek() == "]":
            self.at += 1
            return
        while True:
            yield self.value()
            if self.pass_over(",", "]") == "]":
                return

    def members(self) -> Iterator[str]:
        """The names in an object; whoever asks reads the value of each."""
        self.pass_over("{")
        if self.peek() == "}":
            self.at += 1
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise self.wrong()
            self.pass_over(":")
            yield key
            if self.pass_over(",", "}") == "}":
                return

    def end(self) -> None:
        if self.peek():
            raise self.wrong()


def whole_number(digits: str) -> int | str:
    """A number of more than 64 bits stays as it is written, as it does in a CSV file."""
    if len(digits) < DIGITS:
        return int(digits)
    number = int(digits) if len(digits) < 2 * DIGITS else LARGEST
    return number if -LARGEST <= number < LARGEST else digits


def records_of(scanner: Scanner, title: str) -> Iterator[Any]:
    """The records of a text that is an array, an object with arrays, or one value a line."""
    mark = scanner.peek()
    if mark == "[":
        yield from scanner.elements()
        scanner.end()
    elif mark == "{" and title:
        for key in scanner.members():
            if key == title and scanner.peek() == "[":
                yield from scanner.elements()
            else:
                skip_value(scanner)
        scanner.end()
    else:
        while scanner.peek():
            yield scanner.value()


def skip_value(scanner: Scanner) -> None:
    if scanner.peek() == "[":
        for _ in scanner.elements():
            pass
    else:
        scanner.value()


def list_arrays(path: Path, name: str, encoding: str, member: str) -> list[FilePart]:
    """The arrays of an object with arrays of objects; otherwise the text is one part."""
    file = TextFile(path, name, encoding, member)
    whole = [FilePart("json", "", member)]
    try:
        scanner = Scanner(file, name)
        if scanner.peek() != "{":
            return whole
        found = []
        for key in scanner.members():
            if scanner.peek() == "[":
                first = next(scanner_elements := scanner.elements(), None)
                for _ in scanner_elements:
                    pass
                if isinstance(first, dict | list):
                    found.append(FilePart("json", key, member))
            else:
                scanner.value()
        # An object after the first one: this is one object a line.
        return whole if scanner.peek() or not found else found
    finally:
        file.close()


class JsonRecords:
    """Objects give fields by name, arrays by position, other values one field."""

    typed = True

    def __init__(self, path: Path, name: str, part: FilePart, options: ReadOptions) -> None:
        self.options, self.title = options, part.title
        self.file = TextFile(path, name, options.encoding or "utf-8", part.member)
        self.scanner = Scanner(self.file, name)
        self.places: dict[str, int] = {}
        self.done = 0

    @property
    def names(self) -> tuple[str, ...] | None:
        """Of the fields met so far."""
        return tuple(self.places)

    def rows(self) -> Iterator[list[Any]]:
        for value in records_of(self.scanner, self.title):
            yield self.row(value)

    def row(self, value: Any) -> list[Any]:
        if isinstance(value, dict):
            record = flat(value) if self.options.flatten else value
        elif isinstance(value, list):
            record = {f"Field {number}": cell for number, cell in enumerate(value, 1)}
        else:
            record = {PLAIN_NAME: value}
        places = self.places
        if not places.keys() >= record.keys():
            for name in record:
                places.setdefault(name, len(places))
        row: list[Any] = [None] * len(places)
        for name, cell in record.items():
            row[places[name]] = data_of(cell) if type(cell) is dict else cell
        return row

    def batches(self, width: int) -> Iterator[Batch]:
        rows = self.rows()
        while batch := list(islice(rows, RECORDS)):
            first, self.done = self.done, self.done + len(batch)
            columns, _ = in_columns(batch, width, None)
            yield Batch(columns, partial(int.__add__, first + 1))

    def progress(self) -> tuple[int, int]:
        return self.file.progress()

    def remarks(self) -> list[str]:
        return []

    def close(self) -> None:
        self.file.close()


def data_of(value: dict[str, Any]) -> Any:
    """Data that is no text, as this program and sqlite-utils write it; other objects stay."""
    if value.keys() == {"$base64", "encoded"} and isinstance(value["encoded"], str):
        try:
            return base64.b64decode(value["encoded"], validate=True)
        except ValueError:
            return value
    return value


def flat(record: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, Any]:
    """Objects inside the object as fields of their own, as in `address.town`."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict) and value and "$base64" not in value and depth < 8:
            found |= flat(value, f"{before}{name}.", depth + 1)
        else:
            found[f"{before}{name}"] = value
    return found
