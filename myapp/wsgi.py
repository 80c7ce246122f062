"""For a WSGI server: `myapp.wsgi:create_app()`. docs/deploy.md tells how."""

import atexit
import os

from flask import Flask


def create_app() -> Flask:
    """The public deployment as the environment says. Raises UnsafeSettings."""
    from myapp.public import create_app as create_public
    from myapp.public.logs import start_log

    start_log(level=os.environ.get("MYAPP_LOG_LEVEL", "INFO"))
    app = create_public()
    # Gunicorn's settings of ours end it earlier; other servers know no such moment.
    atexit.register(app.extensions["close"])
    return app
