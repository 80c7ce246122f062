"""How one record is told from another: rowids, keys, or mere positions."""

import base64
import json

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


def decode_id(table: Table, text: RecordId) -> tuple[Value, ...]:
    """The parameters for `match_sql`. Raises NoSuchRecord for a text that is no id of `table`."""
    try:
        if table.rowid is not None:
            number = int(text)
            if not -(2**63) <= number < 2**63:
                raise NoSuchRecord(table.name)
            return (number,)
        parts = json.loads(base64.urlsafe_b64decode(text[1:] + "=" * (-(len(text) - 1) % 4)))
        key = tuple(bytes.fromhex(p["hex"]) if isinstance(p, dict) else p for p in parts)
    except (ValueError, KeyError, TypeError) as error:
        raise NoSuchRecord(table.name) from error
    if not table.key or len(key) != len(table.key):
        raise NoSuchRecord(table.name)
    return key


def key_of(table: Table, text: RecordId) -> Key:
    """As views keep it. Raises NoSuchRecord for a text that is no id of `table`."""
    parts = decode_id(table, text)
    if table.rowid is not None and isinstance(parts[0], int):
        return parts[0]
    return parts
