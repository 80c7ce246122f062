"""Whether this Python has what the program needs; where not, go on in `.venv`.

Standard library only, and little of it: this runs at every start of a checkout. Never touches an
environment that has everything, nor empties one that a person made.
"""

import contextlib
import os
import sys
from importlib.util import find_spec
from pathlib import Path

NEEDED = {
    "": ("apsw", "charset_normalizer", "click", "flask", "platformdirs", "waitress", "werkzeug")
    + ("python_calamine", "segno", "xlsxwriter")
    + (("jeepney",) if sys.platform == "linux" else ()),
    "dev": ("PyInstaller", "argon2", "build", "flask_admin", "hypothesis", "importlinter", "mypy")
    + ("playwright", "pytest", "ruff", "sqlite_web", "xdist"),
}
"""What each extra brings, by the names that Python imports."""

STAMP = ".set-up-done"
BEGUN = ".set-up-begun"


class SetUpFailed(Exception):
    """The environment could not be made; the message says what to do."""


def ensure_dependencies(root: Path, extra: str = "") -> None:
    """Return where every dependency is here; otherwise go on in `.venv`, and never return.

    Raises SetUpFailed.
    """
    if getattr(sys, "frozen", False):
        return
    folder = root / ".venv"
    inside = is_inside(folder)
    if has_all(extra) and not (inside and is_outdated(folder, root, extra)):
        return
    if inside or not is_done(folder, root, extra):
        from .environment import set_up

        set_up(root, extra)
    go_on(folder)


def has_all(extra: str = "") -> bool:
    return all(find_spec(name) is not None for name in (*NEEDED[""], *NEEDED[extra]))


def is_inside(folder: Path) -> bool:
    return os.path.realpath(sys.prefix) == os.path.realpath(folder)


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def wanted_stamp(root: Path, extra: str) -> str:
    """Changes with the list of dependencies alone, not with the rest of the project's file."""
    import hashlib
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {}) if extra else {}
    described = repr((project["dependencies"], sorted(extras.items()), extra))
    return hashlib.sha256(described.encode()).hexdigest()


def seen_stamp(root: Path, extra: str) -> str:
    """Names the project's file as it lies there, so that an unchanged one is not read again."""
    state = (root / "pyproject.toml").stat()
    return f"seen:{extra}:{state.st_mtime_ns}:{state.st_size}"


def stamps_in(folder: Path) -> list[str]:
    try:
        return (folder / STAMP).read_text(encoding="ascii").split()
    except OSError:
        return []


def is_done(folder: Path, root: Path, extra: str) -> bool:
    """Whether this exact list of dependencies was installed there, to the end."""
    if not python_of(folder).exists():
        return False
    stamps = stamps_in(folder)
    seen = seen_stamp(root, extra)
    if seen in stamps:
        return True
    if wanted_stamp(root, extra) not in stamps:
        return False
    kept = [each for each in stamps if not each.startswith(f"seen:{extra}:")]
    # Where it cannot be written, a start is only slower.
    with contextlib.suppress(OSError):
        (folder / STAMP).write_text("\n".join([*kept, seen]), encoding="ascii")
    return True


def is_outdated(folder: Path, root: Path, extra: str) -> bool:
    """Whether it was set up here for another list. One that a person made is never outdated."""
    return bool(stamps_in(folder)) and not is_done(folder, root, extra)


def go_on(folder: Path) -> None:
    """Become the same program in the environment's own Python."""
    python = str(python_of(folder))
    arguments = [python, *sys.argv]
    if sys.platform != "win32":
        os.execv(python, arguments)  # noqa: S606
    import subprocess

    process = subprocess.Popen(arguments)
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:
            # The program received the same Ctrl-C and is ending by itself.
            continue
