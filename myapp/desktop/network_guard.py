"""Who may ask over the network: the guard of the address that is shared.

The same rules as at home, in the same order, with three of them put otherwise: the peer must be of
the interface's own subnet, the session is a device's, and what a device may do is its role's.
"""

from collections.abc import Callable

from myapp import identity

from .devices import Device, Devices
from .guard import LARGE, Environ, Guard, Refusal, origin_of
from .interfaces import Interface
from .peers import Address, Owner
from .sessions import DAY, Sessions, values_of

OPEN_PATHS = frozenset(
    {"/_desktop/join", "/_desktop/join.js", "/_desktop/manifest.webmanifest"}
) | {f"/_desktop/icon-{name}.png" for name in ("192", "512", "maskable-512", "touch-180")}
OWN_PATHS = OPEN_PATHS | {
    "/_desktop/",
    "/_desktop/presence.js",
    "/_desktop/presence",
    "/_desktop/leave",
}
"""Of the shell's own addresses, all that the network knows."""

COOKIE_SECONDS = 400 * DAY
"""As long as browsers keep one; a device that stayed away for 60 days is forgotten here."""

LARGEST_OPEN_BODY = 4_096
LARGEST_BODY = {"viewer": 64 << 20, "editor": 256 << 20}
"""An editor's records hold files of up to 250 MB; an owner may bring in larger ones."""

OUTSIDE = Refusal("403 Forbidden", "subnet", "Only devices of the local network may ask.")
JOIN = Refusal(
    "403 Forbidden",
    "session",
    "This device has not joined, or its access was ended.",
    friendly=True,
    back=True,
)
TWO = Refusal(
    "403 Forbidden",
    "two sessions",
    "This browser says that it is two devices. Another program at this address may have made it "
    "say so: delete the cookies of this address in the browser, then join anew.",
)
ROLE = Refusal("403 Forbidden", "role", "This device's role does not allow that.", back=True)
OWN = Refusal("404 Not Found", "address", "There is nothing at this address.", back=True)

Allows = Callable[[str, str, str], bool]


class NetworkGuard(Guard):
    trustworthy = False
    open_paths = OPEN_PATHS
    cookie_ends = "HttpOnly; SameSite=Strict"
    waiting_path = "/_desktop/join"
    most_of_a_peer: int | None = 120

    def __init__(
        self, sessions: Sessions, devices: Devices, interface: Interface, port: int, allows: Allows
    ) -> None:
        super().__init__(sessions, port)
        self.devices, self.interface, self.allows = devices, interface, allows
        self.hosts = frozenset(
            [f"{interface.address}:{port}"] + ([interface.address] if port == 80 else [])
        )
        # Cookies ignore ports, here too.
        self.cookie = f"{identity.SLUG}-{port}"
        self.waiting_cookie = f"{self.cookie}-join"

    def admits(self, peer: Address) -> bool:
        return self.interface.holds(peer[0])

    def owner_of(self, peer: Address, own: Address) -> Owner:
        """Nobody asks: each device proves by its session who it is."""
        return Owner.SAME

    def refusal_by_peer(self, environ: Environ) -> Refusal | None:
        if not self.interface.holds(str(environ.get("REMOTE_ADDR", ""))):
            return OUTSIDE
        # Set by our own server for each connection: without it nobody has looked.
        return None if environ.get("desktop.stranger") is False else OUTSIDE

    def refusal_by_session(self, environ: Environ) -> Refusal | None:
        found = self.devices_of(str(environ.get("HTTP_COOKIE", "")))
        device = found[0] if len(found) == 1 else None
        path, method = str(environ.get("PATH_INFO", "")), str(environ["REQUEST_METHOD"])
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if device is None:
            if path not in self.open_paths:
                return TWO if found else JOIN
            return LARGE if length > LARGEST_OPEN_BODY else None
        environ["desktop.device"] = device.name
        environ["desktop.device_id"] = device.id
        environ["desktop.role"] = device.role
        proof = f"{device.mark} {origin_of(environ)}"
        environ["desktop.token"] = self.sessions.sign("device", proof)
        if path.startswith("/_desktop"):
            return None if path in OWN_PATHS else OWN
        if not self.allows(device.role, method, path):
            return ROLE
        return LARGE if length > LARGEST_BODY.get(device.role, length) else None

    def devices_of(self, cookie_header: str) -> list[Device]:
        """Mostly one. Another program of this address may have left a cookie of the same name: what
        is no session counts for nothing, and whose of two it is nobody can tell."""
        found = (self.devices.find(value) for value in values_of(self.cookie, cookie_header))
        return list({each.id: each for each in found if each is not None}.values())

    def waiting_header(self, secret: str, seconds: int) -> str:
        """The cookie of a device that waits for the owner's yes."""
        ends = f"Path={self.waiting_path}; {self.cookie_ends}; Max-Age={seconds}"
        return f"{self.waiting_cookie}={secret}; {ends}"

    def cookie_header(self, token: str, seconds: int = COOKIE_SECONDS) -> str:
        return f"{self.cookie}={token}; Path=/; {self.cookie_ends}; Max-Age={seconds}"
