"""Make the application that a WSGI server runs. Raises UnsafeSettings before anything is opened."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, request

from myapp.accounts import (
    Costs,
    Invitations,
    Passwords,
    People,
    Sessions,
    SigningIn,
    open_accounts,
)
from myapp.store import AppError
from myapp.web import create_app as create_web

from . import access
from .accounts_of import Accounts
from .gate import SAFE_METHODS, Gate
from .keeper import Keeper
from .one_file import OneFile
from .people_pages import pages
from .settings import read_settings

log = logging.getLogger(__name__)


def create_app(
    environment: Mapping[str, str] = os.environ,
    *,
    clock: Callable[[], float] = time.time,
    costs: Costs | None = None,
) -> Flask:
    """The database application with accounts, behind the gate. `costs` are those of a password."""
    settings = read_settings(environment)
    settings.folder.mkdir(mode=0o700, exist_ok=True)
    workspace = OneFile(settings.folder, settings.data)
    app = create_web(str(settings.folder), workspace)
    app.config.update(MAX_CONTENT_LENGTH=settings.largest_upload)
    # The shell does not stand before this one.
    app.extensions.pop("desktop")
    file = open_accounts(settings.accounts, settings.secret, clock)
    passwords = Passwords(costs)
    people = People(file, passwords)
    sessions = Sessions(file, settings.session_seconds)
    app.extensions["accounts"] = Accounts(
        settings,
        people,
        sessions,
        Invitations(file, people),
        SigningIn(file, people, passwords),
    )
    if not people.any_owner():
        log.warning("there is no owner yet: python -m myapp.public create-owner NAME makes one")
    # A process that is forked from here opens the file for itself.
    file.close()
    inner = app.wsgi_app
    keeper = Keeper(settings.folder, inner, workspace.take_over)
    workspace.keeper = app.extensions["keeper"] = keeper
    made = access.Access(settings, file, sessions)
    access.register(app, made)
    app.register_blueprint(pages)

    app.before_request_funcs.setdefault(None, []).insert(0, keeper.settle)

    @app.after_request
    def publish(response: Response) -> Response:
        """Before a change is acknowledged, every process knows that there was one."""
        if request.method not in SAFE_METHODS:
            workspace.publish()
        return response

    def healthy() -> str | None:
        try:
            workspace.whole_database().tables()
            people.any_owner()
        except (AppError, OSError) as error:
            return str(error)
        return None

    def close() -> None:
        keeper.close(workspace.close)
        file.close()

    app.extensions["close"] = close
    gate: Any = Gate(inner, settings, made.cookie, healthy)
    app.wsgi_app = gate  # type: ignore[method-assign]
    return app
