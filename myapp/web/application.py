"""Make the Flask application. Opens nothing until the first request needs it."""

import sys
from contextlib import suppress
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for
from jinja2 import FileSystemBytecodeCache

from myapp import identity
from myapp.store import id_words

from . import (
    backups,
    browsing,
    copies,
    earlier,
    exports,
    failures,
    fields,
    files,
    history,
    home,
    imports,
    many_records,
    person,
    printing,
    record_files,
    records,
    saved_views,
    scanning,
    searching,
    table_order,
    tables,
    work,
)
from .access import ROLES, at_this_computer, device, make_allows, role
from .addresses import LateRule, TableName
from .kinds import KIND_NAMES
from .sizes import size
from .workspace import Workspace

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
READER = "scan/reader.js"
READER_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
    "frame-ancestors 'none'"
)
"""Of the one worker that reads bar codes: a worker keeps to its own policy, not to its page's."""

LARGEST_UPLOAD = 8 << 30


def create_app(instance_path: str | None = None, workspace: Workspace | None = None) -> Flask:
    """The application, keeping its data in Flask's instance folder, or in the workspace's own."""
    app = Flask(
        "myapp",
        instance_path=instance_path,
        template_folder=str(identity.resource_folder("templates")),
        static_folder=str(identity.resource_folder("static")),
    )
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        MAX_FORM_PARTS=20_000,
        MAX_FORM_MEMORY_SIZE=64 << 20,
    )
    app.url_map.converters["table"] = TableName
    app.url_rule_class = LateRule
    workspace = workspace or Workspace(Path(app.instance_path))
    app.extensions["workspace"] = workspace
    app.extensions["desktop"] = {
        "open_files": workspace.receive,
        "close": workspace.close,
        "busy": workspace.at_work,
        "place": workspace.last_place,
        "title": workspace.title,
        "token": True,
        "presence": "own",
        "allows": make_allows(app),
        "roles": ROLES,
    }
    for room in (
        home,
        tables,
        table_order,
        fields,
        records,
        many_records,
        saved_views,
        imports,
        exports,
        backups,
        files,
        browsing,
        copies,
        earlier,
        history,
        searching,
        scanning,
        printing,
        record_files,
        work,
    ):
        app.register_blueprint(room.pages)
    failures.register(app)
    person.register(app)
    keep_compiled(app)
    app.context_processor(page_context)
    app.after_request(add_headers)
    return app


def keep_compiled(app: Flask) -> None:
    """Keep compiled templates in a temporary folder of this user alone: the first page needs them.

    Never in the data folder, which may have come from somebody else: these files are run. Not in a
    frozen build, whose templates lie in another folder at each start.
    """
    if getattr(sys, "frozen", False):
        return
    with suppress(OSError, RuntimeError):
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(pattern=f"{identity.SLUG}-%s.cache")


HOME_SCREEN = {
    "manifest": "/_desktop/manifest.webmanifest",
    "icon": "/_desktop/icon-touch-180.png",
}
"""Of the shell, for who has joined from the network."""


def page_context() -> dict[str, object]:
    """What every page needs; `desktop.token` is there when the shell hosts the application."""
    return {
        "app_name": identity.NAME,
        "app_version": identity.VERSION,
        "token": request.environ.get("desktop.token", ""),
        "hosted": "desktop.token" in request.environ,
        "share": request.environ.get("desktop.share"),
        "shared": "desktop.shared" in request.environ,
        "waiting": request.environ.get("desktop.waiting", 0),
        "at_this_computer": at_this_computer(),
        "device": device(),
        "device_id": request.environ.get("desktop.device_id", ""),
        "home_screen": HOME_SCREEN if device() else None,
        "largest_file": largest_file,
        "role": role(),
        "asset": asset,
        "kind_name": KIND_NAMES.get,
        "id_words": id_words,
        "size": size,
    }


def largest_file() -> int:
    """Bytes of a file that a record takes here."""
    from myapp.store.files import LARGEST

    return min(LARGEST, int(current_app.config["MAX_CONTENT_LENGTH"]))


def asset(name: str) -> str:
    """A static file's address, which changes with the file, so that browsers may keep it."""
    changed = (identity.resource_folder("static") / name).stat().st_mtime_ns
    return url_for("static", filename=name, v=f"{changed:x}")


def add_headers(response: Response) -> Response:
    reader = request.endpoint == "static" and (request.view_args or {}).get("filename") == READER
    response.headers.setdefault("Content-Security-Policy", READER_POLICY if reader else POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
