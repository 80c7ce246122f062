"""From a change of a field to the table's new definition. Changes nothing."""

from typing import NamedTuple

import apsw

from .changes import ChangeField
from .checks import RANGED, checks_sql, read_checks
from .connection import row_of, rows_of
from .defaults import as_value, default_literal, is_literal, typed_default
from .definition import (
    Clause,
    Column,
    Definition,
    column_text,
    names_in,
    names_outside,
    read_definition,
    rule_names,
    tokens_of,
)
from .dependents import FieldInUse, check_free, own_objects, users
from .errors import RuleBroken, StoreError, ValuesDoNotFit
from .field_settings import NO_SETTINGS, Settings, find_settings, settings_for
from .fitting import Fit, find_misfits, fit_functions, fit_sql, shown
from .hearing import Told
from .limiting import check_new, choices_there
from .linking import (
    check_emptied,
    has_index,
    index_sql,
    is_lost,
    is_strict,
    linked_type,
    reference_sql,
    target_of,
    without_rules,
)
from .matching import FOUND, JOIN, Match, check_matched, matched, plan_match
from .rebuilding import Shape, keys_of, linking_tables, nobody
from .schema import OWN_PREFIX, Field, LinkTo, Schema, Table, quote
from .special import allowed_words
from .values import CHOSEN, NO_LIMITS, Kind, Limits, Value, kind_of

STRICT_TYPES = {Kind.TEXT: "TEXT", Kind.INTEGER: "INTEGER", Kind.DECIMAL: "REAL"}
STRICT_TYPES |= dict.fromkeys(CHOSEN, "TEXT")


class FieldFixed(StoreError):
    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"The field “{field}” stays as it is: {why} Nothing was changed.")


class FieldRules(NamedTuple):
    """A field as a person may change it. `default` is as typed; `why_fixed` says why not.

    `lost_link` where it links to a table that was deleted.
    """

    field: Field
    required: bool
    unique: bool
    default: str
    why_fixed: str | None
    lost_link: bool = False


class FieldLoss(NamedTuple):
    """What goes when a field is dropped: its values in so many of the records, and indexes that it
    is in. `blocked` says why it cannot go."""

    values: int
    records: int
    indexes: tuple[str, ...]
    blocked: str | None


class TableLoss(NamedTuple):
    """What goes when a table is dropped, and what uses it: tables that link to it, SQL views."""

    records: int
    linking: tuple[str, ...]
    views: tuple[str, ...]


class Planned(NamedTuple):
    """`fit` says what becomes of the values, where they may become others."""

    shape: Shape
    fit: Fit | None
    fill: str | None
    settings: Settings
    match: Match | None = None


def shape_of(connection: apsw.Connection, table: Table) -> Shape:
    (sql,) = row_of(
        connection, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table.name,)
    )
    return Shape(str(sql), tuple(each.sql for each in own_objects(connection, table.name)))


def definition_of(table: Table, shape: Shape) -> Definition:
    return read_definition(table.name, shape.sql, [field.name for field in table.fields])


def why_fixed(field: Field) -> str | None:
    if field.automatic:
        return "it numbers the records."
    if field.in_key:
        return "it tells the records apart."
    return "it is computed from others." if field.generated else None


# --- dropping and moving


def plan_drop(table: Table, field: Field, shape: Shape) -> Shape:
    """Raises FieldFixed, FieldInUse."""
    if field.in_key:
        raise FieldFixed(field.name, why_fixed(field) or "")
    if len(table.fields) == 1:
        raise FieldFixed(field.name, "a table needs a field.")
    definition = definition_of(table, shape)
    name = field.name.lower()
    for column in definition.columns:
        if column.name.lower() != name and name in names_outside(column):
            raise FieldInUse(field.name, f"the field “{column.name}”")
    rules = []
    for rule in definition.rules:
        named = rule_names(rule, [each.name for each in table.fields])
        if name not in named:
            rules.append(rule)
        elif named != {name}:
            raise FieldInUse(field.name, f"a rule of the table ({rule.text})")
    columns = tuple(each for each in definition.columns if each.name.lower() != name)
    after = definition._replace(columns=columns, rules=tuple(rules))
    return Shape(after.sql, tuple(sql for sql in shape.objects if not indexes(sql, name)))


def find_loss(connection: apsw.Connection, table: Table, field: Field) -> FieldLoss:
    values, records = row_of(
        connection, f"SELECT count({quote(field.name)}), count(*) FROM {quote(table.name)}"
    )
    if field.generated:
        values = 0
    blocked = None
    try:
        plan_drop(table, field, shape_of(connection, table))
        check_free(connection, table, field.name)
    except StoreError as error:
        blocked = error.sentence
    gone = tuple(
        each.name
        for each in own_objects(connection, table.name)
        if indexes(each.sql, field.name.lower())
    )
    return FieldLoss(values, records, gone, blocked)


def find_table_loss(connection: apsw.Connection, table: Table) -> TableLoss:
    (records,) = row_of(connection, f"SELECT count(*) FROM {quote(table.name)}")
    linking = [
        name
        for name in linking_tables(connection, table.name)
        if not name.lower().startswith(OWN_PREFIX)
    ]
    views = [
        each.name
        for each in users(connection)
        if each.type == "view" and table.name.lower() in names_in(each.sql) - {each.name.lower()}
    ]
    return TableLoss(records, tuple(linking), tuple(views))


def indexes(sql: str, field: str) -> bool:
    """Whether it is the definition of an index that names the field."""
    tokens = tokens_of(sql)
    words = [token.word for token in tokens]
    if "TRIGGER" in words[:4]:
        return False
    opening = next(n for n, token in enumerate(tokens) if token.text == "(")
    return field in names_in(sql[tokens[opening].start :])


def plan_move(table: Table, field: Field, shape: Shape, to: int) -> Shape:
    definition = definition_of(table, shape)
    columns = list(definition.columns)
    place = table.position_of(field.name)
    to = min(max(to, 0), len(columns) - 1)
    if to == place:
        return shape
    columns.insert(to, columns.pop(place))
    return shape._replace(sql=definition._replace(columns=tuple(columns)).sql)


# --- changing


def plan_change(
    connection: apsw.Connection,
    schema: Schema,
    table: Table,
    field: Field,
    shape: Shape,
    change: ChangeField,
    told: Told = nobody,
) -> Planned:
    """`told` hears how many records were looked at. Raises FieldFixed, RuleBroken, ValueDoesNotFit;
    of a link NoSuchTable, CannotLink."""
    why = why_fixed(field)
    if why is not None:
        raise FieldFixed(field.name, why)
    definition = definition_of(table, shape)
    rules = rules_of(connection, table, field)
    column = definition.column(field.name)
    kind = change.kind if change.kind is not None else field.kind
    limits = limits_for(connection, table, field, kind, change)
    required = rules.required if change.required is None else change.required
    unique = rules.unique if change.unique is None else change.unique
    default = default_sql(connection, table, field)
    retyped = kind is not field.kind
    limited = limits != field.limits
    declared = declared_type(definition, column, kind) if retyped else column.declared
    link, reference, match = change.link, None, None
    if isinstance(link, LinkTo):
        check_emptied(field.name, link, required=required)
        target, key = target_of(schema, link)
        match = plan_match(schema, field, link, change.by)
        kind, retyped, limited, declared = field.kind, False, False, column.declared
        if match is None and field.link is not None and field.link.on_delete == link.on_delete:
            link = None
        else:
            reference = reference_sql(target.name, key.name, link.on_delete)
        if match is not None:
            declared = linked_type(key, strict=is_strict(connection, table.name))
            default = None
    elif field.link is None and not rules.lost_link:
        link = None
    fit = None
    if retyped or limited or (change.renamed and match is None):
        fit = Fit(field.kind, kind, limits, change.renamed)
    if match is not None:
        pass
    elif change.default is not None and change.default != rules.default:
        default = default_literal(field.name, kind, change.default, limits)
    elif fit is not None and is_literal(default):
        typed = dict(change.renamed).get(rules.default, rules.default)
        default = default_literal(field.name, kind, typed, limits)
    without, extra, dropped = set[str](), list[str](), tuple[Clause, ...]()
    if required != rules.required:
        without |= {"NOT NULL", "NULL"}
        extra += ["NOT NULL"] if required else []
    if default != default_sql(connection, table, field):
        without.add("DEFAULT")
        extra += [f"DEFAULT {default}"] if default is not None else []
    if unique != rules.unique:
        without.add("UNIQUE")
        extra += ["UNIQUE"] if unique else []
    if match is not None:
        dropped = read_checks(column, kind_of(column.declared)).clauses
    if retyped or limited:
        if field.link is None:
            dropped = read_checks(column, kind_of(column.declared)).clauses
        extra += checks_sql(field.name, kind, limits)
    if link is not None:
        definition = without_rules(definition, column)
        without.add("REFERENCES")
        extra += [reference] if reference is not None else []
    fill = as_value(default) if change.fill and default is not None else None
    check_values(
        connection, table, field, change, fit, fill, match, told, required=required, unique=unique
    )
    settings = NO_SETTINGS
    if match is None:
        settings = settings_of(connection, table, field, kind, limits, change)
    if not (retyped or without or limited):
        return Planned(shape, fit, fill, settings)
    text = column_text(column, declared, without=without, extra=extra, dropped=dropped)
    after = with_column(definition, column, text)
    objects = shape.objects
    if match is not None and not unique and not has_index(connection, table.name, field.name):
        objects = (*objects, index_sql(connection, table.name, field.name)[1])
    if rules.unique and not unique:
        after, objects = without_unique(connection, table, field, after, objects)
    return Planned(Shape(after.sql, objects), fit, fill, settings, match)


def limits_for(
    connection: apsw.Connection, table: Table, field: Field, kind: Kind, change: ChangeField
) -> Limits:
    """Raises RuleBroken."""
    limits = change.limits
    if limits is None:
        numbers = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY)
        alike = any({kind, field.kind} <= set(each) for each in (CHOSEN, numbers))
        limits = field.limits if kind is field.kind or alike else NO_LIMITS
    if limits == field.limits and kind is field.kind:
        return limits  # another program's may be none that could be asked for
    if field.link is not None and (kind in CHOSEN or limits != NO_LIMITS):
        raise FieldFixed(field.name, "it is a link, and takes what it can point to.")
    if kind in CHOSEN and not limits.choices:
        return choices_there(connection, table, field, kind)
    if kind not in (*CHOSEN, *RANGED):
        return NO_LIMITS
    return check_new(field.name, kind, limits)


def settings_of(
    connection: apsw.Connection,
    table: Table,
    field: Field,
    kind: Kind,
    limits: Limits,
    change: ChangeField,
) -> Settings:
    """Choices keep their colours, also under another name, and money its currency."""
    currency = field.currency if change.currency is None else change.currency
    colours = dict(zip(field.limits.choices, field.colours, strict=False))
    colours |= {new: colours[old] for old, new in change.renamed if old in colours}
    if change.colours is not None:
        colours |= dict(zip(limits.choices, change.colours, strict=False))
    if (kind, limits, change.colours) == (field.kind, field.limits, None) and (
        currency == field.currency
    ):
        return find_settings(connection, table.name, field.name)
    return settings_for(limits.choices, colours, currency if kind is Kind.MONEY else "")


def with_column(definition: Definition, column: Column, text: str) -> Definition:
    columns = tuple(
        each._replace(text=text) if each is column else each for each in definition.columns
    )
    return definition._replace(columns=columns)


def without_unique(
    connection: apsw.Connection,
    table: Table,
    field: Field,
    definition: Definition,
    objects: tuple[str, ...],
) -> tuple[Definition, tuple[str, ...]]:
    """Without the table's own rules, and the indexes, that keep this field alone unique."""
    names = [each.name for each in table.fields]
    rules = tuple(
        rule
        for rule in definition.rules
        if not (rule.word == "UNIQUE" and rule_names(rule, names) == {field.name.lower()})
    )
    gone = {
        str(sql)
        for name in unique_indexes(connection, table, field)
        for (sql,) in rows_of(connection, "SELECT sql FROM sqlite_schema WHERE name = ?", (name,))
    }
    return definition._replace(rules=rules), tuple(sql for sql in objects if sql not in gone)


def declared_type(definition: Definition, column: Column, kind: Kind) -> str:
    """Raises FieldFixed."""
    if kind_of(column.declared) is (Kind.TEXT if kind in CHOSEN else kind):
        return column.declared  # a VARCHAR stays one
    words = {token.word for token in tokens_of(definition.options)}
    if "STRICT" not in words:
        return kind.declared
    if kind not in STRICT_TYPES:
        raise FieldFixed(
            column.name, "its table is STRICT: it knows text, integer and decimal alone."
        )
    return STRICT_TYPES[kind]


# --- the rules as they are


def rules_of(connection: apsw.Connection, table: Table, field: Field) -> FieldRules:
    notnull, default = row_of(
        connection,
        'SELECT "notnull", dflt_value FROM pragma_table_xinfo(?) WHERE name = ?',
        (table.name, field.name),
    )
    return FieldRules(
        field,
        bool(notnull) and not field.automatic,
        bool(unique_indexes(connection, table, field)),
        typed_default(field.kind, default),
        why_fixed(field),
        is_lost(connection, table.name, field.name),
    )


def default_sql(connection: apsw.Connection, table: Table, field: Field) -> str | None:
    (sql,) = row_of(
        connection,
        "SELECT dflt_value FROM pragma_table_xinfo(?) WHERE name = ?",
        (table.name, field.name),
    )
    return None if sql is None or sql.upper() == "NULL" else str(sql)


def unique_indexes(connection: apsw.Connection, table: Table, field: Field) -> list[str]:
    """Those that keep this field alone unique, in every record."""
    return [
        str(name)
        for (name,) in rows_of(
            connection,
            'SELECT l.name FROM pragma_index_list(?) AS l WHERE l."unique" AND NOT l.partial'
            " AND (SELECT group_concat(i.name, '') FROM pragma_index_info(l.name) AS i) = ?"
            " AND (SELECT count(*) FROM pragma_index_info(l.name)) = 1",
            (table.name, field.name),
        )
    ]


# --- whether the records keep to the new rules


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


def definition_collation(connection: apsw.Connection, table: Table, field: Field) -> str:
    """The COLLATE clause of a field, for an expression that would have none."""
    column = definition_of(table, shape_of(connection, table)).column(field.name)
    return "".join(f" {clause.text}" for clause in column.clauses if clause.word == "COLLATE")
