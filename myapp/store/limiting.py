"""Which choices and which range a person may give a field. Writes nothing."""

from collections.abc import Sequence

import apsw

from .checks import RANGED
from .connection import rows_of
from .errors import RuleBroken
from .national import plainly
from .schema import Field, Table, quote
from .special import LONGEST_CHOICE, MOST_CHOICES, below, format_bound, split_choices
from .values import CHOSEN, NO_LIMITS, Kind, Limits, format_value, parse_value

NO_PLACE = frozenset(',"\\')
"""Signs that several choices cannot have: between them stand commas, around them quotes."""


def typed_limits(
    field: str, kind: Kind, choices: Sequence[str] = (), smallest: str = "", largest: str = ""
) -> Limits:
    """What was typed, as limits of this kind; what means nothing to the kind is passed over.

    Raises ValueDoesNotFit, RuleBroken.
    """
    if kind in CHOSEN:
        return sound_limits(field, kind, Limits(tuple(choices)))
    if kind not in RANGED:
        return NO_LIMITS
    low, high = (parse_value(field, kind, plainly(kind, each)) for each in (smallest, largest))
    if isinstance(low, bytes) or isinstance(high, bytes):
        raise RuleBroken(f"The range of “{field}” is not readable.", field)
    return sound_limits(field, kind, Limits((), low, high))


def sound_limits(field: str, kind: Kind, limits: Limits) -> Limits:
    """As they are. Raises RuleBroken where no field could have them."""
    if kind in CHOSEN:
        check_choices(field, kind, limits.choices)
        return Limits(limits.choices)
    if kind not in RANGED:
        return NO_LIMITS
    low, high = limits.smallest, limits.largest
    if low is not None and high is not None and below(high, low):
        raise RuleBroken(
            f"“{field}” could hold nothing: {format_bound(kind, low)} is more than"
            f" {format_bound(kind, high)}.",
            field,
        )
    return Limits((), low, high)


def check_choices(field: str, kind: Kind, choices: Sequence[str]) -> None:
    if len(choices) > MOST_CHOICES:
        raise RuleBroken(
            f"“{field}” can have up to {MOST_CHOICES} choices; these are {len(choices):,}.", field
        )
    seen: set[str] = set()
    for each in choices:
        if len(each) > LONGEST_CHOICE:
            raise RuleBroken(
                f"The choice “{each[:40]}…” of “{field}” is longer than {LONGEST_CHOICE}"
                " characters.",
                field,
            )
        if each.casefold() in seen:
            raise RuleBroken(f"The choice “{each}” of “{field}” is there twice.", field)
        seen.add(each.casefold())
        odd = not each.isprintable() or (kind is Kind.CHOICES and NO_PLACE & set(each))
        if odd or not each.strip():
            raise RuleBroken(
                f"“{each}” cannot be one of several choices: a choice has no commas, quotation"
                " marks or backslashes.",
                field,
            )


def check_new(field: str, kind: Kind, limits: Limits) -> Limits:
    """Of a field that is made. Raises RuleBroken, also where choices are missing."""
    if kind in CHOSEN and not limits.choices:
        raise RuleBroken(f"Say which choices “{field}” has, with commas between them.", field)
    return sound_limits(field, kind, limits)


def choices_there(connection: apsw.Connection, table: Table, field: Field, kind: Kind) -> Limits:
    """The values of a field as its choices. Raises RuleBroken where there are none or too many."""
    column = quote(field.name)
    found: dict[str, str] = {}
    for (value,) in rows_of(
        connection,
        f"SELECT DISTINCT {column} FROM {quote(table.name)} WHERE {column} IS NOT NULL"
        f" AND typeof({column}) <> 'blob'",
    ):
        text = format_value(field.kind, value).strip()
        several = kind is Kind.CHOICES and field.kind is not Kind.CHOICE
        parts = split_choices(text) if several else [" ".join(text.split())]
        for part in parts:
            if part:
                found.setdefault(part.casefold(), part)
        if len(found) > MOST_CHOICES:
            raise RuleBroken(
                f"“{field.name}” holds more than {MOST_CHOICES} different values, so they cannot"
                " be its choices. Give the choices yourself.",
                field.name,
            )
    limits = Limits(tuple(found[each] for each in sorted(found)))
    return check_new(field.name, kind, limits)
