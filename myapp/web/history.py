"""Undo and redo, for the grid and for plain forms; the pages of what the history holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import Applied, BringBack, Database, Table, Value, format_value, id_words

from .access import why_locked
from .long_steps import Answer, Work
from .next_steps import next_redo, next_undo, whose
from .record_form import title_of
from .work import begin, begin_change, begin_copying
from .workspace import database, workspace

if TYPE_CHECKING:
    from myapp.store.hearing import Told

pages = Blueprint("history", __name__)
LONGEST_TEXT = 1_000
"""Characters of a value that are shown."""

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
    steps = opened.steps(before)
    return render_template(
        "history/show.html",
        steps=steps[:STEPS],
        more=steps[STEPS - 1].id if len(steps) > STEPS else None,
        before=before,
        path=opened.path,
        tables={table.name for table in opened.tables()},
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


class Shown(NamedTuple):
    """A value as a page shows it: `text`, or in `instead` what is said in place of one."""

    text: str
    instead: str


def shown(table: Table, field: str, value: Value) -> Shown:
    if value is None or value == "":
        return Shown("", "empty")
    if isinstance(value, bytes):
        return Shown("", f"{len(value):,} bytes of data")
    kinds = {each.name: each.kind for each in table.fields}
    text = format_value(kinds[field], value) if field in kinds else str(value)
    if len(text) > LONGEST_TEXT:
        return Shown(f"{text[:LONGEST_TEXT]}…", f"({len(text):,} characters)")
    return Shown(text, "")


@pages.get("/tables/<table:table>/records/<id_>/history")
def record(table: str, id_: str) -> str:
    from myapp.store import NoSuchRecord

    opened = database()
    there = opened.table(table)
    past = opened.past(
        there.name, id_, request.args.get("before", type=int), request.args.get("key")
    )
    title = ""
    try:
        title = title_of(there, opened.record(table, id_))
        is_there = True
    except NoSuchRecord:
        is_there = False
    return render_template(
        "history/record.html",
        table=there,
        id_=id_,
        title=title or f"Record {id_words(id_)}",
        is_there=is_there,
        past=past,
        shown=shown,
    )


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
        shown=shown,
        writable=why_locked(opened) is None and there.writable and there.type == "table",
        undo=next_undo(opened),
    )


@pages.post("/tables/<table:table>/deleted/bring-back")
def bring_back(table: str) -> Answer:
    """One record at once, all of a step in the background, where they are many."""
    step, number = request.form.get("step", 0, int), request.form.get("number", None, int)
    change = BringBack(table, step, number)
    if number is not None:
        return redirect(after_bringing(table, database().apply(change), alone=True), 303)
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
