"""Saved views: kept, renamed and let go from the grid. Each answer is the list as it is then."""

import json
from typing import Any

from flask import Blueprint, jsonify
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from myapp.store import DropView, RenameView, SavedView, SaveView, ViewChange

from .addresses import BadAddress
from .next_steps import next_undo
from .records import sent
from .workspace import database

pages = Blueprint("saved_views", __name__, url_prefix="/tables/<table:table>/views")


def listed(table: str) -> list[dict[str, object]]:
    """The table's views for the page."""
    from myapp.store import layout_of

    return [{"name": view.name, **layout_of(view)} for view in database().saved_views(table)]


def resolved(table: str, arguments: MultiDict[str, str]) -> MultiDict[str, str]:
    """A view's address with all of its question: what the saved view says and the address not."""
    given = MultiDict(arguments)
    name = given.get("view")
    for view in database().saved_views(table) if name else ():
        if view.name == name:
            from myapp.store import layout_of

            for part, value in layout_of(view).items():
                given.setdefault(part, value if isinstance(value, str) else json.dumps(value))
    return given


@pages.get("")
def show(table: str) -> Response:
    return jsonify(views=listed(table))


@pages.post("")
def save(table: str) -> Response:
    """`replace` says that the view of this `name` is to be what is sent; else it is a new one."""
    body = sent()
    return changed(table, SaveView(table, read(body), bool(body.get("replace"))))


@pages.post("/rename")
def rename(table: str) -> Response:
    body = sent()
    return changed(table, RenameView(table, text(body, "name"), text(body, "to")))


@pages.post("/delete")
def delete(table: str) -> Response:
    return changed(table, DropView(table, text(sent(), "name")))


def read(body: dict[str, Any]) -> SavedView:
    from myapp.store import view_of

    try:
        return view_of(text(body, "name"), body)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadAddress from error


def text(body: dict[str, Any], name: str) -> str:
    """Without blanks around it. Raises BadAddress."""
    value = body.get(name)
    if not isinstance(value, str):
        raise BadAddress
    return " ".join(value.split())


def changed(table: str, change: ViewChange) -> Response:
    opened = database()
    applied = opened.apply(change)
    return jsonify(views=listed(table), undo=next_undo(opened), version=applied.version)
