"""Backups: the list, making one, restoring one."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import CannotOpen

from .workspace import database, workspace

pages = Blueprint("backups", __name__, url_prefix="/backups")


@pages.get("/")
def show() -> str:
    opened = database()
    keeper = workspace().backups
    return render_template(
        "backups/show.html",
        path=opened.path,
        backups=keeper.backups(opened.path),
        folder=keeper.folder_of(opened.path),
        trouble=keeper.trouble,
        writable=opened.writable,
    )


@pages.post("/make")
def make() -> Response:
    from myapp.store import BY_HAND

    workspace().backups.make(database().path, BY_HAND)
    return redirect(url_for("backups.show", done="made"), 303)


@pages.post("/restore")
def restore() -> Response:
    opened = database()
    if workspace().busy():
        raise CannotOpen(opened.path, "an import or export is still running; wait for it first.")
    workspace().indexes.pause()
    workspace().backups.restore(opened, request.form.get("name", ""))
    workspace().indexes.keep_up(opened)
    return redirect(url_for("backups.show", done="restored"), 303)
