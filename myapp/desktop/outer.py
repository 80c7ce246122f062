"""The outer process of a one-file executable, which unpacks the program and waits for its end.

Whoever kills it leaves the program itself behind, with its unpacked folder for ever. The program
looks once a second, and ends when it is alone.
"""

import logging
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .instance import InstanceLock

log = logging.getLogger(__name__)
NEEDED_TO_RUN = ("base_library.zip", "libpython3*", "python3*.dll")
LONGEST_UNPACKING = 600.0
"""Seconds, for a virus scanner that reads each file."""


def watch_outer() -> Callable[[], bool]:
    """A function that tells whether the outer process has gone; always False without one."""
    if not is_one_file():
        return lambda: False
    first = os.getppid()
    if sys.platform == "win32":
        import ctypes

        synchronize = 0x00100000
        handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, first)
        # A process's handle is signalled once it has ended; the id alone may be used again.
        return lambda: bool(handle) and ctypes.windll.kernel32.WaitForSingleObject(handle, 0) == 0
    return lambda: os.getppid() != first


def remove_unpacked() -> None:
    """Remove at the very end what the outer process would have removed.

    Windows keeps loaded libraries; there the folder stays.
    """
    import atexit

    atexit.register(shutil.rmtree, str(getattr(sys, "_MEIPASS", "")), ignore_errors=True)


def mark_unpacked() -> InstanceLock | None:
    """Hold a lock in our own unpacked folder, so that no other start takes it for abandoned.

    Taken before anything else, for a long export on the command line serves no pages.
    """
    if not is_one_file():
        return None
    lock = InstanceLock(own_folder())
    try:
        lock.take()
    except OSError:
        log.warning("cannot mark the unpacked folder", exc_info=True)
    return lock


def clear_abandoned() -> None:
    """Remove what starts that were killed left unpacked.

    A folder whose lock nobody holds belongs to no program that runs.
    """
    if not is_one_file():
        return
    own = own_folder()
    try:
        for folder in own.parent.glob("_MEI*"):
            if folder != own and (is_abandoned(folder) or is_unfinished(folder, own)):
                log.info("removing %s, which a killed start left", folder)
                shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        log.warning("cannot look for what killed starts left", exc_info=True)


def is_abandoned(folder: Path) -> bool:
    lock = InstanceLock(folder)
    if not is_ours(folder) or not lock.lock_path.is_file() or lock.lock_path.is_symlink():
        return False
    if not lock.take():
        return False
    lock.release()
    return True


def is_unfinished(folder: Path, own: Path) -> bool:
    """Whether a start of this program was killed while it unpacked, long enough ago.

    Nothing lies there that we have not, and of what no program runs without something is missing.
    """
    if not is_ours(folder) or time.time() - folder.stat().st_mtime < LONGEST_UNPACKING:
        return False
    needed = [each.name for pattern in NEEDED_TO_RUN for each in own.glob(pattern)]
    if all((folder / each).exists() for each in needed):
        return False
    inside = [each.relative_to(folder) for each in folder.rglob("*") if not each.is_dir()]
    return bool(inside) and all((own / each).exists() for each in inside)


def is_ours(folder: Path) -> bool:
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == own_user()


def own_folder() -> Path:
    return Path(getattr(sys, "_MEIPASS", ""))


def own_user() -> int:
    """On Windows every file says 0, and the temporary folder is each user's own."""
    return 0 if sys.platform == "win32" else os.getuid()


def is_one_file() -> bool:
    """PyInstaller unpacks one file to a temporary folder, a folder build lies beside itself."""
    unpacked = getattr(sys, "_MEIPASS", None)
    if unpacked is None:
        return False
    return Path(sys.executable).resolve().parent not in Path(unpacked).resolve().parents
