"""The owner's addresses of sharing, behind the gate of this computer. Loaded when asked for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from .answers import StartResponse, respond
from .gate import PREFIX, STATIC
from .guard import Environ
from .pages import read_static
from .share_pages import render_share, share_headers

if TYPE_CHECKING:
    from .gate import Gate

SHOWN = ("share", "share/state", "share.js")


def show(gate: "Gate", name: str, environ: Environ, start: StartResponse) -> Iterable[bytes]:
    sharing = gate.share()
    if sharing is None or name not in SHOWN:
        return gate.not_here(start)
    if name == "share.js":
        return respond(start, "200 OK", read_static(name), STATIC["presence.js"])
    if name == "share/state":
        return respond(start, "200 OK", sharing.state().encode(), "text/plain")
    page = render_share(sharing, str(environ.get("desktop.token", "")))
    return respond(start, "200 OK", page, more=share_headers())


def change(gate: "Gate", body: bytes, environ: Environ, start: StartResponse) -> Iterable[bytes]:
    form = parse_qs(body.decode("utf-8", "replace"))
    sharing = gate.share()
    if sharing is None:
        return gate.not_here(start)
    if not gate.guard.token_fits(environ, form.get("_token", [])):
        return gate.not_ours(start)
    sharing.carry_out({name: values[0] for name, values in form.items()})
    return respond(start, "303 See Other", b"", "text/plain", [("Location", f"{PREFIX}share")])
