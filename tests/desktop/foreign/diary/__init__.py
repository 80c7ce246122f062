"""The shape of Flask's own tutorial: a factory, an instance database, blueprints, login."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, g

from . import entries, people


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(SECRET_KEY="dev", DATABASE=str(Path(app.instance_path, "diary.sqlite")))
    if test_config is None:
        app.config.from_pyfile("config.py", silent=True)
    else:
        app.config.from_mapping(test_config)
    Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(app.config["DATABASE"]) as connection:
        connection.executescript(
            "CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY, name TEXT, hash TEXT);"
            "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, person INT, text TEXT);"
        )
    connection.close()

    @app.teardown_appcontext
    def close(_: BaseException | None) -> None:
        connection = g.pop("database", None)
        if connection is not None:
            connection.close()

    app.register_blueprint(people.pages)
    app.register_blueprint(entries.pages)
    app.add_url_rule("/", endpoint="index")
    return app
