"""An open file as its views show it: windows of records, counts, groups and searches.

What a view finds is an ordered list of ids, made once and kept.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from .connection import row_of
from .hearing import Asker, Gone, listening
from .ids import encode_id, id_columns, key_of
from .open_file import OpenFile, found
from .query import Beginning, Groups, Query, Record, RecordId, SavedView, TableHits, Unit, Window
from .reading import fetch_by_position, fetch_records, keys_in_order
from .schema import quote
from .views import IdList, Views, build_list, first_keys, is_natural, list_of

if TYPE_CHECKING:
    from .grouping import Order

SOON = 20_000
"""Records of a table of which every view is known in a few hundredths of a second."""


class ViewedFile(OpenFile):
    """The views of an open file, and the lists that are kept of them."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.views = Views()

    def id_list(
        self, connection: apsw.Connection, query: Query, gone: Gone | None = None
    ) -> IdList:
        """Raises ReadStopped where who asked is gone, and nobody else waits for the same."""
        schema = self.schema(connection)
        table = found(schema, query.table)
        version = self.version()

        def build() -> IdList:
            if gone is None:
                return build_list(connection, schema, table, query, version)
            asker = Asker(gone, lambda: self.views.is_for_others(query))
            with listening(connection, asker):
                return build_list(connection, schema, table, query, version)

        return self.views.get(query, version, build)

    def count(self, query: Query) -> int:
        """How many records `query` finds. Raises NoSuchTable."""
        with self.reading() as connection:
            return self.id_list(connection, query).total

    def count_quickly(self, table: str, cap: int = 10_000) -> int:
        """The table's number of records, or cap + 1 where there are more."""
        with self.reading() as connection:
            name = quote(found(self.schema(connection), table).name)
            counted = row_of(
                connection, f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT ?)", (cap + 1,)
            )
            return int(counted[0])

    def window(
        self,
        query: Query,
        start: int,
        count: int,
        long_text: int = 500,
        gone: Gone | None = None,
    ) -> Window:
        """`count` records from position `start` of what `query` finds. Raises ReadStopped where it
        takes long and `gone` says that nobody waits for it.

        Texts longer than `long_text` characters come as LongText, blobs as BlobSize.
        """
        with self.reading() as connection:
            ids = self.id_list(connection, query, gone)
            schema = self.schema(connection)
            table = found(schema, query.table)
            start = max(start, 0)
            if ids.by_position:
                records = fetch_by_position(
                    connection, schema, table, query, start, count, long_text
                )
            else:
                keys = ids.slice(start, count)
                records = fetch_records(connection, schema, table, keys, long_text)
            return Window(start, ids.total, tuple(records), ids.version)

    def beginning(
        self, query: Query, count: int, long_text: int = 500, gone: Gone | None = None
    ) -> Beginning | None:
        """The first `count` records of what `query` finds, where they can be had long before all of
        it is known; None where `window` gives them as soon. Raises as `window` does."""
        with self.reading() as connection:
            schema = self.schema(connection)
            table = found(schema, query.table)
            version = self.version()
            if (
                is_natural(query)
                or not id_columns(table)
                or table.type == "view"  # read by position, which needs no list
                or self.views.kept(query, version) is not None
                or self.count_quickly(table.name, SOON) <= SOON
            ):
                return None
            with listening(connection, Asker(gone or (lambda: False))):
                keys = first_keys(connection, schema, table, query, count + 1)
            if len(keys) <= count:
                self.views.get(query, version, lambda: list_of(keys, version))
                return None
            unsorted = self.views.kept(query._replace(sort=()), version)
            records = fetch_records(connection, schema, table, keys[:count], long_text)
            return Beginning(unsorted.total if unsorted else None, tuple(records), version)

    def in_order(self, query: Query, ids: Sequence[RecordId]) -> tuple[RecordId, ...]:
        """Those of `ids` that `query` finds, in its order. Raises NoSuchTable, NoSuchRecord."""
        with self.reading() as connection:
            table = found(self.schema(connection), query.table)
            keys = {key_of(table, each) for each in ids}
            if table.type == "view":
                in_order = keys_in_order(connection, self.schema(connection), table, query)
                return tuple(encode_id(key) for key in in_order if key in keys)
            return tuple(map(encode_id, self.id_list(connection, query).only(keys)))

    def position(self, query: Query, id_: RecordId) -> int | None:
        """Where a record stands in a view; None where the view leaves it out."""
        with self.reading() as connection:
            table = found(self.schema(connection), query.table)
            if table.rowid is None and not table.key:
                return None
            key = key_of(table, id_)
            if table.type == "view":
                in_order = keys_in_order(connection, self.schema(connection), table, query)
                return next((place for place, each in enumerate(in_order) if each == key), None)
            return self.id_list(connection, query).position(key)

    def records(
        self, table: str, ids: Sequence[RecordId], long_text: int = 500
    ) -> tuple[Record, ...]:
        """Those that are there, as in a window. Raises NoSuchTable, NoSuchRecord."""
        with self.reading() as connection:
            schema = self.schema(connection)
            there = found(schema, table)
            keys = [key_of(there, each) for each in ids]
            return tuple(fetch_records(connection, schema, there, keys, long_text))

    def groups(
        self,
        query: Query,
        field: str,
        hidden: Sequence[str] = (),
        order: "Order" = "count",
        unit: Unit | None = None,
        gone: Gone | None = None,
    ) -> Groups:
        """What `query` finds, grouped by `field`, with the sums of the fields not `hidden`.

        Dates are grouped by periods as long as `unit`, where one is given.

        Raises NoSuchTable, NoSuchField; ReadStopped where `gone` says that nobody waits for it.
        """
        from .grouping import group_records

        asker = Asker(gone or (lambda: False))
        with self.reading() as connection, listening(connection, asker):
            schema = self.schema(connection)
            table = found(schema, query.table)
            return group_records(connection, schema, table, query, field, hidden, order, unit)

    def check_filters(self, query: Query) -> None:
        """Raises FilterUnfit where a filter asks for what its field cannot hold."""
        from .conditions import each_filter
        from .filters import check_filter

        with self.reading() as connection:
            table = found(self.schema(connection), query.table)
            for condition in each_filter(query.filters):
                check_filter(connection, table, condition)

    def saved_views(self, table: str) -> tuple[SavedView, ...]:
        """By name. Raises NoSuchTable."""
        from .saved_views import read_views

        with self.reading() as connection:
            return read_views(connection, found(self.schema(connection), table))

    def search(
        self, text: str, per_table: int = 5, gone: Gone | None = None
    ) -> Iterator[TableHits]:
        """Tables with records that hold every word of `text`, and a few of each: first those
        with a search index, then one after the other as it is scanned. Raises ReadStopped where
        `gone` says that nobody waits for it."""
        from .search_index import read_indexes
        from .searching import search_table

        with self.reading() as connection:
            tables = self.schema(connection).tables.values()
            indexed = {index.table.lower() for index in read_indexes(connection)}
        for table in sorted(tables, key=lambda each: each.name.lower() not in indexed):
            asker = Asker(gone or (lambda: False))
            with self.reading() as connection, listening(connection, asker):
                found = search_table(connection, self.schema(connection), table, text, per_table)
            if found.hits:
                yield found
