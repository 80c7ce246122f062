"""Note a change of very many records, a stretch after the other, as one step of the history.

What SQLite notes of a change lies in memory until it is a changeset. Each time it has grown to some
megabytes it is written into the history, as one entry of a group that is undone together.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from . import history
from .errors import NotTakenBack, StepTooLarge
from .schema import OWN_PREFIX

MOST_NOTED = 8 << 20
"""Bytes in memory. A changeset has half as much, and lies there twice while it is written."""

LARGEST_ENTRY = 999_000_000
"""Bytes of a changeset: SQLite keeps a record of up to 1,000,000,000."""

FIRST = 10
"""Records of the first stretch, which tells how large they are."""


class Notes:
    """What was changed since they began: `first` is the first entry of it, once one is written, and
    `tables` those that were written to."""

    def __init__(
        self, connection: apsw.Connection, sentence: str, table: str, group: str | None = None
    ) -> None:
        self.connection, self.sentence, self.table = connection, sentence, table
        self.group = group
        self.first: int | None = None
        self.last = self.last_size = 0
        self.tables: set[str] = set()
        self.written: set[str] = set()
        self.session = history.begin_session(connection, self.tables, self.written)

    @property
    def size(self) -> int:
        """Bytes that are in memory, or will be: what is new is read only for the changeset."""
        return max(self.session.memory_used, 2 * self.session.changeset_size)

    def look(self) -> None:
        """Between two statements: whether it is time to write down what was noted."""
        if self.size >= MOST_NOTED:
            self.write_down()
            self.session = history.begin_session(self.connection, self.tables, self.written)

    def check_virtual_tables(self, changeset: bytes) -> None:
        """Raises NotTakenBack. Undo leaves a virtual table to the triggers that keep it, unless
        these did more, which was noted: then what cannot be made anew would stay as it is."""
        if all(each in self.tables or each.startswith(OWN_PREFIX) for each in self.written):
            return
        from .virtual_tables import KEPT_BY_EXTENSION, missing_parts, owners

        kept = owners(self.connection, self.written)
        missing = missing_parts(self.connection, self.tables) if kept else None
        if missing is not None:
            raise NotTakenBack(self.table, f"a trigger of it could not be run: {missing}.")
        lost = [name for name, source in kept.items() if source is None]
        if lost and any(change.indirect for change in apsw.Changeset.iter(changeset)):
            raise NotTakenBack(self.table, KEPT_BY_EXTENSION.format(lost[0]))

    def write_down(self) -> None:
        """Raises StepTooLarge, NotTakenBack."""
        changeset = self.session.changeset()
        self.session.close()
        if len(changeset) > LARGEST_ENTRY:
            raise StepTooLarge
        if not changeset:
            return
        self.check_virtual_tables(changeset)
        if self.first is not None and self.group is None:
            self.group, _ = history.group_from(self.connection, self.first)
        self.last = history.add_entry(
            self.connection,
            self.sentence,
            "records",
            self.table,
            new_name=self.group,
            changeset=changeset,
        )
        self.last_size = len(changeset)
        self.first = self.first or self.last

    def end(self) -> None:
        self.write_down()
        if self.first is not None:
            history.forget_oldest(self.connection, self.first, self.last, "records", self.last_size)


@contextmanager
def noting(
    connection: apsw.Connection, sentence: str, table: str, group: str | None = None
) -> Iterator[Notes]:
    """Note what happens inside, in a transaction, as one step; as one of `group` where that is
    given. Raises StepTooLarge, NotTakenBack."""
    notes = Notes(connection, sentence, table, group)
    try:
        yield notes
        notes.end()
    finally:
        notes.session.close()


def paced(notes: Notes, total: int, most: int) -> Iterator[range]:
    """`total` records in stretches of at most `most`, and of fewer where they are large: what is
    noted of one takes little memory."""
    start, count = 0, min(most, FIRST)
    while start < total:
        stop = min(start + count, total)
        before = notes.size
        yield range(start, stop)
        used = max(1, notes.size - before)
        notes.look()
        start, count = stop, max(1, min(most, count * 4, count * MOST_NOTED // 2 // used))
