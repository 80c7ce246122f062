"""Imports: what a file offers, the preview, the start, the progress, the result."""

import time

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError

from .jobs import Arrival, ImportJob, ImportQueue
from .workspace import database, workspace

pages = Blueprint("imports", __name__, url_prefix="/import")


class NoSuchImport(AppError):
    def __init__(self) -> None:
        super().__init__("This import is not there any more. Choose the file again.")


def job_of(id_: str) -> ImportJob:
    try:
        return workspace().imports.jobs[id_]
    except KeyError as error:
        raise NoSuchImport from error


def arrival_of(id_: str) -> Arrival:
    try:
        return workspace().imports.arrivals[id_]
    except KeyError as error:
        raise NoSuchImport from error


@pages.get("/<id_>")
def show(id_: str) -> str | Response:
    job = job_of(id_)
    if job.result is not None:
        return redirect(url_for("tables.show", table=job.result.table, imported=id_), 303)
    if job.running:
        return render_template("imports/progress.html", job=job)
    from .import_form import page_values

    return render_template("imports/preview.html", **page_values(job, database()))


@pages.post("/<id_>/read")
def read_again(id_: str) -> Response:
    """Look into the file again with other options, or show where else it could go."""
    from .import_form import options_from, plan_from

    job = job_of(id_)
    if job.running or job.result is not None:
        return redirect(url_for("imports.show", id_=id_), 303)
    options = options_from(request.form, job)
    job.error, job.misfits = None, ()
    if options != job.preview.options:
        job.plan = None
        job.look(options)
    else:
        job.plan = plan_from(request.form, job, database())
    return redirect(url_for("imports.show", id_=id_), 303)


@pages.post("/<id_>/start")
def start(id_: str) -> Response:
    from .import_form import plan_from

    job = job_of(id_)
    if not job.running and job.result is None:
        opened = database()
        plan = plan_from(request.form, job, opened)
        keeper = workspace().backups
        step = f"importing into {plan.table}"
        job.start(opened, plan, lambda told: keeper.make_before(opened, step, told))
    return redirect(url_for("imports.show", id_=id_), 303)


@pages.get("/<id_>/progress")
def progress(id_: str) -> Response:
    job = job_of(id_)
    return jsonify(running=job.running, done=job.result is not None, **state_of(job))


def state_of(job: ImportJob) -> dict[str, object]:
    now = job.progress
    seconds = max(time.monotonic() - job.began, 0.001)
    if job.backed_up is not None and now is None:
        done, total = job.backed_up
        return {
            "error": None,
            "records": done,
            "total": total,
            "unit": "MB",
            "part": done / total if total else None,
            "what": "A backup first:",
            "rate": int(done / seconds),
            "left": None,
            "seconds": int(seconds),
        }
    part = part_of(job)
    records = now.records if now else 0
    adding = now is not None and now.adding
    return {
        "error": job.error,
        "records": records,
        "part": part,
        "what": "Adding them to the table:" if adding else "",
        "rate": int(records / seconds),
        "left": int(seconds / part - seconds) if part > 0.02 and not adding else None,
    }


def part_of(job: ImportJob) -> float:
    """How much of its file has been read, of 1."""
    now = job.progress
    return min(now.bytes_read / now.bytes_total, 1.0) if now and now.bytes_total else 0.0


@pages.post("/<id_>/cancel")
def cancel(id_: str) -> Response:
    job = job_of(id_)
    job.cancel()
    job.wait(3)
    if not job.started:
        job.drop()
        workspace().imports.jobs.pop(id_, None)
        return redirect(url_for("home.show"), 303)
    return redirect(url_for("imports.show", id_=id_), 303)


@pages.get("/several/<id_>")
def several(id_: str) -> str:
    arrival = arrival_of(id_)
    queue = arrival.queue
    if queue is None:
        return render_template("imports/several.html", arrival=arrival)
    # Each table's page tells of its import, found by its id.
    workspace().imports.jobs |= {job.id: job for job in arrival.jobs.values()}
    return render_template("imports/queue.html", arrival=arrival, queue=queue)


@pages.post("/several/<id_>/look")
def look(id_: str) -> Response:
    """The preview of one of the offers."""
    arrival = arrival_of(id_)
    number = request.form.get("number", -1, type=int)
    if not 0 <= number < len(arrival.offers):
        raise NoSuchImport
    job = arrival.job(number)
    workspace().imports.jobs[job.id] = job
    return redirect(url_for("imports.show", id_=job.id), 303)


@pages.post("/several/<id_>/start")
def start_several(id_: str) -> Response:
    arrival = arrival_of(id_)
    sent = {int(each) for each in request.form.getlist("offer") if each.isdecimal()}
    numbers = sorted(number for number in sent if number < len(arrival.offers))
    if numbers and (arrival.queue is None or not arrival.queue.running):
        arrival.queue = ImportQueue(arrival, numbers)
        arrival.queue.start(database())
    return redirect(url_for("imports.several", id_=id_), 303)


@pages.get("/several/<id_>/progress")
def progress_of_several(id_: str) -> Response:
    arrival = arrival_of(id_)
    queue = arrival.queue
    if queue is None:
        raise NoSuchImport
    job = arrival.jobs.get(queue.current) if queue.current is not None else None
    state: dict[str, object] = {"records": 0, "rate": 0, "left": None, "part": 0.0}
    if job is not None and queue.current is not None:
        place = queue.numbers.index(queue.current)
        state |= state_of(job) | {"left": None}
        state["part"] = (place + part_of(job)) / len(queue.numbers)
        state["what"] = f"{place + 1} of {len(queue.numbers)}, {job.offer.title}:"
    return jsonify(running=queue.running, done=not queue.running, **state)


@pages.post("/several/<id_>/cancel")
def cancel_several(id_: str) -> Response:
    arrival = arrival_of(id_)
    if arrival.queue is None:
        workspace().imports.drop(arrival)
        return redirect(url_for("home.show"), 303)
    arrival.queue.cancel()
    arrival.queue.wait(3)
    return redirect(url_for("imports.several", id_=id_), 303)
