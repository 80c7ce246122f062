"""The page of one record as it is shown, and why it was not saved."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import render_template

from myapp.store import (
    AppError,
    ChangedMeanwhile,
    Doing,
    InsertRecord,
    Kind,
    NoSuchRecord,
    RuleBroken,
    Table,
    UpdateRecord,
    Value,
    ValueDoesNotFit,
    WholeRecord,
    name_field,
)

from . import field_forms
from .access import may, why_locked
from .addresses import incoming_address, new_incoming_address
from .record_form import Sent, shown_fields, title_of
from .workspace import database

NOTHING: Sent = MappingProxyType({})


class NotWritten(Exception):
    """A record that was refused, for all of these reasons."""

    def __init__(self, errors: Sequence[AppError]) -> None:
        super().__init__(*(each.sentence for each in errors))
        self.errors = errors


class Told(NamedTuple):
    """What the page says: of the whole record, and beside its fields. `theirs` are the values that
    somebody else put there meanwhile."""

    whole: tuple[str, ...]
    beside: Mapping[str, str]
    theirs: Mapping[str, Value]


def written(change: InsertRecord | UpdateRecord, errors: Sequence[AppError]) -> str | None:
    """Make the change, unless there are `errors`; gives the record's id.

    Raises NotWritten with everything that does not fit, not only what was found first.
    """
    opened = database()
    found = list(errors)
    if not found:
        try:
            return opened.apply(change).id
        except NoSuchRecord:
            raise
        except AppError as error:
            found.append(error)
            if not isinstance(error, ValueDoesNotFit | RuleBroken):
                raise NotWritten(found) from error
    raise NotWritten([*found, *opened.refusals(change)])


def tell(errors: Sequence[AppError]) -> Told:
    whole: list[str] = []
    beside: dict[str, str] = {}
    theirs: dict[str, Value] = {}
    for error in errors:
        field = getattr(error, "field", None)
        if isinstance(error, ChangedMeanwhile):
            theirs |= error.theirs
        if field is None:
            whole.append(error.sentence)
        else:
            # The first is what refused; the others were only looked for.
            beside.setdefault(field, error.sentence.removesuffix(" Nothing was changed."))
    return Told(tuple(whole), beside, theirs)


def empty_record(table: Table) -> WholeRecord:
    return WholeRecord("", tuple(None for _ in table.fields))


def form_page(
    table: str,
    id_: str,
    sent: Sent = NOTHING,
    errors: Sequence[AppError] = (),
    *,
    files: bool = False,
) -> str:
    """`sent` is what is kept of a form that was refused for `errors`; its `files` are not."""
    opened = database()
    # Before the record is read: what comes in between is then seen as a change, and not missed.
    version = opened.version()
    shown = opened.table(table)
    record = opened.record(table, id_)
    incoming = opened.linked(table, id_) if shown.writable and shown.type == "table" else ()
    return render_template(
        "records/show.html",
        **form_context(shown, record, sent, errors, "edit", files=files),
        title=title_of(shown, record),
        incoming=incoming,
        addable={each.table for each in incoming if may(opened, opened.table(each.table))["add"]},
        incoming_address=incoming_address,
        new_incoming_address=new_incoming_address,
        new=False,
        version=version,
        mark=mark,
    )


def mark(html: str) -> str:
    """Tells what a page shows from what it shows once something has changed."""
    return blake2b(html.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def new_page(
    table: Table,
    record: WholeRecord,
    sent: Sent = NOTHING,
    errors: Sequence[AppError] = (),
    *,
    copy: bool = False,
    files: bool = False,
) -> str:
    context = form_context(table, record, sent, errors, "add", files=files)
    return render_template("records/show.html", **context, new=True, copy=copy)


def form_context(
    table: Table,
    record: WholeRecord,
    sent: Sent,
    errors: Sequence[AppError],
    doing: Doing,
    *,
    files: bool,
) -> dict[str, Any]:
    opened = database()
    allowed = may(opened, table)
    return {
        "table": table,
        "record": record,
        "shown": shown_fields(opened, table, record, sent),
        "told": tell(errors),
        "typed": bool(sent),
        "files_lost": files,
        "name_field": name_field,
        "may": allowed,
        "writable": allowed[doing],
        "why": why_locked(opened) or table.why_not(doing),
        "Kind": Kind,
        "allowed": field_forms.allowed,
    }
