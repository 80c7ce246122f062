"""What the tables of today were called, and which fields they had, at each step of the history."""

from typing import NamedTuple

import apsw

from .connection import rows_of
from .past import Trail, trail_of
from .schema import Schema, Table
from .steps import HISTORY, Step

SHAPED = "(kind IN ('create', 'drop', 'rename') OR kind GLOB '* field')"


class Shaped(NamedTuple):
    """A step that changed which tables there are, their names or fields."""

    id: int
    kind: str
    table: str
    new_name: str | None
    undone: bool


class Known(NamedTuple):
    """A table of today, and what it was then; without `fields_known`, by its name alone."""

    table: Table
    trail: Trail
    fields_known: bool = True


class TablesThen:
    """Asked for one step after the other, newest first; where steps are taken back, for these
    first, oldest first, since the tables are as they were before the oldest of them."""

    def __init__(self, connection: apsw.Connection, schema: Schema, lowest: int) -> None:
        self.connection, self.schema = connection, schema
        listed = [
            Shaped(int(id_), kind, table, new_name, bool(undone))
            for id_, kind, table, new_name, undone in rows_of(
                connection,
                f"SELECT id, kind, table_name, new_name, undone FROM {HISTORY}"
                f" WHERE {SHAPED} AND (id >= ? OR undone) ORDER BY id DESC",
                (lowest,),
            )
        ]
        self.undone = iter([each for each in reversed(listed) if each.undone])
        self.done = iter([each for each in listed if not each.undone])
        self.next_undone = next(self.undone, None)
        self.next_done = next(self.done, None)
        self.then = self.of_today()
        self.ahead = self.of_today() if self.next_undone is not None else self.then

    def of_today(self) -> dict[str, Known]:
        return {name: Known(table, trail_of(table)) for name, table in self.schema.tables.items()}

    def at(self, step: Step) -> dict[str, Known]:
        """The tables by their names, in lower case, before the step, or after it where it only gave
        them other names. A step that made or took away a table knows it as well, where it is there
        today."""
        if step.undone:
            while self.next_undone is not None and self.next_undone.id < step.id:
                self.go_ahead(self.next_undone)
                self.next_undone = next(self.undone, None)
            return self.ahead
        while self.next_done is not None and self.next_done.id > step.id:
            self.go_back(self.next_done)
            self.next_done = next(self.done, None)
        return self.then

    def table_of(self, step: Step) -> Table | None:
        """What a step's table is called today; None where it is not there, or there is none."""
        known = self.at(step)
        name = step.table
        shaped = self.next_done
        if not step.undone and shaped is not None and shaped.id == step.id:
            name = shaped.new_name or name if shaped.kind == "rename" else name
            if shaped.kind == "drop":
                return None
        found = known.get(name.lower())
        return found.table if found else None

    def go_back(self, shaped: Shaped) -> None:
        name = shaped.table.lower()
        if shaped.kind in ("create", "drop"):
            self.then.pop(name, None)
        elif shaped.kind == "rename":
            known = self.then.pop((shaped.new_name or "").lower(), None)
            if known is not None:
                known.trail.name = shaped.table
                self.then[name] = known
        elif name in self.then:
            self.then[name].trail.pass_fields(self.connection, shaped.id, shaped.kind)

    def go_ahead(self, shaped: Shaped) -> None:
        name = shaped.table.lower()
        known = self.ahead.pop(name, None)
        if known is None:
            return
        if shaped.kind == "rename" and shaped.new_name is not None:
            known.trail.name = shaped.new_name
            self.ahead[shaped.new_name.lower()] = known
        elif shaped.kind not in ("create", "drop"):
            self.ahead[name] = known._replace(fields_known=False)
