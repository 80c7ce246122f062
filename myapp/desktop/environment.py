"""Make `.venv` beside the launcher, and go on in it. Standard library only."""

import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .bootstrap import (
    BEGUN,
    NEEDED,
    STAMP,
    SetUpFailed,
    is_done,
    is_inside,
    python_of,
    wanted_stamp,
)

SHOWN_LINES = 12
"""Of a failed command's own words."""


def set_up(root: Path, extra: str) -> None:
    """Bring `.venv` to what `pyproject.toml` lists. Raises SetUpFailed."""
    folder = root / ".venv"
    try:
        with one_at_a_time(root):
            # Another start may have done it while this one waited.
            if is_inside(folder) or not is_done(folder, root, extra):
                make(folder, root, extra)
    except KeyboardInterrupt:
        raise SetUpFailed("Stopped. The next start sets everything up again.") from None


def make(folder: Path, root: Path, extra: str) -> None:
    """Needs the internet. Raises SetUpFailed."""
    tell(f"Setting up {folder} with what the program needs (once; needs the internet):")
    if is_half_made(folder):
        make_environment(folder)
    install(folder, f"{root}[{extra}]" if extra else str(root))
    names = (*NEEDED[""], *NEEDED[extra])
    check = f"import importlib.util as u; exit(any(u.find_spec(n) is None for n in {names!r}))"
    if subprocess.run([str(python_of(folder)), "-c", check], check=False).returncode:
        raise SetUpFailed(f"{folder} is still incomplete. Delete that folder and run this again.")
    # An environment with an extra also serves whoever needs none.
    stamps = sorted({wanted_stamp(root, extra), wanted_stamp(root, "")})
    (folder / STAMP).write_text("\n".join(stamps), encoding="ascii")
    (folder / BEGUN).unlink(missing_ok=True)
    tell("Done. Starting.")


def is_half_made(folder: Path) -> bool:
    """Whether it must be made anew: absent, begun by us and not finished, or without its Python."""
    whole = (folder / "pyvenv.cfg").exists() and python_of(folder).exists()
    return not whole or (folder / BEGUN).exists()


def make_environment(folder: Path) -> None:
    # The running Python may lie in the folder that is emptied: use the one that it came from.
    python = getattr(sys, "_base_executable", None) or sys.executable
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        (folder / BEGUN).touch()
        run([python, "-m", "venv", str(folder)])
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetUpFailed(
            f"{folder} could not be made. Check that the folder can be written and that Python's "
            "venv module is there (on Debian and Ubuntu: apt install python3-venv), then run "
            "this again."
        ) from error


def install(folder: Path, target: str) -> None:
    pip = [str(python_of(folder)), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    # As a variable it also reaches the pip that pip starts for the build: a minute less offline.
    os.environ.setdefault("PIP_RETRIES", "1")
    try:
        run([*pip, "install", "--progress-bar", "off", "--editable", target])
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetUpFailed(
            "The packages could not be installed; the lines above say why. Check the internet "
            f'connection and run this again, or install them yourself: pip install "{target}"'
        ) from error


def run(command: Sequence[str]) -> None:
    """Run to the end, naming each package as it comes; a failure shows its own last lines."""
    last: deque[str] = deque(maxlen=SHOWN_LINES)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            last.append(line.rstrip())
            first, _, rest = line.strip().partition(" ")
            if first == "Collecting" and rest:
                tell(f"  {rest.partition(' (')[0]}")
            elif first == "Installing" and rest.startswith("collected"):
                tell("  installing …")
    if process.returncode:
        tell("\n".join(last))
        raise subprocess.CalledProcessError(process.returncode, command)


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
