"""The pages of a table's fields, as they are shown: the list of them, and the form of one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import render_template, request, url_for

from myapp.store import AppError, Field, ValuesDoNotFit, choose_title, format_value, may_title

from . import link_fields
from .access import why_not_shaped
from .kind_options import options_of, rows_typed
from .kinds import KINDS, NEW_KINDS
from .workspace import database

if TYPE_CHECKING:
    from myapp.store import FieldRules, Table

NONE: Mapping[str, str] = {}


def show(
    table: str,
    name: str = "",
    kind: str = "text",
    error: str | None = None,
    options: Mapping[str, str] = NONE,
    refused: AppError | None = None,
) -> str:
    """The page itself; its address is also that of the fields as data. What was typed for a new
    field is shown again with why it was `refused`."""
    opened = database()
    shown = opened.table(table)
    return render_template(
        "fields/show.html",
        table=shown,
        fields=opened.fields(table),
        kinds=NEW_KINDS,
        why=why_not_shaped(opened) or shown.why_read_only or why_a_view(shown),
        undo=opened.next_undo(),
        done=bool(request.args.get("done")) and not (error or refused),
        redo=opened.next_redo(),
        moved=request.args.get("moved"),
        way=request.args.get("way"),
        name=name,
        kind=kind,
        options=options,
        allowed=allowed,
        error=error,
        wrong=refused.sentence if refused else "",
        beside=refused_part(refused) if refused else "",
        linkable=link_fields.linkable(),
        on_delete=options.get("on_delete", "refuse"),
        titles=[field.name for field in shown.fields if may_title(field)],
        guess=choose_title(shown.fields),
    )


def refused_part(error: AppError) -> str:
    """The control of the new field's form beside which a refusal stands."""
    from myapp.store import BadName, NameTaken

    if isinstance(error, BadName | NameTaken):
        return "name"
    return str(getattr(error, "rule", "type"))


def why_a_view(table: "Table") -> str | None:
    if table.type != "view":
        return None
    return "they belong to the tables that this SQL view is made from."


def allowed(field: Field) -> str:
    """What its limits let in, in a few words; nothing for a field without."""
    choices, low, high = field.limits
    if choices:
        from myapp.store import told_apart

        return ", ".join(told_apart(choices))
    shown = [None if each is None else format_value(field.kind, each) for each in (low, high)]
    if None not in shown:
        return f"from {shown[0]} to {shown[1]}"
    return f"from {shown[0]}" if shown[0] else f"up to {shown[1]}" if shown[1] else ""


def page(
    table: str, moved: str | None = None, way: str | None = None, *, done: bool = False
) -> str:
    """Its address; with the field that was just moved, whose button keeps the focus, or with a word
    on what was just done."""
    told = "yes" if done else None
    return url_for("records.fields", table=table, moved=moved, way=way, done=told)


def change_form(table: str, field: str, typed: Mapping[str, str], error: AppError | None) -> str:
    opened = database()
    shown = opened.table(table)
    place = shown.position_of(field)
    rules = opened.fields(table)[place]
    from myapp.store import COLOURS

    return render_template(
        "fields/change.html",
        rows=rows_typed(rules.field, typed),
        colours=COLOURS,
        table=shown,
        rules=rules,
        place=place + 1,
        kinds=KINDS,
        given=typed or as_typed(rules),
        error=error.sentence if error else None,
        misfits=isinstance(error, ValuesDoNotFit),
        linkable=link_fields.linkable(),
        why=why_not_shaped(opened) or shown.why_read_only or why_a_view(shown),
    )


def as_typed(rules: "FieldRules") -> dict[str, str]:
    given = {"kind": link_fields.typed_kind(rules), "default": rules.default}
    given |= {"on_delete": rules.field.link.on_delete} if rules.field.link else {}
    given |= options_of(rules.field)
    given |= {"required": "1"} if rules.required else {}
    return given | ({"unique": "1"} if rules.unique else {})
