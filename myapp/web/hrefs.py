"""Where a web address, an e-mail address or a telephone number leads. Never to a script."""

import re
from urllib.parse import quote

from myapp.store import Field, Kind, Value

WEB = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
PHONE = re.compile(r"[+(]?\d[\d\s()./-]{1,30}")


def href_of(field: Field, value: Value) -> str | None:
    """None for what leads nowhere, in whatever field another program put it."""
    if not isinstance(value, str | int) or field.link is not None:
        return None
    text = str(value).strip()
    if field.kind is Kind.WEB and WEB.fullmatch(text):
        return text
    if field.kind is Kind.EMAIL and EMAIL.fullmatch(text):
        return f"mailto:{quote(text, safe='@')}"
    if field.kind is Kind.PHONE and PHONE.fullmatch(text):
        return f"tel:{re.sub(r'[^+0-9]', '', text.replace('(0)', ''))}"
    return None
