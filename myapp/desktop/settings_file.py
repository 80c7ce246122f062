"""Change one line of the settings file, and leave everything else in it as it was."""

import re
import tomllib
from pathlib import Path

from .errors import DesktopError
from .folders import write_private


class SettingsRefused(DesktopError):
    """The settings file could not be changed."""


def keep_setting(path: Path, name: str, on: bool) -> None:
    """Set an option that is off by default. Raises SettingsRefused."""
    try:
        text = read(path)
        before = tomllib.loads(text)
        if before.get(name, False) is on:
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path.resolve(), changed(text, {**before, name: on}, name).encode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsRefused(
            f"This could not be kept, for {path} has to be mended first: {error}."
        ) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsRefused(f"This could not be kept in {path}: {why}.") from error


def read(path: Path) -> str:
    """With its own line ends."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""


def changed(text: str, wanted: dict[str, object], name: str) -> str:
    """The text that says `wanted`. Raises ValueError where no simple change says that."""
    line = f"{name} = {str(wanted[name]).lower()}"
    end = "\r\n" if "\r\n" in text else "\n"
    closed = text if not text or text.endswith("\n") else text + end
    for tried in (
        re.sub(rf"(?m)^[ \t]*{name}[ \t]*=[ \t]*\w+", line, text, count=1),
        f"{closed}{line}{end}",
        # Below a table's head it would belong to the table.
        f"{line}{end}{text}",
    ):
        try:
            if tomllib.loads(tried) == wanted:
                return tried
        except tomllib.TOMLDecodeError:
            continue
    raise ValueError(f"its line “{name}” has to be changed by hand")
