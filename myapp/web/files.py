"""Files: one sent through the browser, or a database opened by its path."""

import secrets
from pathlib import Path

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from myapp.store import AppError

from .workspace import workspace

pages = Blueprint("files", __name__)


class NoFile(AppError):
    def __init__(self) -> None:
        super().__init__("No file was chosen. Choose one and try again.")


@pages.post("/files")
def upload() -> Response:
    """A CSV file becomes an import, an SQLite file is copied into the data folder and opened."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise NoFile
    here = workspace()
    folder = here.folder / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / secrets.token_hex(8)
    sent.save(path)
    name = Path(sent.filename.replace("\\", "/")).name
    return redirect(here.receive_upload(path, name), 303)


@pages.post("/open")
def open_path() -> Response:
    text = request.form.get("path", "").strip().strip('"')
    if not text or "\0" in text:
        raise NoFile
    workspace().open(Path(text))
    return redirect(url_for("home.show"), 303)
