"""Which user of this machine owns the other end of a loopback connection.

A cookie for 127.0.0.1 is given to every server on every port, so it may be stolen; the operating
system's own table of connections is a proof that another user cannot copy.
"""

import functools
import ipaddress
import logging
import socket
import sys
from enum import Enum, auto
from pathlib import Path

log = logging.getLogger(__name__)
Address = tuple[str, int]


class Owner(Enum):
    """Who connected, as far as the operating system tells."""

    SAME = auto()
    ROOT = auto()
    OTHER = auto()
    GONE = auto()
    """Nobody any more. A closed socket has no owner: Linux shows it as root's, or not at all."""
    UNKNOWN = auto()
    """The platform cannot tell."""


def is_loopback(address: str) -> bool:
    """127.0.0.0/8, ::1, and IPv4-mapped forms, which Python before 3.13 does not call loopback."""
    try:
        return unmapped(address).is_loopback
    except ValueError:
        return False


def unmapped(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 one maps, or the address itself. Raises ValueError."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return getattr(parsed, "ipv4_mapped", None) or parsed


def owner_of(peer: Address, own: Address) -> Owner:
    """Who connected, as far as it matters; this user where nobody can tell."""
    if not can_tell():
        return Owner.SAME
    owner = find_owner(peer, own)
    if owner in (Owner.ROOT, Owner.GONE) and is_wsl():
        # Windows' browsers reach a program in WSL through a relay of root's, or of nobody's.
        return Owner.SAME
    return owner


def find_owner(peer: Address, own: Address) -> Owner:
    if sys.platform == "linux":
        from .linux_peers import linux_owner

        return linux_owner(peer, own)
    if sys.platform == "win32":
        from .windows_peers import windows_owner

        return windows_owner(peer, own)
    return Owner.UNKNOWN


@functools.cache
def can_tell() -> bool:
    """Whether a connection of our own is seen as ours: a sandbox may hide or change the table."""
    if sys.platform not in ("linux", "win32") or is_wine():
        return False
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as listening,
            socket.create_connection(listening.getsockname()) as connected,
        ):
            found = find_owner(connected.getsockname(), listening.getsockname())
    except OSError:
        found = Owner.UNKNOWN
    if found is not Owner.SAME:
        log.warning("who owns a connection cannot be told here (%s)", found.name)
    return found is Owner.SAME


@functools.cache
def is_wsl() -> bool:
    try:
        release = Path("/proc/sys/kernel/osrelease").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return "microsoft" in release.lower()


@functools.cache
def is_wine() -> bool:
    """Under Wine a browser is a Linux program, which Windows' table does not know."""
    if sys.platform != "win32":
        return False
    import ctypes

    return hasattr(ctypes.windll.ntdll, "wine_get_version")
