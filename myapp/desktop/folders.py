"""Where data and logs lie: the platform's own places, or one folder that was asked for."""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from myapp import identity

from .errors import FolderUnusable

PORTABLE_MARK = f"{identity.SLUG}-portable.txt"


class Folders(NamedTuple):
    data: Path
    logs: Path


def resolve_folders(
    chosen: Path | None, *, portable: bool, application: str = identity.APPLICATION
) -> Folders:
    """Find and make the folders. Raises FolderUnusable."""
    folders = find_folders(chosen, portable=portable, application=application)
    for folder in (folders.data, folders.logs):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise FolderUnusable(folder, error.strerror or str(error)) from error
    if not os.access(folders.data, os.W_OK):
        raise FolderUnusable(folders.data, "it is write-protected")
    return folders


def find_folders(
    chosen: Path | None, *, portable: bool = False, application: str = identity.APPLICATION
) -> Folders:
    """Where they are, or would be made.

    An application that is only tried here gets a data folder, and so an instance, of its own.
    """
    if chosen is None:
        chosen = portable_folder(asked=portable)
    if chosen is not None:
        data = chosen.expanduser().absolute()
        folders = Folders(data, data / "logs")
    else:
        from platformdirs import PlatformDirs

        places = PlatformDirs(identity.NAME, appauthor=False)
        folders = Folders(Path(places.user_data_dir), Path(places.user_log_dir))
        if application != identity.APPLICATION:
            own = "".join(each if each.isalnum() else "-" for each in application).strip("-")
            data = folders.data / "apps" / own[-80:]
            folders = Folders(data, data / "logs")
    return folders


def portable_folder(*, asked: bool) -> Path | None:
    """The data folder beside the program, where that was asked for or is marked there."""
    if asked or (program_folder() / PORTABLE_MARK).exists():
        return program_folder() / f"{identity.NAME} data"
    return None


def program_folder() -> Path:
    """The folder of the executable, or of the launcher in a checkout."""
    started = sys.executable if getattr(sys, "frozen", False) else sys.argv[0]
    return Path(started).resolve().parent


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only this user can read, in one step."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
