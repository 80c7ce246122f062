"""How one record is told from another: rowids, keys, or mere positions."""

import base64
import json
from collections.abc import Sequence

from .errors import NoSuchRecord
from .query import RecordId
from .schema import Table, quote
from .values import Value

Key = int | tuple[Value, ...]


def id_columns(table: Table) -> list[str]:
    """The SQL expressions that identify a record, for the alias `t`; none for a view."""
    if table.rowid is not None:
        return [f"t.{table.rowid}"]
    return [f"t.{quote(name)}" for name in table.key]


def match_sql(table: Table) -> str:
    """A condition that finds one record of `table` by its key, without an alias."""
    if table.rowid is not None:
        return f"{table.rowid} = ?"
    return " AND ".join(f"{quote(name)} IS ?" for name in table.key)


def encode_id(key: Key) -> RecordId:
    if isinstance(key, int):
        return str(key)
    parts = [{"hex": part.hex()} if isinstance(part, bytes) else part for part in key]
    return "k" + base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def id_words(id_: RecordId) -> str:
    """As a person reads it: a number, the values of a key, or the place of a record without one."""
    if id_[:1] == "n" and id_[1:].isdecimal():
        return str(int(id_[1:]) + 1)
    if id_[:1] != "k":
        return id_
    parts = json.loads(base64.urlsafe_b64decode(id_[1:] + "=" * (-(len(id_) - 1) % 4)))
    return ", ".join(each["hex"] if isinstance(each, dict) else str(each) for each in parts)


def decode_id(table: Table, text: RecordId) -> tuple[Value, ...]:
    """The parameters for `match_sql`. Raises NoSuchRecord for a text that is no id of `table`."""
    try:
        if table.rowid is not None:
            number = int(text)
            if not -(2**63) <= number < 2**63:
                raise NoSuchRecord(table.name)
            return (number,)
        key = decode_key(text)
        if not table.key or len(key) != len(table.key) or not all(map(is_value, key)):
            raise NoSuchRecord(table.name)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoSuchRecord(table.name) from error
    return key


def decode_key(text: RecordId) -> tuple[Value, ...]:
    """What `encode_id` made of a key of fields. Raises ValueError, KeyError, TypeError."""
    parts = json.loads(base64.urlsafe_b64decode(text[1:] + "=" * (-(len(text) - 1) % 4)))
    return tuple(bytes.fromhex(p["hex"]) if isinstance(p, dict) else p for p in parts)


def is_value(part: object) -> bool:
    """Whether SQLite could hold it: an id may be made up by hand. Raises ValueError for a text with
    half a letter."""
    if isinstance(part, str):
        part.encode()
    in_reach = not isinstance(part, int) or -(2**63) <= part < 2**63
    return in_reach and (part is None or isinstance(part, int | float | str | bytes))


def key_of(table: Table, text: RecordId) -> Key:
    """As views keep it. Raises NoSuchRecord for a text that is no id of `table`."""
    parts = decode_id(table, text)
    if table.rowid is not None and isinstance(parts[0], int):
        return parts[0]
    return parts


def key_sql(table: Table, alias: str = "") -> str:
    """One text for one key of several fields, or of one that may be empty."""
    return " || ',' || ".join(f"quote({alias}{quote(name)})" for name in table.key)


def keys_sql(
    table: Table, keys: Sequence[tuple[Value, ...]], alias: str = ""
) -> tuple[str, tuple[Value, ...]]:
    """A condition that finds the records with these keys, of fields that may be empty, and its
    parameters."""
    if len(table.key) == 1 and all(isinstance(key[0], int | str) for key in keys):
        # SQLite looks such a key up, where it can.
        given = json.dumps([key[0] for key in keys])
        return f"{alias}{quote(table.key[0])} IN (SELECT value FROM json_each(?))", (given,)
    literals = [",".join(map(literal, key)) for key in keys]
    sql = f"{key_sql(table, alias)} IN (SELECT value FROM json_each(?))"
    return sql, (json.dumps(literals),)


def literal(value: Value) -> str:
    """As SQLite's quote() writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"X'{value.hex().upper()}'" if isinstance(value, bytes) else str(value)
