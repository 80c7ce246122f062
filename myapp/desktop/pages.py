"""The shell's own pages: few, plain, and free of the application's templates."""

import base64
import hashlib
import html
from functools import cache

from myapp import identity

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
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]


@cache
def quit_headers() -> list[tuple[str, str]]:
    """What the page with the Quit button gets in place of some of these."""
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


def render_quit(token: str) -> bytes:
    """The page at `/_desktop/`: for applications that have no Quit and Share of their own."""
    form = (
        '<p><a href="/_desktop/share">Share on the local network</a></p>'
        '<script type="module" src="/_desktop/presence.js"></script>'
        '<form method="post" action="/_desktop/quit">'
        f'<input type="hidden" name="_token" value="{html.escape(token)}">'
        '<button type="submit">Quit</button></form>'
    )
    page = render(
        identity.NAME,
        f"Version {identity.VERSION}. It ends when its last page is closed, or when you quit.",
        onward="/",
        before_onward="Or ",
    ).decode()
    return page.replace("</main>", f"{form}</main>").encode()


@cache
def read(name: str) -> str:
    return (identity.resource_folder("templates") / "desktop" / name).read_text(encoding="utf-8")


@cache
def read_static(name: str) -> bytes:
    return (identity.resource_folder("static") / "desktop" / name).read_bytes()
