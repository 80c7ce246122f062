"""Streams pages and events, and takes large uploads."""

import hashlib
import threading
import time
from collections.abc import Iterator

from flask import Flask, Response, request

app = Flask(__name__)
LIMIT = 60.0
"""Seconds, against hanging."""


@app.get("/page")
def page() -> Response:
    def pieces() -> Iterator[str]:
        yield "<!doctype html><html><head><title>Slow</title></head><body>first"
        time.sleep(1)
        yield "last</body></html>"

    return Response(pieces(), mimetype="text/html")


go_on = threading.Event()


@app.get("/held")
def held() -> Response:
    def pieces() -> Iterator[str]:
        yield "<!doctype html><html><head><title>Held</title></head><body>first"
        assert go_on.wait(LIMIT)
        yield "last</body></html>"

    return Response(pieces(), mimetype="text/html")


@app.get("/go-on")
def release() -> str:
    go_on.set()
    return "so be it"


@app.get("/letters")
def letters() -> Response:
    return Response(iter("<!doctype html><html><head></head><body>x</body></html>"))


@app.get("/events")
def events() -> Response:
    def pieces() -> Iterator[str]:
        for number in range(3):
            yield f"data: {number}\n\n"
            time.sleep(0.5)

    return Response(pieces(), mimetype="text/event-stream")


@app.post("/upload")
def upload() -> dict[str, object]:
    sent = request.files["file"]
    digest, size = hashlib.sha256(), 0
    while piece := sent.stream.read(1 << 16):
        digest.update(piece)
        size += len(piece)
    return {"sha256": digest.hexdigest(), "size": size}


begun, left = threading.Event(), threading.Event()


@app.get("/patient")
def patient() -> str:
    """Until who asks is gone, or for a while."""
    begun.set()
    for _ in range(int(LIMIT * 100)):
        if request.environ["desktop.gone"]():
            left.set()
            break
        time.sleep(0.01)
    return "done"


@app.get("/waited-for")
def waited_for() -> str:
    return "yes" if begun.wait(LIMIT) else "no"


@app.get("/left")
def who_left() -> str:
    return "left" if left.wait(LIMIT) else "still there"


@app.get("/crash")
def crash() -> str:
    raise RuntimeError("the cause of it all")


inner = app.wsgi_app


def careless(environ: dict[str, object], start: object) -> object:
    if environ["PATH_INFO"] == "/careless":
        raise KeyError("what no page of Flask's sees")
    return inner(environ, start)  # type: ignore[arg-type]


app.wsgi_app = careless  # type: ignore[assignment,method-assign]
