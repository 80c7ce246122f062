"""Whether the records keep to the new rules of a field: looked at before anything is changed."""

import apsw

from .changes import ChangeField
from .errors import RuleBroken, ValuesDoNotFit
from .field_rules import definition_collation
from .fitting import Fit, find_misfits, fit_functions, fit_sql, shown
from .hearing import Told
from .matching import FOUND, JOIN, Match, check_matched, matched
from .rebuilding import keys_of
from .schema import Field, Table, quote
from .special import allowed_words
from .values import NO_LIMITS, Value


def check_values(
    connection: apsw.Connection,
    table: Table,
    field: Field,
    change: ChangeField,
    fit: Fit | None,
    fill: str | None,
    match: Match | None,
    told: Told,
    *,
    required: bool,
    unique: bool,
) -> None:
    """Raises RuleBroken with the first record that does not."""
    if match is not None:
        with matched(connection, table.name, field.name, match):
            if change.misfits == "refuse":
                check_matched(connection, field.name, match)
            source = f"{quote(table.name)} AS o{JOIN.format(quote(field.name))}"
            check_rules(connection, table, field, source, FOUND, required=required, unique=unique)
        return
    value = f"o.{quote(field.name)}"
    if fit is not None:
        if change.misfits == "refuse":
            count, example = find_misfits(connection, table, field, fit, told)
            if count:
                sentence = misfit_sentence(field.name, count, example, fit)
                raise ValuesDoNotFit(sentence, field.name)
        fit_functions(connection, field.name, fit)
        _, value = fit_sql(value, fit)
    if fill is not None:
        value = f"coalesce({value}, {fill})"
    source = f"{quote(table.name)} AS o"
    check_rules(connection, table, field, source, value, required=required, unique=unique)


def check_rules(
    connection: apsw.Connection,
    table: Table,
    field: Field,
    source: str,
    value: str,
    *,
    required: bool,
    unique: bool,
) -> None:
    """`value` is what the records `o` of `source` become. Raises RuleBroken."""
    key = ", ".join(f"o.{each}" for each in keys_of(table))
    if required:
        row = connection.execute(
            f"SELECT {key} FROM {source} WHERE {value} IS NULL LIMIT 1"
        ).fetchone()
        if row is not None:
            raise RuleBroken(
                f"The field “{field.name}” cannot be required: it would be empty in "
                f"{record_words(row)}. Fill it first, or give a default value to the empty ones.",
                field.name,
            )
    if unique:
        column = definition_collation(connection, table, field)
        row = connection.execute(
            f"SELECT v FROM (SELECT {value} AS v FROM {source}) WHERE v IS NOT NULL"
            f" GROUP BY v{column} HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        if row is not None:
            same = connection.execute(
                f"SELECT {key} FROM {source} WHERE {value}{column} = ? LIMIT 2", (row[0],)
            ).fetchall()
            both = " and ".join(map(record_words, same))
            raise RuleBroken(
                f"The field “{field.name}” cannot be unique: {shown(row[0])} stands in {both}.",
                field.name,
            )


def misfit_sentence(field: str, count: int, example: str | None, fit: Fit) -> str:
    what = "the new type" if fit.old is not fit.new else "the new rules"
    if count == 1:
        sentence = f"A value of “{field}” does not fit {what}: {example}."
    else:
        sentence = f"{count:,} values of “{field}” do not fit {what}, such as {example}."
    if fit.limits == NO_LIMITS:
        return sentence
    return f"{sentence} {allowed_words(field, fit.new, fit.limits)}"


def record_words(key: tuple[Value, ...]) -> str:
    return "record " + ", ".join(str(each) for each in key)
