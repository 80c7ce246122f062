"""`--reload`: start the program anew when its code changes. For developers; never when frozen.

One process watches over another. The second is the program itself: it looks at the files of its
own modules, and ends with a code of its own when one has changed. The port is remembered and
sessions outlive the program, so that open pages go on.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from .lifecycle import WATCHED
from .reporting import say

CHANGED = 75
"""The exit code of a program that wants to be started anew."""

LOOK_SECONDS = 0.4
Stamps = dict[str, int]


def watch_over() -> int:
    """Start this same command line again and again; gives the last exit code."""
    ended = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_: ended.set())
    times = 0
    while True:
        # What is mended while a start is failing must not be overlooked.
        before = stamps_of(nearby())
        code = run_once(times, ended)
        if ended.is_set() or code == 0:
            return code
        if code != CHANGED:
            if times == 0:
                return code
            say("The program failed; it starts again when a file changes.")
            if not wait_for_change(before, ended):
                return code
        say("A file has changed: starting again.")
        times += 1


def run_once(times: int, ended: threading.Event) -> int:
    process = subprocess.Popen(
        [sys.executable, *sys.orig_argv[1:]], env={**os.environ, WATCHED: str(times)}
    )
    asked = False
    while process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
        if ended.is_set() and not asked:
            asked = True
            process.terminate()
    return process.returncode


def wait_for_change(before: Stamps, ended: threading.Event) -> bool:
    """After a failed start nobody knows its modules: look at every Python file nearby."""
    while not ended.wait(LOOK_SECONDS):
        if stamps_of(nearby()) != before:
            return True
    return False


def nearby() -> Iterator[str]:
    for folder, inner, names in os.walk(Path.cwd()):
        inner[:] = [
            each
            for each in inner
            if not each.startswith(".") and each not in ("node_modules", "site-packages")
        ]
        for name in names:
            if name.endswith(".py"):
                yield str(Path(folder, name))


class Watcher:
    """In the watched program: sets `stop` when code has changed, or nobody watches over it."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.exit_code = 0
        self.pages_are_open = os.environ.get(WATCHED, "0") != "0"
        self.parent = os.getppid()
        # Here, and not in the thread: whoever sees the program's page may change its code at once.
        self.known = stamps_of(own_files())
        threading.Thread(target=self.run, name="reload", daemon=True).start()

    def run(self) -> None:
        known = self.known
        while not self.stop.wait(LOOK_SECONDS):
            now = stamps_of(own_files())
            # A file seen for the first time has only just been loaded.
            if any(now.get(name) != stamp for name, stamp in known.items()):
                # An editor may write several files at once.
                time.sleep(0.1)
                self.exit_code = CHANGED
                self.stop.set()
            elif os.name != "nt" and os.getppid() != self.parent:
                self.stop.set()
            known = {**now, **known}


def own_files() -> Iterator[str]:
    """The files of the modules loaded so far, without Python's own and installed packages."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if (
            isinstance(file, str)
            and file.endswith(".py")
            and "site-packages" not in file
            and not file.startswith((sys.base_prefix, sys.prefix))
        ):
            yield file


def stamps_of(files: Iterable[str]) -> Stamps:
    """When each file was written; 0 where it has gone."""
    stamps = {}
    for file in files:
        try:
            stamps[file] = Path(file).stat().st_mtime_ns
        except OSError:
            stamps[file] = 0
    return stamps
