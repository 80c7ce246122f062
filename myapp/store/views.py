"""A view is an ordered list of record ids: computed once, then any window of it is a look-up.

Rowids lie in an array, four bytes a record, or eight where they are large. A table in its natural
order whose rowids have no gaps needs no list at all. Where records have no rowid the list holds
their keys, and a view without keys is read by position.
"""

import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import apsw

from .bounding import select_first
from .connection import row_of, rows_of
from .ids import Key, id_columns
from .query import Query
from .schema import Schema, Table, quote
from .selection import select_for
from .values import Value

KEPT_BYTES = 24 * 2**20
"""What all kept lists may take together: one of six million records, whose next one is made beside
it. The newest one stays whatever its size."""

KEPT_LISTS = 64


@dataclass(eq=False, repr=False, slots=True)
class IdList:
    """The ids that a query finds, in order. `ids` is None for an unbroken run from `first`."""

    version: int
    total: int
    first: int = 0
    ids: "array[int] | list[tuple[Value, ...]] | None" = None
    by_position: bool = False

    def slice(self, start: int, count: int) -> list[Key]:
        stop = min(start + count, self.total)
        if self.ids is None:
            return list(range(self.first + start, self.first + stop))
        return list(self.ids[start:stop])

    def position(self, key: Key) -> int | None:
        """Counted from 0; None where it is not here."""
        if self.ids is None:
            return key - self.first if isinstance(key, int) and self.holds(key) else None
        try:
            return self.ids.index(key)  # type: ignore[arg-type]
        except ValueError:
            return None

    def only(self, keys: Collection[Key]) -> list[Key]:
        """Those of `keys` that are here, in order."""
        if self.ids is None:
            return sorted(key for key in keys if isinstance(key, int) and self.holds(key))
        return [key for key in self.ids if key in keys]

    def holds(self, key: int) -> bool:
        return 0 <= key - self.first < self.total

    @property
    def size(self) -> int:
        if isinstance(self.ids, array):
            return len(self.ids) * self.ids.itemsize
        return len(self.ids) * 200 if self.ids else 0


class Views:
    """A small LRU of id lists, keyed by query and data version."""

    def __init__(self) -> None:
        self.lists: OrderedDict[Query, IdList] = OrderedDict()
        self.lock = threading.Lock()
        self.building: dict[Query, threading.Lock] = {}
        self.wanted: Counter[Query] = Counter()

    def get(self, query: Query, version: int, build: Callable[[], IdList]) -> IdList:
        """The list for `query`; two threads that want the same one compute it once."""
        with self.lock:
            self.wanted[query] += 1
        try:
            return self.find(query, version, build)
        finally:
            with self.lock:
                self.wanted[query] -= 1
                self.wanted += Counter()

    def kept(self, query: Query, version: int) -> IdList | None:
        """What `get` would give at once."""
        with self.lock:
            found = self.lists.get(query)
            return found if found is not None and found.version == version else None

    def is_for_others(self, query: Query) -> bool:
        """Whether more than one waits for the same list."""
        with self.lock:
            return self.wanted[query] > 1

    def find(self, query: Query, version: int, build: Callable[[], IdList]) -> IdList:
        with self.lock:
            found = self.lists.get(query)
            if found is not None and found.version == version:
                self.lists.move_to_end(query)
                return found
            # What is out of date goes before the new one is made: each may be of millions.
            self.lists.pop(query, None)
            found = None
            gate = self.building.setdefault(query, threading.Lock())
        with gate:
            with self.lock:
                found = self.lists.get(query)
                if found is not None and found.version == version:
                    return found
            made = build()
            with self.lock:
                self.lists[query] = made
                self.lists.move_to_end(query)
                self.building.pop(query, None)
                self.forget_oldest()
            return made

    def forget_oldest(self) -> None:
        while len(self.lists) > 1 and (
            len(self.lists) > KEPT_LISTS
            or sum(kept.size for kept in self.lists.values()) > KEPT_BYTES
        ):
            self.lists.popitem(last=False)

    def carry_over(
        self, before: int, after: int, follow: Callable[[Query, IdList], IdList | None]
    ) -> None:
        """Take lists across a change of ours, as `follow` says; the others go."""
        with self.lock:
            for query, kept in list(self.lists.items()):
                followed = follow(query, kept) if kept.version == before else None
                if followed is None:
                    del self.lists[query]
                else:
                    self.lists[query] = replace(followed, version=after)

    def clear(self) -> None:
        with self.lock:
            self.lists.clear()


def build_list(
    connection: apsw.Connection, schema: Schema, table: Table, query: Query, version: int
) -> IdList:
    if is_natural(query) and table.rowid is not None:
        low, high, total = row_of(
            connection,
            f"SELECT min({table.rowid}), max({table.rowid}), count(*) FROM {quote(table.name)}",
        )
        if not total or high - low + 1 == total:
            return IdList(version, total, low or 0)
    selection = select_for(schema, table, query)
    source = f"FROM {quote(table.name)} AS t{selection.where}"
    columns = id_columns(table)
    if not columns or table.type == "view":
        total = row_of(connection, f"SELECT count(*) {source}", selection.parameters)[0]
        return IdList(version, total, by_position=True)
    sql = f"SELECT {', '.join(columns)} {source}{selection.order}"
    if table.rowid is not None:
        found = rows_of(connection, sql, selection.parameters)
        try:
            ids = array(smallest_type(connection, table), (row[0] for row in found))
        except OverflowError:  # another program added a larger one meanwhile
            found = rows_of(connection, sql, selection.parameters)
            ids = array("q", (row[0] for row in found))
        return IdList(version, len(ids), ids=ids)
    keys = list(rows_of(connection, sql, selection.parameters))
    return IdList(version, len(keys), ids=keys)


def is_natural(query: Query) -> bool:
    """Whether it finds every record, in key order."""
    return not query.sort and not query.filters and not query.search.strip()


def first_keys(
    connection: apsw.Connection, schema: Schema, table: Table, query: Query, count: int
) -> list[Key]:
    """The beginning of the list, which SQLite finds without computing the others."""
    # One moment for all that is asked.
    with connection:
        selection = select_first(connection, schema, table, query, count)
        sql = (
            f"SELECT {', '.join(id_columns(table))} FROM {quote(table.name)} AS t"
            f"{selection.where}{selection.order} LIMIT ?"
        )
        found = list(rows_of(connection, sql, (*selection.parameters, count)))
    return [row[0] if table.rowid is not None else row for row in found]


def list_of(keys: list[Key], version: int) -> IdList:
    """A view that finds these alone."""
    numbers = array("q", (key for key in keys if isinstance(key, int)))
    others = [key for key in keys if isinstance(key, tuple)]
    return IdList(version, len(keys), ids=others or numbers)


def smallest_type(connection: apsw.Connection, table: Table) -> str:
    """An array's type that holds every rowid of the table."""
    name = quote(table.name)
    low, high = row_of(
        connection,
        f"SELECT (SELECT min({table.rowid}) FROM {name}), (SELECT max({table.rowid}) FROM {name})",
    )
    return "I" if low is None or (low >= 0 and high < 1 << 32) else "q"
