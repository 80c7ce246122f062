"""The first page: what is in the file, or where to begin."""

import time
from typing import Any

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from myapp.store import (
    Database,
    FileReplaced,
    FileVanished,
    LockedByAnother,
    StillWorking,
    StoreError,
)

from .access import at_this_computer, why_locked
from .workspace import database, workspace

pages = Blueprint("home", __name__)
COUNTED = 10_000
LONGEST_COUNT = 0.25
"""Seconds. A file of a thousand tables is shown at once, with the later ones uncounted."""


@pages.get("/")
def show() -> str:
    here = workspace()
    if at_this_computer():
        here.place = "/"
        here.let_go_of_lost()
    opened = here.database()
    counts = count_tables(opened)
    tables = opened.tables()
    trouble = None
    if at_this_computer():
        trouble, here.trouble = here.trouble, None
    return render_template(
        "home.html",
        tables=[(table, counts.get(table.name)) for table in tables],
        has_past=not tables and was_used(opened),
        counted=COUNTED,
        path=opened.path,
        own=opened.path == here.own_path,
        own_path=here.own_path,
        read_only=why_locked(opened),
        recent=[each for each in here.recent() if each != str(opened.path)],
        trouble=trouble,
        warning=here.warning(opened.path) if opened.writable and at_this_computer() else None,
    )


def was_used(opened: Database) -> bool:
    """Whether a file without tables had some: its history or a backup may bring them back."""
    if opened.next_undo() or opened.next_redo():
        return True
    return bool(workspace().backups.backups(opened.path))


def count_tables(opened: Database) -> dict[str, int]:
    """As many as there is time for; SQL views can take any time and are left out, and so is a table
    that cannot be read: its page says why."""
    end = time.monotonic() + LONGEST_COUNT
    counts = {}
    for table in opened.tables():
        if time.monotonic() > end:
            break
        if table.fields and table.type != "view":
            try:
                counts[table.name] = opened.count_quickly(table.name, COUNTED)
            except (LockedByAnother, StillWorking, FileVanished, FileReplaced):
                raise
            except StoreError:
                continue
    return counts


@pages.get("/changes")
def changes() -> Response:
    """The number of the file's newest change, for open pages that ask whether theirs is old; for
    the owner's also how many devices wait for a yes, or none where nothing is shared any more."""
    told: dict[str, object] = {"version": database().version()}
    if "desktop.waiting" in request.environ:
        shared = "desktop.shared" in request.environ
        told["waiting"] = request.environ["desktop.waiting"] if shared else None
    return jsonify(told)


@pages.get("/standing")
def standing() -> Response:
    """What an open page may still do, which it asks before a form is sent: why nothing can be
    changed now, if so, and its token, which is another one where a session has begun anew."""
    told: dict[str, Any] = {}
    current_app.update_template_context(told)
    return jsonify(why=why_locked(database()), token=told["token"])


@pages.post("/location-known")
def know_location() -> Response:
    workspace().know_location(database().path)
    return redirect(url_for("home.show"), 303)


@pages.post("/sample")
def sample() -> Response:
    from .sample import fill_sample

    table = fill_sample(database())
    return redirect(url_for("tables.show", table=table), 303)
