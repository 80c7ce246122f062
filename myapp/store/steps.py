"""The steps of the history: what one undo takes back. Writes nothing."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import apsw

from . import history
from .connection import rows_of
from .schema import OWN_PREFIX

HISTORY = f"{OWN_PREFIX}history"
STEPS = 50
"""Shown on one page."""


class Step(NamedTuple):
    """What one undo takes back. `id` is that of its newest entry."""

    id: int
    at: datetime
    sentence: str
    kind: str
    table: str
    bytes: int
    undone: bool
    who: str | None = None
    """The device that made it; None for the owner at this computer."""
    undone_by: str | None = None
    group: int | None = None
    """Of an entry that is one of a group: the id of the whole step."""

    @property
    def whole(self) -> int:
        return self.id if self.group is None else self.group


def read_steps(connection: apsw.Connection, before: int | None = None) -> tuple[Step, ...]:
    """The newest STEPS + 1 steps, or those before the one with this id."""
    if not history.exists(connection):
        return ()
    below = 2**62 if before is None else before
    rows = rows_of(
        connection,
        "SELECT id, at, sentence, kind, table_name, coalesce(length(changeset), 0), undone,"
        f" NULL, NULL, new_name FROM {HISTORY} WHERE id < ? ORDER BY id DESC",
        (below,),
    )
    steps: list[Step] = []
    # What is left of a step that was shown before is passed over.
    group, passing = group_of(connection, below), True
    for *row, new_name in rows:
        step = step_of(tuple(row))
        if group is not None and new_name == group and step.kind in ("records", "file"):
            if not passing:
                steps[-1] = steps[-1]._replace(bytes=steps[-1].bytes + step.bytes)
            continue
        if len(steps) > STEPS:
            break
        group, passing = (new_name if step.kind in ("records", "file") else None), False
        steps.append(step)
    return tuple(with_names(connection, steps))


def with_names(connection: apsw.Connection, steps: list[Step]) -> Iterator[Step]:
    """Who made each and took it back. Read for whole steps alone: the names stand behind a
    changeset, which SQLite has to pass through to reach them."""
    sql = f"SELECT 1{names_of(connection)} FROM {HISTORY} WHERE id = ?"
    for step in steps:
        _, who, undone_by = next(rows_of(connection, sql, (step.id,)), (1, None, None))
        yield step._replace(who=who, undone_by=undone_by)


def group_of(connection: apsw.Connection, entry: int) -> str | None:
    sql = f"SELECT new_name FROM {HISTORY} WHERE id = ? AND {history.GROUPED}"
    return next((name for (name,) in rows_of(connection, sql, (entry,))), None)


def step_of(row: tuple[object, ...]) -> Step:
    id_, at, sentence, kind, table, size, undone, who, undone_by = row
    moment = datetime.fromisoformat(str(at)).astimezone()
    return Step(
        int(str(id_)),
        moment,
        str(sentence),
        str(kind),
        str(table),
        int(str(size)),
        bool(undone),
        None if who is None else str(who),
        None if undone_by is None else str(undone_by),
    )


def names_of(connection: apsw.Connection) -> str:
    """The columns of names, which a history of before devices has not."""
    return ", who, undone_by" if history.has_names(connection) else ", NULL, NULL"
