"""Undo and redo, for the grid and for plain forms; the pages of what the history holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import Applied, BlobSize, BringBack, Database, Table, Value, id_words

from .access import may, why_locked
from .long_steps import Answer, Work
from .next_steps import next_redo, next_undo, whose
from .past_values import PastValues, names_of_files
from .record_form import title_of
from .work import begin, begin_change, begin_copying
from .workspace import database, workspace

if TYPE_CHECKING:
    from myapp.store import Past
    from myapp.store.hearing import Told

pages = Blueprint("history", __name__)
BRIEFLY = 80
"""Characters of a value that are shown in the list of all steps."""

PAGES = {"history": "history.show", "order": "table_order.show"}
"""Where undo and redo may lead back to."""

LIMITS = (16_000_000, 64_000_000, 1_000_000_000, 4_000_000_000)
"""Bytes of history that a person can choose, beside the usual."""


@pages.post("/undo")
def undo() -> Answer:
    opened, only_of = database(), whose()
    return take(
        f"Undo: {opened.next_undo()}", lambda opened, told: opened.undo(told, only_of=only_of)
    )


@pages.post("/redo")
def redo() -> Answer:
    opened, only_of = database(), whose()
    return take(
        f"Redo: {opened.next_redo()}", lambda opened, told: opened.redo(told, only_of=only_of)
    )


def take(sentence: str, do: Callable[[Database, Told], Applied | None]) -> Answer:
    """In the background, where it takes long."""
    # A page that leads to itself does so whichever way its form was sent.
    page = PAGES.get(request.form.get("back", ""))
    back = url_for(page) if page else ""
    # On a server: whether who asks may take what is next.
    check = g.get("check_step")

    def do_if_allowed(opened: Database, told: Told) -> Applied | None:
        with opened.turn():
            if check is not None:
                check()
            return do(opened, told)

    return begin(
        Work(
            sentence,
            do_if_allowed,
            lambda applied: redirect(back, 303) if back else taken(applied),
            back=back,
        )
    )


def taken(applied: Applied | None) -> Response:
    opened = database()
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        names = {table.name for table in opened.tables()}
        if applied is not None and applied.table in names:
            return redirect(url_for("tables.show", table=applied.table), 303)
        return redirect(url_for("home.show"), 303)
    return jsonify(
        done=applied.sentence if applied else None,
        table=applied.table if applied else None,
        before=applied.before if applied else None,
        address=url_for("tables.show", table=applied.table) if applied and applied.table else None,
        undo=next_undo(opened),
        redo=next_redo(opened),
        version=opened.version(),
    )


@pages.get("/history")
def show() -> str:
    """All steps, newest first."""
    from myapp.store import KEPT_ENTRIES, STEPS

    opened = database()
    cost = opened.history_cost()
    before = request.args.get("before", type=int)
    steps = opened.told_steps(before)
    return render_template(
        "history/show.html",
        steps=steps[:STEPS],
        more=steps[STEPS - 1].step.id if len(steps) > STEPS else None,
        before=before,
        path=opened.path,
        tables={table.name: table for table in opened.tables()},
        shown=PastValues(opened, BRIEFLY),
        undo=next_undo(opened),
        redo=next_redo(opened),
        writable=why_locked(opened) is None,
        cost=cost,
        usual=opened.usual_history_limit() if cost.own_limit is not None else cost.limit,
        limits=sorted({*LIMITS, cost.own_limit or LIMITS[0]}),
        kept=KEPT_ENTRIES,
    )


@pages.post("/history/limit")
def limit() -> Response:
    asked = request.form.get("limit", "")
    database().limit_history(int(asked) if asked.isascii() and asked.isdigit() else None)
    return redirect(url_for("history.show", done="limited"), 303)


@pages.post("/history/forget")
def forget() -> Answer:
    keeper = workspace().backups

    def do(opened: Database, told: Told) -> None:
        keeper.make_before(opened, "forgetting the history", told)
        opened.forget_history()

    return begin_copying("Forget the history", do, "history.show", "forgotten")


@pages.get("/tables/<table:table>/records/<id_>/history")
def record(table: str, id_: str) -> str:
    from myapp.store import NoSuchRecord, mark_of

    opened = database()
    there = opened.table(table)
    past = opened.past(
        there.name, id_, request.args.get("before", type=int), request.args.get("key")
    )
    now: dict[str, Value | BlobSize] | None = None
    title = ""
    try:
        whole = opened.record(table, id_)
        title = title_of(there, whole)
        now = dict(zip((each.name for each in there.fields), whole.values, strict=True))
    except NoSuchRecord:
        pass
    if now is None:
        title = title_then(there, past)
    return render_template(
        "history/record.html",
        table=there,
        id_=id_,
        title=title or f"Record {id_words(id_)}",
        now=now,
        past=past,
        shown=PastValues(opened),
        writable=may(opened, there)["edit"] and there.type == "table",
        givable={each.name for each in there.fields if each.editable},
        names=names_of_files(there),
        mark=mark_of,
        undo=next_undo(opened),
    )


def title_then(table: Table, past: Past) -> str:
    """Of a record that is gone, as its deletion tells."""
    gone = next((each for each in past.events if each.what == "deleted"), None)
    values = {each.field: each.before for each in gone.fields} if gone else {}
    return " ".join(str(values[name]) for name in table.title_fields if name in values).strip()


@pages.get("/tables/<table:table>/deleted")
def deleted(table: str) -> str:
    opened = database()
    there = opened.table(table)
    place = request.args.get("after", "").partition("-")
    after = (int(place[0]), int(place[2])) if place[0].isdigit() and place[2].isdigit() else None
    return render_template(
        "history/deleted.html",
        table=there,
        found=opened.deleted(there.name, after),
        after=after,
        shown=PastValues(opened),
        writable=why_locked(opened) is None and there.writable and there.type == "table",
        undo=next_undo(opened),
    )


@pages.post("/tables/<table:table>/deleted/bring-back")
def bring_back(table: str) -> Answer:
    """One record at once, all of a step in the background, where they are many."""
    step, number = request.form.get("step", 0, int), request.form.get("number", None, int)
    change = BringBack(table, step, number)
    if number is not None:
        applied = database().apply(change)
        if request.form.get("back") == "history":
            return redirect(url_for("history.show", back=table, id=applied.id), 303)
        return redirect(after_bringing(table, applied, alone=True), 303)
    return begin_change(
        change, lambda applied: redirect(after_bringing(table, applied, alone=False), 303)
    )


def after_bringing(table: str, applied: Applied, *, alone: bool) -> str:
    return url_for(
        "history.deleted",
        table=table,
        back=applied.records,
        id=applied.id if alone else None,
    )
