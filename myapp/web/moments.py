"""Dates with times as an input for them has them: `2026-03-31T14:30`, to the second at most.

What has parts of seconds, a time zone, or is written in another way stays in an input for text.
"""

import re
from datetime import datetime

STORED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", re.ASCII)
PICKED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)


def to_input(text: str) -> str | None:
    """The value of an input for a date and time; None where it would lose something of `text`."""
    if not STORED.fullmatch(text) or not is_moment(text):
        return None
    return shortest(text.replace(" ", "T", 1))


def shortest(picked: str) -> str:
    """Browsers leave out seconds that are none, and would take the value for a changed one."""
    return picked[:-3] if len(picked) == 19 and picked.endswith(":00") else picked


def from_input(text: str, was: str) -> str:
    """What was picked, as fields have it: as it `was` where it is the same moment, whose form would
    otherwise change by being looked at. What was typed stays as it is."""
    shown = to_input(was)
    if not PICKED.fullmatch(text) or (was and shown is None):
        return text
    return was if shortest(text) == shown else text.replace("T", " ", 1)


def is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
