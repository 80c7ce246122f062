"""Every change of a table's fields: names, order, types and rules; `field_forms` shows them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for

from myapp.store import (
    AddField,
    AppError,
    Applied,
    ChangeField,
    ChooseTitle,
    Database,
    DropField,
    MoveField,
    RenameField,
)

from . import link_fields
from .field_forms import change_form, page, show
from .kind_options import rows_of, with_options
from .kinds import field_beside, read_kind
from .long_steps import Answer, Work
from .work import begin, begin_change
from .workspace import database

if TYPE_CHECKING:
    from myapp.store.hearing import Told

pages = Blueprint("fields", __name__, url_prefix="/tables/<table:table>/fields")
KEPT_IN_LINK = ("field", "on_delete", "required", "unique")
"""What the page of a link takes over from that of a change."""

# --- adding and renaming


@pages.post("/add")
def add(table: str) -> Answer:
    name, kind = request.form.get("name", "").strip(), request.form.get("kind", "text")
    on_delete = request.form.get("on_delete", "refuse")
    link = link_fields.read_link(kind, on_delete, table)
    given = request.form.to_dict()

    def refused(error: AppError) -> Answer:
        return show(table, name, kind, options=given, refused=error), 422

    try:
        made = link_fields.new_field(name, kind, link, given)
    except AppError as error:
        return refused(error)
    return make(AddField(table, made, field_beside(made)), refused=refused)


@pages.post("/rename")
def rename(table: str) -> Answer:
    field, to = request.form.get("field", ""), request.form.get("name", "").strip()
    try:
        if to != field:
            database().apply(RenameField(table, field, to))
    except AppError as error:
        return change_form(table, field, {}, error), 422
    return redirect(page(table, done=to != field), 303)


@pages.post("/title")
def title(table: str) -> Answer:
    """Which field names the records; an empty choice lets the program find one."""
    try:
        database().apply(ChooseTitle(table, request.form.get("title") or None))
    except AppError as error:
        return show(table, error=error.sentence), 422
    return redirect(page(table), 303)


# --- what may take long


def make(
    change: AddField | MoveField | ChangeField | DropField,
    way: str = "",
    refused: Callable[[AppError], Answer] | None = None,
) -> Answer:
    """The change as work, which leads back to the fields; `way` is that of a field that moved."""
    table = change.table

    def then(_: Applied) -> Answer:
        return redirect(page(table, moved_field(change), way, done=not way), 303)

    def refuse(error: AppError) -> Answer:
        return show(table, error=error.sentence), 422

    return begin_change(change, then, refused or refuse)


def moved_field(change: AddField | MoveField | ChangeField | DropField) -> str:
    return change.field if isinstance(change, MoveField) else ""


@pages.post("/move")
def move(table: str) -> Answer:
    # On the list of fields, the button itself names its field.
    way = next((each for each in ("up", "down") if each in request.form), "")
    field = request.form.get(way or "field", "")
    place = database().table(table).position_of(field)
    steps = {"up": place - 1, "down": place + 1}
    to = steps.get(way, request.form.get("to", place + 1, int) - 1)
    return make(MoveField(table, field, to), way)


@pages.get("/change")
def change(table: str) -> str:
    return change_form(table, request.args.get("field", ""), {}, None)


@pages.post("/change")
def save(table: str) -> Answer:
    given = request.form.to_dict()
    field = database().table(table).field(given.get("field", ""))
    named = given.get("kind", "")
    link = link_fields.read_link(named, given.get("on_delete", ""))
    if link is not None and not link_fields.points_there(field, link):
        known = {name: given[name] for name in KEPT_IN_LINK if name in given} | {"to": link.table}
        return redirect(f"{url_for('fields.link', table=table)}?{urlencode(known)}", 303)
    kind = field.kind if named == field.kind.value else read_kind(named)
    stays = link is not None or named == link_fields.LOST
    wanted = ChangeField(
        table,
        field.name,
        None if stays else kind,
        "required" in given,
        "unique" in given,
        given.get("default", ""),
        "empty" if given.get("misfits") == "empty" else "refuse",
        "fill" in given,
        link=link if stays else "none",
    )
    shown = named if stays else kind.value
    typed = {**given, "kind": shown, "rows": json.dumps(rows_of(request.form))}
    try:
        asked = wanted if stays else with_options(wanted, field, request.form)
    except AppError as error:
        return change_form(table, field.name, typed, error), 422
    return make(asked, refused=lambda error: (change_form(table, field.name, typed, error), 422))


@pages.get("/link")
def link(table: str) -> Answer:
    """Which values find a record of another table, before they become links to it."""
    return show_link(table, request.args.to_dict(), None)


def show_link(table: str, given: Mapping[str, str], error: AppError | None) -> Answer:
    """The page, once both ways in which values find their records were looked at."""
    field, to = given.get("field", ""), given.get("to", "")
    status = 422 if error else 200
    return begin(
        Work(
            f"Look which values of {field} find a record of {to}",
            lambda opened, told: link_fields.ways_of(opened, table, given, told),
            lambda ways: (link_fields.form(table, given, ways, error), status),
            back=url_for("fields.change", table=table, field=field),
            looks=True,
        )
    )


@pages.post("/link")
def make_link(table: str) -> Answer:
    given = request.form.to_dict()
    wanted = link_fields.wanted(table, given)
    return begin_change(
        wanted,
        lambda _: redirect(page(table, done=True), 303),
        lambda error: show_link(table, given, error),
        url_for("fields.change", table=table, field=wanted.field),
    )


@pages.get("/drop")
def confirm(table: str) -> Answer:
    opened = database()
    shown = opened.table(table)
    field = shown.field(request.args.get("field", ""))
    return begin(
        Work(
            f"Count what would go with the field {field.name}",
            lambda opened, told: opened.field_loss(table, field.name, told),
            lambda loss: render_template("fields/drop.html", table=shown, field=field, loss=loss),
            back=page(table),
            looks=True,
        )
    )


@pages.post("/drop")
def drop(table: str) -> Answer:
    return make(DropField(table, request.form.get("field", "")))


@pages.post("/undo")
def undo(table: str) -> Answer:
    return take(table, f"Undo: {database().next_undo()}", lambda opened, told: opened.undo(told))


@pages.post("/redo")
def redo(table: str) -> Answer:
    return take(table, f"Redo: {database().next_redo()}", lambda opened, told: opened.redo(told))


def take(table: str, sentence: str, do: Callable[[Database, Told], Applied | None]) -> Answer:
    def then(applied: Applied | None) -> Answer:
        """Back to the fields, of the table that an undo may have brought."""
        name = applied.table if applied and applied.table else table
        if name not in {each.name for each in database().tables()}:
            return redirect(url_for("home.show"), 303)
        return redirect(page(name), 303)

    def refuse(error: AppError) -> Answer:
        return show(table, error=error.sentence), 422

    return begin(Work(sentence, do, then, refuse))
