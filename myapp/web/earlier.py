"""A record as it was before or after a change, and the way back to it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError, Applied, PutBack, id_words

from .access import may
from .long_steps import Answer
from .past_values import PastValues, names_of_files
from .record_form import title_of
from .work import begin_change
from .workspace import database

pages = Blueprint("earlier", __name__, url_prefix="/tables/<table:table>/records/<id_>/history")
SEEN = "seen:"
"""Before a field's name: a mark of what the person saw in it."""


class NothingChosen(AppError):
    def __init__(self) -> None:
        super().__init__("No field is chosen. Nothing was changed; choose what is to be put back.")


@pages.get("/<int:entry>")
def show(table: str, id_: str, entry: int) -> str:
    from myapp.store import mark_of

    opened = database()
    there = opened.table(table)
    record = opened.record(table, id_)
    after = "after" in request.args
    then = opened.record_then(table, id_, entry, after=after)
    listed = {each.field for each in then.fields}
    return render_template(
        "earlier/show.html",
        table=there,
        id_=id_,
        title=title_of(there, record) or f"Record {id_words(id_)}",
        then=then,
        comes_along={name for name, file in names_of_files(there).items() if file in listed},
        after=after,
        writable=may(opened, there)["edit"],
        shown=PastValues(opened),
        mark=mark_of,
    )


@pages.post("/<int:entry>")
def put_back(table: str, id_: str, entry: int) -> Answer:
    """The chosen fields as they were before the entry, or after it; in the background where much
    of the history has to be looked through."""
    fields = tuple(request.form.getlist("field"))
    if not fields:
        raise NothingChosen
    seen = {
        name.removeprefix(SEEN): mark
        for name, mark in request.form.items()
        if name.startswith(SEEN)
    }
    change = PutBack(table, id_, entry, fields, "after" in request.form, seen)

    def then(applied: Applied) -> Response:
        back = url_for("history.record", table=table, id_=applied.id or id_, put=len(fields))
        return redirect(back, 303)

    return begin_change(change, then)
