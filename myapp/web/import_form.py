"""The form of an import's preview: what was chosen in it, and what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from myapp.exchange import NUMBER_STYLES, ImportPlan, PlannedColumn, ReadOptions, converted, matched
from myapp.store import NO_LIMITS, Database, Kind, Limits, Table

from .field_forms import allowed
from .jobs import ImportJob
from .kinds import IMPORTED

if TYPE_CHECKING:
    from myapp.exchange.plan import PreviewColumn

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "cp1250", "cp1251", "shift_jis", "gb18030")
DATES = {"ymd": "only as 2026-04-03", "dmy": "03/04 is the 3rd of April", "mdy": "03/04 is March 4"}
MISFITS = {"text": "keep as text", "empty": "leave empty", "skip": "leave the record out"}
SHOWN = 120


@dataclass(frozen=True, slots=True)
class ShownCell:
    text: str
    wrong: bool = False


def plan_from(form: Mapping[str, str], job: ImportJob, database: Database) -> ImportPlan:
    """What the person chose; what is missing stays as it is."""
    plan = job.plan or job.first_plan(database)
    mode = form.get("mode", plan.mode)
    target = None
    if mode in ("append", "update"):
        target = (
            table_named(database, form["target"]) if "target" in form else likeliest(job, database)
        )
    few = [found.choices for found in job.preview.columns]
    columns = tuple(
        chosen_column(form, number, column, target, few[number] if number < len(few) else ())
        for number, column in enumerate(plan.columns)
    )
    if target is None:
        wanted = form.get("table", "").strip() or plan.table
        return replace(plan, columns=columns, mode="new", table=wanted, key=())
    if plan.mode == "new" or plan.table != target.name:
        columns = tuple(matched(column, target) for column in plan.columns)
    key = form.get("key", "")
    named = {column.name for column in columns if column.keep}
    keys = (key,) if key in named else tuple(k for k in target.key if k in named)[:1]
    return replace(
        plan,
        columns=columns,
        mode="update" if mode == "update" else "append",
        table=target.name,
        key=keys if mode == "update" else (),
    )


def table_named(database: Database, name: str) -> Table | None:
    """One that can take records in; the first where the name is none of them."""
    tables = targets(database)
    return next((each for each in tables if each.name == name), tables[0] if tables else None)


def likeliest(job: ImportJob, database: Database) -> Table | None:
    """The table that shares most names of fields with the file; among such, the one of its name."""
    found = job.preview
    names = {column.name.casefold() for column in found.columns}

    def likeness(table: Table) -> tuple[int, bool]:
        shared = sum(field.writable and field.name.casefold() in names for field in table.fields)
        return shared, table.name.casefold() == found.table.casefold()

    return max(targets(database), key=likeness, default=None)


def targets(database: Database) -> list[Table]:
    return [each for each in database.tables() if each.writable and each.type == "table"]


def chosen_column(
    form: Mapping[str, str],
    number: int,
    column: PlannedColumn,
    target: Table | None,
    choices: tuple[str, ...],
) -> PlannedColumn:
    """`choices` are the field's values in the file, where it could be a choice."""
    name = form.get(f"name:{number}", column.name).strip()
    sent = "name:0" in form
    keep = (f"keep:{number}" in form or target is not None) if sent else column.keep
    kind = Kind(form.get(f"kind:{number}", column.kind))
    if target is not None:
        field = next((each for each in target.fields if each.name == name), None)
        keep = keep and field is not None
        kind = field.kind if field else column.kind
        column = replace(column, limits=field.limits if field else NO_LIMITS)
    elif kind is not column.kind:
        column = replace(column, limits=Limits(choices) if kind is Kind.CHOICE else NO_LIMITS)
    choice = form.get(f"misfit:{number}", "ask")
    when = choice if choice in MISFITS else "ask"
    return replace(
        column,
        name=name or column.name,
        kind=kind,
        keep=keep,
        when_misfit=when,  # type: ignore[arg-type]
    )


def options_from(form: Mapping[str, str], job: ImportJob) -> ReadOptions:
    """How the file is to be read; a choice that was not offered stays."""
    options = job.preview.options
    if "header" in form:
        options = replace(options, header=form["header"] == "yes")
    if form.get("encoding"):
        options = replace(options, encoding=form["encoding"])
    if form.get("delimiter") and form["delimiter"] != options.delimiter:
        # Quotes may be written otherwise there: they are found anew.
        options = replace(options, delimiter=form["delimiter"], escape="", skip_spaces=False)
    if form.get("dates") in DATES:
        options = replace(options, dates=form["dates"])  # type: ignore[arg-type]
    if form.get("numbers") in NUMBER_STYLES:
        options = replace(options, numbers=form["numbers"])  # type: ignore[arg-type]
    if "nested" in form:
        options = replace(options, flatten=form["nested"] == "fields")
    return options


def page_values(job: ImportJob, database: Database) -> dict[str, Any]:
    """What the preview's template shows."""
    preview = job.preview
    plan = job.plan or job.first_plan(database)
    tables = targets(database)
    target = next((each for each in tables if plan.mode != "new" and each.name == plan.table), None)
    misfits = {misfit.field: misfit for misfit in job.misfits}
    return {
        "job": job,
        "preview": preview,
        "plan": plan,
        "columns": list(zip(plan.columns, preview.columns, strict=False)),
        "records": shown_records(job, plan),
        "targets": tables,
        "target": target,
        "misfits": misfits,
        "misfit_choices": misfit_choices,
        "target_field": {each.name: each for each in target.fields} if target else {},
        "allowed": allowed,
        "kinds_for": kinds_for,
        "delimiters": DELIMITERS,
        "encodings": list(dict.fromkeys([preview.options.encoding, *ENCODINGS])),
        "dates": DATES,
        "numbers": NUMBER_STYLES,
        "where": database.path.name,
    }


def kinds_for(found: "PreviewColumn") -> tuple[Kind, ...]:
    """What a field of the file can be. A choice is offered where there are few values of it."""
    return (*IMPORTED, Kind.CHOICE) if found.choices else IMPORTED


def misfit_choices(column: PlannedColumn) -> dict[str, str]:
    """A field with a rule keeps no text that breaks it."""
    return {key: MISFITS[key] for key in MISFITS if key != "text" or not column.checked}


def shown_records(job: ImportJob, plan: ImportPlan) -> list[list[ShownCell]]:
    """The first records as they will be."""
    preview = job.preview
    columns: list[list[ShownCell]] = []
    for number, column in enumerate(plan.columns[: len(preview.columns)]):
        cells = [record[number] for record in preview.records]
        found = converted(column.kind, cells, preview.options, column.limits, typed=preview.typed)
        columns.append(
            [shown(value, column.kind, wrong=value in found.missed) for value in found.values]
            if column.keep
            else [shown(cell, Kind.TEXT, wrong=False) for cell in cells]
        )
    return [list(record) for record in zip(*columns, strict=True)]


def shown(value: Any, kind: Kind, *, wrong: bool) -> ShownCell:
    if value is None:
        return ShownCell("")
    if kind is Kind.BOOLEAN and value in (0, 1):
        return ShownCell("yes" if value else "no")
    if isinstance(value, bytes):
        return ShownCell(f"{len(value):,} bytes")
    text = str(value)
    return ShownCell(text if len(text) <= SHOWN else f"{text[:SHOWN]}…", wrong)
