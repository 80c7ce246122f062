"""Imports: the preview, the start, the progress, the result."""

import time
from dataclasses import replace

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError, Kind

from .jobs import ImportJob
from .workspace import database, workspace

pages = Blueprint("imports", __name__, url_prefix="/import")
KINDS = (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME)
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16", "cp1250", "cp1251", "shift_jis", "gb18030")


class NoSuchImport(AppError):
    def __init__(self) -> None:
        super().__init__("This import is not there any more. Choose the file again.")


def job_of(id_: str) -> ImportJob:
    try:
        return workspace().jobs[id_]
    except KeyError as error:
        raise NoSuchImport from error


@pages.get("/<id_>")
def show(id_: str) -> str | Response:
    job = job_of(id_)
    if job.result is not None:
        return redirect(url_for("tables.show", table=job.result.table, imported=id_), 303)
    if job.running:
        return render_template("imports/progress.html", job=job)
    preview = job.preview
    plan = job.plan
    names = [column.name for column in (plan or preview).columns]
    kinds = [column.kind for column in (plan or preview).columns]
    keeps = [column.keep for column in plan.columns] if plan else [True] * len(names)
    return render_template(
        "imports/preview.html",
        job=job,
        preview=preview,
        table=plan.table if plan else database().table_name_for(preview.table),
        columns=list(zip(names, kinds, keeps, preview.columns, strict=False)),
        kinds=KINDS,
        delimiters=DELIMITERS,
        encodings=list(dict.fromkeys([preview.options.encoding, *ENCODINGS])),
        where=database().path.name,
    )


@pages.post("/<id_>/read")
def read_again(id_: str) -> Response:
    """Look into the file again with other options."""
    from myapp.exchange import ReadOptions, read_preview

    job = job_of(id_)
    options = ReadOptions(
        encoding=request.form.get("encoding") or None,
        delimiter=request.form.get("delimiter") or None,
        header=request.form.get("header") == "yes",
    )
    job.preview = read_preview(job.path, job.name, options)
    job.plan = None
    return redirect(url_for("imports.show", id_=id_), 303)


@pages.post("/<id_>/start")
def start(id_: str) -> Response:
    from myapp.exchange import ImportPlan, PlannedColumn

    job = job_of(id_)
    if job.running or job.result is not None:
        return redirect(url_for("imports.show", id_=id_), 303)
    columns = tuple(
        PlannedColumn(
            request.form.get(f"name:{number}", column.name).strip() or column.name,
            Kind(request.form.get(f"kind:{number}", column.kind)),
            f"keep:{number}" in request.form,
        )
        for number, column in enumerate(job.preview.columns)
    )
    table = request.form.get("table", "").strip() or job.preview.table
    job.start(
        database(), ImportPlan(job.path, job.name, replace(job.preview.options), table, columns)
    )
    return redirect(url_for("imports.show", id_=id_), 303)


@pages.get("/<id_>/progress")
def progress(id_: str) -> Response:
    job = job_of(id_)
    now = job.progress
    seconds = max(time.monotonic() - job.began, 0.001)
    part = min(now.bytes_read / now.bytes_total, 1.0) if now and now.bytes_total else 0.0
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
    job.cancel()
    job.wait(3)
    if not job.started:
        job.discard()
        workspace().jobs.pop(id_, None)
        return redirect(url_for("home.show"), 303)
    return redirect(url_for("imports.show", id_=id_), 303)
