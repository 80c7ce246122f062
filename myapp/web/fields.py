"""Every change of a table's fields: names, order, types and rules; `field_forms` shows them."""

import json
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import (
    AddField,
    AppError,
    ChangeField,
    ChooseTitle,
    DropField,
    MoveField,
    RenameField,
)

from . import link_fields
from .field_forms import NONE, change_form, page, show
from .field_jobs import FieldJob, Work
from .kind_options import rows_of, with_options
from .kinds import field_beside, read_kind
from .workspace import database, workspace

pages = Blueprint("fields", __name__, url_prefix="/tables/<table:table>/fields")
KEPT_IN_LINK = ("field", "on_delete", "required", "unique")
"""What the page of a link takes over from that of a change."""

WORTH_WAITING = 0.4
"""Seconds. Most changes are made by then, and need no page that says so."""

Answer = Response | str | tuple[str, int]


class NoSuchWork(AppError):
    def __init__(self) -> None:
        super().__init__("This change is over. Look at the fields for what became of it.")


# --- adding and renaming


@pages.post("/add")
def add(table: str) -> Answer:
    name, kind = request.form.get("name", "").strip(), request.form.get("kind", "text")
    on_delete = request.form.get("on_delete", "refuse")
    link = link_fields.read_link(kind, on_delete, table)
    try:
        made = link_fields.new_field(name, kind, link, request.form)
        database().apply(AddField(table, made, field_beside(made)))
    except AppError as error:
        return show(table, name, kind, error.sentence, request.form), 422
    return redirect(page(table), 303)


@pages.post("/rename")
def rename(table: str) -> Answer:
    field, to = request.form.get("field", ""), request.form.get("name", "").strip()
    try:
        if to != field:
            database().apply(RenameField(table, field, to))
    except AppError as error:
        return change_form(table, field, {}, error), 422
    return redirect(page(table), 303)


@pages.post("/title")
def title(table: str) -> Answer:
    """Which field names the records; an empty choice lets the program find one."""
    try:
        database().apply(ChooseTitle(table, request.form.get("title") or None))
    except AppError as error:
        return show(table, error=error.sentence), 422
    return redirect(page(table), 303)


# --- what may take long


def make(change: MoveField | ChangeField | DropField, typed: Mapping[str, str]) -> Answer:
    """The change as work; `typed` is the form that it came from."""
    return begin(
        Work(
            change.sentence,
            lambda opened, told: opened.apply(change, told),
            change.table,
            change.field,
            typed,
        )
    )


def begin(work: Work) -> Answer:
    job = workspace().fields.begin(database(), work)
    if job.thread is not None:
        job.thread.join(WORTH_WAITING)
    if job.running:
        return redirect(url_for("fields.work", table=work.table, id_=job.id), 303)
    return outcome(job)


def outcome(job: FieldJob) -> Answer:
    work = job.work
    if work.then is not None:
        if job.error is not None:
            raise job.error
        assert job.applied is not None
        return redirect(work.then(job.applied), 303)
    if job.error is None:
        return after(job)
    if "to" in work.typed:
        return link_fields.form(work.table, work.typed, job.error), 422
    if "kind" in work.typed:
        return change_form(work.table, work.field, work.typed, job.error), 422
    return show(work.table, error=job.error.sentence), 422


def after(job: FieldJob) -> Response:
    """Back to the fields, of the table that an undo may have brought."""
    work = job.work
    name = job.applied.table if job.applied and job.applied.table else work.table
    if name not in {table.name for table in database().tables()}:
        return redirect(url_for("home.show"), 303)
    way = work.typed.get("way")
    return redirect(page(name, work.field, way) if way else page(name), 303)


def job_of(id_: str) -> FieldJob:
    try:
        return workspace().fields.jobs[id_]
    except KeyError as error:
        raise NoSuchWork from error


@pages.get("/work/<id_>")
def work(table: str, id_: str) -> Answer:
    job = job_of(id_)
    if not job.running:
        return outcome(job)
    # Asks nothing of the file, which outside WAL mode nobody can read just now.
    return render_template("fields/work.html", table=table, job=job)


@pages.get("/work/<id_>/progress")
def progress(table: str, id_: str) -> Response:
    job = job_of(id_)
    seconds = max(time.monotonic() - job.began, 0.001)
    part = min(job.done / job.total, 1.0) if job.total else 0.0
    return jsonify(
        running=job.running,
        error=job.error.sentence if job.error else None,
        table=table,
        records=job.done,
        part=part,
        rate=int(job.done / seconds),
        left=int(seconds / part - seconds) if part > 0.02 else None,
    )


@pages.post("/work/<id_>/cancel")
def cancel(table: str, id_: str) -> Response:
    job = job_of(id_)
    job.stop.set()
    if job.thread is not None:
        job.thread.join(3)
    return redirect(url_for("fields.work", table=table, id_=id_), 303)


@pages.post("/move")
def move(table: str) -> Answer:
    field, way = request.form.get("field", ""), request.form.get("way", "")
    place = database().table(table).position_of(field)
    steps = {"up": place - 1, "down": place + 1}
    to = steps.get(way, request.form.get("to", place + 1, int) - 1)
    return make(MoveField(table, field, to), {"way": way})


@pages.get("/change")
def change(table: str) -> str:
    return change_form(table, request.args.get("field", ""), {}, None)


@pages.post("/change")
def save(table: str) -> Answer:
    given = request.form.to_dict()
    field = database().table(table).field(given.get("field", ""))
    named = given.get("kind", "")
    link = link_fields.read_link(named, given.get("on_delete", ""))
    if link is not None and not link_fields.points_there(field, link):
        known = {name: given[name] for name in KEPT_IN_LINK if name in given} | {"to": link.table}
        return redirect(f"{url_for('fields.link', table=table)}?{urlencode(known)}", 303)
    kind = field.kind if named == field.kind.value else read_kind(named)
    stays = link is not None or named == link_fields.LOST
    wanted = ChangeField(
        table,
        field.name,
        None if stays else kind,
        "required" in given,
        "unique" in given,
        given.get("default", ""),
        "empty" if given.get("misfits") == "empty" else "refuse",
        "fill" in given,
        link=link if stays else "none",
    )
    shown = named if stays else kind.value
    typed = {**given, "kind": shown, "rows": json.dumps(rows_of(request.form))}
    try:
        asked = wanted if stays else with_options(wanted, field, request.form)
    except AppError as error:
        return change_form(table, field.name, typed, error), 422
    return make(asked, typed)


@pages.get("/link")
def link(table: str) -> str:
    """Which values find a record of another table, before they become links to it."""
    return link_fields.form(table, request.args, None)


@pages.post("/link")
def make_link(table: str) -> Answer:
    given = request.form.to_dict()
    return make(link_fields.wanted(table, given), given)


@pages.get("/drop")
def confirm(table: str) -> str:
    opened = database()
    shown = opened.table(table)
    field = shown.field(request.args.get("field", ""))
    loss = opened.field_loss(table, field.name)
    return render_template("fields/drop.html", table=shown, field=field, loss=loss)


@pages.post("/drop")
def drop(table: str) -> Answer:
    return make(DropField(table, request.form.get("field", "")), NONE)


@pages.post("/undo")
def undo(table: str) -> Answer:
    sentence = f"Undo: {database().next_undo()}"
    return begin(Work(sentence, lambda opened, told: opened.undo(told), table))


@pages.post("/redo")
def redo(table: str) -> Answer:
    sentence = f"Redo: {database().next_redo()}"
    return begin(Work(sentence, lambda opened, told: opened.redo(told), table))
