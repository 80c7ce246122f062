"""Load the application by name, with its instance folder where it will last."""

import importlib
import importlib.util
import mimetypes
import os
import sys
from pathlib import Path
from types import ModuleType

from flask import Flask

from .errors import ApplicationNotFound

USUAL_NAMES = ("app", "application", "create_app", "make_app")


def load_application(name: str, data_folder: Path, *, debug: bool = False) -> Flask:
    """`module:factory`, `module:app`, `module`, or a path to a `.py` file.

    Flask puts an application's instance folder beside its code, which in a one-file executable is
    a temporary folder; here it is the data folder. Raises ApplicationNotFound.
    """
    if debug:
        # Flask reads it when the application is made.
        os.environ["FLASK_DEBUG"] = "1"
    prefer_known_types()
    app = find_application(name, data_folder)
    return with_tracebacks(app) if debug else app


def prefer_known_types() -> None:
    """Let Python's own table of file types win over Windows' registry and over /etc/mime.types.

    A damaged registry calls scripts and styles plain text, which browsers refuse.
    """
    for ending, kind in mimetypes.MimeTypes().types_map[True].items():
        mimetypes.add_type(kind, ending)
    # An older Python says application/javascript: https://www.rfc-editor.org/rfc/rfc9239
    for ending in (".js", ".mjs"):
        mimetypes.add_type("text/javascript", ending)


def with_tracebacks(app: Flask) -> Flask:
    """Show a failure's traceback in the page; never the console that runs code from the browser."""
    from werkzeug.debug import DebuggedApplication

    app.debug = True
    app.wsgi_app = DebuggedApplication(app.wsgi_app, evalex=False)  # type: ignore[method-assign]
    return app


def find_application(name: str, data_folder: Path) -> Flask:
    Flask.auto_find_instance_path = (  # type: ignore[method-assign]
        lambda self: str(data_folder)
    )
    target, _, wanted = name.partition(":") if name[1:3] != ":\\" else (name, "", "")
    module = import_target(target)
    names = [wanted] if wanted else [each for each in USUAL_NAMES if hasattr(module, each)]
    for each in names:
        found = getattr(module, each.partition("(")[0], None)
        if isinstance(found, Flask):
            return found
        if callable(found):
            made = found()
            if isinstance(made, Flask):
                return made
    raise ApplicationNotFound(
        f"No Flask application was found in {name}. Name it as module:app or module:create_app."
    )


def import_target(target: str) -> ModuleType:
    if target.endswith(".py"):
        path = Path(target).resolve()
        sys.path.insert(0, str(path.parent))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if not path.exists() or spec is None or spec.loader is None:
            raise ApplicationNotFound(f"There is no file {path}.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
    if not getattr(sys, "frozen", False):
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(target)
    except ModuleNotFoundError as error:
        if error.name and target.startswith(error.name):
            raise ApplicationNotFound(f"There is no module named {target}.") from error
        raise
