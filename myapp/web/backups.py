"""Backups: the list, making one, restoring one."""

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from myapp.store import CannotOpen, Database

from .long_steps import Answer
from .work import begin_copying
from .workspace import database, workspace

if TYPE_CHECKING:
    from myapp.store.hearing import Told

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
def make() -> Answer:
    from myapp.store import BY_HAND

    keeper = workspace().backups
    return begin_copying(
        "Make a backup",
        lambda opened, told: keeper.make(opened.path, BY_HAND, told=told),
        "backups.show",
        "made",
    )


@pages.post("/restore")
def restore() -> Answer:
    opened = database()
    here, name = workspace(), request.form.get("name", "")
    if here.busy():
        raise CannotOpen(opened.path, "an import or export is still running; wait for it first.")
    here.indexes.pause()

    def do(opened: Database, told: "Told") -> None:
        try:
            here.backups.restore(opened, name, told)
        finally:
            here.indexes.keep_up(opened)

    return begin_copying("Restore a backup", do, "backups.show", "restored")
