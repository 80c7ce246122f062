"""A record as one line of text, put together by SQLite itself: CSV, JSON or HTML.

SQLite does it several times faster than Python could, and memory does not grow. Builds SQL and runs
nothing; the few values that need Python go through functions that `functions` names.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from .schema import Field, Table, quote
from .values import Kind, Value

MOST_ARGUMENTS = 100
"""Of one SQL function; SQLite has taken more only since 3.48."""

RUNS_AS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""A spreadsheet takes a text that begins so for a formula.
Source: https://owasp.org/www-community/attacks/CSV_Injection"""

NOTHING_TO_RUN = re.compile(r"[+-][\d. ]*|\+\d{1,3} \(\d+\)[\d .-]*", re.ASCII)
"""A sign and digits, or a telephone number like +1 (780) 428-9482: no formula is written so."""

HARMLESS = (
    "(+{0} COLLATE BINARY >= 'A' AND +{0} COLLATE BINARY < '＋')"
    " OR (+{0} COLLATE BINARY >= '0' AND +{0} COLLATE BINARY < ':')"
)
"""Nearly every text begins with a letter or a digit; a comparison costs less than a function.
Numbers sort below all texts, and the plus takes the field's affinity off."""

Function = Callable[..., Value]


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run `text`."""
    return text.startswith(RUNS_AS_FORMULA) and not NOTHING_TO_RUN.fullmatch(text)


class Guard:
    """Makes texts safe that a spreadsheet would run, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, text: str) -> str:
        if not is_formula(text):
            return text
        self.count += 1
        return f"'{text}"


@dataclass(frozen=True, slots=True)
class CsvLines:
    """Every text is quoted: an empty text is `""`, and NULL is nothing at all.

    `guard` makes texts safe that a spreadsheet would run as formulas; None keeps them.
    """

    delimiter: str = ","
    decimal_comma: bool = False
    end: str = "\r\n"
    guard: Guard | None = None

    def head(self, names: Sequence[str]) -> str:
        return self.delimiter.join(map(self.quoted, names)) + self.end

    def quoted(self, text: str) -> str:
        kept = self.guard(text) if self.guard else text
        return '"' + kept.replace('"', '""') + '"'

    def parts(self, table: Table) -> list[str]:
        columns = [(f"t.{quote(field.name)}", field) for field in table.fields]
        # The number that SQLite finds a record by is a whole number and nothing else.
        cells = [
            column if column == f"t.{table.rowid}" else self.cell(column, field)
            for column, field in columns
        ]
        return [*between(literal(self.delimiter), cells), literal(self.end)]

    def cell(self, column: str, field: Field) -> str:
        if field.kind is Kind.CHOICES:
            column = joined(column)
        doubled = f"""replace({column}, '"', '""')"""
        # Looking for a mark first costs less than a copy by `replace`.
        plain = f"""'"' || iif(instr({column}, '"'), {doubled}, {column}) || '"'"""
        text = plain if self.guard is None else f"myapp_quoted({column})"
        real = f"quote({column})"
        if self.decimal_comma:
            real = f"replace({real}, '.', ',')"
        others = (
            f" WHEN 'real' THEN {real} WHEN 'text' THEN {text}"
            rf" WHEN 'blob' THEN '\x' || hex({column}) END"
        )
        if field.kind is Kind.BOOLEAN:
            return (
                f"CASE +{column} WHEN 1 THEN 'true' WHEN 0 THEN 'false'"
                f" ELSE CASE typeof({column}) WHEN 'integer' THEN {column}{others} END"
            )
        rest = f"CASE typeof({column}) WHEN 'integer' THEN {column}{others}"
        if field.kind is Kind.MONEY:
            amount = f"replace({in_cents(column)}, '.', '{',' if self.decimal_comma else '.'}')"
            return f"CASE WHEN {is_number(column)} THEN {amount} ELSE {rest} END"
        if field.kind in (Kind.INTEGER, Kind.DECIMAL):
            return rest
        return f"CASE WHEN {HARMLESS.format(column)} THEN {plain} ELSE {rest} END"

    @property
    def functions(self) -> Mapping[str, Function]:
        return {"myapp_quoted": lambda text: self.quoted(str(text))}


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One object a record, with `end` after it. Data that is no text stands in base64.

    An infinite number is written 9.0e+999, which JSON allows and readers take for infinite.
    """

    end: str = "\n"

    def parts(self, table: Table) -> list[str]:
        pieces: list[str] = []
        for number, field in enumerate(table.fields):
            column = f"t.{quote(field.name)}"
            name = json.dumps(field.name, ensure_ascii=False)
            pieces += [literal(f"{', ' if number else '{'}{name}: "), self.cell(column, field)]
        return [*(pieces or [literal("{")]), literal("}" + self.end)]

    def cell(self, column: str, field: Field) -> str:
        value = (
            f"CASE typeof({column}) WHEN 'blob' THEN myapp_base64({column})"
            f" ELSE json_quote({column}) END"
        )
        if field.kind is Kind.BOOLEAN:
            return f"CASE +{column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE {value} END"
        if field.kind is Kind.CHOICES:
            # It is an array as it stands.
            return f"CASE WHEN json_valid({column}) THEN {column} ELSE {value} END"
        return value

    @property
    def functions(self) -> Mapping[str, Function]:
        return {"myapp_base64": as_base64}


@dataclass(frozen=True, slots=True)
class HtmlLines:
    """One row of a table in a page, for reading and printing."""

    def head(self, table: Table) -> str:
        names = "".join(f"<th scope=col>{escape(field.name)}" for field in table.fields)
        return f"<thead><tr>{names}</thead>\n"

    def parts(self, table: Table) -> list[str]:
        cells = [self.cell(f"t.{quote(field.name)}", field) for field in table.fields]
        return [literal("<tr>"), *cells, literal("\n")]

    def cell(self, column: str, field: Field) -> str:
        if field.kind is Kind.CHOICES:
            column = joined(column)
        text = column
        for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\0", "\ufffd")):
            text = f"replace({text}, {literal(letter)}, {literal(entity)})"
        value = (
            f"CASE typeof({column}) WHEN 'text' THEN '<td>' || {text}"
            f" WHEN 'integer' THEN '<td class=n>' || {column}"
            f" WHEN 'real' THEN '<td class=n>' || quote({column})"
            f" WHEN 'blob' THEN '<td class=q>' || octet_length({column}) || ' bytes'"
            " ELSE '<td>' END"
        )
        if field.kind is Kind.BOOLEAN:
            return f"CASE +{column} WHEN 1 THEN '<td>yes' WHEN 0 THEN '<td>no' ELSE {value} END"
        if field.kind is Kind.MONEY:
            amount = f"'<td class=n>' || {in_cents(column)}"
            return f"CASE WHEN {is_number(column)} THEN {amount} ELSE {value} END"
        return value

    @property
    def functions(self) -> Mapping[str, Function]:
        return {}


Lines = CsvLines | JsonLines | HtmlLines


def line_sql(table: Table, lines: Lines) -> str:
    """The SQL expression of a record's whole line, for the alias `t`."""
    return concatenated(lines.parts(table))


def concatenated(parts: list[str]) -> str:
    while len(parts) > MOST_ARGUMENTS:
        parts = [
            f"concat({', '.join(parts[start : start + MOST_ARGUMENTS])})"
            for start in range(0, len(parts), MOST_ARGUMENTS)
        ]
    return f"concat({', '.join(parts)})"


def between(separator: str, cells: Sequence[str]) -> list[str]:
    return [piece for cell in cells for piece in (separator, cell)][1:]


def literal(text: str) -> str:
    """`text` as an SQL literal. A NUL in one would end the statement."""
    if "\0" in text:
        return f"CAST(x'{text.encode().hex()}' AS TEXT)"
    return "'" + text.replace("'", "''") + "'"


def joined(column: str) -> str:
    """Several choices as a person reads them. None of them has signs that JSON writes otherwise."""
    inside = f"substr({column}, 3, length({column}) - 4)"
    return (
        f"(CASE WHEN {column} LIKE '[\"%\"]' THEN replace({inside}, '\",\"', ', ')"
        f" ELSE {column} END)"
    )


def is_number(column: str) -> str:
    return f"typeof({column}) IN ('integer', 'real') AND {column} = round({column}, 2)"


def in_cents(column: str) -> str:
    """Money with two decimals, as it is kept below MOST_MONEY."""
    return f"printf('%.2f', {column})"


def as_base64(data: Value) -> str:
    raw = data if isinstance(data, bytes) else b""
    return json.dumps({"$base64": True, "encoded": base64.b64encode(raw).decode("ascii")})
