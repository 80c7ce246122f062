"""What the history tells of a large file of a record: that it came, went, or was replaced."""

import json

import apsw

from .connection import row_of
from .files import Cell, Detail
from .history import KEPT
from .ids import decode_id, encode_id
from .past import Event, FieldChanged, Trail
from .query import RecordId
from .schema import Table
from .steps import HISTORY, Step
from .values import BlobSize, Value


def event_of_file(
    connection: apsw.Connection,
    table: Table,
    id_: RecordId,
    step: Step,
    trail: Trail,
    identity: tuple[Value, ...],
) -> Event | None:
    """None where it is another record's. Raises NoSuchRecord."""
    detail = detail_of(connection, step.id)
    if table.rowid is None or not trail.is_called(step.table):
        return None
    if detail.key is not None:
        ours = detail.key == encode_id(identity)
    else:
        (rowid,) = identity if table.numbered or not table.key else decode_id(table, id_)
        ours = rowid == detail.rowid
    if not ours:
        return None
    names = {column.then: column.now for column in trail.columns}
    fields = []
    before, after = detail.sizes
    # A history that an older version made has no sizes.
    if (before, after) != (None, None):
        now = names.get(detail.field)
        was = None if before is None else BlobSize(before)
        became = None if after is None else BlobSize(after)
        fields.append(FieldChanged(now or detail.field, was, became, now is None))
    if detail.beside is not None and detail.names[0] != detail.names[1]:
        now = names.get(detail.beside)
        fields.append(FieldChanged(now or detail.beside, *detail.names, now is None))
    return Event(step, "changed", tuple(fields))


def detail_of(connection: apsw.Connection, entry: int) -> Detail:
    (text,) = row_of(connection, f"SELECT changeset FROM {HISTORY} WHERE id = ?", (entry,))
    return Detail(**json.loads(text or b"{}"))


def kept_before(entry: int) -> Cell:
    """Where the history keeps the value before an entry that is not taken back."""
    return Cell(f"{KEPT}{entry}", "was", "k0", 1)
