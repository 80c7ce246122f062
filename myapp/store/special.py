"""Values of the kinds that mean more than a text or number: money, choices, addresses.

Money is a number of whole cents, as SQLite's NUMERIC keeps it, and below MOST_MONEY: so each amount
is the one double nearest to it, is written with two decimals without a loss, and cents of many
records are added up as whole numbers. Several choices are a JSON array of texts, in the order of
the field's choices, without spaces: one text for one choice of them.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from .errors import ValueDoesNotFit, ValueNotAllowed
from .values import CHOSEN, Kind, Limits, Value

MOST_MONEY = 10**13
MOST_CHOICES = 200
LONGEST_CHOICE = 100
NAMED = 12
"""So many choices are named in a sentence."""

CURRENCY = r"(?:[^\W\d_]{1,5}\.?|[$€£¥₩₽₹₺₴₪฿₫₱₦₡₲₵₸₼₾])"
AMOUNT = re.compile(
    rf"(?P<sign>[+-]?)\s*(?:{CURRENCY}\s*)?(?P<inner>[+-]?)"
    rf"(?P<number>\d+(?:\.\d*)?|\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?|\.\d+)\s*(?:{CURRENCY})?"
)
EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
WEB = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
BARE_WEB = re.compile(r"[\w-]+(\.[\w-]+)*\.[^\W\d_]{2,}(:\d+)?([/?#]\S*)?")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)


def parse_special(field: str, kind: Kind, text: str) -> Value:
    """`text` has no blanks around it. Raises ValueDoesNotFit."""
    if not text:
        return None
    if kind is Kind.MONEY:
        return parse_money(field, text)
    if kind is Kind.CHOICES:
        return array_of(list(dict.fromkeys(split_choices(text))))
    if kind is Kind.EMAIL and not EMAIL.fullmatch(text):
        raise ValueDoesNotFit(field, text, "an e-mail address like ann@example.org")
    return parse_web(field, text) if kind is Kind.WEB else text


def parse_web(field: str, text: str) -> str:
    """With what a browser would put before it. Nothing but http and https is a web address."""
    if not SCHEME.match(text) and BARE_WEB.fullmatch(text):
        text = f"https://{text}"
    if not WEB.fullmatch(text):
        raise ValueDoesNotFit(field, text, "a web address like https://example.org")
    return text


# --- money


def parse_money(field: str, text: str) -> int | float:
    """The amount, with a currency or marks between thousands or without."""
    wanted = "an amount of money like 12.50"
    match = AMOUNT.fullmatch(text)
    if match is None or (match["sign"] and match["inner"]):
        raise ValueDoesNotFit(field, text, wanted)
    amount = Decimal(match["number"].replace(",", ""))
    if amount != round(amount, 2):
        raise ValueDoesNotFit(field, text, "an amount of whole cents, with two decimals at most")
    if amount >= MOST_MONEY:
        raise ValueDoesNotFit(field, text, "an amount below 10,000,000,000,000")
    negative = "-" in (match["sign"], match["inner"])
    return as_number(-amount if negative else amount)


def as_number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


def cents_of(value: int | float) -> int | float | None:
    """`value` as money; None where it has parts of a cent, beyond what adding up doubles leaves."""
    try:
        exact = Decimal(repr(value))
        amount = round(exact, 2)
    except InvalidOperation:
        return None
    noise = abs(exact - amount) > max(abs(exact), Decimal(1)) * Decimal("1e-13")
    return None if noise or abs(amount) >= MOST_MONEY else as_number(amount)


# --- choices


def split_choices(text: str) -> list[str]:
    """Several choices as a JSON array, or with commas or line breaks between them."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(each, str) for each in found):
            return [each.strip() for each in found if each.strip()]
    return [each.strip() for each in re.split(r"[,\n\r]", text) if each.strip()]


def array_of(choices: list[str]) -> str | None:
    """As the field holds them: a JSON array, None where there are none."""
    if not choices:
        return None
    return json.dumps(choices, ensure_ascii=False, separators=(",", ":"))


def format_special(kind: Kind, value: int | float | str) -> str:
    if kind is Kind.CHOICES:
        return ", ".join(split_choices(value)) if isinstance(value, str) else str(value)
    if isinstance(value, str):
        return value
    amount = cents_of(value)
    return repr(value) if amount is None else f"{Decimal(repr(amount)):.2f}"


# --- limits


def check_limits(field: str, kind: Kind, limits: Limits, value: Value) -> Value:
    """The value as the field keeps it. Raises ValueNotAllowed."""
    if value is None or isinstance(value, bytes):
        return value
    if kind in CHOSEN:
        return chosen(field, kind, limits, str(value))
    low, high = limits.smallest, limits.largest
    if (low is not None and below(value, low)) or (high is not None and below(high, value)):
        raise ValueNotAllowed(field, format_bound(kind, value), allowed_words(field, kind, limits))
    return value


def below(one: int | float | str, other: int | float | str) -> bool:
    """As SQLite compares: every text is larger than any number."""
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(other, str)
    return one < other


def chosen(field: str, kind: Kind, limits: Limits, text: str) -> Value:
    known = {each.casefold(): each for each in limits.choices}
    whole = " ".join(text.split())
    if kind is Kind.CHOICE and text in limits.choices:
        return text
    asked = [whole] if kind is Kind.CHOICE and whole else []
    if kind is Kind.CHOICES:
        asked = split_choices(text.strip())
    found = []
    for each in asked:
        # Two choices may differ in case alone, in another program's file.
        exact = each if each in limits.choices else known.get(each.casefold())
        if exact is None:
            raise ValueNotAllowed(field, each, allowed_words(field, kind, limits))
        found.append(exact)
    if kind is Kind.CHOICE:
        return found[0] if found else None
    return array_of([each for each in limits.choices if each in found])


def allowed_words(field: str, kind: Kind, limits: Limits) -> str:
    """What the field takes, as a sentence."""
    if kind in CHOSEN:
        named = told_apart(limits.choices[:NAMED])
        if len(limits.choices) > NAMED:
            named.append(f"one of {len(limits.choices) - NAMED:,} more")
        listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"
        several = " (also several of them)" if kind is Kind.CHOICES and len(named) > 1 else ""
        return f"“{field}” can be {listed}{several}."
    low, high = (
        None if each is None else format_bound(kind, each)
        for each in (limits.smallest, limits.largest)
    )
    dates = kind in (Kind.DATE, Kind.DATETIME)
    if low is not None and high is not None:
        return f"“{field}” can be from {low} to {high}."
    if low is not None:
        return f"“{field}” can be {low} or {'later' if dates else 'more'}."
    return f"“{field}” can be {high} or {'earlier' if dates else 'less'}."


def told_apart(choices: Sequence[str]) -> list[str]:
    """To be listed with commas between them: where one has a comma itself, all are in quotes."""
    return [f"“{each}”" for each in choices] if any("," in each for each in choices) else [*choices]


def format_bound(kind: Kind, value: int | float | str) -> str:
    return format_special(kind, value) if kind is Kind.MONEY else str(value)
