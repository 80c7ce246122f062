"""Where a window stood, and keeping that in the data folder. Opens no window itself."""

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

SMALLEST, LARGEST = 200, 20_000


class Place(NamedTuple):
    """In the window system's own points. Without x and y the system chooses."""

    width: int = 1200
    height: int = 800
    x: int | None = None
    y: int | None = None
    maximized: bool = False


class Screen(NamedTuple):
    x: int
    y: int
    width: int
    height: int


def read_place(path: Path) -> Place:
    """What was kept; the usual size where it is missing or makes no sense."""
    try:
        found = json.loads(path.read_text(encoding="ascii"))
        place = Place(**found)
    except (OSError, ValueError, TypeError):
        return Place()
    return place if makes_sense(place) else Place()


def makes_sense(place: Place) -> bool:
    return (
        all(is_number(each) and SMALLEST <= each <= LARGEST for each in place[:2])
        and all(each is None or is_number(each) for each in (place.x, place.y))
        and isinstance(place.maximized, bool)
    )


def is_number(value: Any) -> bool:
    return type(value) is int


def keep_place(path: Path, place: Place) -> None:
    """Where the file cannot be written, the next window opens at its usual place."""
    with contextlib.suppress(OSError):
        path.write_text(json.dumps(place._asdict()), encoding="ascii")


def on_screens(place: Place, screens: Iterable[Screen]) -> Place:
    """Without its corner, where the middle of its title bar would lie on no screen of today."""
    if place.x is None or place.y is None:
        return place
    middle, top = place.x + place.width // 2, place.y + 10
    for each in screens:
        if each.x <= middle < each.x + each.width and each.y <= top < each.y + each.height:
            return place
    return place._replace(x=None, y=None)
