"""The outer process of a one-file executable, which unpacks the program and waits for its end.

Whoever kills it leaves the program itself behind, with its unpacked folder for ever. The program
looks once a second, and ends when it is alone.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path


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
    import shutil

    atexit.register(shutil.rmtree, str(getattr(sys, "_MEIPASS", "")), ignore_errors=True)


def is_one_file() -> bool:
    """PyInstaller unpacks one file to a temporary folder, a folder build lies beside itself."""
    unpacked = getattr(sys, "_MEIPASS", None)
    if unpacked is None:
        return False
    return Path(sys.executable).resolve().parent not in Path(unpacked).resolve().parents
