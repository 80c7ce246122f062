"""Records: windows of a view as JSON, changes to them, and the form of one."""

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import (
    AppError,
    DeleteRecords,
    InsertRecord,
    Kind,
    RecordValues,
    Table,
    UpdateRecord,
    UpdateRecords,
    Value,
    WholeRecord,
    format_value,
)

from .addresses import BadAddress, read_view
from .cells import cell, cells, comparable, raw_value
from .workspace import database

pages = Blueprint("records", __name__, url_prefix="/tables/<table:table>")
MOST_ROWS = 500
LONG_TEXT, LONGEST_TEXT = 500, 1_000_000
"""Characters of a text in a window, when it is shown and when it is copied."""


@pages.get("/rows")
def rows(table: str) -> Response:
    """A window of a view: `start`, `count`, and the view's own `sort`, `filter` and `q`.

    `whole` asks for texts that are not cut, to be copied.
    """
    opened = database()
    shown = opened.table(table)
    start = max(request.args.get("start", 0, int), 0)
    count = min(max(request.args.get("count", 100, int), 0), MOST_ROWS)
    query = read_view(shown.name, request.args)
    long_text = LONGEST_TEXT if "whole" in request.args else LONG_TEXT
    window = opened.window(query, start, count, long_text)
    return jsonify(
        total=window.total,
        start=window.start,
        version=window.version,
        rows=[{"id": record.id, "cells": cells(shown, record)} for record in window.records],
    )


@pages.get("/fields")
def fields(table: str) -> Response:
    opened = database()
    shown = opened.table(table)
    return jsonify(
        table=shown.name,
        writable=shown.writable and opened.writable,
        why=opened.why_read_only or shown.why_read_only,
        fields=[
            {
                "name": field.name,
                "kind": field.kind,
                "required": field.required,
                "automatic": field.automatic,
                "writable": field.writable,
                "link": {"table": field.link.table, "field": field.link.field}
                if field.link
                else None,
            }
            for field in shown.fields
        ],
        undo=opened.next_undo(),
        redo=opened.next_redo(),
    )


@pages.get("/position")
def position(table: str) -> Response:
    query = read_view(database().table(table).name, request.args)
    return jsonify(position=database().position(query, request.args.get("id", "")))


@pages.get("/filter")
def judge(table: str) -> Response:
    """Refuses a view whose filters ask for what their fields cannot hold."""
    database().check_filters(read_view(database().table(table).name, request.args))
    return jsonify(fits=True)


@pages.get("/choices")
def choices(table: str) -> Response:
    found = database().choices(table, request.args.get("field", ""), request.args.get("text", ""))
    return jsonify(choices=[{"value": cell(each.value), "label": each.label} for each in found])


def sent() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadAddress
    return body


def typed_values(body: dict[str, Any]) -> dict[str, str | None]:
    values = body.get("values", {})
    if not isinstance(values, dict):
        raise BadAddress
    return {
        str(name): None if text is None or text == "" else str(text)
        for name, text in values.items()
    }


@pages.post("/records")
def add(table: str) -> Response:
    applied = database().apply(InsertRecord(table, typed_values(sent())))
    return changed(table, applied.id or "")


@pages.post("/records/<id_>")
def edit(table: str, id_: str) -> Response:
    body = sent()
    applied = database().apply(UpdateRecord(table, id_, typed_values(body), seen_values(body)))
    return changed(table, applied.id or id_)


@pages.post("/records/many")
def edit_many(table: str) -> Response:
    """One change of many `records`; those without an `id` are new. `named`: see UpdateRecords.

    Unlike in a form, empty text is empty text, and no value is null.
    """
    body = sent()
    records, named = body.get("records"), body.get("named") or []
    if not isinstance(records, list) or not records or not isinstance(named, list):
        raise BadAddress
    change = UpdateRecords(table, tuple(map(record_values, records)), tuple(map(str, named)))
    applied = database().apply(change)
    return jsonify(ids=applied.ids, undo=database().next_undo(), version=applied.version)


def record_values(record: Any) -> RecordValues:
    values = record.get("values") if isinstance(record, dict) else None
    if not isinstance(values, dict):
        raise BadAddress
    typed = {str(name): None if text is None else str(text) for name, text in values.items()}
    id_ = record.get("id")
    return RecordValues(None if id_ is None else str(id_), typed, seen_values(record))


def seen_values(body: dict[str, Any]) -> dict[str, Value]:
    """What the person saw before; what was not seen in full is not compared."""
    was = body.get("was") or {}
    if not isinstance(was, dict):
        raise BadAddress
    return {str(name): raw_value(value) for name, value in was.items() if comparable(value)}


def changed(table: str, id_: str) -> Response:
    opened = database()
    shown = opened.table(table)
    record = opened.record(table, id_)
    return jsonify(
        id=id_, cells=cells(shown, record), undo=opened.next_undo(), version=opened.version()
    )


@pages.post("/records/delete")
def delete(table: str) -> Response:
    ids = sent().get("ids")
    if not isinstance(ids, list) or not ids:
        raise BadAddress
    applied = database().apply(DeleteRecords(table, tuple(map(str, ids))))
    return jsonify(deleted=len(ids), undo=applied.sentence, version=applied.version)


@pages.get("/records/<id_>")
def show(table: str, id_: str) -> str:
    return form_page(table, id_, {}, None, 200)[0]


@pages.get("/records/new")
def new(table: str) -> str:
    shown = database().table(table)
    empty = WholeRecord("", tuple(None for _ in shown.fields))
    return render_template("records/show.html", **form_context(shown, empty, {}, None), new=True)


def form_page(
    table: str, id_: str, typed: dict[str, str], error: AppError | None, status: int
) -> tuple[str, int]:
    opened = database()
    shown = opened.table(table)
    record = opened.record(table, id_)
    context = form_context(shown, record, typed, error)
    incoming = opened.linked(table, id_) if shown.writable else ()
    return render_template("records/show.html", **context, incoming=incoming, new=False), status


def form_context(
    table: Table, record: WholeRecord, typed: dict[str, str], error: AppError | None
) -> dict[str, Any]:
    opened = database()
    values: dict[str, Value] = dict(
        zip((field.name for field in table.fields), record.values, strict=True)
    )
    shown = {
        field.name: typed.get(field.name, format_value(field.kind, values[field.name]))
        for field in table.fields
    }
    title = " ".join(str(values[name] or "") for name in table.title_fields).strip()
    targets = {
        field.name: opened.find_by(field.link.table, field.link.field, values[field.name])
        for field in table.fields
        if field.link is not None and values[field.name] is not None
    }
    return {
        "table": table,
        "record": record,
        "title": title,
        "values": values,
        "shown": shown,
        "targets": targets,
        "blobs": {name: len(value) for name, value in values.items() if isinstance(value, bytes)},
        "error": error.sentence if error else None,
        "error_field": getattr(error, "field", None),
        "writable": table.writable and opened.writable,
        "why": opened.why_read_only or table.why_read_only,
        "Kind": Kind,
    }


@pages.post("/records/<id_>/edit")
def save(table: str, id_: str) -> Response | tuple[str, int]:
    """The form, also without JavaScript; `was:` fields tell what the person saw."""
    shown = database().table(table)
    typed = {
        f.name: request.form[f"f:{f.name}"] for f in shown.fields if f"f:{f.name}" in request.form
    }
    typed = {name: text.replace("\r\n", "\n") for name, text in typed.items()}
    try:
        current = database().record(table, id_)
        values: dict[str, str | None] = {}
        for field, value in zip(shown.fields, current.values, strict=True):
            if field.name not in typed or isinstance(value, bytes):
                continue
            seen = request.form.get(f"was:{field.name}", "").replace("\r\n", "\n")
            if typed[field.name] != seen:
                now = format_value(field.kind, value)
                if now != seen and now != typed[field.name]:
                    from myapp.store import ChangedMeanwhile

                    raise ChangedMeanwhile(table, {field.name: value})
                values[field.name] = typed[field.name] or None
        if values:
            database().apply(UpdateRecord(table, id_, values))
    except AppError as error:
        return form_page(table, id_, typed, error, 422)
    return redirect(url_for("records.show", table=table, id_=id_, saved=1), 303)


@pages.post("/records/new")
def create(table: str) -> Response | tuple[str, int]:
    shown = database().table(table)
    typed = {f.name: request.form.get(f"f:{f.name}", "") for f in shown.fields}
    try:
        applied = database().apply(
            InsertRecord(table, {name: text or None for name, text in typed.items()})
        )
    except AppError as error:
        empty = WholeRecord("", tuple(None for _ in shown.fields))
        context = form_context(shown, empty, typed, error)
        return render_template("records/show.html", **context, new=True), 422
    return redirect(url_for("records.show", table=table, id_=applied.id or "", saved=1), 303)


@pages.post("/records/<id_>/delete")
def remove(table: str, id_: str) -> Response:
    database().apply(DeleteRecords(table, (id_,)))
    return redirect(url_for("tables.show", table=table), 303)


@pages.get("/follow")
def follow(table: str) -> Response:
    """Where a link leads: the record of `table` whose `field` holds `value`."""
    opened = database()
    shown = opened.table(table)
    field = shown.field(request.args.get("field", ""))
    text = request.args.get("value", "")
    value: Value = int(text) if text.lstrip("-").isdigit() and field.kind is Kind.INTEGER else text
    found = opened.find_by(table, field.name, value)
    if found is None:
        from myapp.store import NoSuchRecord

        raise NoSuchRecord(table)
    return redirect(url_for("records.show", table=table, id_=found), 303)
