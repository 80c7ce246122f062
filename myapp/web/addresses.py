"""Addresses: a table's name in a path, and a view in a query string."""

import json
from collections.abc import Callable
from functools import cache

from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, Rule

from myapp.store import AppError, Incoming, Query, Sort


class BadAddress(AppError):
    def __init__(self) -> None:
        super().__init__("This address does not name a view. Nothing was changed.")


class TableName(BaseConverter):
    """A table's name as one path segment; a slash in it is written `~s`, a tilde `~~`."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value.replace("~~", "\0").replace("~s", "/").replace("\0", "~")

    def to_url(self, value: str) -> str:
        return super().to_url(value.replace("~", "~~").replace("/", "~s"))


class LateRule(Rule):
    """A rule that compiles its address builder when an address is first built from it.

    Compiling takes 0.3 ms for each rule, and the first page builds few addresses. The method is
    Werkzeug's own affair: should it be named otherwise one day, a start is slower, no more.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_it = cache(super()._compile_builder)

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            return compile_it(append_unknown)(rule, **values)

        return build


def read_hidden(arguments: MultiDict[str, str]) -> tuple[str, ...]:
    """The fields that a view hides, from `hide`, a JSON list of names. Raises BadAddress."""
    try:
        hidden = json.loads(arguments.get("hide") or "[]")
    except ValueError as error:
        raise BadAddress from error
    if not isinstance(hidden, list) or not all(isinstance(each, str) for each in hidden):
        raise BadAddress
    return tuple(hidden)


def read_view(table: str, arguments: MultiDict[str, str]) -> Query:
    """The view that `sort`, `filter` and `q` name. Raises BadAddress.

    `sort` is a JSON list of field names, each with a leading "-" for descending; `filter` a JSON
    list of [field, operator, value], and of groups of them: {"any": [...]} or {"all": [...]}.
    """
    from myapp.store import read_conditions

    try:
        sorts = json.loads(arguments.get("sort") or "[]")
        filters = json.loads(arguments.get("filter") or "[]")
        conditions = read_conditions(filters) if filters else ()
        return Query(
            table,
            tuple(Sort(name.removeprefix("-"), name.startswith("-")) for name in sorts),
            conditions,
            arguments.get("q", "").strip(),
        )
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadAddress from error


def incoming_address(incoming: Incoming) -> str:
    """The view of the records that point to one through a link."""
    return url_for("tables.show", table=incoming.table, filter=incoming_filter(incoming))


def new_incoming_address(incoming: Incoming) -> str:
    """The form of a record that will point there."""
    return url_for("records.new", table=incoming.table, filter=incoming_filter(incoming))


def incoming_filter(incoming: Incoming) -> str:
    return json.dumps([[incoming.field, "is", str(incoming.value)]])
