"""A Flask-Admin example: its file manager on the instance folder."""

from pathlib import Path

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.fileadmin import FileAdmin

app = Flask(__name__)
app.secret_key = "dev"
files = Path(app.instance_path, "files")
files.mkdir(parents=True, exist_ok=True)
admin = Admin(app, name="Office")
admin.add_view(FileAdmin(str(files), "/files/", name="Papers"))
