"""A view's conditions as JSON and back, and the way through their groups. Knows no SQL.

A list of conditions holds where all of them do. A condition is `[field, operator, value]`, or a
group, `{"any": [...]}` or `{"all": [...]}`, of more of them.
"""

from collections.abc import Callable, Iterator

from .errors import TooManyConditions
from .query import Condition, Filter, FilterGroup, Op

DEEPEST = 5
"""Groups within groups; a person builds two."""

MOST_CONDITIONS = 200


def read_conditions(listed: object) -> tuple[Condition, ...]:
    """The conditions of a JSON list.

    Raises ValueError or TypeError for what is no such list, and TooManyConditions.
    """
    found = tuple(read_all(listed, 0))
    if sum(1 for _ in each_filter(found)) > MOST_CONDITIONS:
        raise TooManyConditions(MOST_CONDITIONS)
    return found


def read_all(listed: object, depth: int) -> Iterator[Condition]:
    if not isinstance(listed, list) or depth > DEEPEST:
        raise TypeError(listed)
    for each in listed:
        if isinstance(each, dict):
            ((joined, of),) = each.items()
            if joined not in ("any", "all") or not of:
                raise ValueError(each)
            yield FilterGroup(tuple(read_all(of, depth + 1)), joined == "any")
        else:
            field, op, value = each
            yield Filter(str(field), Op(op), str(value))


def listed_conditions(conditions: tuple[Condition, ...]) -> list[object]:
    return [
        {"any" if each.any else "all": listed_conditions(each.of)}
        if isinstance(each, FilterGroup)
        else [each.field, each.op.value, each.value]
        for each in conditions
    ]


def each_filter(conditions: tuple[Condition, ...]) -> Iterator[Filter]:
    """Every condition that compares a field, whatever group it stands in."""
    for each in conditions:
        if isinstance(each, FilterGroup):
            yield from each_filter(each.of)
        else:
            yield each


def changed_conditions(
    conditions: tuple[Condition, ...], change: Callable[[Filter], Filter | None]
) -> tuple[Condition, ...]:
    """Each filter as `change` has it, without those that it gives up, and groups of nothing."""
    changed: list[Condition] = []
    for each in conditions:
        if not isinstance(each, FilterGroup):
            made = change(each)
            changed += [made] if made is not None else []
        elif of := changed_conditions(each.of, change):
            changed.append(each._replace(of=of))
    return tuple(changed)
