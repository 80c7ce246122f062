"""Bind a listening socket, exclusively, on one address: loopback where no other is named."""

import socket
import sys
from pathlib import Path

from .errors import NoFreePort, PortTaken

TRIED = 50
HOST = "127.0.0.1"


def bind(port: int, host: str = HOST) -> socket.socket:
    """A listening socket on this one IPv4 address. Raises PortTaken."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # SO_REUSEADDR there would let another program share the port.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(1024)
    except (OSError, OverflowError) as error:
        # Windows answers WinError 10013 for a port in a reserved range: it is not ours either.
        bound.close()
        raise PortTaken(port) from error
    return bound


def bind_remembered(
    memory: Path, default: int, host: str = HOST
) -> tuple[socket.socket, str | None]:
    """The port of last time, or the next free one; and a sentence where it had to change."""
    try:
        first = int(memory.read_text(encoding="ascii"))
    except (OSError, ValueError):
        first = default
    if not 1024 <= first < 49152:
        first = default
    for port in [first, *range(default, default + TRIED)]:
        try:
            bound = bind(port, host)
        except PortTaken:
            continue
        if port == first:
            return bound, None
        return bound, f"Port {first} is taken by another program; using {port} this time."
    raise NoFreePort(default, default + TRIED - 1)
