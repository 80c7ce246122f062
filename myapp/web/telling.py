"""A view's question in words: which records, in which order."""

from myapp.store import Condition, Field, Filter, FilterGroup, Kind, Op, Query, Table

WORDS = {
    Op.IS: "is",
    Op.IS_NOT: "is not",
    Op.CONTAINS: "contains",
    Op.STARTS: "begins with",
    Op.LT: "is less than",
    Op.LTE: "is at most",
    Op.GT: "is more than",
    Op.GTE: "is at least",
    Op.EMPTY: "is empty",
    Op.NOT_EMPTY: "is not empty",
    Op.IS_DATE: "is a date",
    Op.NOT_DATE: "is not a date",
}
DATE_WORDS = {
    Op.LT: "is before",
    Op.LTE: "is on or before",
    Op.GT: "is after",
    Op.GTE: "is on or after",
}
SEVERAL_WORDS = {Op.IS: "has", Op.IS_NOT: "has not"}


def tell_conditions(table: Table, query: Query) -> str:
    """Empty where every record of the table is in the view."""
    told = joined(table, query.filters, any_=False) if query.filters else ""
    words = query.search.strip()
    searched = f"“{words}” is found" if words else ""
    return " and ".join(filter(None, (told, searched)))


def tell_order(query: Query) -> str:
    return ", ".join(f"{s.field} (descending)" if s.descending else s.field for s in query.sort)


def joined(table: Table, conditions: tuple[Condition, ...], *, any_: bool) -> str:
    parts = []
    for each in conditions:
        if isinstance(each, FilterGroup):
            inside = joined(table, each.of, any_=each.any)
            alone = len(each.of) == 1 or len(conditions) == 1
            parts.append(inside if alone else f"({inside})")
        else:
            parts.append(tell_filter(table.field(each.field), each))
    return (" or " if any_ else " and ").join(parts)


def tell_filter(field: Field, condition: Filter) -> str:
    words = WORDS[condition.op]
    if field.kind in (Kind.DATE, Kind.DATETIME):
        words = DATE_WORDS.get(condition.op, words)
    if field.kind is Kind.CHOICES:
        words = SEVERAL_WORDS.get(condition.op, words)
    value = f" “{condition.value.strip()}”" if condition.value.strip() else ""
    return f"{field.name} {words}{value}"
