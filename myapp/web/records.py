"""Records: windows of a view as JSON, changes to them, and the form of one."""

import re
from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from myapp.store import (
    AppError,
    DeleteRecords,
    InsertRecord,
    Kind,
    NoSuchRecord,
    RecordValues,
    RuleBroken,
    SetFile,
    UpdateRecord,
    UpdateRecords,
    Value,
)

from . import field_forms
from .access import may, who_is_gone, why_locked
from .addresses import BadAddress, read_view
from .cells import cell, cells, comparable, raw_value
from .long_steps import Answer
from .misfits import must_be
from .new_linked import new_linked
from .next_steps import next_redo, next_undo
from .outcomes import after, changed, kept_by_view
from .record_files import closing_files, sent_files
from .record_form import changed_values, copied, flat, key_of, new_values
from .record_pages import NotWritten, empty_record, form_page, new_page, written
from .view_values import asked_of, asked_values, filled_record
from .work import begin_change
from .workspace import database

pages = Blueprint("records", __name__, url_prefix="/tables/<table:table>")
MOST_ROWS = 500
LONG_TEXT, LONGEST_TEXT = 500, 1_000_000
"""Characters of a text in a window, when it is shown and when it is copied."""
WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)


@pages.get("/rows")
def rows(table: str) -> Response:
    """A window of a view: `start`, `count`, and the view's own `sort`, `filter` and `q`.

    `whole` asks for texts that are not cut, to be copied. `early` asks for the first records as
    soon as they are found: then `early` is true in the answer, and `total` may be null, until all
    are known to who asks once more without it.
    """
    opened = database()
    shown = opened.table(table)
    start = max(request.args.get("start", 0, int), 0)
    count = min(max(request.args.get("count", 100, int), 0), MOST_ROWS)
    query = read_view(shown.name, request.args)
    long_text = LONGEST_TEXT if "whole" in request.args else LONG_TEXT
    early = None
    if "early" in request.args and start == 0:
        early = opened.beginning(query, count, long_text, who_is_gone())
    found = early or opened.window(query, start, count, long_text, who_is_gone())
    return jsonify(
        total=found.total,
        start=start,
        version=found.version,
        early=early is not None,
        rows=[{"id": record.id, "cells": cells(shown, record)} for record in found.records],
    )


@pages.get("/fields")
def fields(table: str) -> Response:
    """The page of the fields; the same as data where a script asks."""
    answer = make_response(field_forms.show(table)) if wants_page() else described(table)
    answer.vary.add("Accept")
    return answer


def wants_page() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def described(table: str) -> Response:
    opened = database()
    shown = opened.table(table)
    return jsonify(
        table=shown.name,
        may=may(opened, shown),
        why=why_locked(opened) or shown.why_read_only,
        fields=[
            {
                "name": field.name,
                "kind": field.kind,
                "required": field.required,
                "automatic": field.automatic,
                "writable": field.editable,
                "givable": field.writable,
                "link": {"table": field.link.table, "field": field.link.field}
                if field.link
                else None,
                "choices": field.limits.choices,
                "colours": field.colours,
                "currency": field.currency,
                "must": must_be(field),
            }
            for field in shown.fields
        ],
        undo=next_undo(opened),
        redo=next_redo(opened),
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
    """Of a link: records whose names hold `text`. `new` says how one of that very name is added."""
    opened, field = database(), request.args.get("field", "")
    text = request.args.get("text", "")
    found = opened.choices(table, field, text)
    new = new_linked(opened, opened.table(table), field, text, found)
    return jsonify(
        choices=[
            {"value": cell(each.value), "label": each.label, "detail": each.detail}
            for each in found.records
        ],
        more=found.more,
        new=new,
    )


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
    """`named`: see `edit`; the record takes what the view `within` asks for."""
    body, opened = sent(), database()
    asked = asked_of(opened, opened.table(table), body.get("within"))
    values = asked | typed_values(body) | keys_of(table, body)
    return changed(table, database().apply(InsertRecord(table, values)))


@pages.post("/records/<id_>")
def edit(table: str, id_: str) -> Response:
    """`named` are the links among the values that are given by the names of their records."""
    body, shown = sent(), database().table(table)
    values = typed_values(body) | keys_of(table, body)
    was = seen_values(body)
    change: UpdateRecord | SetFile = UpdateRecord(table, id_, values, was)
    if shown.type == "table" and list(values.values()) == [None]:
        (name,) = values
        if shown.field(name).kind is Kind.BLOB:
            change = SetFile(table, id_, name)  # its name goes with it
    return changed(table, database().apply(change), was)


def keys_of(table: str, body: dict[str, Any]) -> dict[str, str | None]:
    """Raises BadAddress, NameNotClear."""
    named = body.get("named") or []
    if not isinstance(named, list):
        raise BadAddress
    values = typed_values(body)
    return {
        name: key_of(database(), database().table(table), name, text)
        for name in map(str, named)
        if (text := values.get(name)) is not None
    }


@pages.post("/records/many")
def edit_many(table: str) -> Answer:
    """One change of many `records`; those without an `id` are new, and take what the view `within`
    asks for. `named`: see UpdateRecords.

    Unlike in a form, empty text is empty text, and no value is null.
    """
    body = sent()
    records, named = body.get("records"), body.get("named") or []
    if not isinstance(records, list) or not records or not isinstance(named, list):
        raise BadAddress
    opened, names = database(), tuple(map(str, named))
    asked = asked_of(opened, opened.table(table), body.get("within"))
    asked = {name: text for name, text in asked.items() if name not in names}
    given = tuple(record_values(record, asked) for record in records)
    change = UpdateRecords(table, given, names)
    return begin_change(
        change,
        lambda applied: jsonify(
            ids=applied.ids, undo=next_undo(database()), version=applied.version
        ),
    )


def record_values(record: Any, asked: dict[str, str]) -> RecordValues:
    """`asked` are values that a new record has, unless it is given others."""
    values = record.get("values") if isinstance(record, dict) else None
    if not isinstance(values, dict):
        raise BadAddress
    typed = {str(name): None if text is None else str(text) for name, text in values.items()}
    id_ = record.get("id")
    if id_ is None:
        return RecordValues(None, asked | typed, seen_values(record))
    return RecordValues(str(id_), typed, seen_values(record))


def seen_values(body: dict[str, Any]) -> dict[str, Value]:
    """What the person saw before; what was not seen in full is not compared."""
    was = body.get("was") or {}
    if not isinstance(was, dict):
        raise BadAddress
    return {str(name): raw_value(value) for name, value in was.items() if comparable(value)}


@pages.post("/records/delete")
def delete(table: str) -> Answer:
    ids = sent().get("ids")
    if not isinstance(ids, list) or not ids:
        raise BadAddress
    # Other tables' records may go with a few of them.
    return begin_change(
        DeleteRecords(table, tuple(map(str, ids))),
        lambda applied: jsonify(
            deleted=len(ids), undo=next_undo(database()), version=applied.version
        ),
    )


@pages.get("/records/<id_>")
def show(table: str, id_: str) -> str:
    return form_page(table, id_)


@pages.get("/records/new")
def new(table: str) -> str:
    """An empty form; with `from`, one filled with another record's values; with `field`, one that
    holds `value` there; with a view's `filter`, one that holds what the view asks for."""
    opened = database()
    shown = opened.table(table)
    record = empty_record(shown)
    original = request.args.get("from")
    if original is not None:
        record = copied(opened, shown, opened.record(table, original))
    elif "filter" in request.args:
        record = filled_record(opened, shown, asked_values(opened, shown, request.args))
    given = request.args.get("field")
    filled = {} if given is None else {f"f:{given}": request.args.get("value", "")}
    return new_page(shown, record, filled, copy=original is not None)


@pages.post("/records/<id_>/edit")
def save(table: str, id_: str) -> Response | tuple[str, int]:
    """The form, also without JavaScript; `was:` fields tell what the person saw."""
    opened = database()
    sent, shown, before = flat(request.form), opened.table(table), opened.record(table, id_)
    read = changed_values(opened, shown, before, sent)
    now: str | None = id_
    with closing_files():
        files = sent_files(shown, read.values)
        try:
            if read.values or read.errors or files:
                now = written(UpdateRecord(table, id_, read.values, files=files), read.errors)
        except NotWritten as refused:
            return form_page(table, id_, sent, refused.errors, files=came(files)), 422
    kept: list[str] = []
    if shown.type == "view" and now is not None:
        was = dict(zip((field.name for field in shown.fields), before.values, strict=True))
        edited = {name: was[name] for name in read.values}
        kept = kept_by_view(shown, opened.record(table, now), edited)
    return redirect(after(table, now, "edited", kept), 303)


@pages.post("/records/new")
def create(table: str) -> Response | tuple[str, int]:
    opened = database()
    shown, sent = opened.table(table), flat(request.form)
    read = new_values(opened, shown, sent)
    with closing_files():
        files = sent_files(shown, read.values)
        try:
            id_ = written(InsertRecord(table, read.values, files), read.errors)
        except NotWritten as refused:
            record = empty_record(shown)
            return new_page(shown, record, sent, refused.errors, files=came(files)), 422
    if "another" in request.form and id_ is not None:
        asked = request.form.get("filter") or None
        return redirect(url_for("records.new", table=table, saved=id_, filter=asked), 303)
    return redirect(after(table, id_, "added"), 303)


def came(files: tuple[SetFile, ...]) -> bool:
    """Whether a page that is made anew lets go of a file that was chosen."""
    return any(each.source is not None for each in files)


@pages.post("/records/<id_>/delete")
def remove(table: str, id_: str) -> Answer:
    """From the record's page: the table then tells of it, and offers to undo it."""

    def refused(error: AppError) -> Answer:
        if isinstance(error, RuleBroken):
            return form_page(table, id_, errors=[error]), 422
        raise error

    return begin_change(
        DeleteRecords(table, (id_,)),
        lambda _: redirect(url_for("tables.show", table=table, deleted=1), 303),
        refused,
    )


@pages.get("/follow")
def follow(table: str) -> Response:
    """Where a link leads: the record of `table` whose `field` holds `value`."""
    opened = database()
    shown = opened.table(table)
    field = shown.field(request.args.get("field", ""))
    text = request.args.get("value", "")
    found = opened.find_by(table, field.name, text)
    if found is None and WHOLE.fullmatch(text):
        # A field of no type takes a number and its digits for two things.
        found = opened.find_by(table, field.name, int(text))
    if found is None:
        raise NoSuchRecord(table)
    return redirect(url_for("records.show", table=table, id_=found), 303)
