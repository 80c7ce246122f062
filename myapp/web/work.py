"""Steps that may take long: done at once where they are short; otherwise a page, or a dialog in the
page that began them, says how far they are and can cancel them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError

from .long_steps import Answer, LongStep, Stopped, Work
from .workspace import database, workspace

if TYPE_CHECKING:
    from myapp.store import Applied, Database
    from myapp.store.changes import Change
    from myapp.store.hearing import Told

pages = Blueprint("work", __name__, url_prefix="/work")
WORTH_WAITING = 0.4
"""Seconds. Most steps are done by then, and need no page that says so."""

CANCELLED_BY_THEN = 3.0
"""Seconds that the page waits for the step to end."""


class NoSuchWork(AppError):
    def __init__(self) -> None:
        super().__init__("This step is over. Look at the table for what became of it.")


def begin(work: Work) -> Answer:
    """Its outcome, or where to see how far it is."""
    steps = workspace().steps
    step = steps.begin(database(), work)
    step.wait(WORTH_WAITING)
    if not step.running:
        steps.forget(step)
        return outcome(step)
    if request.is_json:
        return under_way(step)
    return redirect(url_for("work.show", id_=step.id), 303)


def outcome(step: LongStep) -> Answer:
    """Raises what the step raised, where no page of its own shows it."""
    work = step.work
    if step.error is None:
        return work.then(step.found)
    if isinstance(step.error, Stopped) and work.back and not wants_data():
        return redirect(work.back, 303)
    if work.refused is not None:
        return work.refused(step.error)
    raise step.error


def begin_change(
    change: Change,
    then: Callable[[Applied], Answer],
    refused: Callable[[AppError], Answer] | None = None,
    back: str = "",
) -> Answer:
    """A change of the open file as work."""

    def do(opened: Database, told: Told) -> Applied:
        return opened.apply(change, told)

    return begin(Work(change.sentence, do, then, refused, back))


def begin_copying(
    sentence: str, do: Callable[[Database, Told], Any], page: str, done: str
) -> Answer:
    """Work that goes by megabytes of the file; back on `page`, it says that it was `done`."""
    return begin(
        Work(
            sentence,
            do,
            lambda _: redirect(url_for(page, done=done), 303),
            back=url_for(page),
            unit="MB",
        )
    )


def wants_data() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def under_way(step: LongStep) -> Response:
    """For a script: what is being done, and where to ask about it."""
    work = {
        "sentence": step.work.sentence,
        "progress": url_for("work.progress", id_=step.id),
        "outcome": url_for("work.show", id_=step.id),
        "cancel": url_for("work.cancel", id_=step.id),
    }
    return make_response(jsonify(work=work), 202)


def step_of(id_: str) -> LongStep:
    try:
        return workspace().steps.steps[id_]
    except KeyError as error:
        raise NoSuchWork from error


@pages.get("/<id_>")
def show(id_: str) -> Answer:
    """How far it is, and then its outcome."""
    step = step_of(id_)
    if not step.running:
        return outcome(step)
    if wants_data():
        return under_way(step)
    # Asks nothing of the file, which outside WAL mode nobody can read just now.
    return render_template("work/show.html", step=step)


@pages.get("/<id_>/progress")
def progress(id_: str) -> Response:
    step = step_of(id_)
    far = step.far
    return jsonify(
        running=step.running,
        records=far.done,
        total=far.total,
        unit=step.work.unit,
        part=far.part,
        rate=far.rate,
        left=far.left,
        seconds=far.seconds,
    )


@pages.post("/<id_>/cancel")
def cancel(id_: str) -> Response:
    step = step_of(id_)
    step.cancel()
    step.wait(CANCELLED_BY_THEN)
    return redirect(url_for("work.show", id_=id_), 303)
