"""Undo and redo, for the grid and for plain forms."""

from flask import Blueprint, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from myapp.store import Applied

from .workspace import database

pages = Blueprint("history", __name__)


@pages.post("/undo")
def undo() -> Response:
    return taken(database().undo())


@pages.post("/redo")
def redo() -> Response:
    return taken(database().redo())


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
        undo=opened.next_undo(),
        redo=opened.next_redo(),
        version=opened.version(),
    )
