"""What the program says: on a terminal where there is one, in the log, in a box on Windows."""

import logging
import logging.handlers
import sys
from pathlib import Path

from myapp import identity

LOG_BYTES = 1 << 20
LOG_FILES = 3


def say(sentence: str) -> None:
    """A line on stdout, where a windowed build has none."""
    if sys.stdout is not None:
        print(sentence, flush=True)


def start_log(folder: Path) -> Path:
    """Write everything from now on to a rotating file; gives its path."""
    path = folder / f"{identity.SLUG}.log"
    handler: logging.Handler
    try:
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # A full disk must not end the program because its log cannot be written.
    logging.raiseExceptions = False
    return path


def report_failure(sentence: str, log_path: Path | None, *, pages: bool = True) -> None:
    """Show why the program cannot start, also to a person without a terminal.

    On Windows a message box, elsewhere a page in the browser; `pages` False keeps to the terminal.
    """
    where = f"\n\nThe log: {log_path}" if log_path else ""
    if sys.stderr is not None:
        print(f"{identity.NAME}: {sentence}", file=sys.stderr, flush=True)
        # Started from a menu, what goes to stderr ends where nobody looks.
        if sys.platform == "win32" or sys.stderr.isatty():
            return
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, sentence + where, identity.NAME, 0x10)
    elif pages:
        from .failure_page import show_failure

        show_failure(sentence, log_path)
