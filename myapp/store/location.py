"""Where a file lies: on a network drive, or in a folder that a program keeps in sync with other
computers. Asks the system and looks at names; opens nothing."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path, PurePath, PureWindowsPath
from typing import Literal, NamedTuple

REMOTE = frozenset(
    ("afs", "ceph", "cifs", "davfs", "fuse.davfs2", "fuse.glusterfs", "fuse.gvfsd-fuse")
    + ("fuse.rclone", "fuse.sshfs", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs")
)
"""File systems that other computers may write to at the same time, by Linux's names."""

MOUNTS = Path("/proc/self/mounts")
DRIVE_REMOTE = 4
"""https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getdrivetypew"""

BY_NAME = (
    ("OneDrive", re.compile(r"OneDrive( -.*|-.*)?", re.IGNORECASE)),
    ("Dropbox", re.compile(r"Dropbox( \(.*\)|-.*)?", re.IGNORECASE)),
    ("iCloud", re.compile(r"iCloud ?Drive|com~apple~CloudDocs", re.IGNORECASE)),
    ("Google Drive", re.compile(r"Google ?Drive(-.*)?|My Drive", re.IGNORECASE)),
    ("Nextcloud", re.compile(r"Nextcloud\d?|ownCloud", re.IGNORECASE)),
    ("Syncthing", re.compile(r"Syncthing", re.IGNORECASE)),
)
"""How the folders are called that these programs make."""

BY_MARKER = (
    (".stfolder", "Syncthing"),
    (".dropbox", "Dropbox"),
    (".dropbox.cache", "Dropbox"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "ownCloud"),
    (".tmp.driveupload", "Google Drive"),
)
"""What they leave in a folder that they keep in sync, under any name."""

BY_VARIABLE = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")


class Location(NamedTuple):
    """`name` is that of the syncing program, or of the kind of network drive."""

    kind: Literal["network", "sync"]
    name: str


def find_location(
    path: Path,
    *,
    mounts: Path = MOUNTS,
    environment: Mapping[str, str] = os.environ,
    windows: bool = sys.platform == "win32",
) -> Location | None:
    """None where the file lies on this computer, and in no folder that is known to be synced."""
    network = network_of(path, mounts, windows=windows)
    if network is not None:
        return Location("network", network)
    service = service_of(path, environment)
    return Location("sync", service) if service is not None else None


def network_of(path: Path, mounts: Path = MOUNTS, *, windows: bool) -> str | None:
    """The drive or file system of another machine that `path` lies on; None on this one."""
    if windows:
        drive = PureWindowsPath(path).drive
        if drive.startswith("\\\\?\\UNC\\"):
            return "\\\\" + drive[8:]
        if drive.startswith("\\\\") and not drive.startswith(("\\\\?\\", "\\\\.\\")):
            return drive
        return drive if drive_type(drive) == DRIVE_REMOTE else None
    try:
        listed = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    return mounted_from(path, listed)


def drive_type(drive: str) -> int:
    if sys.platform == "win32":
        import ctypes

        return int(ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\"))
    return 0


def mounted_from(path: PurePath, listed: str) -> str | None:
    """The remote kind of file system under `path`, by lines like those of /proc/self/mounts."""
    best, kind = -1, ""
    for line in listed.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = PurePath(unescaped(parts[1]))
        # Of two at one place the later one lies over the earlier.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), parts[2]
    return kind if kind in REMOTE else None


def unescaped(text: str) -> str:
    r"""Spaces and the like are written as \040."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def service_of(path: Path, environment: Mapping[str, str]) -> str | None:
    for variable in BY_VARIABLE:
        root = environment.get(variable)
        if root and path.is_relative_to(root):
            return "OneDrive"
    for part in path.parts[:-1]:
        for service, named in BY_NAME:
            if named.fullmatch(part):
                return service
        if part == "Mobile Documents":
            return "iCloud"
    for folder in path.parents:
        for marker, service in BY_MARKER:
            # The file ~/.dropbox is no marker: the program keeps its own things in such a folder.
            if os.path.lexists(folder / marker) and not is_home(folder):
                return service
    return None


def is_home(folder: Path) -> bool:
    try:
        return folder == Path.home()
    except RuntimeError:
        return False
