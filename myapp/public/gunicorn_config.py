"""Gunicorn's settings: `gunicorn -c python:myapp.public.gunicorn_config 'myapp.wsgi:create_app()'`.

Read by name. Everything that a person may choose comes from the environment.
"""

import os
import sys
from typing import Any

from .settings import UnsafeSettings, read_settings


def given(name: str, usual: int) -> int:
    """What is no number is refused by its name below, before anything is started."""
    text = os.environ.get(name, "").strip()
    return int(text) if text.isdecimal() else usual


bind = os.environ.get("MYAPP_BIND", "127.0.0.1:8000")
workers = given("MYAPP_WORKERS", 2)
threads = given("MYAPP_THREADS", 8)
worker_class = "gthread"
timeout = 60
graceful_timeout = 40
"""Seconds. A process that ends lets running requests finish, and takes its imports back."""

keepalive = 5
umask = 0o007
"""Of a Unix socket: the proxy's account is let in by its group."""
preload_app = False
limit_request_line = 8_190
limit_request_fields = 60
accesslog = None

# Whatever could be asked of it is asked by signals.
control_socket_disable = True

# The gate alone decides whose forwarded headers count.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "myapp.public.logs.JsonLines"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "stream": "ext://sys.stdout",
        }
    },
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["stdout"], "propagate": False}},
    "root": {"level": "INFO", "handlers": ["stdout"]},
}


def on_starting(server: Any) -> None:
    """Unsafe settings end it before any process is started for the application."""
    try:
        read_settings()
    except UnsafeSettings as error:
        print(error, file=sys.stderr, flush=True)
        sys.exit(1)


def worker_exit(server: Any, worker: Any) -> None:
    app = getattr(worker, "wsgi", None)
    if app is not None:
        app.extensions["close"]()
