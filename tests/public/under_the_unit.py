"""`python -m tests.public.under_the_unit MODULE …` runs a module under the unit's filter of system
calls, as systemd would: https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

import ctypes
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

UNIT = Path(__file__).resolve().parents[2] / "installer" / "server" / "myapp.service"
NUMBERS = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, EPERM = 0x7FFF0000, 0x00050001
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2


def calls_of(name: str) -> Iterator[str]:
    """The system calls of a group, as this systemd has them."""
    if not name.startswith("@"):
        yield name
        return
    said = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    )
    for line in said.stdout.splitlines()[1:]:
        if line.strip() and not line.strip().startswith("#"):
            yield from calls_of(line.strip())


def allowed() -> set[str]:
    found = set(calls_of("@default"))
    text = UNIT.read_text(encoding="utf-8")
    for without, groups in re.findall(r"^SystemCallFilter=(~?)(.*)$", text, re.MULTILINE):
        named = {call for group in groups.split() for call in calls_of(group)}
        found = found - named if without else found | named
    return found


def main(*arguments: str) -> None:
    told = re.findall(r"#define __NR_(\w+) (\d+)", NUMBERS.read_text(encoding="ascii"))
    calls = allowed()
    steps = [(LOAD, 0, 0, 0)]
    for number in sorted(int(number) for name, number in told if name in calls):
        steps += [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    steps.append((RETURN, 0, 0, EPERM))
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in steps))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]

    program = Program(len(steps), ctypes.addressof(packed))
    library = ctypes.CDLL(None, use_errno=True)
    assert library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    assert library.prctl(SECCOMP, FILTER, ctypes.byref(program)) == 0, ctypes.get_errno()
    os.execv(sys.executable, [sys.executable, "-m", *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
