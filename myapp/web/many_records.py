"""Changes of all records of a view, or of those that are chosen, as one step."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, jsonify
from werkzeug.datastructures import MultiDict

from myapp.store import Applied, DeleteFound, FillField, Query

from .addresses import BadAddress, read_view
from .long_steps import Answer
from .records import sent
from .work import begin_change
from .workspace import database

pages = Blueprint("many_records", __name__, url_prefix="/tables/<table:table>")


@pages.post("/records/delete-view")
def delete_found(table: str) -> Answer:
    """All records of the `view`, which are `count` as far as the person knows."""
    body = sent()
    change = DeleteFound(read_question(table, body), read_count(body))
    return begin_change(change, lambda applied: done(applied, change.told))


@pages.post("/records/fill")
def fill(table: str) -> Answer:
    """The `text`, or null, in one `field` of the records `ids`, or of all of a `view` and its
    `count`; with `named`, it is the name of a linked record."""
    body = sent()
    field, text, ids = body.get("field"), body.get("text"), body.get("ids")
    if not isinstance(field, str) or not (text is None or isinstance(text, str)):
        raise BadAddress
    of: Query | tuple[str, ...]
    if ids is None:
        of, count = read_question(table, body), read_count(body)
    elif isinstance(ids, list) and ids:
        of = tuple(map(str, ids))
        count = len(ids)
    else:
        raise BadAddress
    change = FillField(
        database().table(table).name, field, text, of, count, bool(body.get("named"))
    )
    return begin_change(change, lambda applied: done(applied, count))


def done(applied: Applied, count: int) -> Answer:
    return jsonify(count=count, undo=database().next_undo(), version=applied.version)


def read_question(table: str, body: dict[str, Any]) -> Query:
    """The `view`, as its address names it. Raises BadAddress, NoSuchTable."""
    view = body.get("view")
    if not isinstance(view, str):
        raise BadAddress
    return read_view(database().table(table).name, MultiDict(parse_qsl(view)))


def read_count(body: dict[str, Any]) -> int:
    """Raises BadAddress."""
    count = body.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise BadAddress
    return count
