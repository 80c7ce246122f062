"""Read which tables and fields a database has. Changes nothing."""

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

import apsw

from .connection import has_table, row_of, rows_of
from .errors import NoSuchField
from .values import NO_LIMITS, Kind, Limits, kind_of

if TYPE_CHECKING:
    from .definition import Column
    from .field_settings import Settings

OWN_PREFIX = "_myapp_"
STAGING = f"{OWN_PREFIX}staging_"
SEARCH_REGISTRY = f"{OWN_PREFIX}search"
SAVED_VIEWS = f"{OWN_PREFIX}views"
FIELD_SETTINGS = f"{OWN_PREFIX}fields"
TITLES = f"{OWN_PREFIX}titles"
TABLE_ORDER = f"{OWN_PREFIX}order"
ROWID_NAMES = ("rowid", "_rowid_", "oid")
ADDRESSES = (Kind.EMAIL, Kind.WEB, Kind.PHONE, Kind.LONG)
"""Kinds that name a record where no plain text does."""

BLANKS = "' ' || char(9, 10, 13)"
NO_NAME = "#"
"""Before the key of a record whose title is empty."""

LONGEST_LABEL = 200
"""Characters of a title that a link shows."""

TITLE_NAMES = ("name", "title", "label", "full_name", "fullname", "caption", "subject")


def quote(name: str) -> str:
    """`name` as an SQL identifier, whatever it contains."""
    return '"' + name.replace('"', '""') + '"'


OnDelete = Literal["refuse", "empty", "delete", "default"]
"""What becomes of a link when its record is deleted: that is refused, the link is left empty, its
record is deleted as well, or the link takes its default. Only the first two are made here."""

ON_DELETE: dict[str, OnDelete] = {
    "SET NULL": "empty",
    "CASCADE": "delete",
    "SET DEFAULT": "default",
}


class Link(NamedTuple):
    """Where a foreign key of one field points."""

    table: str
    field: str
    on_delete: OnDelete = "refuse"


class LinkTo(NamedTuple):
    """A link to be made: to a table, by its key."""

    table: str
    on_delete: OnDelete = "refuse"


class Field(NamedTuple):
    name: str
    kind: Kind
    declared: str
    required: bool = False
    default: str | None = None
    in_key: bool = False
    automatic: bool = False
    """SQLite numbers it by itself when it is left empty (an INTEGER PRIMARY KEY)."""
    link: Link | None = None
    generated: bool = False
    limits: Limits = NO_LIMITS
    colours: tuple[str, ...] = ()
    """Of its choices, in their order."""
    currency: str = ""
    fixed: bool = False
    """A new record takes it, and keeps it: it is a field of an SQL view that no trigger edits."""

    @property
    def writable(self) -> bool:
        return not self.generated

    @property
    def editable(self) -> bool:
        """Whether it can be changed in a record that is there."""
        return self.writable and not self.fixed


class NewField(NamedTuple):
    """A field to be made."""

    name: str
    kind: Kind
    required: bool = False
    unique: bool = False
    default: str = ""
    """As typed; nothing for none."""
    limits: Limits = NO_LIMITS
    colours: tuple[str, ...] = ()
    """Of the choices, in their order; the usual ones where there are none."""
    currency: str = ""
    link: LinkTo | None = None
    """With one, `kind` is that of the linked table's key."""

    @property
    def ruled(self) -> bool:
        """Whether it has a rule that SQLite gives to a table that is there by a rebuild alone."""
        return self.required or self.unique or bool(self.default)


Doing = Literal["add", "edit", "delete"]
"""What can be done with records."""


class Table(NamedTuple):
    """A table or SQL view of the file.

    `rowid` is the SQL name of its rowid; None where there is none, and then `key` names the fields
    that identify a record. Where both are missing, records are told by their position, and those
    that are there can only be read.
    """

    name: str
    type: Literal["table", "view", "virtual"]
    fields: tuple[Field, ...]
    rowid: str | None
    key: tuple[str, ...]
    why_read_only: str | None
    title_fields: tuple[str, ...]
    chosen_title: str | None = None
    """The field among them that a person chose."""
    refused: tuple[tuple[Doing, str], ...] = ()
    """What an SQL view does not take, and why: see `sql_views`."""

    @property
    def writable(self) -> bool:
        """Whether anything can be done with its records."""
        return self.why_read_only is None

    def why_not(self, doing: Doing) -> str | None:
        """Why that cannot be done with its records; None where it can."""
        return self.why_read_only or dict(self.refused).get(doing)

    @property
    def numbered(self) -> bool:
        """Whether its rowid is a key of its own: VACUUM may renumber all others."""
        return self.type == "table" and any(field.automatic for field in self.fields)

    @property
    def link_key(self) -> Field | None:
        """What a link to this table holds; None where nothing can link to it."""
        if self.type != "table" or len(self.key) != 1:
            return None
        return self.field(self.key[0])

    def title_sql(self, alias: str) -> str | None:
        """The SQL expression of a record's title; None where no field can serve as one."""
        return title_sql(self.title_fields, alias)

    def label_sql(self, alias: str, key: str) -> str:
        """What a link to the record shows: its title, or its key where the title is empty. Long
        ones are cut."""
        column = f"{alias}.{quote(key)}"
        title = self.title_sql(alias)
        if title is None:
            return f"CAST({column} AS TEXT)"
        text = f"CAST({title} AS TEXT)"
        said = f"substr({text}, 1, {LONGEST_LABEL})"
        return f"iif(trim({text}, {BLANKS}) <> '', {said}, '{NO_NAME}' || {column})"

    def field(self, name: str) -> Field:
        """Raises NoSuchField."""
        for field in self.fields:
            if field.name == name:
                return field
        raise NoSuchField(self.name, name)

    def position_of(self, name: str) -> int:
        for position, field in enumerate(self.fields):
            if field.name == name:
                return position
        raise NoSuchField(self.name, name)


def name_field(table: Table, field: Field) -> Field | None:
    """The text field beside one of files, which holds their names."""
    if field.kind is not Kind.BLOB:
        return None
    wanted = name_beside(field.name).lower()
    for each in table.fields:
        if each.name.lower() == wanted and each.kind is Kind.TEXT and each.writable:
            return each if each.link is None and not each.in_key else None
    return None


def name_beside(field: str) -> str:
    return f"{field} name"


def title_sql(fields: Iterable[str], alias: str) -> str | None:
    columns = [f"{alias}.{quote(name)}" for name in fields]
    if len(columns) < 2:
        return columns[0] if columns else None
    return "trim(" + " || ' ' || ".join(f"coalesce({each}, '')" for each in columns) + ")"


class Schema(NamedTuple):
    """All tables of a file at one moment, in the person's order, or by name where there is none.
    Their keys are the names in lower case, since SQLite folds ASCII case."""

    cookie: int
    tables: dict[str, Table]
    titles: dict[str, str] | None = None
    """The fields that a person chose to name records, by table; None where none ever was."""

    def get(self, name: str) -> Table | None:
        return self.tables.get(name.lower())


def read_schema(connection: apsw.Connection) -> Schema:
    """Read every table that is the person's own: nothing of SQLite's, nothing of MyApp's."""
    cookie = int(row_of(connection, "PRAGMA schema_version")[0])
    titles = read_titles(connection)
    listed = list(
        rows_of(
            connection,
            "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' ORDER BY name",
        )
    )
    checked = checked_columns(connection)
    settings: dict[tuple[str, str], Settings] = {}
    if any(row[0] == FIELD_SETTINGS for row in listed):
        from .field_settings import read_settings

        settings = read_settings(connection)
    tables = {}
    for name, kind, without_rowid in listed:
        if kind == "shadow" or name.lower().startswith(("sqlite_", OWN_PREFIX)):
            continue
        try:
            table = read_table(connection, name, kind, bool(without_rowid))
            columns = checked.get(name.lower(), {})
            table = with_rules(table, columns, settings)
            tables[name.lower()] = with_title(table, (titles or {}).get(name.lower()))
        except apsw.SQLError:
            # A view over a missing table, or a virtual table whose module is not here.
            tables[name.lower()] = Table(
                name, kind, (), None, (), "SQLite cannot read its definition.", ()
            )
    if any(kind == "view" for _, kind, _ in listed):
        from .sql_views import read_triggers, with_triggers

        for view, triggers in read_triggers(connection).items():
            if view in tables and tables[view].fields:
                with suppress(apsw.SQLError):  # its fields can be told, and its records not read
                    table = with_triggers(connection, tables, tables[view], triggers)
                    tables[view] = with_title(table, (titles or {}).get(view))
    if any(row[0] == TABLE_ORDER for row in listed):
        from .table_order import read_order

        placed = {name.lower(): None for name in read_order(connection) or ()}
        tables = {name: tables[name] for name in [*placed, *tables] if name in tables}
    return Schema(cookie, tables, titles)


def checked_columns(connection: apsw.Connection) -> "dict[str, dict[str, Column]]":
    """The columns of tables that have a CHECK, both by name in lower case."""
    listed = list(
        rows_of(
            connection,
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%CHECK%'"
            f" AND name NOT GLOB '{OWN_PREFIX}*'",
        )
    )
    found: dict[str, dict[str, Column]] = {}
    if not listed:
        return found
    from .definition import UnusualDefinition, read_definition

    for name, sql in listed:
        names = [
            str(field)
            for (field,) in rows_of(
                connection,
                "SELECT name FROM pragma_table_xinfo(?, 'main') WHERE hidden <> 1 ORDER BY cid",
                (name,),
            )
        ]
        try:
            columns = read_definition(name, sql, names).columns
        except UnusualDefinition:
            continue
        found[str(name).lower()] = {each.name.lower(): each for each in columns}
    return found


def with_rules(
    table: Table, columns: "dict[str, Column]", settings: "dict[tuple[str, str], Settings]"
) -> Table:
    """With what CHECKs and settings say of the fields."""
    if not columns and not settings:
        return table
    fields = []
    for field in table.fields:
        column = columns.get(field.name.lower())
        if column is not None and column.has("CHECK") and field.link is None:
            from .checks import read_checks

            kind, limits, _ = read_checks(column, field.kind)
            field = field._replace(kind=kind, limits=limits)
        own = settings.get((table.name.lower(), field.name.lower()))
        if field.limits.choices:
            from .field_settings import NO_SETTINGS, colours_of

            shown = colours_of(field.limits.choices, own or NO_SETTINGS)
            field = field._replace(colours=shown)
        if own is not None and field.kind is Kind.MONEY:
            field = field._replace(currency=own.currency)
        fields.append(field)
    return table._replace(fields=tuple(fields), title_fields=choose_title(tuple(fields)))


def read_table(
    connection: apsw.Connection, name: str, kind: Literal["table", "view", "virtual"], wr: bool
) -> Table:
    links = read_links(connection, name)
    described = list(
        rows_of(
            connection,
            'SELECT name, type, "notnull", dflt_value, pk, hidden'
            " FROM pragma_table_xinfo(?, 'main') ORDER BY cid",
            (name,),
        )
    )
    key = [row[0] for row in sorted(described, key=lambda row: row[4]) if row[4]]
    integer_key = (
        kind == "table"
        and not wr
        and len(key) == 1
        and is_rowid_alias(connection, name, key[0], described)
    )
    fields = tuple(
        Field(
            name=field,
            kind=kind_of(declared),
            declared=declared,
            required=bool(notnull) and default is None and not (pk and integer_key),
            default=default,
            in_key=bool(pk),
            automatic=bool(pk) and integer_key,
            link=links.get(field.lower()),
            generated=hidden in (2, 3),
        )
        for field, declared, notnull, default, pk, hidden in described
        if hidden != 1
    )
    rowid = rowid_name(fields, key[0] if integer_key else None) if kind == "table" else None
    if wr:
        rowid = None
    return Table(
        name=name,
        type=kind,
        fields=fields,
        rowid=rowid,
        key=tuple(key) if kind == "table" else (),
        why_read_only=reason_read_only(kind, rowid, key),
        title_fields=choose_title(fields),
    )


def read_unique(connection: apsw.Connection, table: Table) -> frozenset[str]:
    """The fields of the table's key and of its unique indexes."""
    rows = rows_of(
        connection,
        "SELECT i.name FROM pragma_index_list(?, 'main') AS l, pragma_index_info(l.name, 'main')"
        ' AS i WHERE l."unique" AND i.name IS NOT NULL',
        (table.name,),
    )
    return frozenset(table.key) | {name for (name,) in rows}


def is_rowid_alias(
    connection: apsw.Connection, table: str, field: str, described: Iterable[tuple[object, ...]]
) -> bool:
    """Whether the one key field is the rowid itself: only an exact INTEGER makes it so.

    `INTEGER PRIMARY KEY DESC` is the exception: it gets an index of its own.
    Source: https://sqlite.org/lang_createtable.html#rowid
    """
    if not any(row[0] == field and str(row[1]).upper() == "INTEGER" for row in described):
        return False
    origins = connection.execute("SELECT origin FROM pragma_index_list(?, 'main')", (table,))
    return all(origin != "pk" for (origin,) in origins)


def rowid_name(fields: Iterable[Field], alias: str | None) -> str | None:
    if alias is not None:
        return quote(alias)
    taken = {field.name.lower() for field in fields}
    return next((name for name in ROWID_NAMES if name not in taken), None)


def reason_read_only(kind: str, rowid: str | None, key: list[str]) -> str | None:
    if kind == "view":
        return "it is an SQL view, made from other tables."
    if kind == "virtual":
        return "it is a virtual table, kept by an SQLite extension."
    if rowid is None and not key:
        return "nothing in it tells one record from another."
    return None


def read_links(connection: apsw.Connection, table: str) -> dict[str, Link]:
    """Foreign keys of a single field, by the field's name in lower case; not those to a deleted
    table, which waits in the history."""
    rows = list(
        rows_of(
            connection,
            'SELECT id, "table", "from", "to", on_delete FROM pragma_foreign_key_list(?, \'main\')',
            (table,),
        )
    )
    counts: dict[int, int] = {}
    for row in rows:
        counts[row[0]] = counts.get(row[0], 0) + 1
    links = {}
    for number, target, source, to, on_delete in rows:
        if counts[number] != 1 or target.lower().startswith(OWN_PREFIX):
            continue
        if to is None:
            keys = list(
                rows_of(
                    connection,
                    "SELECT name FROM pragma_table_info(?, 'main') WHERE pk ORDER BY pk",
                    (target,),
                )
            )
            if len(keys) != 1:
                continue
            to = keys[0][0]
        links[source.lower()] = Link(target, to, ON_DELETE.get(on_delete, "refuse"))
    return links


def read_titles(connection: apsw.Connection) -> dict[str, str] | None:
    """None where there is no table of ours with them."""
    if not has_table(connection, TITLES):
        return None
    try:
        rows = rows_of(connection, f"SELECT table_name, field FROM main.{TITLES} LIMIT 10000")
        return {str(table).lower(): str(field) for table, field in rows}
    except (apsw.SQLError, UnicodeDecodeError):
        return None  # a table of this name that is not ours


def may_title(field: Field) -> bool:
    """Whether a field can name records: a link would give a key, and bytes nothing to read."""
    return field.link is None and field.kind is not Kind.BLOB


def with_title(table: Table, chosen: str | None) -> Table:
    """The table with the field that a person chose, where it still can name the records."""
    for field in table.fields:
        if field.name == chosen and may_title(field):
            return table._replace(title_fields=(field.name,), chosen_title=field.name)
    return table


def choose_title(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """The fields that name a record to a person: first and last name, `name`, else any text."""
    unlinked = [field for field in fields if field.link is None]
    texts = [field for field in unlinked if field.kind is Kind.TEXT]
    texts = texts or [field for field in unlinked if field.kind in ADDRESSES]
    folded = {field.name.lower().replace("_", "").replace(" ", ""): field.name for field in texts}
    if "lastname" in folded:
        return tuple(folded[part] for part in ("firstname", "lastname") if part in folded)
    for wanted in TITLE_NAMES:
        for field in texts:
            if field.name.lower() == wanted:
                return (field.name,)
    return tuple(field.name for field in texts[:1])
