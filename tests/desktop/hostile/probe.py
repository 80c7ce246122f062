"""A naive application, as a person might write it: believes proxies, obeys overrides, allows all.

It writes down every request that reaches it, so that a test can tell what the guard let through.
"""

import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

app = Flask(__name__)
SEEN = "seen.jsonl"
lock = threading.Lock()


class Recorder:
    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        override = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE")
        line = json.dumps({"method": environ["REQUEST_METHOD"], "uri": environ["REQUEST_URI"]})
        with lock, Path(app.instance_path, SEEN).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        if override:
            environ["REQUEST_METHOD"] = override.upper()
        return self.inner(environ, start)


app.wsgi_app = Recorder(ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1))  # type: ignore[method-assign]


@app.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@app.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def answer(path: str) -> Response:
    told = {
        "method": request.method,
        "path": request.path,
        "peer": request.remote_addr,
        "root": request.url_root,
        "body": request.get_data().decode("latin-1"),
        "headers": sorted(request.headers.keys()),
    }
    text = json.dumps(told)
    return Response(
        f"<!doctype html><title>probe</title><body data-secret='treasure'>{text}"
        if request.accept_mimetypes.accept_html and "html" in request.headers.get("Accept", "")
        else text,
        headers={"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Private-Network": "1"},
        mimetype="text/html" if "html" in request.headers.get("Accept", "") else "application/json",
    )
