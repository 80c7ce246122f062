"""A field of type “link to another table”: how a form says it, and the page that shows first which
values of a field that is there find a record."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from flask import render_template

from myapp.store import AppError, ChangeField, Database, Field, Kind, LinkTo, NewField

from . import kind_options
from .kinds import read_kind
from .workspace import database

if TYPE_CHECKING:
    from myapp.store import FieldRules, Matching
    from myapp.store.hearing import Told
    from myapp.store.schema import OnDelete

LINK = "link:"
"""What a form's type begins with; the name of the linked table follows, none for the table that is
just being made."""

LOST = "link"
"""The type of a link whose table was deleted."""


def linkable() -> list[str]:
    return [table.name for table in database().tables() if table.link_key is not None]


def read_on_delete(text: str) -> "OnDelete":
    known = ("refuse", "empty", "delete", "default")
    return cast("OnDelete", text if text in known else "refuse")


def read_link(kind: str, on_delete: str, own: str = "") -> LinkTo | None:
    if not kind.startswith(LINK):
        return None
    return LinkTo(kind.removeprefix(LINK) or own, read_on_delete(on_delete))


def new_field(name: str, kind: str, link: LinkTo | None, options: Mapping[str, str]) -> NewField:
    """Raises ValueDoesNotFit, RuleBroken."""
    if link is not None:
        return kind_options.with_rules(NewField(name, Kind.INTEGER, link=link), options)
    return kind_options.new_field(name, read_kind(kind), options)


def typed_kind(rules: "FieldRules") -> str:
    """The type as a form says it."""
    if rules.field.link is not None:
        return f"{LINK}{rules.field.link.table}"
    return LOST if rules.lost_link else rules.field.kind.value


def points_there(field: Field, link: LinkTo) -> bool:
    """Whether it links to this table's key already, so that no value becomes another."""
    there = field.link
    if there is None or there.table.lower() != link.table.lower():
        return False
    key = database().table(link.table).link_key
    return key is not None and key.name.lower() == there.field.lower()


def ways_of(
    opened: Database, table: str, given: Mapping[str, str], told: "Told"
) -> "list[Matching]":
    """Both ways in which the values may find their records. Raises as `Database.matching` does."""
    field = opened.table(table).field(given.get("field", ""))
    link = LinkTo(opened.table(given.get("to", "")).name)
    found = [opened.matching(table, field.name, link, by, told) for by in ("title", "key")]
    return [each for each in found if each is not None]


def form(
    table: str, given: Mapping[str, str], ways: "Sequence[Matching]", error: AppError | None
) -> str:
    """The better of the `ways` is chosen."""
    opened = database()
    shown = opened.table(table)
    field = shown.field(given.get("field", ""))
    target = opened.table(given.get("to", ""))
    best = max(ways, key=lambda way: way.found, default=None)
    return render_template(
        "fields/link.html",
        table=shown,
        field=field,
        target=target,
        ways=ways,
        by=given.get("by") or (best.by if best else "key"),
        given=given,
        error=error.sentence if error else None,
    )


def wanted(table: str, given: Mapping[str, str]) -> ChangeField:
    misfits = given.get("misfits")
    return ChangeField(
        table,
        given.get("field", ""),
        required="required" in given,
        unique="unique" in given,
        misfits="make" if misfits == "make" else "empty" if misfits == "empty" else "refuse",
        link=LinkTo(given.get("to", ""), read_on_delete(given.get("on_delete", ""))),
        by="title" if given.get("by") == "title" else "key",
    )
