"""What a device of the network may do here, by its role: one table of every address.

An address that stands in no set is its owner's on this computer alone, so that a new one is closed
to the network until somebody has thought about it.
"""

from collections.abc import Callable

from flask import Flask, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from myapp.store import Database, Doing, Table

READING = frozenset(
    {"static", "home.show", "home.changes", "home.standing"}
    | {"tables.show", "saved_views.show", "searching.show"}
    | {"records.rows", "records.fields", "records.judge", "records.show", "records.position"}
    | {"records.choices", "records.follow", "record_files.show", "scanning.find"}
    | {"history.show", "history.record", "history.deleted", "earlier.show"}
    | {"printing.show", "printing.chosen", "printing.record"}
    # Exports send forms, and change nothing but their own temporary files.
    | {"exports.choose", "exports.choose_for_records", "exports.start", "exports.show"}
    | {"exports.progress", "exports.cancel", "exports.download"}
)
CHANGING_RECORDS = frozenset(
    {"records.new", "records.create", "records.add", "records.edit", "records.edit_many"}
    | {"records.save", "records.delete", "records.remove", "many_records.fill"}
    | {"record_files.put", "many_records.delete_found"}
    | {"saved_views.save", "saved_views.rename", "saved_views.delete"}
    | {"history.undo", "history.redo", "history.bring_back", "earlier.put_back"}
    # What takes long, such as bringing back many, has a page of its own, whose id is a secret.
    | {"work.show", "work.progress", "work.cancel"}
)
SHAPING = frozenset(
    {"tables.new", "tables.create", "tables.create_ready", "tables.rename", "tables.confirm"}
    | {"tables.drop", "home.sample"}
    | {"table_order.show", "table_order.move", "table_order.by_name"}
    | {"fields.add", "fields.change", "fields.save", "fields.confirm", "fields.drop"}
    | {"fields.move", "fields.rename", "fields.undo", "fields.redo"}
    | {"fields.title", "fields.link", "fields.make_link"}
    | {
        "files.upload",
        "files.paste",
        "imports.show",
        "imports.progress",
        "imports.start",
        "imports.cancel",
    }
    | {"imports.read_again", "imports.several", "imports.look", "imports.start_several"}
    | {"imports.cancel_several", "imports.progress_of_several"}
    | {"searching.make_index", "searching.drop_index", "searching.show_job"}
    | {"searching.progress", "searching.cancel"}
)
ALLOWED = {
    "viewer": READING,
    "editor": READING | CHANGING_RECORDS,
    "owner": READING | CHANGING_RECORDS | SHAPING,
}
ROLES = {
    "viewer": "looks, searches and exports",
    "editor": "also changes records",
    "owner": "also changes tables and imports",
}
"""In words, for the page on which a role is chosen."""

DOINGS: tuple[Doing, ...] = ("add", "edit", "delete")


def make_allows(app: Flask) -> Callable[[str, str, str], bool]:
    """Whether a role may ask for a path by a method; what is not known is not allowed."""

    def allows(role: str, method: str, path: str) -> bool:
        asking = method in ("GET", "HEAD", "OPTIONS")
        # As WSGI has it, bytes stand as letters of Latin-1.
        path = path.encode("latin-1").decode("utf-8", "replace")
        try:
            # Matched as Flask will: OPTIONS of an address is answered without it.
            matched = app.url_map.bind("").match(path, "GET" if method == "OPTIONS" else method)
        except (NotFound, RequestRedirect):
            # The one has no page, the other leads to an address that is asked about in turn.
            return asking
        except MethodNotAllowed:
            return False
        return matched[0] in ALLOWED.get(role, ())

    return allows


def device() -> str | None:
    """The name of the device that asks; None where it is the owner at this computer."""
    name = request.environ.get("desktop.device")
    return None if name is None else str(name)


def role() -> str:
    """The role of who asks: at this computer it is the owner's."""
    return str(request.environ.get("desktop.role", "owner"))


def who_is_gone() -> Callable[[], bool] | None:
    """Whether who asks has left meanwhile, to be asked while an answer is computed; None where the
    server does not tell."""
    gone: Callable[[], bool] | None = request.environ.get("desktop.gone")
    return gone


def at_this_computer() -> bool:
    return device() is None


def why_locked(opened: Database) -> str | None:
    """Why records cannot be changed by who asks: the file, or a viewer's role."""
    if role() == "viewer":
        return "this device joined as a viewer."
    return opened.why_read_only


def may(opened: Database, table: Table) -> dict[Doing, bool]:
    """What who asks may do with the table's records."""
    open_to_all = why_locked(opened) is None
    return {doing: open_to_all and table.why_not(doing) is None for doing in DOINGS}


def why_not_shaped(opened: Database) -> str | None:
    """The same of tables and their fields."""
    if role() == "editor":
        return "this device joined as an editor, who changes records alone."
    return why_locked(opened)
