"""The first changes in a changeset, read from its beginning: a few records of a step that changed
very many, and of a large file or text its size alone.

Source: the format of changesets in sqlite3session.h
"""

import struct
from typing import Literal, NamedTuple

import apsw

from .steps import HISTORY
from .values import BlobSize, LongText, Value

MOST = 20
"""Changes that are looked at."""

BYTES = 3 << 20
"""How far into a changeset is looked, past what is not read: most files that are in one, with what
they took the place of, end before it."""

WHOLE, PIECE = 1 << 10, 1 << 10
"""Bytes of a value that is read whole, and of what is read at once."""

OPS: dict[int, Literal["INSERT", "UPDATE", "DELETE"]] = {18: "INSERT", 23: "UPDATE", 9: "DELETE"}


class Unknown:
    """A value that the changeset does not hold, since it did not change, or that was not read."""


UNKNOWN = Unknown()
Known = Value | BlobSize | LongText | Unknown


class Changed(NamedTuple):
    """One record's change; `old` is empty of one that was made, and `new` of one that went."""

    name: str
    op: Literal["INSERT", "UPDATE", "DELETE"]
    indirect: bool
    old: tuple[Known, ...]
    new: tuple[Known, ...]


class Beginning(NamedTuple):
    """`whole` where the changeset holds no more than these."""

    changes: tuple[Changed, ...]
    whole: bool


class Ended(Exception):
    """As far as may be looked."""


class Pieces:
    """The bytes of a changeset, a piece after the other; what is skipped is not read."""

    def __init__(self, blob: apsw.Blob) -> None:
        self.blob, self.held, self.at, self.passed = blob, b"", 0, 0

    @property
    def is_over(self) -> bool:
        return self.passed >= self.blob.length()

    def pass_by(self, count: int) -> int:
        """How many of so many bytes are not held. Raises Ended."""
        self.passed += count
        if self.passed > min(BYTES, self.blob.length()):
            raise Ended
        return count - (len(self.held) - self.at)

    def take(self, count: int) -> bytes:
        """Raises Ended."""
        missing = self.pass_by(count)
        if missing > 0:
            self.held = self.held[self.at :] + self.blob.read(max(missing, PIECE))
            self.at = 0
        self.at += count
        return self.held[self.at - count : self.at]

    def skip(self, count: int) -> None:
        """Where that leads too far, whatever is asked for next is refused."""
        try:
            missing = self.pass_by(count)
        except Ended:
            return
        if missing > 0:
            self.blob.seek(missing, 1)
            self.held, self.at = b"", 0
        else:
            self.at += count

    def skip_zeros(self, most: int) -> int:
        """How many there are, as far as they are held: each stands for a value that did not change,
        and a wide table has many of these."""
        ahead = self.held[self.at : self.at + most]
        count = len(ahead) - len(ahead.lstrip(b"\0"))
        self.skip(count)
        return count

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """A varint of SQLite's, which here has no more than 32 bits."""
        value = 0
        while (byte := self.byte()) & 0x80:
            value = value << 7 | byte & 0x7F
        return value << 7 | byte


def read_beginning(connection: apsw.Connection, entry: int) -> Beginning:
    """Of the changeset of the history's `entry`."""
    changes: list[Changed] = []
    with connection.blob_open("main", HISTORY, "changeset", entry, False) as blob:
        pieces = Pieces(blob)
        name, key = "", b""
        try:
            while not pieces.is_over:
                if len(changes) == MOST:
                    return Beginning(tuple(changes), whole=False)
                if (code := pieces.byte()) == ord("T"):
                    key = pieces.take(pieces.number())
                    name = read_name(pieces)
                else:
                    changes.append(read_change(pieces, name, key, code))
        except Ended:
            return Beginning(tuple(changes), whole=False)
    return Beginning(tuple(changes), whole=True)


def read_name(pieces: Pieces) -> str:
    name = bytearray()
    while byte := pieces.byte():
        name.append(byte)
    return name.decode("utf-8", "replace")


def read_change(pieces: Pieces, name: str, key: bytes, code: int) -> Changed:
    """Of one that is too long to be read to its end, what stands in its beginning."""
    op = OPS.get(code)
    if op is None:
        raise Ended
    indirect = bool(pieces.byte())
    old = () if op == "INSERT" else read_values(pieces, key)
    new = () if op == "DELETE" else read_values(pieces, key)
    return Changed(name, op, indirect, old, new)


def read_values(pieces: Pieces, key: bytes) -> tuple[Known, ...]:
    """`key` tells of each value whether it is one of the record's key."""
    values: list[Known] = []
    while len(values) < len(key):
        try:
            values += [UNKNOWN] * pieces.skip_zeros(len(key) - len(values))
            if len(values) < len(key):
                values.append(read_value(pieces, whole=bool(key[len(values)])))
        except Ended:
            values += [UNKNOWN] * (len(key) - len(values))
    return tuple(values)


def read_value(pieces: Pieces, *, whole: bool) -> Known:
    """Data as its size alone, unless it has to be `whole`."""
    kind = pieces.byte()
    if kind in (1, 2):
        (number,) = struct.unpack(">q" if kind == 1 else ">d", pieces.take(8))
        return number if isinstance(number, int | float) else UNKNOWN
    if kind not in (3, 4):
        return None if kind == 5 else UNKNOWN
    size = pieces.number()
    if kind == 4:
        if whole and size <= WHOLE:
            return pieces.take(size)
        pieces.skip(size)
        return BlobSize(size)
    if size <= WHOLE:
        return pieces.take(size).decode("utf-8", "replace")
    beginning = pieces.take(WHOLE).decode("utf-8", "ignore")
    pieces.skip(size - WHOLE)
    return LongText(beginning, size)
