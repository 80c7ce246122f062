"""The page of a table's fields: their order, types and rules, and every change of them."""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import (
    AddField,
    AppError,
    ChangeField,
    ChooseTitle,
    DropField,
    Field,
    MoveField,
    RenameField,
    ValuesDoNotFit,
    choose_title,
    format_value,
    may_title,
)

from . import link_fields
from .access import why_not_shaped
from .field_jobs import FieldJob, Work
from .kind_options import options_of, rows_of, rows_typed, with_options
from .kinds import KINDS, NEW_KINDS, field_beside, read_kind
from .workspace import database, workspace

if TYPE_CHECKING:
    from myapp.store import FieldRules

pages = Blueprint("fields", __name__, url_prefix="/tables/<table:table>/fields")
KEPT_IN_LINK = ("field", "on_delete", "required", "unique")
"""What the page of a link takes over from that of a change."""

WORTH_WAITING = 0.4
"""Seconds. Most changes are made by then, and need no page that says so."""

NONE: Mapping[str, str] = {}
Answer = Response | str | tuple[str, int]


class NoSuchWork(AppError):
    def __init__(self) -> None:
        super().__init__("This change is over. Look at the fields for what became of it.")


def show(
    table: str,
    name: str = "",
    kind: str = "text",
    error: str | None = None,
    options: Mapping[str, str] = NONE,
) -> str:
    """The page itself; its address is also that of the fields as data."""
    opened = database()
    shown = opened.table(table)
    return render_template(
        "fields/show.html",
        table=shown,
        fields=opened.fields(table),
        kinds=NEW_KINDS,
        why=why_not_shaped(opened) or shown.why_read_only,
        undo=opened.next_undo(),
        redo=opened.next_redo(),
        moved=request.args.get("moved"),
        way=request.args.get("way"),
        name=name,
        kind=kind,
        options=options,
        allowed=allowed,
        error=error,
        linkable=link_fields.linkable(),
        on_delete=options.get("on_delete", "refuse"),
        titles=[field.name for field in shown.fields if may_title(field)],
        guess=choose_title(shown.fields),
    )


def allowed(field: Field) -> str:
    """What its limits let in, in a few words; nothing for a field without."""
    choices, low, high = field.limits
    if choices:
        return ", ".join(choices)
    shown = [None if each is None else format_value(field.kind, each) for each in (low, high)]
    if None not in shown:
        return f"from {shown[0]} to {shown[1]}"
    return f"from {shown[0]}" if shown[0] else f"up to {shown[1]}" if shown[1] else ""


def page(table: str, moved: str | None = None, way: str | None = None) -> str:
    """Its address; with the field that was just moved, whose button keeps the focus."""
    return url_for("records.fields", table=table, moved=moved, way=way)


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
    change = MoveField(table, field, to)
    return begin(
        Work(
            change.sentence,
            lambda opened, told: opened.apply(change, told),
            table,
            field,
            {"way": way},
        )
    )


@pages.get("/change")
def change(table: str) -> str:
    return change_form(table, request.args.get("field", ""), {}, None)


def change_form(table: str, field: str, typed: Mapping[str, str], error: AppError | None) -> str:
    opened = database()
    shown = opened.table(table)
    place = shown.position_of(field)
    rules = opened.fields(table)[place]
    from myapp.store import COLOURS

    return render_template(
        "fields/change.html",
        rows=rows_typed(rules.field, typed),
        colours=COLOURS,
        table=shown,
        rules=rules,
        place=place + 1,
        kinds=KINDS,
        given=typed or as_typed(rules),
        error=error.sentence if error else None,
        misfits=isinstance(error, ValuesDoNotFit),
        linkable=link_fields.linkable(),
        why=why_not_shaped(opened) or shown.why_read_only,
    )


def as_typed(rules: "FieldRules") -> dict[str, str]:
    given = {"kind": link_fields.typed_kind(rules), "default": rules.default}
    given |= {"on_delete": rules.field.link.on_delete} if rules.field.link else {}
    given |= options_of(rules.field)
    given |= {"required": "1"} if rules.required else {}
    return given | ({"unique": "1"} if rules.unique else {})


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
    return begin(
        Work(
            asked.sentence,
            lambda opened, told: opened.apply(asked, told),
            table,
            field.name,
            typed,
        )
    )


@pages.get("/link")
def link(table: str) -> str:
    """Which values find a record of another table, before they become links to it."""
    return link_fields.form(table, request.args, None)


@pages.post("/link")
def make_link(table: str) -> Answer:
    given = request.form.to_dict()
    wanted = link_fields.wanted(table, given)
    return begin(
        Work(
            wanted.sentence,
            lambda opened, told: opened.apply(wanted, told),
            table,
            wanted.field,
            given,
        )
    )


@pages.get("/drop")
def confirm(table: str) -> str:
    opened = database()
    shown = opened.table(table)
    field = shown.field(request.args.get("field", ""))
    loss = opened.field_loss(table, field.name)
    return render_template("fields/drop.html", table=shown, field=field, loss=loss)


@pages.post("/drop")
def drop(table: str) -> Answer:
    gone = DropField(table, request.form.get("field", ""))
    return begin(
        Work(gone.sentence, lambda opened, told: opened.apply(gone, told), table, gone.field)
    )


@pages.post("/undo")
def undo(table: str) -> Answer:
    sentence = f"Undo: {database().next_undo()}"
    return begin(Work(sentence, lambda opened, told: opened.undo(told), table))


@pages.post("/redo")
def redo(table: str) -> Answer:
    sentence = f"Redo: {database().next_redo()}"
    return begin(Work(sentence, lambda opened, told: opened.redo(told), table))
