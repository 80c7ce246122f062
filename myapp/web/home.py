"""The first page: what is in the file, or where to begin."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from .sample import fill_sample
from .workspace import database, workspace

pages = Blueprint("home", __name__)
COUNTED = 10_000


@pages.get("/")
def show() -> str:
    here = workspace()
    here.place = "/"
    opened = here.database()
    listed = [
        (table, opened.count_quickly(table.name, COUNTED) if len(table.fields) else 0)
        for table in opened.tables()[:200]
    ]
    trouble, here.trouble = here.trouble, None
    return render_template(
        "home.html",
        tables=listed,
        counted=COUNTED,
        path=opened.path,
        own=opened.path == here.own_path,
        own_path=here.own_path,
        read_only=opened.why_read_only,
        recent=[each for each in here.recent() if each != str(opened.path)],
        trouble=trouble,
        warning=here.warning(opened.path) if opened.writable else None,
    )


@pages.post("/location-known")
def know_location() -> Response:
    workspace().know_location(database().path)
    return redirect(url_for("home.show"), 303)


@pages.post("/sample")
def sample() -> Response:
    table = fill_sample(database())
    return redirect(url_for("tables.show", table=table), 303)
