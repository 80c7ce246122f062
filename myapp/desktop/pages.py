"""The shell's own pages: few, plain, and free of the application's templates."""

import html
from functools import cache

from myapp import identity

HEADERS = [
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
]
ADDED = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
"""What an application's answer gets where it says nothing of its own."""

FRAMED = (
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("Content-Security-Policy", "frame-ancestors 'self'"),
)
"""And this, where it says nothing of frames; the second where it frames its own pages."""


def render(title: str, *paragraphs: str, onward: str = "") -> bytes:
    """A whole page; `onward` is the address of a page that the person may still go on to."""
    body = "".join(f"<p>{html.escape(each)}</p>" for each in paragraphs)
    if onward:
        body += f'<p>If you came in already: <a href="{html.escape(onward)}">go on</a>.</p>'
    page = read("page.html").replace("{title}", html.escape(title)).replace("{body}", body)
    return page.replace("{name}", html.escape(identity.NAME)).encode()


@cache
def read(name: str) -> str:
    return (identity.resource_folder("templates") / "desktop" / name).read_text(encoding="utf-8")


@cache
def read_static(name: str) -> bytes:
    return (identity.resource_folder("static") / "desktop" / name).read_bytes()
