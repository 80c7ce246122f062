"""Save a copy: into a folder of this computer, for its owner at it, chosen as in Browse.

An address of the network or of a server never leads here: see `access` and `myapp.public.policy`.
"""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from .long_steps import Answer
from .workspace import workspace

pages = Blueprint("copies", __name__, url_prefix="/copies")


@pages.get("/new")
def choose() -> tuple[str, int]:
    """The folder and the name for a copy."""
    # A start needs nothing of it.
    from .copy_page import choose

    return choose()


@pages.post("/make")
def make() -> Answer:
    from .copy_page import make

    return make()


@pages.post("/folder")
def add_folder() -> Answer:
    from .copy_page import add_folder

    return add_folder()


@pages.get("/made")
def made() -> str | Response:
    """Where the newest copy of this start lies."""
    from .paths import readable, values_of

    copy = workspace().copied
    if copy is None:
        return redirect(url_for("copies.choose"), 303)
    return render_template(
        "copies/made.html",
        bytes=copy.bytes,
        path=readable(str(copy.path)),
        folder=values_of(copy.path.parent),
        values=values_of(copy.path),
    )
