#!/usr/bin/env python3
"""Every DLL and PYD in a Windows build must come from the Windows Python or from a wheel.

Built with Wine, a library of Wine's own could slip in; it would run nowhere else.
Usage: check_libraries.py DIST_FOLDER PYTHON_FOLDER WHEELS_FOLDER
"""

import hashlib
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

LIBRARIES = (".dll", ".pyd")
MAGIC = b"MEI\014\013\012\013\016"
"""Ends a onefile archive. Source: PyInstaller's bootloader/src/pyi_archive.h."""


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def known(python: Path, wheels: Path) -> set[str]:
    found = {
        digest(path.read_bytes()) for path in python.rglob("*") if path.suffix.lower() in LIBRARIES
    }
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            found |= {
                digest(archive.read(name))
                for name in archive.namelist()
                if name.lower().endswith(LIBRARIES)
            }
    return found


def inside(dist: Path) -> Iterator[tuple[str, bytes]]:
    for path in dist.rglob("*"):
        if path.suffix.lower() in LIBRARIES:
            yield path.name, path.read_bytes()
        elif path.suffix.lower() == ".exe":
            yield from inside_onefile(path.read_bytes())


def inside_onefile(content: bytes) -> Iterator[tuple[str, bytes]]:
    place = content.rfind(MAGIC)
    if place < 0:
        return
    length, table, table_length = struct.unpack_from("!III", content, place + len(MAGIC))
    cookie_end = place + 88
    start = cookie_end - length
    at, end = start + table, start + table + table_length
    while at < end:
        size, offset, stored, _, packed = struct.unpack_from("!IIIIB", content, at)
        name = content[at + 18 : at + size].rstrip(b"\0").decode()
        if name.lower().endswith(LIBRARIES):
            data = content[start + offset : start + offset + stored]
            yield name, zlib.decompress(data) if packed else data
        at += size


def main() -> None:
    dist, python, wheels = map(Path, sys.argv[1:])
    allowed = known(python, wheels)
    found = list(inside(dist))
    foreign = [name for name, content in found if digest(content) not in allowed]
    if foreign or not found:
        sys.exit(f"libraries of unknown origin: {', '.join(foreign) or 'none found at all'}")
    print(f"{len(found)} libraries, each from the Windows Python or a wheel")


if __name__ == "__main__":
    main()
