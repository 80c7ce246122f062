"""Take back, or make again, all entries of one step of the history, as one."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

import apsw

from . import history
from .errors import LinksLost
from .hearing import Parts, Told
from .rebuilding import broken_links, linking_tables
from .virtual_tables import make_anew


class Reversed(NamedTuple):
    """Its sentence, and its table's name before it and after it."""

    sentence: str
    before: str | None
    now: str | None


def reverse_step(
    connection: apsw.Connection, *, redo: bool, told: Told | None, restoring: bool = False
) -> Reversed | None:
    """Undo or redo what is next, inside a transaction. Raises CannotUndo; LinksLost where a link
    would lead nowhere, unless it is `restoring`, while links are not looked after."""
    parts = Parts(told, history.next_bytes(connection, redo=redo)) if told else None
    group = history.next_group(connection, redo=redo)
    stale: set[str] | None = set() if group else None
    done = None
    with links_looked_at_last(connection, group) if group else nullcontext():
        for entry in history.next_entries(connection, redo=redo):
            part = parts.begin(len(entry.changeset or b"")) if parts else None
            before, now = history.reverse(
                connection, entry, redo=redo, told=part, stale=stale, restoring=restoring
            )
            done = Reversed(entry.sentence, before, now)
    make_anew(connection, stale or ())
    return done


def reverse_counting(
    connection: apsw.Connection, *, redo: bool, told: Told | None
) -> Reversed | None:
    """Like `reverse_step`, while links are not looked after, in a file where SQLite cannot follow
    some, or some lead nowhere: no more of them may do so afterwards. Raises LinksLost."""
    family = linking_tables(connection)
    before = [broken_links(connection, each) for each in family]
    done = reverse_step(connection, redo=redo, told=told)
    for each, was in zip(family, before, strict=True):
        now = broken_links(connection, each)
        if done is not None and was is not None and (now is None or now > was):
            raise LinksLost(done.sentence)
    return done


@contextmanager
def links_looked_at_last(connection: apsw.Connection, sentence: str) -> Iterator[None]:
    """Changesets applied inside may link to each other's records. Raises LinksLost at the end
    where one leads nowhere.

    SQLite counts open links while it applies a changeset, and forgets the count after each, with
    `PRAGMA defer_foreign_keys = 0`: nobody would notice what stays open, not even the COMMIT. So
    that is passed over, and the count goes on to the end of the transaction.
    Source: sessionChangesetApply in sqlite3session.c
    """

    def pass_over(
        action: int, what: str | None, value: str | None, _file: str | None, _trigger: str | None
    ) -> int:
        forgets = action == apsw.SQLITE_PRAGMA and what == "defer_foreign_keys" and value == "0"
        return apsw.SQLITE_IGNORE if forgets else apsw.SQLITE_OK

    connection.authorizer = pass_over
    try:
        yield
    finally:
        connection.authorizer = None
    if connection.status(apsw.SQLITE_DBSTATUS_DEFERRED_FKS)[0]:
        raise LinksLost(sentence)
