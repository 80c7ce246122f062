"""sqlite-web from PyPI, on a database in its instance folder."""

import sqlite3
from pathlib import Path

from sqlite_web.sqlite_web import app, initialize_app

Path(app.instance_path).mkdir(parents=True, exist_ok=True)
path = Path(app.instance_path, "things.sqlite")
with sqlite3.connect(path) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS things (id INTEGER PRIMARY KEY, name TEXT)")
connection.close()
initialize_app([str(path)])
