"""The pages of sharing: the owner's, and those of a device that joins. Loaded when first shown."""

import base64
import hashlib
import time
from functools import cache
from typing import TYPE_CHECKING

import jinja2

from myapp import identity

from .devices import LONGEST_NAME
from .guard import Environ
from .pages import quit_headers, read_static, style

if TYPE_CHECKING:
    from .sharing import Sharing

FOREIGN = {
    "viewer": "looks: only pages that send nothing are answered",
    "editor": "does whatever the application lets anybody do",
}
"""What the roles mean for an application that knows none."""


@cache
def whole_style() -> str:
    return style() + read_static("share.css").decode().replace("\r\n", "\n")


@cache
def share_headers() -> list[tuple[str, str]]:
    """As the page with Quit, whose forms also need their Origin; with a longer style."""
    digest = base64.b64encode(hashlib.sha256(whole_style().encode()).digest()).decode()
    policy = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; manifest-src 'self'; "
        f"style-src 'sha256-{digest}'; img-src data: 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    kept = [each for each in quit_headers() if each[0] != "Content-Security-Policy"]
    return [("Content-Security-Policy", policy), *kept]


@cache
def templates() -> jinja2.Environment:
    folder = identity.resource_folder("templates") / "desktop"
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals.update(name=identity.NAME, longest=LONGEST_NAME)
    return made


def draw(template: str, **told: object) -> bytes:
    page = templates().get_template(template).render(style=whole_style(), **told)
    return page.encode()


def render_share(sharing: "Sharing", token: str) -> bytes:
    shared = sharing.shared
    code = sharing.code()
    return draw(
        "share.html",
        sharing=sharing,
        token=token,
        state=sharing.state(),
        interfaces=[] if shared else sharing.interfaces(),
        shared=shared,
        code=code,
        picture=picture(f"{sharing.origin}/_desktop/join?code={code}") if shared else "",
        minutes=-(-sharing.joining.seconds_left() // 60),
        roles=sharing.gate.role_meanings or FOREIGN,
        wrong=len(sharing.joining.wrong_codes()),
        waiting=sharing.waiting() if shared else [],
        devices=sharing.devices.all(),
        at_work={device.id for device, has_page in sharing.device_states() if has_page},
        ago=ago,
    )


def picture(address: str) -> str:
    """A QR code as the source of an image. The library is loaded when one is drawn."""
    import segno

    return str(segno.make(address, error="m").svg_data_uri(scale=6, border=3, light="#ffffff"))


def ago(seen: int) -> str:
    days = int(time.time() - seen) // 86_400
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"


def render_join(
    secure: bool, code: str = "", called: str = "", trouble: str = "", wrong: str = ""
) -> bytes:
    """`wrong` is the input that the trouble is about."""
    return draw("join.html", secure=secure, code=code, called=called, trouble=trouble, wrong=wrong)


def render_waiting(called: str) -> bytes:
    return draw("waiting.html", called=called)


def render_renaming(called: str, trouble: str = "") -> bytes:
    return draw("renaming.html", called=called, trouble=trouble)


def render_device(environ: Environ) -> bytes:
    role = str(environ["desktop.role"])
    return draw(
        "device.html",
        called=environ["desktop.device"],
        id=environ["desktop.device_id"],
        another="another" in str(environ.get("QUERY_STRING", "")),
        role=role,
        token=environ["desktop.token"],
    )
