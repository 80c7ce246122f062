"""The groups of a view: a page that counts its records by one field."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from flask import render_template, url_for
from werkzeug.datastructures import MultiDict

from myapp.store import BlobSize, Field, Group, LongText, Table, Value, format_value

from .addresses import read_hidden, read_view
from .saved_views import resolved
from .workspace import database

KEPT = ("view", "sort", "filter", "q", "hide")
"""What names the view in the page's own address, and in the addresses of its groups."""


def page_of(table: Table, arguments: MultiDict[str, str]) -> str:
    """Raises NoSuchField, BadAddress."""
    given = resolved(table.name, arguments)
    field = table.field(given["group"])
    order: Literal["count", "value"] = "value" if given.get("order") == "value" else "count"
    found = database().groups(read_view(table.name, given), field.name, read_hidden(given), order)
    kept = {name: arguments[name] for name in KEPT if name in arguments}
    filters = json.loads(given.get("filter") or "[]")

    def address(group: Group) -> str | None:
        if group.filter is None:
            return None
        own = [group.filter.field, group.filter.op.value, group.filter.value]
        narrowed = json.dumps([*filters, own], ensure_ascii=False)
        return url_for(
            "tables.show", table=table.name, _external=False, **{**kept, "filter": narrowed}
        )

    currencies = [table.field(name).currency for name in found.summed]

    def sums(added: Sequence[Value | Decimal]) -> list[str]:
        return list(map(number, added, currencies))

    return render_template(
        "tables/groups.html",
        table=table,
        field=field,
        order=order,
        found=found,
        rows=[
            (told(field, group), address(group), group.records, sums(group.sums))
            for group in found.groups
        ],
        sums=sums(found.sums),
        kept=kept,
        narrowed=bool(filters or given.get("q")),
        back=url_for("tables.show", table=table.name, _external=False, **kept),
    )


def told(field: Field, group: Group) -> str:
    """The group's value for a person; empty for no value."""
    value = group.value
    if group.label is not None:
        return group.label
    if isinstance(value, BlobSize):
        return f"{value.bytes:,} bytes"
    if isinstance(value, LongText):
        return f"{value.prefix}…"
    return format_value(field.kind, value)


def number(value: Value | Decimal, currency: str = "") -> str:
    """With thousands marked, and no more digits than a sum of decimals is sure of."""
    if isinstance(value, Decimal):
        return f"{value:,.2f} {currency}".strip()
    if isinstance(value, float):
        whole, point, rest = f"{value:,.10f}".rstrip("0").partition(".")
        return f"{value:.12g}" if abs(value) >= 1e15 else whole + (point + rest if rest else "")
    return f"{value:,}" if isinstance(value, int) else ""
