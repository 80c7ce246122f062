"""A new folder of this computer, to put something into."""

import errno
from pathlib import Path

from myapp.store import AppError
from myapp.store.file_names import shown, why_not

from .paths import readable


class FolderNotMade(AppError):
    """Raised with the name that was typed and why there is no such folder."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"The folder “{shown(name)}” was not made: {why}")


def make_folder(around: Path, typed: str) -> Path:
    """Make an empty folder in `around`, which any system could have. Raises FolderNotMade."""
    name = typed.strip()
    why = why_not(name)
    if why:
        raise FolderNotMade(name, why)
    here = readable(around.name or str(around))
    made = around / name
    try:
        made.mkdir()
    except FileExistsError as error:
        raise FolderNotMade(name, f"{here} has something of this name already.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FolderNotMade(name, f"there is no folder {here} any more.") from error
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise FolderNotMade(name, f"nothing may be written into {here}.") from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FolderNotMade(name, "the disk is full.") from error
        raise FolderNotMade(name, f"{error.strerror or error}.") from error
    return made
