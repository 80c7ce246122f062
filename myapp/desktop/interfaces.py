"""The networks that this computer is in: its private IPv4 addresses, each with its subnet.

Asked of the operating system anew each time; nothing is sent.
"""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from typing import NamedTuple

LOOPBACK, POINT_TO_POINT = 0x8, 0x10
"""Flags of an interface, the same on Linux and macOS."""


class Interface(NamedTuple):
    """`name` is the system's, such as eth0; "" where it tells none."""

    name: str
    address: str
    subnet: ipaddress.IPv4Network

    def holds(self, peer: str) -> bool:
        """Whether an address is one of a device in this very subnet."""
        try:
            parsed = ipaddress.ip_address(peer)
        except ValueError:
            return False
        # Only an address of IPv6's own has an interface in it.
        if "%" in peer:
            return False
        found = getattr(parsed, "ipv4_mapped", None) or parsed
        ends = (self.subnet.network_address, self.subnet.broadcast_address)
        return found in self.subnet and (self.subnet.prefixlen >= 31 or found not in ends)


def find_interfaces() -> list[Interface]:
    """Every network that can be shared in, the one that leads out of the house first."""
    read = read_windows_table if sys.platform == "win32" else read_addresses
    found = {
        each.address: each
        for name, address, mask in read()
        if (each := as_interface(name, address, mask)) is not None
    }
    outward = address_outward()
    return sorted(found.values(), key=lambda each: (each.address != outward, each.name))


def as_interface(name: str, address: str, mask: str) -> Interface | None:
    """None for an address that devices of a local network cannot reach, or all the world can."""
    try:
        subnet = ipaddress.IPv4Network(f"{address}/{mask}", strict=False)
    except ValueError:
        return None
    own = ipaddress.IPv4Address(address)
    if not subnet.is_private or own.is_loopback or own.is_unspecified or subnet.prefixlen > 31:
        return None
    return Interface(name, address, subnet)


def address_outward() -> str:
    """Our address on the way to the internet; connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("198.51.100.1", 9))
            return str(asking.getsockname()[0])
        except OSError:
            return ""


def read_addresses() -> Iterator[tuple[str, str, str]]:
    """Name, address and mask, as https://man7.org/linux/man-pages/man3/getifaddrs.3.html tells."""
    import ctypes

    class Entry(ctypes.Structure):
        pass

    Entry._fields_ = [
        ("next", ctypes.POINTER(Entry)),
        ("name", ctypes.c_char_p),
        ("flags", ctypes.c_uint),
        ("address", ctypes.c_void_p),
        ("mask", ctypes.c_void_p),
    ]
    library = ctypes.CDLL(None, use_errno=True)
    first = ctypes.POINTER(Entry)()
    if library.getifaddrs(ctypes.byref(first)) != 0:
        return
    try:
        entry = first
        while entry:
            told = entry.contents
            if told.address and told.mask and not told.flags & (LOOPBACK | POINT_TO_POINT):
                raw, mask = ctypes.string_at(told.address, 8), ctypes.string_at(told.mask, 8)
                # BSD puts the length in front and has one byte for the family.
                family = raw[1] if sys.platform == "darwin" else int.from_bytes(raw[:2], "little")
                if family == socket.AF_INET:
                    name = told.name.decode("utf-8", "replace")
                    yield name, socket.inet_ntoa(raw[4:]), socket.inet_ntoa(mask[4:])
            entry = told.next
    finally:
        library.freeifaddrs(first)


def read_windows_table() -> Iterator[tuple[str, str, str]]:
    """Address and mask, as GetIpAddrTable tells: rows of 24 bytes after their number."""
    if sys.platform != "win32":
        return
    import ctypes

    size = ctypes.c_ulong(0)
    ask = ctypes.windll.iphlpapi.GetIpAddrTable
    ask(None, ctypes.byref(size), 0)
    table = ctypes.create_string_buffer(size.value)
    if ask(table, ctypes.byref(size), 0) != 0:
        return
    for number in range(int.from_bytes(table.raw[:4], "little")):
        row = table.raw[4 + 24 * number : 28 + 24 * number]
        yield "", socket.inet_ntoa(row[:4]), socket.inet_ntoa(row[8:12])
