"""Reading Windows' table of connections, from bytes laid out as Windows lays them out."""

import ipaddress
import socket
import struct

from myapp.desktop.windows_peers import process_at, rows, rows6

SERVER = ("127.0.0.1", 27184)


def port_of(port: int, rubbish: int = 0) -> int:
    """Two bytes in network order, below two that may hold anything."""
    return socket.htons(port) | rubbish << 16


def row(near: str, near_port: int, far: str, far_port: int, process: int) -> bytes:
    return struct.pack(
        "<I4sI4sII", 5, socket.inet_aton(near), port_of(near_port, 0xBEEF),
        socket.inet_aton(far), port_of(far_port, 0xDEAD), process,
    )  # fmt: skip


def row6(near: str, near_port: int, far: str, far_port: int, process: int) -> bytes:
    return struct.pack(
        "<16sII16sIIII", ipaddress.IPv6Address(near).packed, 0, port_of(near_port),
        ipaddress.IPv6Address(far).packed, 0, port_of(far_port), 5, process,
    )  # fmt: skip


def table(*found: bytes) -> bytes:
    """The count, the rows, and what is left of a buffer that was too large."""
    return struct.pack("<I", len(found)) + b"".join(found) + b"\xcc" * 500


def test_the_end_of_the_peer_is_told_from_our_own() -> None:
    both = table(
        row("127.0.0.1", 27184, "127.0.0.1", 50123, 11),
        row("127.0.0.1", 50123, "127.0.0.1", 27184, 22),
        row("127.0.0.1", 50124, "127.0.0.1", 27184, 33),
        row("127.0.0.1", 50123, "127.0.0.1", 8000, 44),
    )
    assert process_at(rows(both), ("127.0.0.1", 50123), SERVER) == 22


def test_a_connection_that_is_not_there_has_no_process() -> None:
    assert process_at(rows(table()), ("127.0.0.1", 50123), SERVER) is None
    other = table(row("127.0.0.2", 50123, "127.0.0.1", 27184, 22))
    assert process_at(rows(other), ("127.0.0.1", 50123), SERVER) is None


def test_a_socket_of_both_families_is_found_in_the_other_table() -> None:
    mapped = table(row6("::ffff:127.0.0.1", 50123, "::ffff:127.0.0.1", 27184, 55))
    assert process_at(rows6(mapped), ("127.0.0.1", 50123), SERVER) == 55
