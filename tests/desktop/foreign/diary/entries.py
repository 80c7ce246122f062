from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from .database import database

pages = Blueprint("entries", __name__)


@pages.route("/")
def index() -> str:
    entries = database().execute("SELECT * FROM entry ORDER BY id DESC").fetchall()
    return render_template("index.html", entries=entries)


@pages.route("/write", methods=("POST",))
def write() -> Response:
    if g.person is None:
        abort(403)
    with database() as connection:
        connection.execute(
            "INSERT INTO entry (person, text) VALUES (?, ?)", (g.person["id"], request.form["text"])
        )
    return redirect(url_for("index"))
