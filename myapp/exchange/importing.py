"""Bring a file into a new table: all of it, visible in one step, or nothing."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from myapp.store import Database, Kind, NewField

from .errors import Cancelled, FileChanged, ImportFileGone, NothingChosen, TooWide
from .kinds import convert
from .plan import ImportPlan, ImportResult, Misfit, PlannedColumn, Progress
from .previewing import MOST_FIELDS, STRAY_LETTERS, short_records
from .reading import LooseQuotes, Records, open_text

FIRST_BATCH = 500
BATCH = 2_000  # fits the processor's cache: the csv reader runs twice as fast as with 10,000
BATCH_CHARS = 4 << 20


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
    """Import `plan` into a new table of `database`.

    Raises Cancelled, FileChanged, the other refusals of this room, and what the store raises.
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
            remarks += attempt.remarks()
            misfits = tuple(attempt.misfits.values())
            seconds = time.monotonic() - started
            return ImportResult(plan.table, attempt.records, misfits, tuple(remarks), seconds)


class Attempt:
    """One way through the file. A second one follows where the plan had to change."""

    def __init__(
        self,
        plan: ImportPlan,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.plan, self.progress, self.cancelled = plan, progress, cancelled
        self.misfits: dict[str, Misfit] = {}
        self.records = self.short = self.stray = 0

    def run(self, database: Database) -> None:
        plan = self.plan
        fields = [NewField(column.name, column.kind) for column in plan.columns if column.keep]
        before = stamp(plan)
        with (
            open_text(plan.path, plan.name, plan.options.encoding or "utf-8") as (text, source),
            database.stage(plan.table, fields) as staging,
        ):
            reading = Records(text, plan.path, plan.name, plan.options)
            if plan.options.header:
                reading.take(1)
            for batch in batches(reading):
                if self.cancelled():
                    raise Cancelled
                columns, changed = self.prepare(reading, batch)
                if changed or len(columns) > len(plan.columns):
                    raise self.foresee(reading, changed, len(columns))
                kept = [
                    values
                    for column, values in zip(plan.columns, columns, strict=True)
                    if column.keep
                ]
                staging.append(zip(*kept, strict=True))
                self.progress(Progress(staging.records, source.tell(), before[0]))
            if self.cancelled():
                raise Cancelled
            if stamp(plan) != before:
                raise FileChanged(plan.name)
            staging.finish()
            self.records, self.stray = staging.records, source.stray

    def prepare(
        self, reading: Records, batch: list[list[str]]
    ) -> tuple[list[Sequence[str | int | None]], set[int]]:
        """A batch field by field, since that is where Python is fast, and the fields that would
        change a value beyond recognition."""
        plan = self.plan
        width = len(plan.columns)
        if set(map(len, batch)) != {width}:
            widest = max(width, *map(len, batch))
            self.short += sum(len(row) < width for row in batch)
            batch = [row + [""] * (widest - len(row)) for row in batch]
        columns: list[Sequence[str | int | None]] = []
        changed = set()
        for number, values in enumerate(zip(*batch, strict=True)):
            column = plan.columns[number] if number < width else None
            if column is None or not column.keep:
                columns.append(values)
                continue
            options = plan.options
            found = convert(column.kind, values, options.date_order, comma=options.decimal_comma)
            if found.altered:
                changed.add(number)
            elif found.missed:
                self.note(column, reading, values, found.missed)
            columns.append(found.values)
        return columns, changed

    def note(
        self,
        column: PlannedColumn,
        reading: Records,
        values: Sequence[str],
        missed: Collection[str],
    ) -> None:
        known = self.misfits.get(column.name)
        if known is None:
            first = next(number for number, text in enumerate(values) if text in missed)
            known = Misfit(column.name, 0, values[first][:80], reading.line_of(first))
        count = known.count + sum(map(values.count, missed))
        self.misfits[column.name] = replace(known, count=count)

    def foresee(self, reading: Records, changed: set[int], widest: int) -> "PlanChanged":
        """What else the rest of the file asks for, so that one more attempt is enough."""
        for batch in batches(reading):
            if self.cancelled():
                raise Cancelled
            columns, more = self.prepare(reading, batch)
            changed |= more
            widest = max(widest, len(columns))
        return changed_plan(self.plan, changed, widest)

    def remarks(self) -> list[str]:
        remarks = []
        if self.short:
            remarks.append(short_records(self.short))
        if self.stray:
            remarks.append(STRAY_LETTERS)
        return remarks


def stamp(plan: ImportPlan) -> tuple[int, int]:
    """Size and time of change. Raises ImportFileGone."""
    try:
        found = plan.path.stat()
    except OSError as error:
        raise ImportFileGone(plan.name) from error
    return found.st_size, found.st_mtime_ns


def batches(records: Records) -> Iterator[list[list[str]]]:
    """Lists of records, bounded in number and roughly in characters."""
    size = FIRST_BATCH
    while batch := records.take(size):
        yield batch
        chars = sum(len(cell) for row in batch[:50] for cell in row) // min(len(batch), 50) + 1
        size = max(1, min(BATCH, BATCH_CHARS // chars))


def changed_plan(plan: ImportPlan, changed: set[int], widest: int) -> PlanChanged:
    if widest > MOST_FIELDS:
        raise TooWide(plan.name, widest)
    remarks = [
        f"“{plan.columns[number].name}” was kept as text: it holds values such as numbers with "
        "leading zeros or very many digits, which its type would change."
        for number in sorted(changed)
    ]
    columns = [
        replace(column, kind=Kind.TEXT) if number in changed else column
        for number, column in enumerate(plan.columns)
    ]
    taken = {column.name.lower() for column in columns}
    if widest > len(columns):
        remarks.append(
            "Some records have more fields than the first ones; the additional fields were "
            "given names of their own."
        )
    for number in range(len(columns), widest):
        name = f"Field {number + 1}"
        while name.lower() in taken:
            name += "+"
        taken.add(name.lower())
        columns.append(PlannedColumn(name, Kind.TEXT))
    return PlanChanged(replace(plan, columns=tuple(columns)), remarks)
