"""Find fields of text whose values are few and come again and again: they could be a choice."""

from collections.abc import Sequence
from typing import Any

MOST = 12
LEAST_RECORDS = 50
LONGEST = 40


def few_values(values: Sequence[Any]) -> tuple[str, ...]:
    """The values in the order in which they come, where they are few; else nothing.

    What a choice would take in another form, with spaces around it or twice in other letters' case,
    makes none of them a choice.
    """
    filled = [value for value in values if value is not None and value != ""]
    if len(filled) < LEAST_RECORDS or not all(type(value) is str for value in filled):
        return ()
    found = tuple(dict.fromkeys(filled))
    # One value alone tells nothing apart.
    if not 2 <= len(found) <= MOST or len({each.casefold() for each in found}) < len(found):
        return ()
    return found if all(map(is_name, found)) else ()


def is_name(value: str) -> bool:
    return value == value.strip() and value.isprintable() and 0 < len(value) <= LONGEST
