"""Exports: what to write and how, the progress, the download."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, jsonify, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from myapp.store import AppError, Database, Field, Query

from .addresses import BadAddress, read_hidden, read_view
from .export_jobs import ExportJob
from .person import person
from .workspace import database, workspace

if TYPE_CHECKING:
    from myapp.exchange import ExportPlan
    from myapp.store import Part

pages = Blueprint("exports", __name__, url_prefix="/export")
FORMATS = {
    "csv": ("CSV", "Every program reads it."),
    "xlsx": ("Excel workbook", "Up to 1,048,575 records in a sheet. Dates stay dates."),
    "sqlite": ("SQLite database", "Everything stays as it is: types, keys and links too."),
    "json": ("JSON", "For programmers: one list of records."),
    "ndjson": ("JSON lines", "For programmers: one record a line."),
    "html": ("Web page", "To read, print or send."),
}
STYLES = {
    "exact": "Other programs: commas between the fields",
    "excel": "Excel where 1.5 is written with a point",
    "excel-comma": "Excel where 1,5 is written with a comma",
}
ENDINGS = {"xlsx": "xlsx", "sqlite": "sqlite", "json": "json", "html": "html"}


class NoSuchExport(AppError):
    def __init__(self) -> None:
        super().__init__("This export is not there any more. Make it again.")


def job_of(id_: str) -> ExportJob:
    try:
        return workspace().exports.jobs[id_]
    except KeyError as error:
        raise NoSuchExport from error


@pages.get("")
def choose() -> str:
    return form(request.args)


@pages.post("/choose")
def choose_for_records() -> str:
    """The same page for records chosen in the grid, which may be too many for an address."""
    return form(request.form)


def form(given: MultiDict[str, str], error: str | None = None) -> str:
    opened = database()
    name = given.get("table", "")
    ids = read_ids(given)
    table = opened.table(name) if name else None
    view = read_view(table.name, given) if table else None
    narrowed = view is not None and (view.filters or view.search)
    hidden = read_hidden(given)
    shown = [field for field in table.fields if field.name not in hidden] if table else []
    links = name_fields(opened, shown) if table else everywhere(opened)
    return render_template(
        "exports/choose.html",
        table=table,
        file=opened.path.name,
        total=opened.window(Query(table.name), 0, 0).total if table else None,
        found=opened.window(view, 0, 0).total if view and narrowed else None,
        sorted=bool(view and view.sort),
        fields=len(shown) if table and 0 < len(shown) < len(table.fields) else None,
        chosen=len(ids),
        links=links,
        given=given,
        formats=FORMATS,
        styles=STYLES,
        error=error,
    )


def name_fields(opened: Database, fields: Iterable[Field]) -> list[str]:
    """The fields that the names of linked records would stand in."""
    from myapp.store import names_beside

    tables = {table.name.lower(): table for table in opened.tables()}
    beside = names_beside(lambda name: tables.get(name.lower()), tuple(fields))
    return [field.name for field in beside.values()]


def everywhere(opened: Database) -> list[str]:
    """The same of all tables; a few of many."""
    found = [name for table in opened.tables() for name in name_fields(opened, table.fields)]
    return [*found[:3], *("…" for _ in found[3:4])]


def read_ids(given: MultiDict[str, str]) -> tuple[str, ...]:
    """The record ids that the grid sent. Raises BadAddress."""
    try:
        ids = json.loads(given.get("ids") or "[]")
    except ValueError as error:
        raise BadAddress from error
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise BadAddress
    return tuple(ids)


@pages.post("/start")
def start() -> Response | tuple[str, int]:
    given = request.form
    try:
        plan, name = read_plan(given)
        back = url_for("tables.show", table=given["table"]) if given.get("table") else "/"
        job = workspace().exports.begin(database(), plan, name, back, person())
    except AppError as error:
        return form(given, error.sentence), 422
    # Most are done at once: then the page need not show a progress that is over.
    if job.thread is not None:
        job.thread.join(0.3)
    return redirect(url_for("exports.show", id_=job.id), 303)


def read_plan(given: MultiDict[str, str]) -> tuple[ExportPlan, str]:
    """The plan, and the name of the file. Raises BadAddress, NoSuchTable."""
    from myapp.exchange import CsvStyle, ExportOptions, ExportPlan, Format, file_name

    try:
        format_ = Format(given.get("format", "csv"))
        style = CsvStyle(given.get("csv", "exact"))
    except ValueError as error:
        raise BadAddress from error
    options = ExportOptions(style, "keep_formulas" in given, "cut_long" in given, "names" in given)
    if not given.get("table"):
        packed = format_.value not in ENDINGS
        ending = "zip" if packed else ENDINGS[format_.value]
        name = file_name(database().path.stem, f".{ending}")
        return ExportPlan(None, format_, options, packed), name
    part = read_part(given)
    view = given.get("view", "").strip() if given.get("what") == "view" else ""
    name = file_name(f"{part.table[:60]} - {view}" if view else part.table, f".{format_.value}")
    return ExportPlan((part,), format_, options), name


def read_part(given: MultiDict[str, str]) -> Part:
    from myapp.store import Part

    table = database().table(given["table"]).name
    what = given.get("what", "table")
    if what not in ("view", "chosen"):
        return Part(Query(table))
    ids = read_ids(given) if what == "chosen" else None
    return Part(read_view(table, given), ids, read_hidden(given))


@pages.get("/<id_>")
def show(id_: str) -> str:
    job = job_of(id_)
    if job.running:
        return render_template("exports/progress.html", job=job)
    return render_template("exports/done.html", job=job, result=job.result)


@pages.get("/<id_>/progress")
def progress(id_: str) -> Response:
    job = job_of(id_)
    now = job.progress
    seconds = max(time.monotonic() - job.began, 0.001)
    part = min(now.records / now.total, 1.0) if now and now.total else 0.0
    return jsonify(
        running=job.running,
        done=job.result is not None,
        error=job.error,
        records=now.records if now else 0,
        part=part,
        rate=int((now.records if now else 0) / seconds),
        left=int(seconds / part - seconds) if part > 0.02 else None,
    )


@pages.post("/<id_>/cancel")
def cancel(id_: str) -> Response:
    job = job_of(id_)
    job.stop.set()
    if job.thread is not None:
        job.thread.join(3)
    return redirect(url_for("exports.show", id_=id_), 303)


@pages.get("/<id_>/file")
def download(id_: str) -> Response:
    job = job_of(id_)
    if job.result is None or not job.path.exists():
        raise NoSuchExport
    return send_file(
        job.path,
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=job.name,
        etag=False,
        max_age=0,
    )
