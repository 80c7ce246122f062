"""What is typed beside a field's type: choices and their colours, a currency, a range."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from werkzeug.datastructures import MultiDict

from myapp.store import ChangeField, Field, Kind, Limits, NewField, format_value

OPTIONS = ("choices", "currency", "smallest", "largest")
"""The inputs beside a type."""

CHOSEN = (Kind.CHOICE, Kind.CHOICES)


class Row(NamedTuple):
    """A choice in the form: what it was called, what it is to be called, and its colour."""

    was: str
    name: str
    colour: str


def new_field(name: str, kind: Kind, options: Mapping[str, str]) -> NewField:
    """Raises ValueDoesNotFit, RuleBroken."""
    from myapp.store import typed_limits

    limits = typed_limits(
        name,
        kind,
        choices_typed(options.get("choices", "")),
        options.get("smallest", ""),
        options.get("largest", ""),
    )
    currency = options.get("currency", "") if kind is Kind.MONEY else ""
    return with_rules(NewField(name, kind, limits=limits, currency=currency), options)


def with_rules(field: NewField, options: Mapping[str, str]) -> NewField:
    """A field of files has none; what was typed before its type was chosen is passed over."""
    if field.kind is Kind.BLOB and field.link is None:
        return field
    return field._replace(
        required="required" in options,
        unique="unique" in options,
        default=options.get("default", ""),
    )


def choices_typed(text: str) -> list[str]:
    from myapp.store import split_choices

    return [" ".join(each.split()) for each in split_choices(text.strip())]


def rows_of(form: MultiDict[str, str]) -> list[Row]:
    parts = (form.getlist(part) for part in ("choice-was", "choice", "colour"))
    return [
        Row(was, was if name == was else " ".join(name.split()), colour)
        for was, name, colour in zip(*parts, strict=False)
    ]


def rows_typed(field: Field, typed: Mapping[str, str]) -> list[Row]:
    """As they were sent, or as the field has them."""
    if "rows" in typed:
        return [Row(*each) for each in json.loads(typed["rows"])]
    choices, colours = field.limits.choices, field.colours
    return [Row(name, name, colour) for name, colour in zip(choices, colours, strict=True)]


def options_of(field: Field) -> dict[str, str]:
    """What the inputs hold."""
    low, high = field.limits.smallest, field.limits.largest
    return {
        "currency": field.currency,
        "smallest": format_value(field.kind, low),
        "largest": format_value(field.kind, high),
    }


def with_options(change: ChangeField, field: Field, form: MultiDict[str, str]) -> ChangeField:
    """The change with what was typed beside the type. Raises ValueDoesNotFit, RuleBroken."""
    kind = change.kind or field.kind
    if kind in CHOSEN:
        return with_choices(change, field, kind, form)
    if kind is Kind.MONEY:
        change = change._replace(currency=form.get("currency", ""))
    if kind is field.kind and all(
        form.get(name, each) == each for name, each in options_of(field).items()
    ):
        return change
    low, high = form.get("smallest", ""), form.get("largest", "")
    return change._replace(limits=limits(field.name, kind, (), low, high))


def with_choices(
    change: ChangeField, field: Field, kind: Kind, form: MultiDict[str, str]
) -> ChangeField:
    rows = [row for row in rows_of(form) if row.name]
    more = choices_typed(form.get("choices", ""))
    names = [*(row.name for row in rows), *more]
    colours = (*(row.colour for row in rows), *("" for _ in more))
    if names or field.kind not in CHOSEN:
        change = change._replace(colours=colours)
    if tuple(names) == field.limits.choices and kind is field.kind:
        return change
    renamed = tuple((row.was, row.name) for row in rows if row.was and row.was != row.name)
    return change._replace(limits=limits(field.name, kind, names), renamed=renamed)


def limits(
    field: str, kind: Kind, choices: Sequence[str], smallest: str = "", largest: str = ""
) -> Limits:
    from myapp.store import typed_limits

    return typed_limits(field, kind, choices, smallest, largest)
