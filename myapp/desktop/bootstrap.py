"""Set up `.venv` beside the launcher on a bare checkout, once. Standard library only."""

import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("apsw", "charset_normalizer", "click", "flask", "platformdirs", "waitress")
OLDEST = (3, 11)
STAMP = ".set-up-done"


class SetUpFailed(Exception):
    """The environment could not be made; the message says what to do."""


def ensure_dependencies(root: Path, extra: str = "") -> None:
    """Return where every dependency is here; otherwise go on in `.venv`, and never return.

    An environment that has the dependencies is left alone. Raises SetUpFailed.
    """
    if getattr(sys, "frozen", False) or (not extra and not missing()):
        return
    folder = root / ".venv"
    if is_inside(folder) and is_done(folder, root, extra):
        # Inside our own environment and still incomplete: somebody removed a package.
        if not missing():
            return
        (folder / STAMP).unlink(missing_ok=True)
    with one_at_a_time(root):
        if not is_done(folder, root, extra):
            make(folder, root, extra)
    go_on(folder)


def missing() -> list[str]:
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def is_inside(folder: Path) -> bool:
    return Path(sys.prefix).resolve() == folder.resolve()


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def wanted_stamp(root: Path, extra: str) -> str:
    """Changes when the dependencies may have: after an update they are installed again."""
    described = (root / "pyproject.toml").read_bytes()
    return hashlib.sha256(described + extra.encode()).hexdigest()


def is_done(folder: Path, root: Path, extra: str) -> bool:
    try:
        lines = (folder / STAMP).read_text(encoding="ascii").split()
    except OSError:
        return False
    return wanted_stamp(root, extra) in lines and python_of(folder).exists()


def make(folder: Path, root: Path, extra: str) -> None:
    if sys.version_info < OLDEST:
        raise SetUpFailed("Python 3.11 or newer is needed. Install it, then run this again.")
    tell(f"Setting up {folder} with what the program needs (once, needs the internet)…")
    try:
        run([sys.executable, "-m", "venv", "--clear", str(folder)])
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetUpFailed(
            f"{folder} could not be made. Check that the folder can be written and that Python's "
            "venv module is there (on Debian and Ubuntu: apt install python3-venv), then run "
            "this again."
        ) from error
    target = f"{root}[{extra}]" if extra else str(root)
    try:
        pip = [str(python_of(folder)), "-m", "pip", "--disable-pip-version-check"]
        run([*pip, "install", "--no-warn-script-location", "--editable", target])
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetUpFailed(
            "The packages could not be installed; the lines above say why. Check the internet "
            f"connection and run this again, or install them yourself: pip install {root}"
        ) from error
    # An environment with an extra also serves whoever needs none.
    stamps = sorted({wanted_stamp(root, extra), wanted_stamp(root, "")})
    (folder / STAMP).write_text("\n".join(stamps), encoding="ascii")
    tell("Done. Starting.")


def run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def tell(sentence: str) -> None:
    if sys.stderr is not None:
        print(sentence, file=sys.stderr, flush=True)


@contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Two first starts at once must not build the same folder: the second one waits."""
    from .instance import lock_file

    try:
        file = (root / ".venv.lock").open("ab")
    except OSError as error:
        raise SetUpFailed(
            f"The folder {root} cannot be written, so {root / '.venv'} cannot be "
            "made there. Copy it to a folder of your own."
        ) from error
    with file:
        wait_for(lambda: lock_file(file))
        yield


def wait_for(lock: Callable[[], None]) -> None:
    import time

    waited = 0
    while True:
        try:
            lock()
        except OSError:
            if waited == 0:
                tell("Another start is setting things up; waiting for it…")
            waited += 1
            time.sleep(0.5)
        else:
            return


def go_on(folder: Path) -> None:
    """Become the same program in the environment's own Python."""
    python = str(python_of(folder))
    arguments = [python, *sys.argv]
    if sys.platform == "win32":
        try:
            sys.exit(subprocess.run(arguments, check=False).returncode)
        except KeyboardInterrupt:
            sys.exit(0)
    os.execv(python, arguments)  # noqa: S606
