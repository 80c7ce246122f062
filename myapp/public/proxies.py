"""Who really asks, where a reverse proxy stands before the program.

Only the forwarded headers of a trusted proxy are read, from the right, as many as there are
proxies: whatever a browser sends stands further to the left.
"""

import ipaddress
from typing import Any

from .settings import Settings

Environ = dict[str, Any]
PREFIXES = ("HTTP_X_FORWARDED", "HTTP_X_ORIGINAL", "HTTP_X_REWRITE")
OTHERS = frozenset({"HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_HOST", "HTTP_PROXY"})


class NotFromProxy(Exception):
    """`args[0]` says why, for the log."""


def is_proxy(peer: str, settings: Settings) -> bool:
    if not peer:
        return settings.unix_proxy
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in settings.proxies)


def take_address(environ: Environ, settings: Settings) -> str:
    """The client's address; forwarded headers are gone from `environ` then.

    Raises NotFromProxy where somebody comes round the proxy, or the proxy does not say who asks.
    """
    peer = str(environ.get("REMOTE_ADDR") or "")
    forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", ""))
    scheme = str(environ.get("HTTP_X_FORWARDED_PROTO", ""))
    for name in [each for each in environ if each.startswith(PREFIXES) or each in OTHERS]:
        del environ[name]
    if not settings.proxies and not settings.unix_proxy:
        if settings.secure and environ.get("wsgi.url_scheme") != "https":
            raise NotFromProxy("not over https")
        return peer
    if not is_proxy(peer, settings):
        raise NotFromProxy("peer is no proxy")
    named = [each.strip() for each in forwarded.split(",") if each.strip()]
    if len(named) < settings.hops:
        raise NotFromProxy("the proxy does not say who asks")
    try:
        client = ipaddress.ip_address(named[-settings.hops])
    except ValueError as error:
        raise NotFromProxy("the proxy names no address") from error
    if settings.secure and scheme.rpartition(",")[2].strip() != "https":
        raise NotFromProxy("not over https")
    return str(client)
