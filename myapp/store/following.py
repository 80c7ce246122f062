"""How a view's list of ids follows a change of ours, so that it need not be computed again."""

from array import array
from contextlib import suppress
from dataclasses import replace

from .applying import Carried
from .changes import (
    Change,
    DeleteFound,
    DeleteRecords,
    DropView,
    FillField,
    InsertRecord,
    MoveTable,
    OrderByName,
    PutBack,
    RenameView,
    SaveView,
    UpdateRecord,
    UpdateRecords,
)
from .conditions import each_filter
from .ids import decode_id
from .query import Query
from .schema import Schema, Table
from .views import IdList

EDITS = (UpdateRecord, UpdateRecords, FillField, PutBack)
FOLLOWED = (InsertRecord, *EDITS, DeleteRecords, DeleteFound)
FEW = 16
"""Up to so many deleted ids are looked up one by one; more are sifted out in one pass."""


def follow(
    schema: Schema, change: Change, done: Carried, query: Query, kept: IdList
) -> IdList | None:
    """The list as it is after `change`; None where it has to be computed again."""
    if isinstance(change, SaveView | RenameView | DropView | MoveTable | OrderByName):
        return kept
    if not isinstance(change, FOLLOWED):
        return None
    table = schema.get(query.table)
    if table is None or table.type != "table":
        return None
    linked = linked_tables(table, query)
    own = table.name.lower()
    if not done.tables & (linked | {own}):
        return kept
    if done.tables & linked or done.tables != {own} or done.triggers:
        return None
    if isinstance(change, InsertRecord):
        return with_newest(table, done, query, kept)
    if isinstance(change, DeleteFound):
        return None
    if isinstance(change, FillField):
        read = query.search.strip() or change.field.lower() in fields_read(query)
        return None if read else kept
    if isinstance(change, DeleteRecords):
        return without(table, change, kept)
    if isinstance(change, PutBack):
        natural = not query.search.strip() and not fields_read(query)
        return kept if natural and done.ids == (change.id,) else None
    if isinstance(change, UpdateRecord) and change.files:
        return None  # their names and sizes are values as well
    many = change.records if isinstance(change, UpdateRecords) else (change,)
    edited = {name.lower() for each in many for name in each.values}
    ids = tuple(each.id for each in many)
    moved = query.search.strip() or edited & fields_read(query) or done.ids != ids
    return None if moved else kept


def fields_read(query: Query) -> set[str]:
    return {s.field.lower() for s in query.sort} | {
        f.field.lower() for f in each_filter(query.filters)
    }


def linked_tables(table: Table, query: Query) -> set[str]:
    """Tables whose titles decide which records the query finds, or their order."""
    read = fields_read(query)
    return {
        field.link.table.lower()
        for field in table.fields
        if field.link is not None and (query.search.strip() or field.name.lower() in read)
    }


def with_newest(table: Table, done: Carried, query: Query, kept: IdList) -> IdList | None:
    """A new record is the last one of the natural order, if its id is the highest."""
    if query.sort or query.filters or query.search.strip() or table.rowid is None:
        return None
    (made,) = decode_id(table, done.ids[0])
    if not isinstance(made, int):
        return None
    if kept.ids is None and not kept.by_position and kept.total:
        return replace(kept, total=kept.total + 1) if made == kept.first + kept.total else None
    if isinstance(kept.ids, array) and kept.ids and made > kept.ids[-1]:
        with suppress(OverflowError):
            made_too = array(kept.ids.typecode, (made,))
            return replace(kept, total=kept.total + 1, ids=kept.ids + made_too)
    return None


def without(table: Table, change: DeleteRecords, kept: IdList) -> IdList | None:
    keys = [decode_id(table, id_) for id_ in change.ids]
    if table.rowid is None:
        gone_keys = set(keys)
        if kept.ids is None or isinstance(kept.ids, array):
            return None
        left = [key for key in kept.ids if key not in gone_keys]
        return replace(kept, total=len(left), ids=left)
    gone = {key[0] for key in keys if isinstance(key[0], int)}
    if kept.ids is None:
        last = range(kept.first + kept.total - len(gone), kept.first + kept.total)
        at_end = not kept.by_position and gone == set(last)
        return replace(kept, total=kept.total - len(gone)) if at_end else None
    if not isinstance(kept.ids, array):
        return None
    if len(gone) > FEW:
        ids = array(kept.ids.typecode, (id_ for id_ in kept.ids if id_ not in gone))
    else:
        ids = kept.ids[:]
        for id_ in gone:
            with suppress(ValueError):  # a view need not show every record that was deleted
                ids.remove(id_)
    return replace(kept, total=len(ids), ids=ids)
