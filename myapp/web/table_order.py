"""The page on which the tables are put in an order."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError, MoveTable, NoSuchTable, OrderByName

from .access import why_not_shaped
from .next_steps import next_redo, next_undo
from .workspace import database


class NoSuchPlace(AppError):
    def __init__(self, last: int) -> None:
        super().__init__(f"A place is a number from 1 to {last:,}. Nothing was moved.")


pages = Blueprint("table_order", __name__, url_prefix="/table-order")


@pages.get("")
def show() -> str:
    return page()


def page(error: str | None = None) -> str:
    opened = database()
    names = [table.name for table in opened.tables()]
    chosen = request.values.get("table", "")
    return render_template(
        "tables/order.html",
        tables=names,
        by_name=names == sorted(names),
        chosen=chosen,
        place=names.index(chosen) + 1 if chosen in names else None,
        way=request.args.get("way"),
        # Somebody else may have changed something since.
        done="done" in request.args and (opened.next_step_of(redo=False) or ("",))[0] == "order",
        path=opened.path,
        error=error,
        why=why_not_shaped(opened),
        undo=next_undo(opened),
        redo=next_redo(opened),
    )


@pages.post("/move")
def move() -> Response | tuple[str, int]:
    """One place up or down by the button of a table, or to a place as typed, from 1."""
    form = request.form
    way = next((each for each in ("up", "down") if each in form), "to")
    name = form.get(way, "") if way != "to" else form.get("table", "")
    names = [table.name for table in database().tables()]
    try:
        if name not in names:
            raise NoSuchTable(name)
        here = names.index(name)
        last = len(names) - 1
        ends = {"top": 0, "end": last}
        typed = ends.get(form.get("end", ""), form.get("place", 0, int) - 1)
        to = {"up": max(here - 1, 0), "down": here + 1}.get(way, typed)
        if to < 0:
            raise NoSuchPlace(last + 1)
        database().apply(MoveTable(name, to))
    except AppError as error:
        return page(error.sentence), 422
    return redirect(url_for("table_order.show", table=name, way=way, done=1), 303)


@pages.post("/by-name")
def by_name() -> Response | tuple[str, int]:
    try:
        database().apply(OrderByName())
    except AppError as error:
        return page(error.sentence), 422
    return redirect(url_for("table_order.show", done=1), 303)
