"""What a file must hold after each of many mixed changes: thought out apart from the program."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

Row = dict[str, Any]
Change = list[Any]


class ModelTable(NamedTuple):
    """`fields` are (name, kind, required) in order, also the numbered key; `rows` are by mark."""

    fields: tuple[tuple[str, str, bool], ...]
    rows: dict[str, Row]

    def named(self) -> list[tuple[str, str, bool]]:
        """Those that a schema change may touch."""
        return [field for field in self.fields if field[0] not in ("id", "mark")]


Tables = dict[str, ModelTable]


class State(NamedTuple):
    """The tables now, and as they were before each step that can be undone, or redone."""

    tables: Tables
    undo: tuple[Tables, ...] = ()
    redo: tuple[Tables, ...] = ()
    backups: tuple[tuple[str, "State"], ...] = ()

    def after(self, tables: Tables) -> "State":
        return State(tables, (*self.undo, self.tables), (), self.backups)


ID, MARK = ("id", "integer", True), ("mark", "text", False)
MOST_ROWS = 60


class Planner:
    """Makes up changes that the program must take, and says what each leaves behind."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.number = 0
        self.moment = datetime(2026, 1, 1)
        self.kinds: list[tuple[int, Callable[[State], tuple[Change, State] | None]]] = [
            (14, self.insert),
            (14, self.update),
            (10, self.bulk),
            (8, self.delete),
            (6, self.add_field),
            (4, self.drop_field),
            (4, self.rename_field),
            (5, self.move_field),
            (6, self.change_kind),
            (4, self.require),
            (4, self.rename_table),
            (6, self.create_table),
            (10, self.drop_table),
            (10, self.bring_in),
            (10, self.undo),
            (40, self.redo),
            (5, self.backup),
            (12, self.restore),
        ]

    def next(self, state: State) -> tuple[Change, State]:
        while True:
            makers = [maker for _, maker in self.kinds]
            weights = [weight for weight, _ in self.kinds]
            made = self.chance.choices(makers, weights)[0](state)
            if made is not None:
                return made

    def fresh(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def table(self, state: State) -> tuple[str, ModelTable]:
        return self.chance.choice(sorted(state.tables.items()))

    def values(self, table: ModelTable) -> tuple[Row, Row]:
        """As typed, and as kept."""
        kept: Row = {}
        for name, kind, _ in table.named():
            self.number += 1
            kept[name] = self.number if kind == "integer" else f"text {self.number}"
            if kind == "text" and self.chance.random() < 0.3:
                kept[name] = str(self.number)
            elif kind == "text" and self.chance.random() < 0.05:
                kept[name] *= 1000
        return {name: str(value) for name, value in kept.items()}, kept

    def insert(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        if len(table.rows) >= MOST_ROWS:
            return None
        mark = self.fresh("m")
        typed, kept = self.values(table)
        rows = {**table.rows, mark: kept}
        return ["insert", name, {"mark": mark, **typed}], put(state, name, rows=rows)

    def update(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        if not table.rows or not table.named():
            return None
        mark = self.chance.choice(list(table.rows))
        typed, kept = self.values(table)
        return ["update", name, mark, typed], put(state, name, rows={**table.rows, mark: kept})

    def bulk(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        if len(table.rows) < 2 or not table.named() or len(table.rows) >= MOST_ROWS:
            return None
        sent: list[Any] = []
        rows = dict(table.rows)
        for mark in self.chance.sample(list(rows), self.chance.randint(2, len(rows))):
            typed, rows[mark] = self.values(table)
            sent.append([mark, typed])
        for _ in range(self.chance.randrange(3)):
            mark = self.fresh("m")
            typed, rows[mark] = self.values(table)
            sent.append([None, {"mark": mark, **typed}])
        return ["bulk", name, sent], put(state, name, rows=rows)

    def delete(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        if not table.rows:
            return None
        gone = self.chance.sample(
            list(table.rows), self.chance.randint(1, min(20, len(table.rows)))
        )
        rows = {mark: row for mark, row in table.rows.items() if mark not in gone}
        return ["delete", name, gone], put(state, name, rows=rows)

    def add_field(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        if len(table.fields) > 7:
            return None
        field, kind = self.fresh("f"), self.chance.choice(("text", "integer"))
        rows = {mark: {**row, field: None} for mark, row in table.rows.items()}
        fields = (*table.fields, (field, kind, False))
        return ["add field", name, field, kind], put(state, name, fields, rows)

    def drop_field(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        if not table.named():
            return None
        field = self.chance.choice(table.named())
        rows = {m: {f: v for f, v in r.items() if f != field[0]} for m, r in table.rows.items()}
        fields = tuple(each for each in table.fields if each != field)
        return ["drop field", name, field[0]], put(state, name, fields, rows)

    def rename_field(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        if not table.named():
            return None
        old, kind, required = self.chance.choice(table.named())
        new = self.fresh("renamed ")
        rows = {
            mark: {new if f == old else f: v for f, v in row.items()}
            for mark, row in table.rows.items()
        }
        fields = swapped(table, old, (new, kind, required))
        return ["rename field", name, old, new], put(state, name, fields, rows)

    def move_field(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        if len(table.fields) < 3:
            return None
        field = self.chance.choice(table.fields[1:])
        others = [each for each in table.fields if each != field]
        to = self.chance.choice(
            [n for n in range(1, len(table.fields)) if table.fields[n] != field]
        )
        others.insert(to, field)
        return ["move field", name, field[0], to], put(state, name, tuple(others))

    def change_kind(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        able = [field for field in table.named() if not field[2]]
        if not able:
            return None
        field, kind, _ = self.chance.choice(able)
        other = "text" if kind == "integer" else "integer"

        def converted(value: Any) -> Any:
            if value is None or other == "text":
                return value if value is None else str(value)
            return int(value) if value.isdigit() else None

        rows = {m: {**row, field: converted(row[field])} for m, row in table.rows.items()}
        fields = swapped(table, field, (field, other, False))
        return ["change kind", name, field, other], put(state, name, fields, rows)

    def require(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        able = [
            field
            for field in table.named()
            if field[2] or all(row[field[0]] is not None for row in table.rows.values())
        ]
        if not able:
            return None
        field, kind, was = self.chance.choice(able)
        fields = swapped(table, field, (field, kind, not was))
        return ["require", name, field, not was], put(state, name, fields)

    def rename_table(self, state: State) -> tuple[Change, State] | None:
        name, table = self.table(state)
        to = self.fresh("Table ")
        tables = {each: t for each, t in state.tables.items() if each != name}
        return ["rename table", name, to], state.after({**tables, to: table})

    def create_table(self, state: State) -> tuple[Change, State] | None:
        if len(state.tables) > 4:
            return None
        name = self.fresh("New ")
        table = ModelTable((ID, MARK, ("f", "text", False)), {})
        made = ["create table", name, [["mark", "text"], ["f", "text"]]]
        return made, state.after({**state.tables, name: table})

    def drop_table(self, state: State) -> tuple[Change, State] | None:
        if len(state.tables) < 3:
            return None
        name, _ = self.table(state)
        tables = {each: t for each, t in state.tables.items() if each != name}
        return ["drop table", name], state.after(tables)

    def bring_in(self, state: State) -> tuple[Change, State] | None:
        mode = self.chance.choice(("new", "append", "update"))
        name, table = self.table(state)
        if mode == "new":
            name, table = self.fresh("In "), ModelTable((ID, MARK, ("n", "integer", False)), {})
            if len(state.tables) > 4:
                return None
        elif len(table.rows) >= MOST_ROWS:
            return None
        rows = dict(table.rows)
        marks = [self.fresh("m") for _ in range(self.chance.randint(2, 30))]
        if mode == "update":
            marks += self.chance.sample(list(rows), len(rows) // 2)
        records = []
        for mark in marks:
            _, rows[mark] = self.values(table)
            records.append([mark, *(rows[mark][field[0]] for field in table.named())])
        half = len(records) // 2
        fields = [["mark", "text"], *([f, kind] for f, kind, _ in table.named())]
        tables = {**state.tables, name: table._replace(rows=rows)}
        return (
            ["import", name, mode, fields, [records[:half], records[half:]]],
            state.after(tables),
        )

    def undo(self, state: State) -> tuple[Change, State] | None:
        if not state.undo:
            return None
        *before, tables = state.undo
        return ["undo"], State(tables, tuple(before), (*state.redo, state.tables), state.backups)

    def redo(self, state: State) -> tuple[Change, State] | None:
        if not state.redo:
            return None
        *before, tables = state.redo
        return ["redo"], State(tables, (*state.undo, state.tables), tuple(before), state.backups)

    def backup(self, state: State) -> tuple[Change, State] | None:
        self.moment += timedelta(seconds=1)
        name = f"{self.moment:%Y-%m-%d %H.%M.%S} by hand.sqlite"
        made = ["backup", self.moment.isoformat()]
        return made, state._replace(backups=(*state.backups, (name, state)))

    def restore(self, state: State) -> tuple[Change, State] | None:
        if not state.backups:
            return None
        name, then = self.chance.choice(state.backups)
        return ["restore", name], then._replace(backups=state.backups)


def swapped(table: ModelTable, old: str, new: tuple[str, str, bool]) -> Any:
    return tuple(new if field[0] == old else field for field in table.fields)


def put(state: State, name: str, fields: Any = None, rows: Any = None) -> State:
    table = state.tables[name]
    changed = ModelTable(
        table.fields if fields is None else fields, table.rows if rows is None else rows
    )
    return state.after({**state.tables, name: changed})
