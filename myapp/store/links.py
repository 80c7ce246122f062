"""Links between tables: what a link can point to, where it leads, and the other side."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

import apsw

from .connection import blob_sql, fold, plain_sql, row_of, rows_of, text_of
from .ids import encode_id, id_columns
from .query import Choice, Choices, Incoming, RecordId, WholeRecord
from .schema import BLANKS, LONGEST_LABEL, NO_NAME, Field, Schema, Table, quote
from .selection import escape_like
from .values import BlobSize, Kind, Value, format_value

FEW = 5
"""Records of the other side that are named."""

TOLD, LOOKED_AT, LONGEST_DETAIL = 2, 6, 40
"""Values beside the key that tell records of one name apart, the fields that they are taken from,
and their characters."""

LISTED = "SELECT value FROM json_each(?)"
Keys = dict[str, list[Value]]


def find_choices(
    connection: apsw.Connection, schema: Schema, table: Table, field: str, text: str, limit: int
) -> Choices:
    """Records whose title holds `text`, whatever its accents and case, or whose key it is; first
    the one of just this name, then those that begin with it."""
    link = table.field(field).link
    target = schema.get(link.table) if link else None
    if link is None or target is None:
        return Choices(())
    key, label = f"l.{quote(link.field)}", target.label_sql("l", link.field)
    title, wanted = target.title_sql("l") or key, text.strip()
    condition, order = "1", f"coalesce({title}, '') = '', coalesce({title}, '') COLLATE NOCASE"
    parameters: tuple[Value, ...] = ()
    if wanted:
        plain, pattern = plain_sql(title), escape_like(fold(wanted))
        condition = rf"{plain} LIKE ?1 ESCAPE '\' OR {key} IN (?2, ?3)"
        order = (
            rf"{label} <> ?2, {plain} NOT LIKE ?4 ESCAPE '\', {plain} NOT LIKE ?5 ESCAPE '\',"
            f" {order}"
        )
        unnamed = wanted.removeprefix(NO_NAME)
        parameters = (f"%{pattern}%", wanted, unnamed, pattern, f"{pattern}%")
    # As a blob: one title that is not UTF-8 must not take the list with it.
    rows = list(
        rows_of(
            connection,
            f"SELECT {key}, {blob_sql(label)} FROM {quote(target.name)} AS l WHERE {condition}"
            f" ORDER BY {order}, {key} LIMIT {limit + 1}",
            parameters,
        )
    )
    found = [(value, text_of(said)) for value, said in rows]
    names = Counter(fold(name) for _, name in found)
    alike = {value: fold(name) for value, name in found[:limit] if names[fold(name)] > 1}
    details = find_details(connection, schema, target, link.field, alike)
    choices = tuple(Choice(value, name, details.get(value, "")) for value, name in found[:limit])
    return Choices(choices, len(found) > limit)


def find_details(
    connection: apsw.Connection, schema: Schema, target: Table, key: str, alike: dict[Value, str]
) -> dict[Value, str]:
    """What tells records of one name apart: the key, and values beside the title, first of all
    those in which they differ. `alike` are their keys, with what their names have in common."""
    if not alike:
        return {}
    beside = [each for each in target.fields if tells_apart(target, each, key)][:LOOKED_AT]
    columns = "".join(f", {blob_sql(told_sql(schema, each))}" for each in beside)
    column = f"l.{quote(key)}"
    rows = rows_of(
        connection,
        f"SELECT {column}{columns} FROM {quote(target.name)} AS l WHERE {column}"
        " IN (SELECT value FROM json_each(?))",
        (json.dumps(list(alike)),),
    )
    texts = {
        value: [detail_of(*each) for each in zip(beside, told, strict=True)]
        for value, *told in rows
    }
    details = {}
    for value, told in texts.items():
        others = [texts[each] for each, name in alike.items() if name == alike[value]]
        places = [n for n, text in enumerate(told) if text]
        places.sort(key=lambda n: len({each[n] for each in others}) == 1)
        details[value] = " · ".join([str(value), *(told[n] for n in sorted(places[:TOLD]))])
    return details


def tells_apart(table: Table, field: Field, key: str) -> bool:
    said = field.kind not in (Kind.BLOB, Kind.LONG, Kind.CHOICES)
    return said and field.name not in (*table.title_fields, key)


def told_sql(schema: Schema, field: Field) -> str:
    """A value as text, a link by the name of its record; the beginning of a long one."""
    column = f"l.{quote(field.name)}"
    target = schema.get(field.link.table) if field.link else None
    if field.link is not None and target is not None:
        label = target.label_sql("m", field.link.field)
        column = (
            f"(SELECT {label} FROM {quote(target.name)} AS m"
            f" WHERE m.{quote(field.link.field)} = {column} LIMIT 1)"
        )
    return f"substr(CAST({column} AS TEXT), 1, {LONGEST_DETAIL + 1})"


def detail_of(field: Field, value: bytes | str | None) -> str:
    text = " ".join(text_of(value).split())
    if field.kind is Kind.BOOLEAN and text in ("0", "1"):
        return f"{field.name}: {format_value(field.kind, int(text))}"
    return text if len(text) <= LONGEST_DETAIL else f"{text[: LONGEST_DETAIL - 1]}…"


def find_named(
    connection: apsw.Connection, schema: Schema, field: Field, names: Iterable[str]
) -> Keys:
    """What a link field would hold to point to records of these names, a few for each name.

    A name is looked for as it is, and where no record has it, and none has it for its key, without
    regard to accents and case.
    """
    link = field.link
    target = schema.get(link.table) if link else None
    if link is None or target is None or target.title_sql("l") is None:
        return {}
    wanted = {name: name.strip() for name in names if name.strip()}
    find = KeysOfNames(connection, target, link.field)
    keys = find.named(set(wanted.values()))
    keys |= find.unnamed({name for name in wanted.values() if name not in keys})
    left = {name for name in wanted.values() if name not in keys}
    keys |= find.alike(left - find.keys_among(left)) if left else {}
    return {name: keys[said] for name, said in wanted.items() if said in keys}


class KeysOfNames:
    """The keys of a table's records by their names."""

    def __init__(self, connection: apsw.Connection, target: Table, key: str) -> None:
        self.connection = connection
        self.key, self.title = f"l.{quote(key)}", f"CAST({target.title_sql('l')} AS TEXT)"
        self.source = f"FROM {quote(target.name)} AS l WHERE"

    def named(self, names: set[str]) -> Keys:
        """As they are shown, where long titles are cut."""
        return self.listed(f"substr({self.title}, 1, {LONGEST_LABEL})", names)

    def unnamed(self, names: set[str]) -> Keys:
        """Of records whose title is empty, which go by their key."""
        given = {name.removeprefix(NO_NAME) for name in names if name.startswith(NO_NAME)}
        found = self.among(given, f" AND coalesce(trim({self.title}, {BLANKS}), '') = ''")
        return {NO_NAME + str(key): [key] for key in found}

    def alike(self, names: set[str]) -> Keys:
        """Without regard to accents and case."""
        folded = {name: fold(name) for name in names}
        # SQLite's LIKE sees to the case of ASCII texts itself, which is quicker for a few names.
        plain = plain_sql(f"trim({self.title})")
        few = len(folded) <= FEW
        like = " OR ".join([rf"{plain} LIKE ? ESCAPE '\'"] * len(folded)) if few else "1"
        said = set(folded.values())
        patterns = [escape_like(each) for each in folded.values()] if few else []
        found = self.listed(f"lower({plain})", said, f"({like}) AND", patterns) if said else {}
        return {name: found[each] for name, each in folded.items() if each in found}

    def keys_among(self, texts: set[str]) -> set[str]:
        return {str(key) for key in self.among(texts)}

    def among(self, texts: set[str], condition: str = "") -> list[Value]:
        if not texts:
            return []
        sql = f"SELECT {self.key} {self.source} {self.key} IN ({LISTED}){condition}"
        return [key for (key,) in rows_of(self.connection, sql, (json.dumps(sorted(texts)),))]

    def listed(
        self, name: str, names: set[str], condition: str = "", patterns: Sequence[str] = ()
    ) -> Keys:
        """Two keys of each name at most: they tell already that it is not clear."""
        sql = f"SELECT {name}, {self.key} {self.source} {condition} {name} IN ({LISTED})"
        keys: Keys = {}
        for said, key in rows_of(self.connection, sql, (*patterns, json.dumps(sorted(names)))):
            if len(few := keys.setdefault(said, [])) < 2:
                few.append(key)
        return keys


def find_incoming(
    connection: apsw.Connection, schema: Schema, table: Table, record: WholeRecord
) -> tuple[Incoming, ...]:
    incoming = []
    for other in schema.tables.values():
        for field in other.fields if other.type == "table" else ():
            link = field.link
            if link is None or link.table.lower() != table.name.lower():
                continue
            pointed = next((f for f in table.fields if f.name.lower() == link.field.lower()), None)
            if pointed is None:
                continue
            value = record.values[table.position_of(pointed.name)]
            if isinstance(value, BlobSize):
                continue
            count = row_of(
                connection,
                f"SELECT count(*) FROM {quote(other.name)} WHERE {quote(field.name)} = ?",
                (value,),
            )[0]
            first = first_of(connection, other, field, value) if count else ()
            incoming.append(Incoming(other.name, field.name, count, value, first))
    return tuple(incoming)


def first_of(
    connection: apsw.Connection, table: Table, field: Field, value: Value
) -> tuple[tuple[RecordId, str], ...]:
    """Ids and titles of the first records whose field holds `value`."""
    columns, title = id_columns(table), table.title_sql("t") or "NULL"
    if not columns:
        return ()
    # As a blob: one title that is not UTF-8 must not take the page with it.
    rows = rows_of(
        connection,
        f"SELECT {blob_sql(f'substr(CAST({title} AS TEXT), 1, 200)')}, {', '.join(columns)}"
        f" FROM {quote(table.name)} AS t WHERE t.{quote(field.name)} = ? LIMIT {FEW}",
        (value,),
    )
    return tuple(
        (
            encode_id(row[1] if table.rowid is not None else row[1:]),
            text_of(row[0]).strip(),
        )
        for row in rows
    )


def find_by(connection: apsw.Connection, table: Table, field: str, value: Value) -> RecordId | None:
    """The record whose `field` holds `value`; None where none does, or records have no ids."""
    columns = id_columns(table)
    if not columns:
        return None
    column = quote(table.field(field).name)
    row = connection.execute(
        f"SELECT {', '.join(columns)} FROM {quote(table.name)} AS t WHERE t.{column} = ? LIMIT 1",
        (value,),
    ).fetchone()
    if row is None:
        return None
    return encode_id(row[0] if table.rowid is not None else row)
