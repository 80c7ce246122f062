"""What became of a record that was changed: as data for the grid, and where its form leads."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flask import jsonify, url_for
from werkzeug.wrappers import Response

from myapp.store import Applied, BlobSize, NoSuchRecord, Table, Value, WholeRecord

from .cells import cells
from .next_steps import next_undo
from .workspace import database

NOTHING: Mapping[str, Value] = MappingProxyType({})


def changed(table: str, applied: Applied, was: Mapping[str, Value] = NOTHING) -> Response:
    """The record as it is now; without an `id` where an SQL view does not show it. `others` says
    that other records of the view may have changed with it, and `kept` which fields did not."""
    opened = database()
    shown = opened.table(table)
    try:
        record = opened.record(table, applied.id) if applied.id is not None else None
    except NoSuchRecord:
        if shown.type != "view":
            raise
        record = None
    return jsonify(
        id=record.id if record else None,
        cells=cells(shown, record) if record else None,
        others=shown.type == "view",
        kept=kept_by_view(shown, record, was) if record else [],
        undo=next_undo(opened),
        version=opened.version(),
    )


def kept_by_view(
    table: Table, record: WholeRecord, was: Mapping[str, Value | BlobSize]
) -> list[str]:
    """The edited fields that hold what they held: an SQL view's triggers may take only some."""
    if table.type != "view":
        return []
    return [
        field.name
        for field, now in zip(table.fields, record.values, strict=True)
        if field.name in was and was[field.name] == now
    ]


def after(table: str, id_: str | None, what: str, kept: Sequence[str] = ()) -> str:
    """The record's page; where an SQL view does not show the record, its own, which says so."""
    if id_ is None:
        return url_for("tables.show", table=table, left=what)
    return url_for("records.show", table=table, id_=id_, saved=1, kept=kept)
