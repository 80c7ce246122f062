"""Bring a part of a file into a table: all of it, visible in one step, or nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from myapp.store import NO_LIMITS, Database, Kind, Limits, NewField, Staging

from .batches import Batch, Source
from .cells import convert_cells
from .errors import Cancelled, FileChanged, ImportFileGone, MisfitsFound, NothingChosen, TooWide
from .kinds import Converted, convert
from .parts import open_source
from .plan import ImportPlan, ImportResult, Misfit, PlannedColumn, Progress, ReadOptions
from .previewing import MOST_FIELDS, short_records
from .records import LooseQuotes
from .special import CHOSEN, SPECIAL, convert_special, within

TOGETHER = 4
"""So many batches are written in one transaction: about a megabyte."""

MANY = 5_000
"""Records: a batch of so many short ones is written at once, so that progress is shown."""

LINES_TOLD = 5
"""Of each field, how many misfits are told with their lines."""


class PlanChanged(Exception):
    """The file holds what the preview could not foresee; begin again with a better plan."""

    def __init__(self, plan: ImportPlan, remarks: list[str]) -> None:
        super().__init__()
        self.plan = plan
        self.remarks = remarks


def run_import(
    database: Database,
    plan: ImportPlan,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Import `plan` into `database`.

    Raises Cancelled, FileChanged, MisfitsFound where a column's `when_misfit` says to ask, the
    other refusals of this room, and what the store raises.
    """
    started = time.monotonic()
    if not any(column.keep for column in plan.columns):
        raise NothingChosen
    remarks: list[str] = []
    while True:
        attempt = Attempt(plan, progress, cancelled)
        try:
            attempt.run(database)
        except LooseQuotes:
            plan = replace(plan, options=replace(plan.options, loose_quotes=True))
        except PlanChanged as change:
            plan = change.plan
            remarks += change.remarks
        else:
            return ImportResult(
                plan.table,
                attempt.records,
                tuple(attempt.misfits.values()),
                (*remarks, *attempt.remarks),
                time.monotonic() - started,
                attempt.updated,
                attempt.skipped,
            )


class Attempt:
    """One way through the file. A second one follows where the plan had to change."""

    def __init__(
        self,
        plan: ImportPlan,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.plan, self.progress, self.cancelled = plan, progress, cancelled
        self.typed = False
        self.misfits: dict[str, Misfit] = {}
        self.records = self.updated = self.short = self.skipped = 0
        self.remarks: list[str] = []

    def run(self, database: Database) -> None:
        plan = self.plan
        kept = [column for column in plan.columns if column.keep]
        fields = [new_field(column) for column in kept]
        before = stamp(plan.path, plan.name)
        with (
            open_source(plan.path, plan.name, plan.part, plan.options) as source,
            database.stage(plan.table, fields, mode=plan.mode, key=plan.key) as staging,
        ):
            self.typed = source.typed
            self.read(source, staging)
            self.check_cancelled()
            if stamp(plan.path, plan.name) != before:
                raise FileChanged(plan.name)
            if any(self.asks(column) for column in kept):
                raise MisfitsFound(tuple(self.misfits.values()))
            read = source.progress()

            def added(records: int) -> None:
                self.check_cancelled()
                self.progress(Progress(records, *read, adding=True))

            staging.finish(added, self.check_cancelled)
            self.records, self.updated = staging.records, staging.updated
            if self.short:
                self.remarks.append(short_records(self.short))
            self.remarks += source.remarks()

    def read(self, source: Source, staging: Staging) -> None:
        batches = source.batches(len(self.plan.columns))
        ready: list[list[Sequence[Any]]] = []
        for batch in batches:
            self.check_cancelled()
            found = self.prepare(batch)
            if self.is_changed(found):
                raise self.foresee(found, batches, source)
            self.short += batch.short
            ready.append(self.settle(batch, found))
            if len(ready) == TOGETHER or batch.count > MANY:
                staging.append_columns(ready)
                self.progress(Progress(staging.records, *source.progress()))
                ready = []
        staging.append_columns(ready)
        self.progress(Progress(staging.records, *source.progress()))

    def check_cancelled(self) -> None:
        if self.cancelled():
            raise Cancelled

    def prepare(self, batch: Batch) -> list[Converted | None]:
        """Each field of a batch as the database takes it; None for those that are left out."""
        options, typed = self.plan.options, self.typed
        found: list[Converted | None] = []
        for number, values in enumerate(batch.columns):
            if number >= len(self.plan.columns):
                found.append(Converted(values))
            elif not (column := self.plan.columns[number]).keep:
                found.append(None)
            else:
                found.append(converted(column.kind, values, options, column.limits, typed=typed))
        return found

    def is_changed(self, found: list[Converted | None]) -> bool:
        return len(found) > len(self.plan.columns) or any(
            self.needs_change(number, each) for number, each in enumerate(found)
        )

    def needs_change(self, number: int, found: Converted | None) -> bool:
        """Whether a field would change a value that its kind does not hold."""
        if found is None or number >= len(self.plan.columns):
            return False
        kept = self.plan.columns[number].when_misfit in ("ask", "text")
        return kept and (found.altered or found.fractions) and self.plan.mode == "new"

    def settle(self, batch: Batch, found: list[Converted | None]) -> list[Sequence[Any]]:
        """The columns to be kept, after what was chosen for values that do not fit."""
        columns: list[Sequence[Any]] = []
        left_out: set[int] = set()
        for number, each in enumerate(found):
            if each is None:
                continue
            values = each.values
            if each.missed:
                column = self.plan.columns[number]
                places = [place for place, value in enumerate(values) if value in each.missed]
                self.note(column, batch, values, places)
                if column.when_misfit == "skip":
                    left_out.update(places)
                elif column.when_misfit == "empty" or column.kind is Kind.BLOB:
                    values = [None if value in each.missed else value for value in values]
            columns.append(values)
        if left_out:
            self.skipped += len(left_out)
            stay = [place for place in range(batch.count) if place not in left_out]
            columns = [[values[place] for place in stay] for values in columns]
        return columns

    def note(
        self, column: PlannedColumn, batch: Batch, values: Sequence[Any], places: list[int]
    ) -> None:
        known = self.misfits.get(column.name) or Misfit(column.name, 0)
        room = places[: LINES_TOLD - len(known.lines)]
        told = tuple((batch.line_of(place), str(values[place])[:80]) for place in room)
        count = known.count + len(places)
        self.misfits[column.name] = Misfit(column.name, count, known.lines + told)

    def asks(self, column: PlannedColumn) -> bool:
        # A table that is there takes no text that breaks its rules.
        kept_out = column.when_misfit == "text" and column.checked and self.plan.mode != "new"
        return (column.when_misfit == "ask" or kept_out) and column.name in self.misfits

    def foresee(
        self, found: list[Converted | None], batches: Iterator[Batch], source: Source
    ) -> "PlanChanged":
        """What else the rest of the file asks for, so that one more attempt is enough."""
        kinds: dict[int, Kind] = {}
        widest = 0
        while True:
            widest = max(widest, len(found))
            for number, each in enumerate(found):
                if each is not None and self.needs_change(number, each):
                    fractions = each.fractions and kinds.get(number) is not Kind.TEXT
                    kinds[number] = Kind.DECIMAL if fractions else Kind.TEXT
            batch = next(batches, None)
            if batch is None:
                return changed_plan(self.plan, kinds, widest, source.names)
            self.check_cancelled()
            found = self.prepare(batch)


def new_field(column: PlannedColumn) -> NewField:
    """Where it is not known which choices there are, they are texts."""
    kind = Kind.TEXT if column.kind in CHOSEN and not column.limits.choices else column.kind
    return NewField(column.name, kind, limits=column.limits if kind is column.kind else NO_LIMITS)


def converted(
    kind: Kind,
    values: Sequence[Any],
    options: ReadOptions,
    limits: Limits = NO_LIMITS,
    *,
    typed: bool,
) -> Converted:
    """Values of one field, read as `options` say, as the database takes them."""
    if kind in SPECIAL:
        return convert_special(kind, values, options, limits)
    if typed:
        found = convert_cells(kind, values)
    else:
        found = convert(kind, values, options.date_order, options.number_style)
    return found if limits == NO_LIMITS else within(kind, found, limits)


def stamp(path: Path, name: str) -> tuple[int, int]:
    """Size and time of change. Raises ImportFileGone."""
    try:
        found = path.stat()
    except OSError as error:
        raise ImportFileGone(name) from error
    return found.st_size, found.st_mtime_ns


def changed_plan(
    plan: ImportPlan, kinds: dict[int, Kind], widest: int, names: tuple[str, ...] | None
) -> PlanChanged:
    if widest > MOST_FIELDS:
        raise TooWide(plan.name, widest)
    remarks = []
    for number, kind in sorted(kinds.items()):
        name = plan.columns[number].name
        if kind is Kind.DECIMAL:
            remarks.append(f"“{name}” became a field of decimal numbers: it holds fractions.")
        else:
            remarks.append(
                f"“{name}” was kept as text: it holds values such as numbers with "
                "leading zeros or very many digits, which its type would change."
                if plan.columns[number].kind not in SPECIAL
                else f"“{name}” was kept as text: it holds values that do not fit the type."
            )
    columns = [
        replace(column, kind=kinds.get(number, column.kind))
        for number, column in enumerate(plan.columns)
    ]
    if widest > len(columns) and plan.mode != "new":
        columns += [
            PlannedColumn(f"Field {number}", Kind.TEXT, keep=False)
            for number in range(len(columns) + 1, widest + 1)
        ]
        remarks.append("Some records have more fields than the first ones; those were left out.")
        return PlanChanged(replace(plan, columns=tuple(columns)), remarks)
    taken = {column.name.lower() for column in columns}
    if widest > len(columns):
        remarks.append(
            "Some records have more fields than the first ones; the additional fields were "
            "given names of their own."
            if names is None
            else "Some records have fields that the first ones have not; they were added."
        )
    for number in range(len(columns), widest):
        known = names is not None and number < len(names)
        name = " ".join(names[number].split())[:120] if known and names else ""
        name = name or f"Field {number + 1}"
        while name.lower() in taken:
            name += "+"
        taken.add(name.lower())
        columns.append(PlannedColumn(name, Kind.TEXT if names is None else Kind.ANY))
    return PlanChanged(replace(plan, columns=tuple(columns)), remarks)
