"""The page at `/_desktop/`: starting at login, the keys of a window, and Quit.

Every application has it, whether or not it knows of the shell.
"""

import html
from typing import TYPE_CHECKING

from myapp import identity

from .pages import render

if TYPE_CHECKING:
    from .at_login import State

KEYS = (
    "In a window of its own, Ctrl+R or F5 reloads, Alt with ← or → goes back or on, Ctrl with +, − "
    "or 0 makes everything larger, smaller or as it was, Ctrl+P prints, and Ctrl+Q quits. On a Mac "
    "it is Command in place of Ctrl."
)


def render_own(
    token: str, login: "State | None", refusal: str = "", *, share: bool = False
) -> bytes:
    """`login` is None in a program that cannot start at login; `refusal` stands beside its form."""
    parts = [
        '<script type="module" src="/_desktop/presence.js"></script>',
        '<p><a href="/_desktop/share">Share on the local network</a></p>' if share else "",
        "" if login is None else login_part(token, login, refusal),
        f"<h2>Keys</h2><p>{KEYS}</p>",
        form("quit", token, f"<button>Quit {html.escape(identity.NAME)}</button>"),
    ]
    page = render(
        identity.NAME,
        f"Version {identity.VERSION}. It ends when you quit, or when its last page is closed, "
        "unless it was started to stay.",
        onward="/",
        before_onward="Or ",
    ).decode()
    return page.replace("</main>", f"{''.join(parts)}</main>").encode()


def login_part(token: str, login: "State", refusal: str) -> str:
    name = html.escape(identity.NAME)
    if login.on:
        said = f"{name} starts when you sign in to this computer, opens no page, and waits for you."
        offer, change = f"Do not start {name} at login", "off"
    elif login.other:
        other = html.escape(login.other)
        said = f"Another copy of {name} starts when you sign in to this computer: {other}"
        offer, change = "Start this one instead", "on"
    else:
        said = (
            f"{name} starts when you start it. It can also start when you sign in to this "
            "computer: it then opens no page, and stays until you quit."
        )
        offer, change = f"Start {name} at login", "on"
    told = f'<p role="alert"><strong>{html.escape(refusal)}</strong></p>' if refusal else ""
    fields = f'<input type="hidden" name="start" value="{change}"><button>{offer}</button>'
    return f"<h2>Start at login</h2>{told}<p>{said}</p>{form('login', token, fields)}"


def form(name: str, token: str, fields: str) -> str:
    return (
        f'<form method="post" action="/_desktop/{name}">'
        f'<input type="hidden" name="_token" value="{html.escape(token)}">{fields}</form>'
    )
