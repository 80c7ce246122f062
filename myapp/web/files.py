"""Files: one sent through the browser, or a database opened by its path."""

from contextlib import suppress
from pathlib import Path

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError

from .access import device
from .jobs import ArrivedFile
from .workspace import is_sqlite, workspace

pages = Blueprint("files", __name__)


class NoFile(AppError):
    def __init__(self) -> None:
        super().__init__("No file was chosen. Choose one and try again.")


class NothingPasted(AppError):
    def __init__(self) -> None:
        super().__init__("There is nothing in the box. Copy some cells and paste them there.")


@pages.post("/files")
def upload() -> Response:
    """Files to import; one SQLite file is copied into the data folder and opened."""
    sent = [each for each in request.files.getlist("file") if each.filename]
    if not sent:
        raise NoFile
    here = workspace()
    files = []
    for each in sent:
        path = here.upload_path()
        each.save(path)
        name = Path((each.filename or "").replace("\\", "/")).name
        files.append(ArrivedFile(path, name, ours=True))
    # A file of a device is imported; it does not take the place of the one that is open for all.
    tables = "tables" in request.form or device() is not None
    return redirect(here.receive_upload(files, tables=tables), 303)


@pages.post("/paste")
def paste() -> Response:
    """Cells copied from a spreadsheet or from a table of a web page."""
    text = request.form.get("cells", "")
    if not text.strip():
        raise NothingPasted
    here = workspace()
    path = here.upload_path()
    # Browsers send every end of a line as CR LF, also those inside a cell.
    path.write_bytes(text.replace("\r\n", "\n").encode("utf-8", "replace"))
    file = ArrivedFile(path, "Pasted cells", ours=True)
    return redirect(here.receive_upload([file], tables=True), 303)


@pages.post("/open")
def open_path() -> Response:
    """A path that was chosen while browsing, or typed: a database is opened where it lies, another
    file's import begins, and a folder is shown."""
    from .folder_page import ask_disk
    from .folders import what_is
    from .paths import given_path, readable, values_of

    path = given_path(request.form)
    if path is None:
        raise NoFile
    here = workspace()
    with suppress(RuntimeError):  # nobody's home
        path = path.expanduser()
    kind = ask_disk(path, "kind", lambda: what_is(path)) if path.is_absolute() else None
    if kind == "folder":
        return redirect(url_for("browsing.show", **values_of(path)), 303)
    if kind == "file" and is_importable(path):
        file = ArrivedFile(path, readable(path.name), ours=False)
        return redirect(here.imports.receive([file]), 303)
    here.open(path)
    return redirect(url_for("home.show"), 303)


def is_importable(path: Path) -> bool:
    from myapp.exchange.parts import READABLE

    return path.name.lower().endswith(READABLE) and not is_sqlite(path)
