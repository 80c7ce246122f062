"""The names of linked records as fields of their own, each beside its link. Builds SQL alone."""

from collections.abc import Callable, Sequence

from .schema import Field, Table, quote
from .values import Kind

TableOf = Callable[[str], Table | None]
"""A table by its name, whatever its case."""


def with_names(table_of: TableOf, fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields with those of the names behind each link that leads to records with names."""
    beside = names_beside(table_of, fields)
    found = [(field, beside.get(field.name)) for field in fields]
    return tuple(each for pair in found for each in pair if each is not None)


def names_beside(table_of: TableOf, fields: Sequence[Field]) -> dict[str, Field]:
    """The field of the names by that of the link."""
    taken = {field.name.lower() for field in fields}
    found = {}
    for field in fields:
        if title_of(table_of, field) is None:
            continue
        name, number = f"{field.name} (name)", 1
        while name.lower() in taken:
            number += 1
            name = f"{field.name} (name {number})"
        taken.add(name.lower())
        found[field.name] = Field(name, Kind.TEXT, "TEXT", generated=True)
    return found


def title_of(table_of: TableOf, field: Field) -> str | None:
    """The SQL of the title of the record that the link of `t` leads to; None without one."""
    target = table_of(field.link.table) if field.link else None
    title = target.title_sql("l") if target else None
    if field.link is None or target is None or title is None:
        return None
    return (
        f"(SELECT nullif({title}, '') FROM {quote(target.name)} AS l"
        f" WHERE l.{quote(field.link.field)} = t.{quote(field.name)} LIMIT 1)"
    )


def columns_sql(table_of: TableOf, fields: Sequence[Field]) -> str:
    """What a query over `t` selects, so that its answer has the fields and their names."""
    beside = names_beside(table_of, fields)
    columns = []
    for field in fields:
        columns.append(f"t.{quote(field.name)}")
        if field.name in beside:
            columns.append(f"{title_of(table_of, field)} AS {quote(beside[field.name].name)}")
    return ", ".join(columns)
