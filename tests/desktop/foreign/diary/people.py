from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response

from .database import database

pages = Blueprint("people", __name__, url_prefix="/people")


@pages.before_app_request
def find_person() -> None:
    number = session.get("person")
    found = database().execute("SELECT * FROM person WHERE id = ?", (number,)).fetchone()
    g.person = found


@pages.route("/join", methods=("GET", "POST"))
def join() -> str | Response:
    if request.method == "POST":
        secret = generate_password_hash(request.form["password"], "pbkdf2:sha256:1000")
        with database() as connection:
            connection.execute(
                "INSERT INTO person (name, hash) VALUES (?, ?)", (request.form["name"], secret)
            )
        return redirect(url_for("people.enter"))
    return render_template("form.html", title="Join")


@pages.route("/enter", methods=("GET", "POST"))
def enter() -> str | Response:
    if request.method == "POST":
        found = database().execute(
            "SELECT * FROM person WHERE name = ?", (request.form["name"],)
        ).fetchone()  # fmt: skip
        if found is not None and check_password_hash(found["hash"], request.form["password"]):
            session.clear()
            session["person"] = found["id"]
            return redirect(url_for("index"))
        flash("Wrong name or password.")
    return render_template("form.html", title="Enter")
