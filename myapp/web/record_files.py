"""A record's file: taken in, given out, and shown where it is a picture that harms nobody.

What is given out may come from anybody: it is a download whatever it says it is.
Only pictures of four kinds are shown, by their first bytes; never SVG or HTML.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from flask import Blueprint, redirect, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from myapp.store import AppError, SetFile, StoreError, Table, name_field

from .files import NoFile
from .workspace import database

pages = Blueprint("record_files", __name__, url_prefix="/tables/<table:table>/records/<id_>/file")

POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
LARGEST_SHOWN = 30_000_000
"""Bytes of a picture that a page still shows."""

IN_MEMORY = 1 << 20
LONGEST_NAME = 150


def picture_type(beginning: bytes) -> str | None:
    """The media type of a picture that browsers show without running anything in it."""
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if beginning.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if beginning.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return None


def ending(beginning: bytes) -> str:
    """Of a file without a name."""
    kind = picture_type(beginning)
    if kind is not None:
        return f".{kind.partition('/')[2]}"
    return ".pdf" if beginning.startswith(b"%PDF-") else ".bin"


@pages.get("")
def show(table: str, id_: str) -> Response:
    """The file as a download; with `show` a picture for our own page."""
    from tempfile import SpooledTemporaryFile

    opened, field = database(), request.args.get("field", "")
    known = opened.file(table, id_, field)
    kind = picture_type(known.beginning)
    shown = "show" in request.args and kind is not None and known.size <= LARGEST_SHOWN
    # A slow reader must not keep one of the few connections.
    copy = cast(BinaryIO, SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
    opened.copy_file(table, id_, field, copy)
    copy.seek(0)
    answer = send_file(
        copy,
        mimetype=kind if shown and kind else "application/octet-stream",
        as_attachment=not shown,
        download_name=name_of(known.name)
        or name_of(f"{table} {id_} {field}{ending(known.beginning)}"),
        etag=False,
        conditional=False,
    )
    answer.content_length = known.size
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@pages.post("")
def put(table: str, id_: str) -> Response | tuple[str, int]:
    """The file that was sent in the place of the one that is there, or none with `remove`."""
    from .record_pages import form_page

    field = request.form.get("field", "")
    with closing_files():
        try:
            file = None
            if "remove" not in request.form and (file := chosen("file")) is None:
                raise NoFile
            database().apply(with_file(SetFile(table, id_, field), file))
        except (StoreError, NoFile) as error:
            return form_page(table, id_, errors=[AppError(error.sentence)]), 422
    return redirect(url_for("records.show", table=table, id_=id_, saved=1), 303)


@contextmanager
def closing_files() -> Iterator[None]:
    try:
        yield
    finally:
        for each in request.files.values():
            each.close()


def sent_files(table: Table, values: Mapping[str, str | None]) -> tuple[SetFile, ...]:
    """The files that came with a record's form. What was typed as the name of one is its name."""
    found = []
    for field in table.fields:
        file = chosen(f"file:{field.name}")
        if file is None and f"remove:{field.name}" not in request.form:
            continue
        change = with_file(SetFile(table.name, "", field.name), file)
        beside = name_field(table, field)
        typed = values.get(beside.name) if beside and file else None
        found.append(change._replace(name=typed) if typed else change)
    return tuple(found)


def chosen(name: str) -> FileStorage | None:
    """There may be several inputs of a name: one for the camera."""
    return next((each for each in request.files.getlist(name) if each.filename), None)


def with_file(change: SetFile, file: FileStorage | None) -> SetFile:
    if file is None:
        return change
    size = file.stream.seek(0, os.SEEK_END)
    file.stream.seek(0)
    return change._replace(
        source=cast(BinaryIO, file.stream), size=size, name=name_of(file.filename)
    )


def name_of(sent: str | None) -> str:
    """The name without the folders that some browsers send, and what could not be shown."""
    name = PurePosixPath((sent or "").replace("\\", "/")).name
    name = "".join(each for each in name if each.isprintable()).strip()
    stem, dot, last = name.rpartition(".")
    if len(name) <= LONGEST_NAME:
        return name
    return f"{stem[: LONGEST_NAME - 20]}{dot}{last[:19]}"
