"""Names for new files and folders, which every system must take."""

import re

LONGEST = 240
"""Bytes of a name: file systems take 255, and SQLite writes a `-journal` beside."""

TOO_LONG = f"it has more than {LONGEST} bytes. Give it a shorter one."
LONGEST_SHOWN = 60

FORBIDDEN = '<>:"/\\|?*'
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\..*)?", re.I)
"""What Windows takes for devices, with any ending:
https://learn.microsoft.com/windows/win32/fileio/naming-a-file"""


def why_not(name: str) -> str | None:
    """Why some system would not take the name: the rest of a sentence; None where all do."""
    if not name:
        return "give it one."
    if not name.isprintable():
        return "it holds what is no letter, or cannot be seen."
    found = "".join(dict.fromkeys(letter for letter in name if letter in FORBIDDEN))
    if found:
        return f"Windows does not take {' '.join(found)} in names."
    if name.endswith((".", " ")):
        return "Windows does not take a name that ends with a dot."
    if DEVICES.fullmatch(name):
        return "Windows keeps it for a device."
    if len(name.encode()) > LONGEST:
        return TOO_LONG
    return None


def shown(name: str) -> str:
    """The name as a sentence can hold it: what cannot be seen is marked, a long one is cut."""
    seen = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return seen if len(seen) <= LONGEST_SHOWN else f"{seen[: LONGEST_SHOWN - 3]}…"
