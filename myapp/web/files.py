"""Files: one sent through the browser, or a database opened by its path."""

from pathlib import Path

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError

from .access import device
from .jobs import ArrivedFile
from .workspace import workspace

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
    path.write_bytes(text.encode("utf-8", "replace"))
    file = ArrivedFile(path, "Pasted cells", ours=True)
    return redirect(here.receive_upload([file], tables=True), 303)


@pages.post("/open")
def open_path() -> Response:
    text = request.form.get("path", "").strip().strip('"')
    if not text or "\0" in text:
        raise NoFile
    workspace().open(Path(text))
    return redirect(url_for("home.show"), 303)
