"""Search everywhere, and the search indexes that make it fast."""

import time
from collections.abc import Callable, Iterator

from flask import Blueprint, jsonify, redirect, render_template, request, stream_template, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError, Database, TableHits

from .access import who_is_gone, why_not_shaped
from .index_jobs import IndexJob
from .workspace import database, workspace

pages = Blueprint("searching", __name__)
PER_TABLE = 10
OFFERED = 200


class NoSuchIndexJob(AppError):
    def __init__(self) -> None:
        super().__init__("This work is over, or was begun before the program was started anew.")


@pages.get("/search")
def show() -> Response:
    """What is found first is sent first: tables without an index take their time."""
    opened = database()
    workspace().indexes.keep_up(opened)
    words = request.args.get("q", "").strip()
    indexes = workspace().indexes.states(opened)
    able = [table.name for table in opened.tables() if table.numbered][:OFFERED]
    page = stream_template(
        "searching/show.html",
        q=words,
        named=tables_named(opened, words),
        answers=answers(opened, words, who_is_gone()),
        done=request.args.get("done"),
        tables=[(name, indexes.get(name), workspace().indexes.of_table(name)) for name in able],
        writable=why_not_shaped(opened) is None,
    )
    return Response(page, mimetype="text/html")


def tables_named(opened: Database, words: str) -> list[str]:
    """The tables whose names hold the words, as many as are shown; those with least else first."""
    from myapp.store import has_words

    if not words:
        return []
    found = [table.name for table in opened.tables() if has_words(table.name, words)]
    return sorted(found, key=len)[:PER_TABLE]


def answers(
    opened: Database, words: str, gone: Callable[[], bool] | None
) -> Iterator[tuple[TableHits | None, str | None]]:
    """The tables with hits; a refusal comes as its sentence, since the page has begun by then."""
    if not words:
        return
    try:
        for found in opened.search(words, PER_TABLE, gone):
            yield found, None
    except AppError as error:
        yield None, error.sentence


@pages.post("/search/indexes/make")
def make_index() -> Response:
    opened = database()
    table = opened.table(request.form.get("table", "")).name
    job = workspace().indexes.begin(opened, table, back_to(table))
    # Small tables are done at once.
    if job.thread is not None:
        job.thread.join(0.3)
    return redirect(url_for("searching.show_job", id_=job.id), 303)


@pages.post("/search/indexes/drop")
def drop_index() -> Response:
    opened = database()
    table = opened.table(request.form.get("table", "")).name
    workspace().indexes.drop(opened, table)
    return redirect(back_to(table), 303)


def back_to(table: str) -> str:
    """The page that the form was on: the search page sends its words, the grid does not."""
    if "q" in request.form:
        return url_for("searching.show", q=request.form["q"] or None)
    return url_for("tables.show", table=table)


def job_of(id_: str) -> IndexJob:
    try:
        return workspace().indexes.jobs[id_]
    except KeyError as error:
        raise NoSuchIndexJob from error


@pages.get("/search/indexes/<id_>")
def show_job(id_: str) -> str | Response:
    job = job_of(id_)
    if job.done:
        return redirect(job.back, 303)
    return render_template("searching/index.html", job=job)


@pages.get("/search/indexes/<id_>/progress")
def progress(id_: str) -> Response:
    job = job_of(id_)
    now = job.progress
    seconds = max(time.monotonic() - job.began, 0.001)
    part = now.records / now.total if now and now.total else 0.0
    return jsonify(
        running=job.running,
        done=job.done,
        error=job.error,
        records=now.records if now else 0,
        part=part,
        rate=int((now.records if now else 0) / seconds),
        left=int(seconds / part - seconds) if part > 0.02 else None,
    )


@pages.post("/search/indexes/<id_>/cancel")
def cancel(id_: str) -> Response:
    job = job_of(id_)
    workspace().indexes.cancel(database(), job)
    return redirect(job.back, 303)
