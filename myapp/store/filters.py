"""Judge a view's filters before it is shown: a number is not compared with nonsense."""

import apsw

from .errors import FilterUnfit
from .query import Filter, Op
from .schema import Table, quote
from .selection import COMPARISONS, NUMBERS
from .values import DECIMAL


def check_filter(connection: apsw.Connection, table: Table, condition: Filter) -> None:
    """Raises NoSuchField, FilterUnfit.

    A foreign file may keep a text among its numbers. What is there can be asked for.
    """
    field = table.field(condition.field)
    text = condition.value.strip()
    equality = condition.op in (Op.IS, Op.IS_NOT)
    # A link is compared by the name of its record as well.
    if field.kind not in NUMBERS or field.link is not None or not text:
        return
    if not (equality or condition.op in COMPARISONS) or DECIMAL.fullmatch(text):
        return
    if equality:
        there = connection.execute(
            f"SELECT 1 FROM {quote(table.name)} WHERE {quote(field.name)} = ? COLLATE NOCASE"
            " LIMIT 1",
            (text,),
        )
        if there.fetchone() is not None:
            return
    raise FilterUnfit(field.name, text)
