"""Who may ask through a reverse proxy on this computer, which speaks TLS with the network.

The guard of the shared address with another way in: only loopback connects, and whose request it is
says the proxy, in one header that must be there once. Then the same rules hold, the subnet first.
Loaded when a proxy was set and sharing starts.
"""

import ipaddress
import logging
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from myapp import identity

from .devices import Devices
from .errors import DesktopError
from .interfaces import Interface
from .network_guard import Allows, NetworkGuard
from .peers import Address
from .sessions import Sessions
from .sockets import HOST

log = logging.getLogger(__name__)
NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.ASCII)
PEER, SCHEME = b"x-forwarded-for", b"x-forwarded-proto"
HTTPS_PORT = 443


class ProxyAddressUnusable(DesktopError):
    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text}” cannot be the address of the proxy. network-proxy has to be an https "
            "address without a path, such as https://shop.lan. Nothing is shared."
        )


class ProxyAddress(NamedTuple):
    """`host` is what a browser says in Host: with the port, where it is not the usual one."""

    host: str
    port: int

    @property
    def origin(self) -> str:
        return f"https://{self.host}"


def parse_address(text: str) -> ProxyAddress:
    """Raises ProxyAddressUnusable."""
    try:
        split = urlsplit(text.strip())
        name, port = split.hostname or "", split.port or HTTPS_PORT
    except ValueError as error:
        raise ProxyAddressUnusable(text) from error
    host = name if port == HTTPS_PORT else f"{name}:{port}"
    # What was taken apart must be what was said, or another reader takes it apart differently.
    said = split.netloc.lower().removesuffix(f":{HTTPS_PORT}")
    if split.scheme != "https" or not NAME.fullmatch(name) or said != host:
        raise ProxyAddressUnusable(text)
    if split.path not in ("", "/") or split.query or split.fragment:
        raise ProxyAddressUnusable(text)
    return ProxyAddress(host, port)


class ProxiedGuard(NetworkGuard):
    scheme = "https"
    trustworthy = True
    cookie_ends = f"Secure; {NetworkGuard.cookie_ends}"
    waiting_path = "/"
    most_of_a_peer = None

    def __init__(
        self,
        sessions: Sessions,
        devices: Devices,
        interface: Interface,
        port: int,
        allows: Allows,
        address: ProxyAddress,
    ) -> None:
        super().__init__(sessions, devices, interface, port, allows)
        self.hosts = frozenset([address.host])
        # Browsers take a cookie of such a name over TLS alone, and for this one host.
        self.cookie = f"__Host-{identity.SLUG}-{address.port}"
        self.waiting_cookie = f"{self.cookie}-join"

    def admits(self, peer: Address) -> bool:
        return peer[0] == HOST

    def peer_of(self, head: bytes, peer: str) -> str | None:
        """What the proxy says, of exactly one hop, where it is a device of the subnet."""
        told: dict[bytes, list[bytes]] = {PEER: [], SCHEME: []}
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            told.get(name.strip().lower(), []).append(value.strip(b" \t"))
        try:
            (scheme,), (named,) = told[SCHEME], told[PEER]
            found = str(ipaddress.IPv4Address(named.decode("ascii")))
        except ValueError:
            log.info("dropped: the proxy does not say who asks, or not once and by IPv4")
            return None
        if peer != HOST or scheme != b"https":
            log.info("dropped: not through the proxy, or there not over TLS")
            return None
        if not self.interface.holds(found):
            log.info("dropped: %s is not of %s", found, self.interface.subnet)
            return None
        return found
