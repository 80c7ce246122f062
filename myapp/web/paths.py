"""A path of this computer as it stands in an address, in a form and on a page.

Names are bytes on Linux, and may hold what is no letter, or what a form would change on its way:
such a path goes coded. Looks at nothing on the disk.
"""

import base64
import binascii
import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

JOINER = "\u200d"
"""It makes one picture of several emoji."""


def values_of(path: PurePath) -> dict[str, Any]:
    """The name and the value under which a form or an address takes the path along."""
    text = str(path)
    if text.isprintable() and text == bare(text):
        return {"path": text}
    return {"coded": base64.urlsafe_b64encode(os.fsencode(text)).decode("ascii")}


def given_path(values: Mapping[str, str]) -> Path | None:
    """The path of a form or an address, as `values_of` wrote it or a person typed it; None where
    there is none."""
    text = bare(values.get("path", ""))
    coded = values.get("coded")
    if coded:
        try:
            text = os.fsdecode(base64.b64decode(coded, altchars=b"-_", validate=True))
        except (binascii.Error, ValueError):
            return None
    return Path(text) if text and "\0" not in text else None


def bare(typed: str) -> str:
    """Without the quotation marks that a file manager copies along."""
    return typed.strip().strip('"')


def readable(name: str) -> str:
    """A name that any page can show: on one line, without what is no letter or turns its order."""
    return "".join(map(readable_letter, name))


def readable_letter(letter: str) -> str:
    if letter.isprintable() or letter == JOINER:
        return letter
    return " " if unicodedata.category(letter) == "Zs" else "\ufffd"


def crumbs(path: PurePath) -> list[tuple[str, PurePath]]:
    """The folder and those around it, the outermost first, each with its name."""
    return [(each.name or str(each), each) for each in (*reversed(path.parents), path)]
