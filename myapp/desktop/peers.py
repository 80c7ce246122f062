"""Which user of this machine owns the other end of a loopback connection."""

import ipaddress
import os
import sys
from pathlib import Path


def is_loopback(address: str) -> bool:
    """127.0.0.0/8, ::1, and IPv4-mapped forms, which Python before 3.13 does not call loopback."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def is_other_user(address: str, port: int, own_port: int) -> bool:
    """Whether another user owns the connecting socket. False where the platform cannot tell."""
    if not sys.platform.startswith("linux"):
        return False
    owner = linux_owner(address, port, own_port)
    return owner is not None and owner != os.getuid()


def linux_owner(address: str, port: int, own_port: int) -> int | None:
    """The user id from /proc/net/tcp: its line has the peer as local and us as remote address.

    Source: https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt
    """
    try:
        packed = ipaddress.IPv4Address(address).packed
    except ValueError:
        return None
    local = f"{packed[::-1].hex().upper()}:{port:04X}"
    remote_port = f":{own_port:04X}"
    try:
        with Path("/proc/net/tcp").open() as table:
            for line in table:
                fields = line.split(maxsplit=8)
                if fields[1] == local and fields[2].endswith(remote_port):
                    return int(fields[7])
    except (OSError, IndexError, ValueError):
        return None
    return None
