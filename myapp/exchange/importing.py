"""Bring a file into a new table: all of it, visible in one step, or nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from myapp.store import Database, Kind, NewField, Staging

from .errors import Cancelled, FileChanged, ImportFileGone, NothingChosen
from .kinds import convert, loses_digits
from .plan import ImportPlan, ImportResult, Misfit, PlannedColumn, Progress
from .reading import Records, open_text

FIRST_BATCH = 500
BATCH = 10_000
BATCH_CHARS = 4 << 20


class PlanChanged(Exception):
    """The file holds what the preview could not foresee; begin again with a better plan."""

    def __init__(self, plan: ImportPlan, remark: str) -> None:
        super().__init__(remark)
        self.plan = plan
        self.remark = remark


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
        try:
            records, misfits = attempt(database, plan, progress, cancelled)
        except PlanChanged as change:
            plan = change.plan
            remarks.append(change.remark)
        else:
            seconds = time.monotonic() - started
            return ImportResult(plan.table, records, tuple(misfits), tuple(remarks), seconds)


def attempt(
    database: Database,
    plan: ImportPlan,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> tuple[int, list[Misfit]]:
    kept = [column for column in plan.columns if column.keep]
    fields = [NewField(column.name, column.kind) for column in kept]
    found: dict[str, Misfit] = {}
    try:
        before = plan.path.stat()
    except OSError as error:
        raise ImportFileGone(plan.name) from error
    with (
        open_text(plan.path, plan.name, plan.options.encoding or "utf-8") as (text, raw),
        database.stage(plan.table, fields) as staging,
    ):
        records = Records(text, plan.path, plan.name, plan.options.delimiter or ",")
        if plan.options.header:
            records.take(1)
        for batch in batches(records):
            if cancelled():
                raise Cancelled
            staging.append(prepare(plan, batch, found))
            progress(Progress(staging.records, raw.tell(), before.st_size))
        if cancelled():
            raise Cancelled
        after = plan.path.stat()
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise FileChanged(plan.name)
        count_numbers(staging, kept, found)
        staging.finish()
        return staging.records, list(found.values())


def batches(records: Records) -> Iterator[list[list[str]]]:
    """Lists of records, bounded in number and roughly in characters."""
    size = FIRST_BATCH
    while batch := records.take(size):
        yield batch
        chars = sum(len(cell) for row in batch[:50] for cell in row) // min(len(batch), 50) + 1
        size = max(1, min(BATCH, BATCH_CHARS // chars))


def prepare(
    plan: ImportPlan, batch: list[list[str]], found: dict[str, Misfit]
) -> Iterator[Sequence[str | int | None]]:
    """A batch as the kept fields' values, field by field, since that is where Python is fast."""
    width = len(plan.columns)
    if any(length != width for length in set(map(len, batch))):
        batch = even_out(plan, batch)
    options = plan.options
    columns = []
    for column, values in zip(plan.columns, zip(*batch, strict=True), strict=True):
        if not column.keep:
            continue
        if loses_digits(column.kind, values):
            raise as_text(plan, column)
        converted, wrong = convert(
            column.kind, values, options.date_order, comma=options.decimal_comma
        )
        note_misfits(column, wrong, found)
        columns.append(converted)
    return zip(*columns, strict=True)


def even_out(plan: ImportPlan, batch: list[list[str]]) -> list[list[str]]:
    """Short records get empty fields; a longer one than any before it widens the plan."""
    width = len(plan.columns)
    widest = max(map(len, batch))
    if widest > width:
        taken = {column.name.lower() for column in plan.columns}
        extra = []
        for number in range(width, widest):
            name = f"Field {number + 1}"
            while name.lower() in taken:
                name += "+"
            taken.add(name.lower())
            extra.append(PlannedColumn(name, Kind.TEXT))
        raise PlanChanged(
            replace(plan, columns=(*plan.columns, *extra)),
            "Some records have more fields than the first ones; the additional fields were "
            "given names of their own.",
        )
    return [row + [""] * (width - len(row)) for row in batch]


def as_text(plan: ImportPlan, column: PlannedColumn) -> PlanChanged:
    columns = tuple(
        replace(each, kind=Kind.TEXT) if each is column else each for each in plan.columns
    )
    return PlanChanged(
        replace(plan, columns=columns),
        f"“{column.name}” was kept as text: it holds numbers with leading zeros or very many "
        "digits, which a number field would change.",
    )


def note_misfits(column: PlannedColumn, wrong: Sequence[str], found: dict[str, Misfit]) -> None:
    if wrong:
        known = found.get(column.name)
        count = len(wrong) + (known.count if known else 0)
        example = known.example if known else wrong[0][:80]
        found[column.name] = Misfit(column.name, count, example)


def count_numbers(
    staging: Staging, kept: Sequence[PlannedColumn], found: dict[str, Misfit]
) -> None:
    """SQLite tells which values it could not keep as numbers, in one pass over the new table."""
    numeric = [c.name for c in kept if c.kind in (Kind.INTEGER, Kind.DECIMAL)]
    for field, (count, example) in staging.texts_among_numbers(numeric).items():
        found[field] = Misfit(field, count, example)
