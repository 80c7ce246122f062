"""Every refusal as a sentence: a page for a person, JSON for a script of ours."""

import logging
import secrets
from urllib.parse import unquote

from flask import Flask, Response, current_app, jsonify, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from myapp.store import (
    AnothersChange,
    AppError,
    ChangedMeanwhile,
    DateUnfit,
    DiskFailed,
    DiskFull,
    FilterUnfit,
    LockedByAnother,
    NoFileThere,
    NoSuchRecord,
    NoSuchTable,
    NoSuchView,
    NotInPast,
    ReadOnlyFile,
    RecordRefused,
    RuleBroken,
    SeveralSuchRecords,
    StepTooLarge,
    StillLinked,
    StillWorking,
    TableReadOnly,
    TooManyCells,
    TooManyConditions,
    ValueDoesNotFit,
    ViewChanged,
    ViewNameTaken,
)

from .addresses import incoming_address
from .cells import cell
from .long_steps import Stopped

Answer = tuple[str | Response, int]
STATUS: dict[type[AppError], int] = {
    NoSuchTable: 404,
    NoSuchRecord: 404,
    NoFileThere: 404,
    NoSuchView: 404,
    NotInPast: 404,
    ChangedMeanwhile: 409,
    ViewChanged: 409,
    SeveralSuchRecords: 409,
    ValueDoesNotFit: 422,
    RuleBroken: 422,
    DateUnfit: 422,
    FilterUnfit: 422,
    ViewNameTaken: 422,
    TooManyCells: 422,
    StepTooLarge: 422,
    TooManyConditions: 422,
    TableReadOnly: 403,
    AnothersChange: 403,
    ReadOnlyFile: 403,
    LockedByAnother: 423,
    StillWorking: 423,
    DiskFull: 507,
    DiskFailed: 507,
}
SENTENCES = {
    400: "This request could not be understood.",
    403: "This is not allowed.",
    404: "There is nothing at this address.",
    405: "This address does not take such a request.",
    413: "This file is too large to be sent through the browser. Open it by its path instead.",
}
log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    app.register_error_handler(AppError, refuse)
    app.register_error_handler(HTTPException, refuse_http)
    app.register_error_handler(Exception, fail)


def refuse(error: AppError) -> Answer:
    cause = error.cause if isinstance(error, RecordRefused) else error
    status = next((code for kind, code in STATUS.items() if isinstance(cause, kind)), 400)
    extra: dict[str, object] = {}
    if isinstance(error, ChangedMeanwhile):
        extra["theirs"] = {name: cell(value) for name, value in error.theirs.items()}
    if isinstance(error, StillLinked):
        extra["links"] = [
            {"table": each.table, "address": incoming_address(each)} for each in error.incoming
        ]
    if isinstance(error, Stopped):
        extra["stopped"] = True
    field = getattr(error, "field", None)
    if field:
        extra["field"] = field
    return answer(error.sentence, status, extra)


def refuse_http(error: HTTPException) -> Answer:
    status = error.code or 500
    return answer(SENTENCES.get(status, error.description or error.name), status, {})


def fail(error: Exception) -> Answer:
    if current_app.debug:
        raise error
    number = secrets.token_hex(4)
    # Line breaks in the path would look like lines of the log.
    log.exception("failure %s at %r", number, request.path)
    sentence = (
        "Something went wrong inside the program. Your records are safe as they were. "
        f"The log holds the details under {number}."
    )
    return answer(sentence, 500, {})


def answer(sentence: str, status: int, extra: dict[str, object]) -> Answer:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "text/html":
        page = render_template("failure.html", sentence=sentence, status=status, back=way_back())
        return page, status
    return jsonify({"error": sentence, **extra}), status


def way_back() -> str | None:
    """The page where the person was, as the shell read it from the request, if it can be shown.

    A form that was refused before has an address that takes no GET.
    """
    address = str(request.environ.get("desktop.came_from", ""))
    path = unquote(address.partition("?")[0])
    adapter = current_app.create_url_adapter(request)
    if not path or adapter is None or path in (url_for("home.show"), request.path):
        return None
    try:
        adapter.match(path, "GET")
    except HTTPException:
        return None
    return address
