"""The shell's own pages: few, plain, and free of the application's templates."""

import base64
import hashlib
import html
from functools import cache

from myapp import identity

OPENER = ("Cross-Origin-Opener-Policy", "same-origin")
"""Heeded by browsers on TLS and on loopback alone. Elsewhere each page's console calls it an error:
https://html.spec.whatwg.org/multipage/browsers.html#obtain-coop"""

ADDED = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    OPENER,
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
"""What an application's answer gets where it says nothing of its own."""

FRAMED = (
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("Content-Security-Policy", "frame-ancestors 'self'"),
)
"""And this, where it says nothing of frames; the second where it frames its own pages."""


def heeded(headers: list[tuple[str, str]], *, trustworthy: bool) -> list[tuple[str, str]]:
    """Without the one that browsers do not heed at an address that is not trustworthy."""
    return headers if trustworthy else [each for each in headers if each != OPENER]


@cache
def page_headers() -> list[tuple[str, str]]:
    """What each page of the shell is sent with."""
    return [
        (
            "Content-Security-Policy",
            f"default-src 'none'; style-src '{style_hash()}'; img-src data:; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'",
        ),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        OPENER,
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]


@cache
def quit_headers() -> list[tuple[str, str]]:
    """What a page with a form gets in place of some of these."""
    return [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; connect-src 'self'; "
            f"style-src '{style_hash()}'; img-src data:; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'",
        ),
        # With no-referrer a browser hides the Origin of the form as well.
        ("Referrer-Policy", "same-origin"),
    ]


def style() -> str:
    return read_static("page.css").decode().replace("\r\n", "\n")


def style_hash() -> str:
    """As a browser computes it of the page: https://www.w3.org/TR/CSP3/#match-element-to-source-list"""
    digest = hashlib.sha256(style().encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def render(
    title: str,
    *paragraphs: str,
    onward: str = "",
    before_onward: str = "If you came in already: ",
) -> bytes:
    """A whole page; `onward` is the address of a page that the person may still go on to."""
    body = "".join(f"<p>{html.escape(each)}</p>" for each in paragraphs)
    if onward:
        body += f'<p>{before_onward}<a href="{html.escape(onward)}">go on</a>.</p>'
    # Within the page, since the last one is shown when nothing can be fetched any more.
    page = read("page.html").replace("{style}", style())
    page = page.replace("{title}", html.escape(title)).replace("{body}", body)
    return page.replace("{name}", html.escape(identity.NAME)).encode()


@cache
def read(name: str) -> str:
    return (identity.resource_folder("templates") / "desktop" / name).read_text(encoding="utf-8")


@cache
def read_static(name: str) -> bytes:
    return (identity.resource_folder("static") / "desktop" / name).read_bytes()
