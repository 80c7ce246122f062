"""The groups of a view: a page that counts its records by one field, of dates by period."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from flask import render_template, url_for
from werkzeug.datastructures import MultiDict

from myapp.store import (
    BlobSize,
    Field,
    Filter,
    FilterGroup,
    Group,
    Kind,
    LongText,
    Op,
    Period,
    Shown,
    Table,
    Unit,
    Value,
    format_value,
)

from .access import who_is_gone
from .addresses import BadAddress, read_hidden, read_view
from .saved_views import resolved
from .workspace import database

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
EACH_VALUE = "each"
UNITS = {**{each.value: each.value for each in Unit}, EACH_VALUE: "each value"}
KEPT = ("view", "sort", "filter", "q", "hide")
"""What names the view in the page's own address, and in the addresses of its groups."""


def page_of(table: Table, arguments: MultiDict[str, str]) -> str:
    """Raises NoSuchField, BadAddress."""
    given = resolved(table.name, arguments)
    field = table.field(given["group"])
    dated = field.kind in (Kind.DATE, Kind.DATETIME) and field.link is None
    unit = read_unit(given) if dated else None
    usual = "value" if unit else "count"
    order: Literal["count", "value"] = "value" if given.get("order", usual) == "value" else "count"
    found = database().groups(
        read_view(table.name, given), field.name, read_hidden(given), order, unit, who_is_gone()
    )
    kept = {name: arguments[name] for name in KEPT if name in arguments}
    filters = json.loads(given.get("filter") or "[]")

    def address(group: Group) -> str | None:
        if group.filter is None:
            return None
        from myapp.store import listed_conditions

        of = group.filter.of if isinstance(group.filter, FilterGroup) else (group.filter,)
        narrowed = json.dumps([*filters, *listed_conditions(of)], ensure_ascii=False)
        return url_for(
            "tables.show", table=table.name, _external=False, **{**kept, "filter": narrowed}
        )

    currencies = [table.field(name).currency for name in found.summed]
    added = [group.sums for group in found.groups] + [found.sums]
    *sums, total = lined_up(added, currencies)

    return render_template(
        "tables/groups.html",
        table=table,
        field=field,
        order=order,
        dated=dated,
        unit=unit,
        units=UNITS,
        found=found,
        rows=[
            (told(field, group), address(group), group.records, own)
            for group, own in zip(found.groups, sums, strict=True)
        ],
        sums=total,
        kept=kept,
        narrowed=bool(filters or given.get("q")),
        back=url_for("tables.show", table=table.name, _external=False, **kept),
    )


def told(field: Field, group: Group) -> str:
    """The group's value for a person; empty for no value."""
    if group.period is not None:
        return period_words(group.period)
    value = group.value
    if isinstance(group.filter, Filter) and group.filter.op is Op.NOT_DATE:
        example = "" if isinstance(value, BlobSize) else format_value(field.kind, text_of(value))
        return f"(no date, such as “{example}”)" if example else "(no date)"
    if group.label is not None:
        return group.label
    if isinstance(value, BlobSize):
        return f"{value.bytes:,} bytes"
    if isinstance(value, LongText):
        return f"{value.prefix}…"
    return format_value(field.kind, value)


def text_of(value: Shown) -> Value:
    if isinstance(value, BlobSize):
        return None
    text = value.prefix if isinstance(value, LongText) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def read_unit(given: MultiDict[str, str]) -> Unit | None:
    """How long the periods are; None where each value is to be a group. Raises BadAddress."""
    asked = given.get("unit") or Unit.MONTH
    try:
        return None if asked == EACH_VALUE else Unit(asked)
    except ValueError as error:
        raise BadAddress from error


def period_words(period: Period) -> str:
    year, month = period.first[:4], int(period.first[5:7])
    if period.unit is Unit.DAY:
        return period.first
    if period.unit is Unit.WEEK:
        of, week, _ = date.fromisoformat(period.first).isocalendar()
        return f"{of}, week {week} ({period.first} to {period.last})"
    if period.unit is Unit.MONTH:
        return f"{MONTHS[month - 1]} {year}"
    if period.unit is Unit.QUARTER:
        return f"{MONTHS[month - 1]} to {MONTHS[month + 1]} {year}"
    return year


def lined_up(
    rows: Sequence[Sequence[Value | Decimal]], currencies: Sequence[str]
) -> list[list[str]]:
    """The sums of every group as they are shown: those of one field with as many decimals."""
    told = [list(map(number, row, currencies)) for row in rows]
    for column, currency in enumerate(currencies):
        texts = [row[column] for row in told]
        if currency or any("e" in text for text in texts):
            continue
        most = max(len(text.partition(".")[2]) for text in texts)
        for row in told:
            whole, _, rest = row[column].partition(".")
            if whole and most:
                row[column] = f"{whole}.{rest:0<{most}}"
    return told


def number(value: Value | Decimal, currency: str = "") -> str:
    """With thousands marked, and no more digits than a sum of decimals is sure of."""
    if isinstance(value, Decimal):
        return f"{value:,.2f} {currency}".strip()
    if isinstance(value, float):
        # Of the 15 digits that a float keeps, the last ones are not those of what was added.
        sure = max(0, min(10, 14 - len(str(int(abs(value)))))) if abs(value) < 1e15 else 0
        whole, point, rest = f"{value:,.{sure}f}".partition(".")
        rest = rest.rstrip("0")
        return f"{value:.12g}" if abs(value) >= 1e15 else whole + (point + rest if rest else "")
    return f"{value:,}" if isinstance(value, int) else ""
