"""Judge a view's filters before it is shown: numbers and dates are not compared with nonsense."""

import re

import apsw

from .errors import DateUnfit, FilterUnfit
from .national import plain_asked
from .query import Filter, Op
from .schema import Table, quote
from .selection import COMPARISONS, DATES, NUMBERS, parsed_or_text
from .values import DECIMAL, Kind

DATE = re.compile(r"\d{4}([-/.]\d{1,2}([-/.]\d{1,2}([ T].*)?)?)?", re.ASCII)
"""A year, a month, a day or a moment; other programs part them otherwise than by dashes."""


def check_filter(connection: apsw.Connection, table: Table, condition: Filter) -> None:
    """Raises NoSuchField, FilterUnfit, DateUnfit.

    A foreign file may keep a text among its numbers. What is there can be asked for.
    """
    field = table.field(condition.field)
    text = condition.value.strip()
    equality = condition.op in (Op.IS, Op.IS_NOT)
    # A link is compared by the name of its record as well.
    if field.kind not in (*NUMBERS, *DATES) or field.link is not None or not text:
        return
    form = DECIMAL if field.kind in NUMBERS else DATE
    plain = plain_asked(field.kind, text)
    if not (equality or condition.op in COMPARISONS) or form.fullmatch(plain):
        return
    if field.kind is Kind.MONEY and not isinstance(parsed_or_text(field, text), str):
        return  # with a currency
    if equality:
        there = connection.execute(
            f"SELECT 1 FROM {quote(table.name)} WHERE {quote(field.name)} = ? COLLATE NOCASE"
            " LIMIT 1",
            (text,),
        )
        if there.fetchone() is not None:
            return
    raise (FilterUnfit if field.kind in NUMBERS else DateUnfit)(field.name, text)
