"""Plan an import from a preview: into a new table, or by the names of one that is there."""

from dataclasses import replace
from pathlib import Path

from myapp.store import Database, Table

from .plan import ImportPlan, PlannedColumn, Preview, WhenMisfit


def plan_new(
    database: Database, path: Path, name: str, preview: Preview, when: WhenMisfit = "text"
) -> ImportPlan:
    """Into a new table under a free name, every field as it was found."""
    columns = tuple(
        PlannedColumn(each.name, each.kind, when_misfit=when, limits=each.limits)
        for each in preview.columns
    )
    table = database.table_name_for(preview.table)
    return ImportPlan(path, name, preview.options, table, columns, preview.part)


def matched(column: PlannedColumn, table: Table) -> PlannedColumn:
    """The column with the field of the same name, whatever its case; else it is left out."""
    for field in table.fields:
        if field.writable and field.name.casefold() == column.name.casefold():
            return replace(column, name=field.name, kind=field.kind, keep=True, limits=field.limits)
    return replace(column, keep=False)
