"""Where Edge, Chrome and Chromium lie: the browsers that show a page without tabs and toolbars.

Only the usual places are looked at; nothing is started.
"""

import ntpath
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

WINDOWS = (
    ("msedge.exe", r"Microsoft\Edge\Application\msedge.exe"),
    ("chrome.exe", r"Google\Chrome\Application\chrome.exe"),
    ("chromium.exe", r"Chromium\Application\chrome.exe"),
)
"""The name of each among the registry's App Paths, and its place below the folders of programs."""

PROGRAM_FOLDERS = ("ProgramFiles(x86)", "ProgramFiles", "LOCALAPPDATA")
MACOS = ("Microsoft Edge", "Google Chrome", "Chromium")
LINUX = ("microsoft-edge", "microsoft-edge-stable", "google-chrome", "google-chrome-stable") + (
    "chromium",
    "chromium-browser",
)
SNAP = b"/snap/bin/"


def find_browsers() -> list[str]:
    """The ones that are installed, in the order of preference."""
    if sys.platform == "win32":
        found = on_windows(os.environ, registered)
    elif sys.platform == "darwin":
        found = on_macos((Path("/Applications"), Path.home() / "Applications"))
    else:
        found = on_linux(shutil.which)
    return list(dict.fromkeys(found))


def on_windows(
    environment: Mapping[str, str],
    registered: Callable[[str], str | None],
    exists: Callable[[str], bool] = os.path.isfile,
) -> Iterator[str]:
    for name, place in WINDOWS:
        folders = [environment[each] for each in PROGRAM_FOLDERS if each in environment]
        for path in (registered(name), *(ntpath.join(each, place) for each in folders)):
            if path is not None and exists(path):
                yield path
                break


def registered(name: str) -> str | None:
    """Where the registry says that a program lies, for this user or for everybody."""
    if sys.platform != "win32":
        return None
    import winreg

    key = rf"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\{name}"
    for root in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        try:
            return winreg.QueryValue(root, key).strip('"')
        except OSError:
            continue
    return None


def on_macos(folders: Iterable[Path]) -> Iterator[str]:
    for name in MACOS:
        for folder in folders:
            path = folder / f"{name}.app" / "Contents" / "MacOS" / name
            if path.is_file():
                yield str(path)
                break


def on_linux(which: Callable[[str], str | None]) -> Iterator[str]:
    for name in LINUX:
        path = which(name)
        if path is not None and not is_snap(Path(path)):
            yield path


def is_snap(path: Path) -> bool:
    """A snap may not write to a profile in the data folder, which lies below a hidden one.

    Source: https://snapcraft.io/docs/home-interface
    """
    if path.resolve().name == "snap":
        return True
    try:
        with path.open("rb") as file:
            # Ubuntu's chromium-browser is a script that starts the snap.
            start = file.read(4096)
    except OSError:
        return False
    return start.startswith(b"#!") and SNAP in start
