"""Search everywhere."""

from itertools import groupby

from flask import Blueprint, render_template, request

from .workspace import database

pages = Blueprint("searching", __name__)
PER_TABLE = 10


@pages.get("/search")
def show() -> str:
    words = request.args.get("q", "").strip()
    hits = list(database().search(words, PER_TABLE)) if words else []
    grouped = [(table, list(found)) for table, found in groupby(hits, lambda hit: hit.table)]
    return render_template("search.html", q=words, grouped=grouped, per_table=PER_TABLE)
