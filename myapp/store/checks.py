"""What a field takes as CHECKs in its table's own SQL: written, and read again out of any file.

One of several choices is `IN`, a range is `>=`, `<=` or `BETWEEN`, as other programs write them.
Several choices are an array that must be the very one put together from those that occur in it: no
other text, order, repetition or stranger passes. Knows the text alone and asks no database.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .definition import Clause, Column, Token, tokens_of
from .errors import CheckBroken, RuleBroken
from .schema import Schema, Table, quote
from .special import MOST_MONEY, allowed_words
from .values import CHOSEN, NO_LIMITS, Kind, Limits

RANGED = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.DATE, Kind.DATETIME)
"""Kinds of which a smallest and a largest value can be asked."""

Bound = int | float | str | None


# --- writing


def checks_sql(name: str, kind: Kind, limits: Limits) -> list[str]:
    """The CHECK clauses of a field of ours."""
    return [f"CHECK ({rule})" for rule in rules_sql(quote(name), kind, limits)]


def rules_sql(field: str, kind: Kind, limits: Limits) -> list[str]:
    """What must hold of `field`, an SQL expression."""
    rules = []
    if kind is Kind.MONEY:
        rules.append(money_rule(field))
    elif kind is Kind.EMAIL:
        rules.append(f"{field} LIKE '_%@_%' AND {field} NOT LIKE '% %'")
    elif kind is Kind.WEB:
        rules.append(f"{field} LIKE 'http://_%' OR {field} LIKE 'https://_%'")
    elif kind is Kind.CHOICE and limits.choices:
        rules.append(f"{field} IN ({', '.join(map(text_sql, limits.choices))})")
    elif kind is Kind.CHOICES and limits.choices:
        rules.append(several_rule(field, limits.choices))
    low, high = limits.smallest, limits.largest
    if low is not None and high is not None:
        rules.append(f"{field} BETWEEN {text_sql(low)} AND {text_sql(high)}")
    elif low is not None:
        rules.append(f"{field} >= {text_sql(low)}")
    elif high is not None:
        rules.append(f"{field} <= {text_sql(high)}")
    return rules


def money_rule(field: str) -> str:
    return f"{field} = round({field}, 2) AND abs({field}) < {MOST_MONEY}"


def several_rule(field: str, choices: Sequence[str]) -> str:
    parts = " || ".join(
        f"CASE WHEN instr({field}, {text_sql(marked(each))})"
        f" THEN {text_sql(',' + marked(each))} ELSE '' END"
        for each in choices
    )
    return f"{field} = '[' || ltrim({parts}, ',') || ']'"


def marked(choice: str) -> str:
    """As it stands in the array: a choice has no signs that JSON writes otherwise."""
    return f'"{choice}"'


def text_sql(value: int | float | str) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


# --- reading


class Found(NamedTuple):
    """What a column's CHECKs say. `clauses` are the ones understood, which a change replaces."""

    kind: Kind
    limits: Limits
    clauses: tuple[Clause, ...]


def read_checks(column: Column, kind: Kind) -> Found:
    limits = NO_LIMITS
    clauses = []
    ours = {tuple(words(tokens_of(sql)[2:-1])) for sql in checks_sql(column.name, kind, NO_LIMITS)}
    for clause in column.clauses:
        rule = rule_of(clause)
        if not rule:
            continue
        choices, several = choices_of(column.name, rule)
        bounds = bounds_of(column.name, rule)
        if choices and kind in (Kind.TEXT, *CHOSEN):
            kind = Kind.CHOICES if several else Kind.CHOICE
            limits = limits._replace(choices=choices)
        elif bounds is not None and kind in RANGED:
            low, high = bounds
            limits = limits._replace(
                smallest=low if low is not None else limits.smallest,
                largest=high if high is not None else limits.largest,
            )
        elif tuple(words(rule)) not in ours:
            continue
        clauses.append(clause)
    return Found(kind, limits, tuple(clauses))


def rule_of(clause: Clause) -> list[Token]:
    """The tokens between the brackets of a CHECK; none for other clauses."""
    tokens = tokens_of(clause.text) if clause.word == "CHECK" else []
    starts = [n for n, token in enumerate(tokens[:3]) if token.word == "CHECK"]
    if not starts or len(tokens) < starts[0] + 3 or tokens[-1].text != ")":
        return []
    return tokens[starts[0] + 2 : -1]


def words(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """To be compared: names and keywords in any case, texts as they are."""
    return [
        ("text", token.text)
        if token.kind == "string"
        else ("word", (token.name or token.text).lower())
        for token in tokens
    ]


def is_name(token: Token, field: str) -> bool:
    return token.kind != "string" and (token.name or "").lower() == field.lower()


def choices_of(field: str, rule: Sequence[Token]) -> tuple[tuple[str, ...], bool]:
    """The choices, and whether several can be chosen; none where the rule is another one."""
    if len(rule) >= 5 and is_name(rule[0], field) and rule[1].word == "IN":
        inside = rule[3:-1]
        texts = [token.name or "" for token in inside[::2] if token.text[:1] == "'"]
        commas = all(token.text == "," for token in inside[1::2])
        if rule[2].text == "(" and rule[-1].text == ")" and commas:
            whole = len(texts) == len(inside[::2]) and len(set(texts)) == len(texts) and all(texts)
            return (tuple(texts), False) if whole else ((), False)
    if len(rule) > 20 and is_name(rule[0], field) and rule[1].text == "=":
        asked = [
            rule[n + 4].name or ""
            for n, token in enumerate(rule[:-4])
            if token.word == "INSTR" and rule[n + 4].kind == "string"
        ]
        texts = [each[1:-1] for each in asked]
        if words(rule) == words(tokens_of(several_rule(quote(field), texts))):
            return tuple(texts), True
    return (), False


def bounds_of(field: str, rule: Sequence[Token]) -> tuple[Bound, Bound] | None:
    if len(rule) < 3 or not is_name(rule[0], field):
        return None
    operator = rule[1].text + rule[2].text
    if rule[1].word == "BETWEEN":
        ands = [n for n, token in enumerate(rule) if token.word == "AND"]
        if len(ands) != 1:
            return None
        low, high = literal_of(rule[2 : ands[0]]), literal_of(rule[ands[0] + 1 :])
        return None if low is None or high is None else (low, high)
    if operator in (">=", "<="):
        bound = literal_of(rule[3:])
        if bound is not None:
            return (bound, None) if operator == ">=" else (None, bound)
    return None


def literal_of(tokens: Sequence[Token]) -> Bound:
    if len(tokens) == 2 and tokens[0].text in "+-" and tokens[1].kind == "number":
        number = literal_of(tokens[1:])
        if number is None or isinstance(number, str):
            return None
        return -number if tokens[0].text == "-" else number
    if len(tokens) != 1:
        return None
    if tokens[0].kind == "string":
        return tokens[0].name
    if tokens[0].kind != "number":
        return None
    try:
        return int(tokens[0].text)
    except ValueError:
        pass
    try:
        return float(tokens[0].text)
    except ValueError:
        return None


# --- explaining


def explain(schema: Schema, table: str, error: CheckBroken) -> RuleBroken | None:
    """In words, what the field takes whose rule was broken."""
    found = schema.get(table)
    field = None if found is None else field_of(found, error.rule)
    if found is None or field is None:
        return None
    each = found.field(field)
    if each.limits != NO_LIMITS:
        return RuleBroken(allowed_words(each.name, each.kind, each.limits), each.name)
    takes = TAKES.get(each.kind)
    if takes is not None:
        return RuleBroken(f"“{each.name}” takes {takes}.", each.name)
    return RuleBroken(f"A rule of the table does not allow this ({error.rule}).", each.name)


TAKES = {
    Kind.MONEY: "amounts of money of whole cents",
    Kind.EMAIL: "e-mail addresses like ann@example.org",
    Kind.WEB: "web addresses that begin with http:// or https://",
}


def field_of(table: Table, rule: str) -> str | None:
    """SQLite tells a rule by its text, or by the name in quotes that it begins with."""
    tokens = tokens_of(rule)
    names = {field.name.lower(): field.name for field in table.fields}
    if rule.lower() in names:
        return names[rule.lower()]
    return names.get((tokens[0].name or "").lower()) if tokens else None
