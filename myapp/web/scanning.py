"""What a scanned code leads to: the record that holds it, or a new one that is to hold it."""

from collections.abc import Iterable

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from myapp.store import Database, Table

from .access import role, why_locked
from .workspace import database

pages = Blueprint("scanning", __name__)
LONGEST = 4_000
"""Characters; a QR code holds at most 4,296."""

MOST_OFFERED = 3


@pages.get("/code")
def find() -> Response:
    """The record of `table`, or of any, with a field that holds exactly `text`.

    `found` is its address, where it is the only one; `several` says that there are more; `add`
    lists forms of new records with the code in them, where there is none.
    """
    opened = database()
    code = request.args.get("text", "").strip()[:LONGEST]
    asked = request.args.get("table")
    # What an SQL view shows is found in the tables that it is made from.
    whole = (table for table in opened.tables() if table.type != "view")
    tables = tuple(whole) if asked is None else (opened.table(asked),)
    found: list[tuple[str, str]] = []
    for table in tables:
        found += [(table.name, id_) for id_ in opened.find_code(table.name, code, 2 - len(found))]
        if len(found) == 2:
            return jsonify(found=None, several=True, add=[])
    if found:
        name, id_ = found[0]
        address = url_for("records.show", table=name, id_=id_)
        return jsonify(found=address, several=False, add=[])
    return jsonify(found=None, several=False, add=offers(opened, tables, code))


def offers(opened: Database, tables: Iterable[Table], code: str) -> list[dict[str, str]]:
    from myapp.store import code_field

    if not code or role() == "viewer" or why_locked(opened) is not None:
        return []
    fitting = [
        (table.name, field.name)
        for table in tables
        if table.why_not("add") is None and (field := code_field(table)) is not None
    ]
    return [
        {
            "table": table,
            "field": field,
            "address": url_for("records.new", table=table, field=field, value=code),
        }
        for table, field in fitting[:MOST_OFFERED]
    ]
