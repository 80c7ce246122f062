"""The page at `/_desktop/`: starting at login, the icon in the tray, a window's keys, and Quit.

Every application has it, whether or not it knows of the shell.
"""

import html
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from myapp import identity

from .pages import render

if TYPE_CHECKING:
    from .at_login import State
    from .tray import State as TrayState

KEYS = (
    "In a window of its own, Ctrl+R or F5 reloads, Alt with ← or → goes back or on, Ctrl with +, − "
    "or 0 makes everything larger, smaller or as it was, Ctrl+P prints, and Ctrl+Q quits. On a Mac "
    "it is Command in place of Ctrl."
)


def render_own(
    token: str,
    login: "State | None",
    refusals: Mapping[str, str],
    *,
    share: bool = False,
    tray: "TrayState | None" = None,
) -> bytes:
    """`login` is None in a program that cannot start at login, `tray` in one that has no icon. A
    refusal stands beside its form."""
    parts = [
        '<script type="module" src="/_desktop/presence.js"></script>',
        '<p><a href="/_desktop/share">Share on the local network</a></p>' if share else "",
        "" if login is None else login_part(token, login, refusals.get("login", "")),
        "" if tray is None else tray_part(token, tray, refusals.get("tray", "")),
        f"<h2>Keys</h2><p>{KEYS}</p>",
        form("quit", token, f"<button>Quit {html.escape(identity.NAME)}</button>"),
    ]
    page = render(
        identity.NAME,
        f"Version {identity.VERSION}. It ends when you quit, or when its last page is closed, "
        "unless it was started to stay or its icon is in the tray.",
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
    fields = f'<input type="hidden" name="start" value="{change}"><button>{offer}</button>'
    return f"<h2>Start at login</h2>{alert(refusal)}<p>{said}</p>{form('login', token, fields)}"


def tray_part(token: str, tray: "TrayState", refusal: str) -> str:
    name = html.escape(identity.NAME)
    offer, change = "Show no icon", "off"
    if not tray.on:
        said = (
            f"{name} can show an icon in the tray, beside the clock, that opens it, shares it and "
            "quits it. With the icon there, it goes on when its last page is closed."
        )
        offer, change = "Show an icon in the tray", "on"
    elif tray.there:
        said = f"{name} has an icon in the tray, and goes on when its last page is closed."
    else:
        said = (
            f"{name} has an icon for the tray, but this desktop has no place for it now. It "
            f"appears when there is one; until then {name} ends with its last page as usual."
        )
        if sys.platform == "linux":
            said += (
                " GNOME has one with the extension “AppIndicator and KStatusNotifierItem Support”."
            )
    fields = f'<input type="hidden" name="show" value="{change}"><button>{offer}</button>'
    return f"<h2>Icon in the tray</h2>{alert(refusal)}<p>{said}</p>{form('tray', token, fields)}"


def alert(refusal: str) -> str:
    return f'<p role="alert"><strong>{html.escape(refusal)}</strong></p>' if refusal else ""


def form(name: str, token: str, fields: str) -> str:
    return (
        f'<form method="post" action="/_desktop/{name}">'
        f'<input type="hidden" name="_token" value="{html.escape(token)}">{fields}</form>'
    )
