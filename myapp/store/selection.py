"""Turn a Query into SQL: which records, in which order. Runs nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from .connection import blob_sql, fold, plain_sql
from .errors import ValueDoesNotFit
from .national import plain_asked
from .query import Condition, Filter, FilterGroup, Op, Query, Sort
from .schema import Field, Schema, Table, quote
from .values import TEXTS, Kind, Value, parse_value

COMPARISONS = {Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}
NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY)
AFTER_ALL = "x'ffffffffffffffffffffffffffffffff'"
"""SQL of a value that sorts after every number and text."""

DATES = (Kind.DATE, Kind.DATETIME)


class Selection(NamedTuple):
    """The clauses after FROM, each empty or complete, and their parameters in order."""

    where: str
    order: str
    parameters: tuple[Value, ...]


def select_for(schema: Schema, table: Table, query: Query) -> Selection:
    """Raises NoSuchField."""
    conditions: list[str] = []
    parameters: list[Value] = []
    for condition in query.filters:
        sql, values = condition_sql(schema, table, condition)
        conditions.append(sql)
        parameters += values
    for word in query.search.split()[:10]:
        sql, values = word_sql(schema, table, word)
        conditions.append(sql)
        parameters += values
    where = " WHERE " + " AND ".join(f"({sql})" for sql in conditions) if conditions else ""
    return Selection(where, order_sql(schema, table, query.sort), tuple(parameters))


def order_sql(schema: Schema, table: Table, sorts: tuple[Sort, ...]) -> str:
    """Empty values come last both ways, as in a spreadsheet; ties keep the natural order."""
    parts = [
        direction_sql(schema, table, table.field(sort.field), "DESC" if sort.descending else "ASC")
        for sort in sorts
    ]
    if table.rowid is not None:
        parts.append(f"t.{table.rowid}")
    elif table.key and (parts or table.type == "table"):
        # A view that is not to be sorted may have an order of its own.
        parts += [f"t.{quote(name)}" for name in table.key]
    return " ORDER BY " + ", ".join(parts) if parts else ""


def direction_sql(schema: Schema, table: Table, field: Field, direction: str) -> str:
    if field.automatic:
        return f"t.{table.rowid} {direction}"
    key = sort_key(schema, table, field)
    if not sorts_by_text(schema, field):
        return f"{key} COLLATE NOCASE {direction} NULLS LAST"
    # SQLite compares by bytes a sixth quicker than without case or with NULLS LAST, and the key is
    # in lower case already.
    return f"{key} DESC" if direction == "DESC" else f"ifnull({key}, {AFTER_ALL}) ASC"


def sorts_by_text(schema: Schema, field: Field) -> bool:
    target = schema.get(field.link.table) if field.link else None
    if target is not None and target.title_sql("l") is not None:
        return True
    by_place = field.kind is Kind.CHOICE and bool(field.limits.choices)
    return (field.kind in TEXTS or field.kind is Kind.ANY) and not by_place


def has_folded_key(schema: Schema, field: Field) -> bool:
    """Whether its own texts are what it sorts by, without accents and case."""
    target = schema.get(field.link.table) if field.link else None
    return sorts_by_text(schema, field) and (target is None or target.title_sql("l") is None)


def sort_key(schema: Schema, table: Table, field: Field) -> str:
    column = f"t.{quote(field.name)}"
    target = schema.get(field.link.table) if field.link else None
    title = target.title_sql("l") if target else None
    if target is None or title is None or field.link is None:
        if field.kind is Kind.CHOICE and field.limits.choices:
            return by_place(column, field.limits.choices)
        return folded(column) if field.kind in TEXTS or field.kind is Kind.ANY else column
    # A link sorts by the name that the person sees, not by the number behind it.
    return (
        f"(SELECT {folded(title)} FROM {quote(target.name)} AS l"
        f" WHERE l.{quote(field.link.field)} = {column})"
    )


def by_place(column: str, choices: Sequence[str]) -> str:
    """Choices stand in the order that they were given; what is none of them comes last."""
    from .checks import text_sql

    places = " ".join(f"WHEN {text_sql(each)} THEN {n}" for n, each in enumerate(choices))
    return f"CASE {column} {places} ELSE nullif({column}, '') END"


def folded(column: str) -> str:
    """Accents and case do not count. ASCII texts, where both lengths agree, stay in SQLite."""
    return (
        f"CASE WHEN typeof({column}) <> 'text' THEN {column}"
        f" WHEN octet_length({column}) = length({column}) THEN nullif(lower({column}), '')"
        f" ELSE myapp_fold({blob_sql(column)}) END"
    )


def condition_sql(schema: Schema, table: Table, condition: Condition) -> tuple[str, list[Value]]:
    if not isinstance(condition, FilterGroup):
        return filter_sql(schema, table, condition)
    conditions: list[str] = []
    parameters: list[Value] = []
    for each in condition.of:
        sql, values = condition_sql(schema, table, each)
        conditions.append(f"({sql})")
        parameters += values
    return (" OR " if condition.any else " AND ").join(conditions) or "0", parameters


def filter_sql(schema: Schema, table: Table, condition: Filter) -> tuple[str, list[Value]]:
    field = table.field(condition.field)
    column = f"t.{quote(field.name)}"
    text = condition.value.strip()
    if condition.op is Op.EMPTY:
        return f"{column} IS NULL OR {column} = ''", []
    if condition.op is Op.NOT_EMPTY:
        return f"{column} IS NOT NULL AND {column} <> ''", []
    if condition.op is Op.IS_DATE:
        return dated_sql(column), []
    if condition.op is Op.NOT_DATE:
        return f"{column} <> '' AND NOT {dated_sql(column)}", []
    if condition.op in (Op.CONTAINS, Op.STARTS):
        pattern = f"{escape_like(text)}%"
        return like_sql(schema, field, "%" + pattern if condition.op is Op.CONTAINS else pattern)
    if condition.op in COMPARISONS:
        return comparison_sql(field, column, COMPARISONS[condition.op], text)
    equal, values = equality_sql(schema, field, column, text)
    if condition.op is Op.IS_NOT:
        return f"NOT coalesce({equal}, 0)", values
    return equal, values


def dated_sql(column: str) -> str:
    """1 where a value is a date that a calendar has, or such a date and a time; otherwise 0."""
    day = f"substr({column}, 1, 10)"
    return (
        f"coalesce(typeof({column}) = 'text' AND {day} > '0001' AND date({day}) = {day}"
        f" AND (length({column}) = 10 OR date({column}) IS NOT NULL), 0)"
    )


def comparison_sql(field: Field, column: str, operator: str, text: str) -> tuple[str, list[Value]]:
    if field.kind in DATES:
        # "before 1970" and "up to 2021-05" mean the whole year or month.
        plain = plain_asked(field.kind, text)
        return f"{column} <> '' AND {beginning(column, text, plain)} {operator} ?", [plain]
    value = parsed_or_text(field, text)
    if isinstance(value, str):
        return f"{column} COLLATE NOCASE {operator} ?", [value]
    return f"typeof({column}) IN ('integer', 'real') AND {column} {operator} ?", [value]


def beginning(column: str, text: str, plain: str) -> str:
    """As much of a date as is asked for; with dashes where `text` has other marks."""
    begins = f"substr({column}, 1, {len(plain)})"
    mark = text[4:5]
    return f"replace({begins}, '{mark}', '-')" if mark in ("/", ".") else begins


def equality_sql(schema: Schema, field: Field, column: str, text: str) -> tuple[str, list[Value]]:
    if field.kind in DATES and text:
        plain = plain_asked(field.kind, text)
        sql = f"{beginning(column, text, plain)} = ?"
        if plain == text:
            return sql, [text]
        # Another program may have put it there just so.
        return f"{sql} OR {column} = ?", [plain, text]
    if field.kind is Kind.CHOICES and text:
        return has_choice(field, column, text)
    value = parsed_or_text(field, text)
    sql = f"{column} = ? COLLATE NOCASE" if isinstance(value, str) else f"{column} = ?"
    by_label, pattern = link_sql(schema, field, escape_like(text))
    return (f"{sql} OR {by_label}", [value, *pattern]) if by_label else (sql, [value])


def has_choice(field: Field, column: str, text: str) -> tuple[str, list[Value]]:
    """Of several choices: whether it is among them."""
    known = {each.casefold(): each for each in field.limits.choices}
    wanted = f'"{known.get(text.casefold(), text)}"'
    return f"instr({column}, ?) > 0", [wanted]


def parsed_or_text(field: Field, text: str) -> Value:
    """The filter's value as the field would keep it, or the bare text where it cannot."""
    try:
        return parse_value(field.name, field.kind, plain_asked(field.kind, text))
    except ValueDoesNotFit:
        return text


def word_sql(schema: Schema, table: Table, word: str) -> tuple[str, list[Value]]:
    """The word occurs in any field, whatever its accents and case, or in the name of a linked
    record."""
    pattern = f"%{escape_like(word)}%"
    plain = f"%{escape_like(fold(word))}%"
    conditions: list[str] = []
    parameters: list[Value] = []
    for field in table.fields:
        by_label, patterns = link_sql(schema, field, pattern)
        column = f"t.{quote(field.name)}"
        conditions.append(rf"{plain_sql(column)} LIKE ? ESCAPE '\'")
        if by_label:
            conditions.append(by_label)
        parameters += [plain, *patterns]
    return balanced_or(conditions) if conditions else "0", parameters


def balanced_or(conditions: list[str]) -> str:
    """OR them as a balanced tree: SQLite bounds an expression's depth at 1,000."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    return f"({balanced_or(conditions[:middle])} OR {balanced_or(conditions[middle:])})"


def like_sql(schema: Schema, field: Field, pattern: str) -> tuple[str, list[Value]]:
    variants = case_variants(pattern)
    column = f"t.{quote(field.name)}"
    conditions = [rf"{column} LIKE ? ESCAPE '\'" for _ in variants]
    parameters: list[Value] = [*variants]
    by_label, patterns = link_sql(schema, field, pattern)
    if by_label:
        conditions.append(by_label)
        parameters += patterns
    return " OR ".join(conditions), parameters


def link_sql(schema: Schema, field: Field, pattern: str) -> tuple[str, list[Value]]:
    """The linked record's title matches; empty where the field is no link with a title."""
    target = schema.get(field.link.table) if field.link else None
    title = target.title_sql("l") if target else None
    if field.link is None or target is None or title is None:
        return "", []
    variants = case_variants(pattern)
    matches = " OR ".join(rf"{title} LIKE ? ESCAPE '\'" for _ in variants)
    return (
        f"t.{quote(field.name)} IN (SELECT l.{quote(field.link.field)}"
        f" FROM {quote(target.name)} AS l WHERE {matches})",
        [*variants],
    )


def case_variants(pattern: str) -> list[str]:
    """SQLite's LIKE folds ASCII case alone; other letters are asked for in each case."""
    if pattern.isascii():
        return [pattern]
    return list(dict.fromkeys([pattern, pattern.lower(), pattern.upper(), pattern.title()]))


def escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
