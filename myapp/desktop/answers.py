"""Answers as WSGI has them, and what of a request decides how they are given."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .guard import Environ, Refusal, origin_of
from .pages import page_headers, render

StartResponse = Callable[..., Any]


def is_own_path(path: str) -> bool:
    """A path of ours and never another site: one slash in front, no backslash, no control."""
    return (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and "\\" not in path
        and path.isprintable()
    )


def path_it_came_from(environ: Environ) -> str:
    """The path of the page of ours that led here; "" where it is another's, or not told."""
    page = str(environ.get("HTTP_REFERER", ""))
    path = page.removeprefix(origin_of(environ))
    return path if path != page and is_own_path(path) else ""


def is_own_frame(environ: Environ) -> bool:
    """Whether a page of the application shows this one in a frame of its own."""
    return environ.get("HTTP_SEC_FETCH_SITE") == "same-origin" and environ.get(
        "HTTP_SEC_FETCH_DEST"
    ) in ("iframe", "frame", "object", "embed")


def respond(
    start: StartResponse,
    status: str,
    body: bytes,
    kind: str = "text/html; charset=utf-8",
    more: Iterable[tuple[str, str]] = (),
) -> list[bytes]:
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), *more]
    given = {name for name, _ in headers}
    start(status, [*headers, *(each for each in page_headers() if each[0] not in given)])
    return [body]


def say(refusal: Refusal, accept: str, onward: str = "") -> tuple[bytes, str]:
    """The body for who accepts this, and its kind: a page's script shows the sentence."""
    if "application/json" in accept:
        return json.dumps({"error": refusal.sentence}).encode(), "application/json"
    if refusal.back and not onward:
        page = render("Not allowed", refusal.sentence, onward="/", before_onward="The first page: ")
    else:
        page = render("Not allowed", refusal.sentence, onward=onward)
    return page, "text/html; charset=utf-8"


class Counted:
    """An answer that tells when it has been sent."""

    def __init__(self, answer: Iterable[bytes], done: Callable[[], None]) -> None:
        self.answer = answer
        self.done = done

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.answer)

    def close(self) -> None:
        try:
            close = getattr(self.answer, "close", None)
            if close is not None:
                close()
        finally:
            self.done()
