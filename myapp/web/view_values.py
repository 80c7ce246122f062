"""What a record that is added in a view takes from it: the values that its conditions ask for.

Without them the view would not show the record that was just added in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from myapp.store import (
    Database,
    Field,
    Filter,
    FilterGroup,
    Kind,
    NameNotClear,
    Op,
    Table,
    Value,
    ValueDoesNotFit,
    WholeRecord,
    format_value,
    is_same_name,
    parse_value,
    plain_asked,
)

from .addresses import read_view
from .record_form import title_of

DAY = 10
"""Characters of a date. A part of one asks for a month or a year."""


def asked_values(database: Database, table: Table, view: Mapping[str, str]) -> dict[str, str]:
    """What each field must hold, as it could be typed, and of links the keys. Raises BadAddress.

    What a record cannot be given, such as a value of which each has its own, is left out.
    """
    asked: dict[str, list[str]] = {}
    for condition in required(read_view(table.name, MultiDict(view)).filters):
        if condition.op is Op.IS and condition.value.strip():
            asked.setdefault(condition.field.lower(), []).append(condition.value.strip())
    if not asked:
        return {}
    unique = {name.lower() for name in database.unique_fields(table.name)}
    found = {}
    for field in table.fields:
        texts = asked.get(field.name.lower(), [])
        if texts and field.writable and not field.automatic and field.name.lower() not in unique:
            text = asked_text(database, table, field, texts)
            if text is not None:
                found[field.name] = text
    return found


def asked_of(database: Database, table: Table, view: object) -> dict[str, str]:
    """The same of a view's parameters, as a script sends them; nothing where it sends none."""
    return asked_values(database, table, dict(parse_qsl(view))) if isinstance(view, str) else {}


def required(conditions: Iterable[Filter | FilterGroup]) -> Iterator[Filter]:
    """The conditions that hold for every record of the view."""
    for each in conditions:
        if isinstance(each, Filter):
            yield each
        elif not each.any or len(each.of) == 1:
            yield from required(each.of)


def asked_text(database: Database, table: Table, field: Field, texts: list[str]) -> str | None:
    if field.kind is Kind.CHOICES and not field.link:
        text = ", ".join(texts)
    elif len({text.casefold() for text in texts}) == 1:
        text = texts[0]
    else:
        return None
    try:
        if field.link is not None:
            return asked_key(database, table, field, text)
        if field.kind is Kind.DATETIME and len(text) <= DAY:
            return None
        # A choice may be asked for with other capital letters than its own.
        same = [each for each in field.limits.choices if each.casefold() == text.casefold()]
        text = same[0] if same else text
        plain = plain_asked(field.kind, text)
        value = parse_value(field.name, field.kind, plain, field.limits)
    except ValueDoesNotFit:
        return None
    return format_value(field.kind, value)


def asked_key(database: Database, table: Table, field: Field, text: str) -> str | None:
    """The key of the one record that a link's condition means, by its key or its name."""
    assert field.link is not None
    with suppress(ValueDoesNotFit):
        key = parse_value(field.name, field.kind, text)
        if database.find_by(field.link.table, field.link.field, key) is not None:
            # Another record may have that key for a name.
            alike = database.choices(table.name, field.name, text).records
            named = any(is_same_name(each.label, text) for each in alike if each.value != key)
            return None if named else format_value(field.kind, key)
    try:
        found = database.named(table.name, field.name, text)
    except NameNotClear:
        return None
    return None if found is None else format_value(field.kind, found)


def filled_record(database: Database, table: Table, values: Mapping[str, str]) -> WholeRecord:
    """A record to begin with, as its form shows it."""
    held: list[Value] = []
    labels = {}
    for field in table.fields:
        text = values.get(field.name)
        held.append(None if text is None else parse_value(field.name, field.kind, text))
        if text is not None and field.link is not None:
            id_ = database.find_by(field.link.table, field.link.field, held[-1])
            if id_ is not None:
                target = database.table(field.link.table)
                labels[field.name] = title_of(target, database.record(target.name, id_)) or text
    return WholeRecord("", tuple(held), labels)
