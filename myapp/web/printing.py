"""Pages made to be printed: a view with its records, and one record.

A view is read and sent some records at a time, up to a limit that the page tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, Response, render_template, request, stream_template, url_for
from werkzeug.datastructures import MultiDict

from myapp.store import (
    AppError,
    BlobSize,
    Database,
    Field,
    Kind,
    LongText,
    Query,
    Record,
    Shown,
    Table,
    WholeRecord,
    Window,
    format_value,
    id_words,
)

from .addresses import BadAddress, read_hidden, read_view
from .exports import read_ids
from .saved_views import resolved
from .sizes import size
from .telling import tell_conditions, tell_order
from .workspace import database

pages = Blueprint("printing", __name__, url_prefix="/tables/<table:table>")
MOST_PRINTED = 5_000
MOST_CHARACTERS = 20_000_000
"""What a browser can still lay out; a page of texts ends there."""

AT_ONCE = 100
LONG_TEXT = 2_000
MANY_FIELDS = 12
"""With more of them, a page is too narrow for a table: then one record follows the other."""

MOST_COLUMNS = 16
"""What a page takes beside each other; a browser cuts off the others without a word."""

WIDE_SIGNS = frozenset("€£¥\u00a0")
"""Beyond ASCII, and not wider than an M."""

LAYOUTS = ("table", "records")
ASKED = ("sort", "filter", "q", "hide")


class Line(NamedTuple):
    """One record as texts. `number` is its place in the view."""

    number: int
    title: str
    cells: tuple[str, ...]


class Printed:
    """The records of a view, or those `chosen` in it, read while the page is made; afterwards, what
    became of it."""

    def __init__(
        self,
        opened: Database,
        table: Table,
        query: Query,
        fields: list[Field],
        chosen: Sequence[str] = (),
    ) -> None:
        self.opened, self.table, self.query = opened, table, query
        self.places = [table.fields.index(field) for field in fields]
        self.chosen = opened.in_order(query, chosen) if chosen else None
        first = self.read(0)
        self.total, self.version = first.total, first.version
        self.asked = self.count = 0
        self.changed = False
        self.refusal = ""

    def read(self, count: int, start: int = 0) -> Window:
        if self.chosen is None:
            return self.opened.window(self.query, start, count, LONG_TEXT)
        version, ids = self.opened.version(), self.chosen[start : start + count]
        records = self.opened.records(self.table.name, ids, LONG_TEXT) if ids else ()
        return Window(start, len(self.chosen), records, version)

    @property
    def cut(self) -> bool:
        return self.count < self.total

    def lines(self) -> Iterator[Line]:
        characters = 0
        while self.asked < min(self.total, MOST_PRINTED) and characters < MOST_CHARACTERS:
            try:
                at_once = min(AT_ONCE, MOST_PRINTED - self.asked)
                window = self.read(at_once, self.asked)
            except AppError as error:
                # The page has begun by now: the refusal stands at its end.
                self.refusal = error.sentence
                return
            self.changed = self.changed or window.version != self.version
            self.total = window.total
            self.asked += at_once
            if not window.records:
                # A chosen one may be gone meanwhile, while others follow.
                continue
            if len(window.records[0].values) != len(self.table.fields):
                self.refusal = "The fields of the table were changed meanwhile."
                return
            for record in window.records:
                self.count += 1
                line = self.line(record)
                characters += sum(map(len, line.cells))
                yield line

    def line(self, record: Record) -> Line:
        texts = texts_of(self.table, record)
        return Line(self.count, title_of(self.table, texts), tuple(texts[n] for n in self.places))


@pages.get("/print")
def show(table: str) -> Response:
    """A view, that the same arguments name as in its own address, or the records `ids` of it.
    `layout` is one of LAYOUTS."""
    return page_of(table, request.args)


@pages.post("/print/chosen")
def chosen(table: str) -> Response:
    """The same of chosen records that are too many for an address."""
    return page_of(table, request.form)


def page_of(table: str, asked_for: MultiDict[str, str]) -> Response:
    opened = database()
    there = opened.table(table)
    given = resolved(there.name, asked_for)
    ids = read_ids(asked_for)
    query, hidden = read_view(there.name, given), read_hidden(given)
    shown = [field for field in there.fields if field.name not in hidden] or list(there.fields)
    layout = given.get("layout") or LAYOUTS[len(shown) > MANY_FIELDS]
    if layout not in LAYOUTS:
        raise BadAddress
    tabular = len(shown) <= MOST_COLUMNS
    layout = layout if tabular else "records"
    view = {name: asked_for[name] for name in ("view", *ASKED) if name in asked_for}
    only = {"ids": asked_for["ids"]} if ids else {}
    asked = {name: given[name] for name in ("view", *ASKED) if given.get(name)}
    printed = Printed(opened, there, query, shown, ids)
    page = stream_template(
        "printing/view.html",
        table=there,
        view=given.get("view"),
        fields=shown,
        printed=printed,
        most=MOST_PRINTED,
        conditions=tell_conditions(there, query),
        order=tell_order(query),
        layout=layout,
        wide=len(shown) > 6,
        other=url_for(
            ".show",
            table=there.name,
            **view,
            **only,
            layout=LAYOUTS[layout == "table"],
            _external=False,
        )
        if tabular and request.method == "GET"
        else None,
        whole=url_for(".show", table=there.name, **view, _external=False) if ids else None,
        back=url_for("tables.show", table=there.name, **view, _external=False),
        export=url_for("exports.choose", table=there.name, **asked, _external=False),
        now=datetime.now(),
        numeric=[is_number(field) for field in shown],
        is_short=is_short(len(shown)),
        is_short_name=is_short(len(shown), bold=True),
    )
    return Response(page, mimetype="text/html")


@pages.get("/records/<id_>/print")
def record(table: str, id_: str) -> str:
    opened = database()
    there = opened.table(table)
    found = opened.record(table, id_)
    texts = texts_of(there, found)
    return render_template(
        "printing/record.html",
        table=there,
        title=title_of(there, texts) or f"Record {id_words(found.id)}",
        pairs=list(zip(there.fields, texts, strict=True)),
        incoming=opened.linked(table, id_) if there.writable and there.type == "table" else (),
        back=url_for("records.show", table=there.name, id_=id_),
        now=datetime.now(),
    )


def texts_of(table: Table, record: Record | WholeRecord) -> list[str]:
    return [
        record.labels.get(field.name) or text_of(field, value)
        for field, value in zip(table.fields, record.values, strict=True)
    ]


def text_of(field: Field, value: Shown) -> str:
    if isinstance(value, BlobSize):
        return size(value.bytes)
    if isinstance(value, bytes):
        return size(len(value))
    if isinstance(value, LongText):
        return f"{value.prefix}… ({value.chars:,} characters in all)"
    text = format_value(field.kind, value)
    is_amount = field.currency and isinstance(value, int | float)
    return f"{text}\u00a0{field.currency}" if is_amount else text


def title_of(table: Table, texts: list[str]) -> str:
    """Cut, for a heading is no place for a long text."""
    names = [field.name for field in table.fields]
    title = " ".join(texts[names.index(name)] for name in table.title_fields).strip()
    return title if len(title) <= 200 else title[:199] + "…"


def is_number(field: Field) -> bool:
    return field.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY) and field.link is None


def is_short(fields: int, *, bold: bool = False) -> Callable[[str], bool]:
    """Whether a text may stay on one line of its cell, or a bold name on that of its head.

    Chromium makes a page smaller by a third at most and cuts off what is wider. With 16 fields of
    6.5 em, or 8 of 12.5, a line still has room on the paper.
    """
    room = min(12.5, 104 / fields) * (0.9 if bold else 1)
    return lambda text: is_plain(text) and "\n" not in text and width_of(text[:40]) <= room


def is_plain(text: str) -> bool:
    return text.isascii() or all(each.isascii() or each in WIDE_SIGNS for each in text)


def width_of(text: str) -> float:
    """In em, in a wide font."""
    return sum(
        1 if each in "MWmw@%" or each in WIDE_SIGNS else 0.78 if each.isupper() else 0.64
        for each in text
    )
