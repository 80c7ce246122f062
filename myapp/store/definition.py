"""Read a table's CREATE TABLE statement, and write one that differs in a field.

Knows the text alone and asks no database: what it does not change stays as somebody wrote it.
Source: https://sqlite.org/lang_createtable.html
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from .errors import StoreError
from .schema import quote

TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<string>[xX]?'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    |(?P<number>\d[\w.]*(?:(?<=[eE])[+-]\d+)?|\.\d\w*)
    |(?P<word>[^\W\d][\w$]*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
CLAUSES = frozenset(
    ("CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE")
    + ("REFERENCES", "GENERATED", "AS")
)
RULES = frozenset(("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"))


class UnusualDefinition(StoreError):
    def __init__(self, table: str) -> None:
        super().__init__(
            f"“{table}” is defined in a way that is not understood here, so its fields cannot be "
            "changed. Nothing was changed."
        )


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The keyword that it may be; nothing where it is in quotes."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def name(self) -> str | None:
        """What it names, should it be a name."""
        if self.kind == "word":
            return self.text
        if self.kind == "quoted":
            inner, mark = self.text[1:-1], self.text[-1]
            return inner if mark == "]" else inner.replace(mark * 2, mark)
        if self.kind == "string" and self.text[0] == "'":
            return self.text[1:-1].replace("''", "'")
        return None


class Clause(NamedTuple):
    """A rule of one field: its keyword, and the text with the rule's own name."""

    word: str
    text: str


class Column(NamedTuple):
    name: str
    text: str
    written: str
    declared: str
    clauses: tuple[Clause, ...]

    def has(self, word: str) -> bool:
        return any(clause.word == word for clause in self.clauses)


class Rule(NamedTuple):
    """A rule of the whole table."""

    word: str
    text: str


class Definition(NamedTuple):
    table: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    options: str

    @property
    def sql(self) -> str:
        parts = [column.text for column in self.columns] + [rule.text for rule in self.rules]
        inside = ",\n  ".join(parts)
        return f"CREATE TABLE {quote(self.table)} (\n  {inside}\n) {self.options}".rstrip()

    def column(self, name: str) -> Column:
        return next(each for each in self.columns if each.name.lower() == name.lower())


def each_token(sql: str) -> Iterator[Token]:
    """Without spaces and comments."""
    return (
        Token(match.lastgroup or "", match[0], match.start(), match.end())
        for match in TOKEN.finditer(sql)
        if match.lastgroup != "space"
    )


def tokens_of(sql: str) -> list[Token]:
    return list(each_token(sql))


def names_in(sql: str) -> set[str]:
    """Everything that may be a name in it, in lower case."""
    return {token.name.lower() for token in tokens_of(sql) if token.name is not None}


def plain(sql: str) -> str:
    """What stays the same when SQLite rewrites a definition: it sets quotes, and moves spaces."""
    return re.sub(r'[\s"`\[\]]+', "", sql).lower()


def read_definition(table: str, sql: str, names: Sequence[str]) -> Definition:
    """`names` are the fields that SQLite sees. Raises UnusualDefinition where they differ."""
    tokens = tokens_of(sql)
    try:
        opening = next(n for n, token in enumerate(tokens) if token.text == "(")
        parts, closing = split(tokens, opening)
        columns, rules = [], []
        for part in parts:
            if part[0].word in RULES:
                rules += read_rules(sql, part)
            else:
                columns.append(read_column(sql, part))
    except (StopIteration, IndexError) as error:
        raise UnusualDefinition(table) from error
    if [column.name for column in columns] != list(names):
        raise UnusualDefinition(table)
    rest = tokens[closing + 1 :]
    options = sql[rest[0].start : rest[-1].end] if rest else ""
    return Definition(table, tuple(columns), tuple(rules), options)


def split(tokens: Sequence[Token], opening: int) -> tuple[list[list[Token]], int]:
    """What stands between the commas of a pair of brackets, and where it closes."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for number in range(opening, len(tokens)):
        token = tokens[number]
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return parts, number
        if depth == 1 and token.text == ",":
            parts.append([])
        elif number > opening:
            parts[-1].append(token)
    raise StopIteration


def depths(tokens: Sequence[Token]) -> Iterable[tuple[int, Token, int]]:
    depth = 0
    for number, token in enumerate(tokens):
        depth -= token.text == ")"
        yield number, token, depth
        depth += token.text == "("


def cut(sql: str, tokens: Sequence[Token]) -> str:
    return sql[tokens[0].start : tokens[-1].end] if tokens else ""


def read_column(sql: str, tokens: Sequence[Token]) -> Column:
    starts = clause_starts(tokens)
    first = starts[0] if starts else len(tokens)
    clauses = []
    for start, stop in pairwise([*starts, len(tokens)]):
        part = tokens[start:stop]
        named = part[0].word == "CONSTRAINT" and len(part) > 2
        word = part[2].word if named else part[0].word
        clauses.append(Clause("NOT NULL" if word == "NOT" else word, cut(sql, part)))
    name = tokens[0].name
    if name is None:
        raise StopIteration
    return Column(
        name,
        cut(sql, tokens),
        tokens[0].text,
        cut(sql, tokens[1:first]),
        tuple(clauses),
    )


def clause_starts(tokens: Sequence[Token]) -> list[int]:
    starts = []
    for number, token, depth in depths(tokens):
        if not number or depth or token.word not in CLAUSES:
            continue
        before = tokens[number - 1].word
        following = tokens[number + 1].word if number + 1 < len(tokens) else ""
        inside = (
            before in ("SET", "DEFAULT")
            or (before == "NOT" and token.word == "NULL")
            or (token.word == "NOT" and following == "DEFERRABLE")
            or (token.word == "AS" and before == "ALWAYS")
            or (number > 1 and tokens[number - 2].word == "CONSTRAINT")
        )
        if not inside:
            starts.append(number)
    return starts


def read_rules(sql: str, tokens: Sequence[Token]) -> list[Rule]:
    """SQLite takes rules of a table with and without commas between them.

    Source: `tconscomma` in https://sqlite.org/src/file/src/parse.y
    """
    starts = [
        number
        for number, token, depth in depths(tokens)
        if not depth
        and token.word in RULES
        and not (number > 1 and tokens[number - 2].word == "CONSTRAINT")
    ]
    rules = []
    for start, stop in pairwise([*starts, len(tokens)]):
        part = tokens[start:stop]
        word = part[2].word if part[0].word == "CONSTRAINT" else part[0].word
        rules.append(Rule(word, cut(sql, part)))
    return rules


def rule_names(rule: Rule, known: Iterable[str]) -> set[str]:
    """The fields of this table, in lower case, that a rule is about."""
    tokens = tokens_of(rule.text)
    if rule.word != "CHECK":
        opening = next(n for n, token in enumerate(tokens) if token.text == "(")
        parts, _ = split(tokens, opening)
        return {part[0].name.lower() for part in parts if part and part[0].name is not None}
    start = 2 if tokens[0].word == "CONSTRAINT" else 0
    named = {token.name.lower() for token in tokens[start:] if token.name is not None}
    return named & {name.lower() for name in known}


def column_text(
    column: Column,
    declared: str,
    *,
    without: Iterable[str] = (),
    extra: Iterable[str] = (),
    dropped: Iterable[Clause] = (),
) -> str:
    """The column with another type, without clauses of some words and others, and with more."""
    gone, others = frozenset(without), frozenset(dropped)
    kept = [
        clause.text for clause in column.clauses if clause.word not in gone and clause not in others
    ]
    return " ".join(part for part in (column.written, declared, *extra, *kept) if part)


def names_outside(column: Column) -> set[str]:
    """Names in a column's rules, in lower case: a CHECK, a default or what it is computed of."""
    return {
        token.name.lower()
        for clause in column.clauses
        if clause.word in ("CHECK", "GENERATED", "AS", "DEFAULT")
        for token in tokens_of(clause.text)
        # A choice that is called like another field is a text, in single quotes.
        if token.name is not None and token.kind != "string"
    }
