"""Windows' table of connections: which process, and so which user, owns the far end of one.

What reads the table's bytes is plain and runs anywhere; what asks Windows is at the end.
"""

import ctypes
import ipaddress
import struct
import sys
from collections.abc import Iterator

from .peers import Address, Owner, unmapped

TCP_TABLE_OWNER_PID_CONNECTIONS = 4
AF_INET, AF_INET6 = 2, 23
ERROR_INSUFFICIENT_BUFFER = 122
ERROR_INVALID_PARAMETER = 87
PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
TOKEN_QUERY = 8
TOKEN_USER = 1

ROW = struct.Struct("<I4sI4sII")
"""MIB_TCPROW_OWNER_PID: state, local address, port, remote address, port, process."""

ROW6 = struct.Struct("<16sII16sIIII")
"""MIB_TCP6ROW_OWNER_PID: local address, scope, port, remote address, scope, port, state, process.
Source: https://learn.microsoft.com/windows/win32/api/tcpmib/ns-tcpmib-mib_tcp6row_owner_pid"""

End = tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]


def rows(table: bytes) -> Iterator[tuple[End, End, int]]:
    """Near end, far end and process of each row of an IPv4 table."""
    (count,) = struct.unpack_from("<I", table)
    for number in range(count):
        _, near, near_port, far, far_port, process = ROW.unpack_from(table, 4 + number * ROW.size)
        yield (
            (ipaddress.ip_address(near), host_order(near_port)),
            (ipaddress.ip_address(far), host_order(far_port)),
            process,
        )


def rows6(table: bytes) -> Iterator[tuple[End, End, int]]:
    """The same of an IPv6 table; an IPv4 connection of a dual-stack socket is unmapped."""
    (count,) = struct.unpack_from("<I", table)
    for number in range(count):
        near, _, near_port, far, _, far_port, _, process = ROW6.unpack_from(
            table, 4 + number * ROW6.size
        )
        yield (
            (unmapped(str(ipaddress.IPv6Address(near))), host_order(near_port)),
            (unmapped(str(ipaddress.IPv6Address(far))), host_order(far_port)),
            process,
        )


def host_order(port: int) -> int:
    """Only the lower two bytes count, and they are in network order."""
    return int.from_bytes((port & 0xFFFF).to_bytes(2, "little"), "big")


def process_at(table: Iterator[tuple[End, End, int]], peer: Address, own: Address) -> int | None:
    """The process whose own end is `peer` and whose far end is `own`."""
    near, far = (unmapped(peer[0]), peer[1]), (unmapped(own[0]), own[1])
    return next((process for here, there, process in table if (here, there) == (near, far)), None)


if sys.platform == "win32":
    from ctypes import wintypes

    def windows_owner(peer: Address, own: Address) -> Owner:
        """Whether the process at the far end runs as this user, by security identifier."""
        try:
            process = process_at(rows(read_table(AF_INET)), peer, own)
            if process is None:
                process = process_at(rows6(read_table(AF_INET6)), peer, own)
            if not process:
                return Owner.GONE
            return Owner.SAME if user_of(process) == user_of(None) else Owner.OTHER
        except PermissionError:
            # Only processes of other users, and elevated ones, may not be asked.
            return Owner.OTHER
        except OSError as error:
            return Owner.GONE if error.winerror == ERROR_INVALID_PARAMETER else Owner.UNKNOWN

    def read_table(family: int) -> bytes:
        get = ctypes.WinDLL("iphlpapi").GetExtendedTcpTable
        size = wintypes.DWORD(32 << 10)
        for _ in range(8):
            buffer = ctypes.create_string_buffer(size.value)
            kind = TCP_TABLE_OWNER_PID_CONNECTIONS
            problem = get(buffer, ctypes.byref(size), False, family, kind, 0)
            if problem == 0:
                return buffer.raw
            if problem != ERROR_INSUFFICIENT_BUFFER:
                raise ctypes.WinError(problem)
            # The table may grow while it is read.
            size.value += 16 << 10
        raise ctypes.WinError(ERROR_INSUFFICIENT_BUFFER)

    def user_of(process: int | None) -> bytes:
        """The security identifier that a process runs as; None means this one."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        advapi = ctypes.WinDLL("advapi32", use_last_error=True)
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.OpenProcess.restype = wintypes.HANDLE
        kernel.OpenProcess.argtypes = [wintypes.DWORD, wintypes.BOOL, wintypes.DWORD]
        kernel.CloseHandle.argtypes = [wintypes.HANDLE]
        advapi.OpenProcessToken.argtypes = [
            wintypes.HANDLE,
            wintypes.DWORD,
            ctypes.POINTER(wintypes.HANDLE),
        ]
        if process is None:
            handle = kernel.GetCurrentProcess()
        else:
            handle = kernel.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, False, process)
            if not handle:
                raise ctypes.WinError(ctypes.get_last_error())
        try:
            token = wintypes.HANDLE()
            if not advapi.OpenProcessToken(handle, TOKEN_QUERY, ctypes.byref(token)):
                raise ctypes.WinError(ctypes.get_last_error())
        finally:
            if process is not None:
                kernel.CloseHandle(handle)
        try:
            return identifier_in(advapi, token)
        finally:
            kernel.CloseHandle(token)

    def identifier_in(advapi: ctypes.WinDLL, token: wintypes.HANDLE) -> bytes:
        """The bytes of a token's user: a pointer to them stands first in TOKEN_USER."""
        advapi.GetTokenInformation.argtypes = [
            wintypes.HANDLE,
            ctypes.c_int,
            ctypes.c_void_p,
            wintypes.DWORD,
            ctypes.POINTER(wintypes.DWORD),
        ]
        advapi.GetLengthSid.argtypes = [ctypes.c_void_p]
        advapi.GetLengthSid.restype = wintypes.DWORD
        buffer = ctypes.create_string_buffer(256)
        used = wintypes.DWORD()
        if not advapi.GetTokenInformation(token, TOKEN_USER, buffer, 256, ctypes.byref(used)):
            raise ctypes.WinError(ctypes.get_last_error())
        identifier = ctypes.c_void_p.from_buffer(buffer).value
        return ctypes.string_at(identifier or 0, advapi.GetLengthSid(identifier))
else:

    def windows_owner(peer: Address, own: Address) -> Owner:
        return Owner.UNKNOWN
