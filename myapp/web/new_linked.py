"""A name that no record of a linked table has yet: whether one can be added by its name alone."""

from typing import Any

from flask import url_for

from myapp.store import Choices, Database, Kind, Table, is_same_name

from .access import may

LONGEST_NAME = 200
"""Characters. What is longer is hardly a name."""


def new_linked(
    opened: Database, table: Table, field: str, text: str, found: Choices
) -> dict[str, Any] | None:
    """Where a record named `text` is added, and in which field its name goes; None where it cannot
    be, or where there is one among those that are `found` by it."""
    asked = table.field(field)
    name = text.strip()
    # Among more than were found there may be one of that very name.
    if asked.link is None or not name or len(name) > LONGEST_NAME or found.more:
        return None
    if any(
        is_same_name(name, each.label) or is_same_name(name, str(each.value))
        for each in found.records
    ):
        return None
    target = opened.table(asked.link.table)
    title = naming_field(target, asked.link.field)
    if title is None or not may(opened, target)["add"]:
        return None
    address = url_for("records.add", table=target.name)
    return {"table": target.name, "field": title, "name": name, "address": address}


def naming_field(target: Table, key: str) -> str | None:
    """The one field that a new record needs: its name. Its key must number itself."""
    if target.type != "table" or len(target.title_fields) != 1 or not target.field(key).automatic:
        return None
    title = target.field(target.title_fields[0])
    needed = [
        each
        for each in target.fields
        if each.required and each.default is None and not each.automatic and each != title
    ]
    plain = title.kind in (Kind.TEXT, Kind.LONG) and title.writable and title.link is None
    return title.name if plain and not needed else None
