"""The pages of a table: its grid, and making, renaming and deleting one."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import (
    AppError,
    Applied,
    CreateTable,
    Database,
    DeleteRecords,
    DropTable,
    RenameTable,
)

from .access import at_this_computer, may, why_locked
from .kind_options import OPTIONS
from .kinds import NEW_KINDS, field_beside
from .link_fields import linkable, new_field, read_link
from .long_steps import Answer, Work
from .next_steps import next_redo, next_undo
from .saved_views import listed
from .starters import STARTERS, make_starter
from .work import begin
from .workspace import database, workspace

if TYPE_CHECKING:
    from myapp.store.hearing import Told

pages = Blueprint("tables", __name__)
ROWS_OFFERED = 6
LEFT = {
    "edited": "Saved. {} does not show this record any more.",
    "added": "Added. {} does not tell which record is the new one.",
}
"""What an SQL view may have done with a record."""

Row = dict[str, str]
EMPTY = {"field": "", "kind": "text", "on_delete": "refuse"} | dict.fromkeys(OPTIONS, "")


class NoSuchStarter(AppError):
    def __init__(self) -> None:
        super().__init__("There is no ready-made table of this name. Nothing was made.")


@pages.get("/tables/<table:table>")
def show(table: str) -> str:
    opened = database()
    shown = opened.table(table)
    if request.args.get("group"):
        from .groups import page_of

        return page_of(shown, request.args)
    if at_this_computer():
        workspace().place = url_for(
            "tables.show", table=shown.name, view=request.args.get("view") or None
        )
    undo = next_undo(opened)
    gone = DeleteRecords(shown.name, ("",)).sentence
    deleted = None
    if "deleted" in request.args and undo and undo.partition(": ")[0] == gone.partition(": ")[0]:
        deleted = f"1 record deleted{undo.removeprefix(gone)}."
    if "left" in request.args and undo and shown.type == "view":
        deleted = LEFT.get(request.args["left"], LEFT["edited"]).format(shown.name)
    job = workspace().imports.jobs.get(request.args.get("imported", ""))
    return render_template(
        "tables/show.html",
        table=shown,
        tables=opened.tables()[:200],
        path=opened.path,
        why=why_locked(opened) or shown.why_read_only,
        may=may(opened, shown),
        job=job,
        result=job.result if job else None,
        views=listed(shown.name),
        savable=why_locked(opened) is None,
        undo=undo,
        deleted=deleted,
        redo=next_redo(opened),
        indexable=shown.numbered,
        index=workspace().indexes.states(opened).get(shown.name),
        index_job=workspace().indexes.of_table(shown.name),
    )


@pages.get("/new-table")
def new() -> str:
    return form("", [EMPTY] * ROWS_OFFERED, None)


@pages.post("/new-table")
def create() -> Response | tuple[str, int]:
    name = request.form.get("name", "").strip()
    rows = sent_rows()
    try:
        if "more" in request.form:
            rows += [EMPTY] * 4
            return form(name, rows, None), 200
        made = [
            new_field(
                row["field"].strip(),
                row["kind"],
                read_link(row["kind"], row["on_delete"], name),
                row,
            )
            for row in rows
            if row["field"].strip()
        ]
        fields = tuple(each for field in made for each in (field_beside(field), field) if each)
        if not fields:
            return form(name, rows, "A table needs at least one field."), 422
        database().apply(CreateTable(name, fields))
    except AppError as error:
        return form(name, rows, error.sentence), 422
    return redirect(url_for("tables.show", table=name), 303)


def sent_rows() -> list[Row]:
    """The fields as they were sent; a form without options has none."""
    names = ("field", "kind", "on_delete", *OPTIONS)
    lists = [request.form.getlist(name) for name in names]
    found = zip_longest(*lists, fillvalue="")
    rows = [dict(zip(names, row, strict=True)) for row in list(found)[: len(lists[0])]]
    return [row | {"on_delete": row["on_delete"] or "refuse"} for row in rows]


def form(name: str, rows: Sequence[Row], error: str | None) -> str:
    return render_template(
        "tables/new.html",
        kinds=NEW_KINDS,
        starters=STARTERS,
        name=name,
        rows=rows,
        error=error,
        linkable=linkable(),
    )


@pages.post("/new-table/<starter>")
def create_ready(starter: str) -> Response:
    if starter not in STARTERS:
        raise NoSuchStarter
    name = make_starter(database(), STARTERS[starter])
    return redirect(url_for("tables.show", table=name), 303)


@pages.post("/tables/<table:table>/rename")
def rename(table: str) -> Response:
    to = request.form.get("name", "").strip()
    if to != table:
        database().apply(RenameTable(table, to))
    return redirect(url_for("tables.show", table=to), 303)


@pages.get("/tables/<table:table>/drop")
def confirm(table: str) -> str:
    opened = database()
    return render_template(
        "tables/drop.html", table=opened.table(table), loss=opened.table_loss(table)
    )


@pages.post("/tables/<table:table>/drop")
def drop(table: str) -> Answer:
    name = database().table(table).name
    keeper = workspace().backups

    def do(opened: Database, told: "Told") -> Applied:
        keeper.make_before(opened, f"deleting {name}", told)
        return opened.apply(DropTable(table))

    return begin(
        Work(
            f"Back up the file, and delete the table {name}",
            do,
            lambda _: redirect(url_for("home.show", done="dropped"), 303),
            back=url_for("tables.show", table=name),
            unit="MB",
        )
    )
