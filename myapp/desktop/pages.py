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

OWN_PAGE = [
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    # With no-referrer a browser hides the Origin of the form as well.
    ("Referrer-Policy", "same-origin"),
]
"""What the shell's page with the Quit button gets in place of the above."""

FRAMED = (
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("Content-Security-Policy", "frame-ancestors 'self'"),
)
"""And this, where it says nothing of frames; the second where it frames its own pages."""


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
    page = read("page.html").replace("{title}", html.escape(title)).replace("{body}", body)
    return page.replace("{name}", html.escape(identity.NAME)).encode()


def render_quit(token: str) -> bytes:
    """The page at `/_desktop/`: for applications that have no Quit button of their own."""
    form = (
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
