"""The first records of a view sorted by a text: found sooner, and the same ones."""

import itertools
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from myapp.store import Database, Filter, Op, Query, Sort, bounding
from myapp.store.connection import connect, fold
from myapp.store.schema import read_schema
from myapp.store.values import Value
from myapp.store.views import build_list, first_keys

Foreign = Callable[..., Database]
LETTERS = (
    "aAbBzZ~ 1[`\x00\x7féÉäÄöøßąﬁ\u0301\u0338\u20d0\u3099\u034fабБяЯйЁћдזあがガ一二龥가힣ᄀⅣ½😀"
)
VALUES = st.one_of(
    st.text(LETTERS, max_size=4),
    st.text(LETTERS, max_size=4),
    st.text(LETTERS, max_size=2).map(lambda text: ("Same" + text) * 2),
    st.sampled_from(["geöffnet", "closed", "Closed", "", None, 5, -1.5, b"", b"a", b"\xc3\xa9"]),
    # Texts that are no UTF-8: bytes of them are cast where they are written.
    st.sampled_from(
        [b"\x80", b"\xff", b"\xd0A", b"\xe4\xb5A", b"A\xd0", b"\xd0\x91\x80", b"a\xc0"]
    ).map(bytearray),
)
SORTS = (
    (Sort("name"),),
    (Sort("name", True),),
    (Sort("name"), Sort("n", True)),
    (Sort("name", True), Sort("n")),
)
DECLARED = ("TEXT", "", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "DATE", "NUMERIC")


def filled(
    values: list[object], declared: str, encoding: str, first: int, step: int
) -> apsw.Connection:
    connection = connect(Path(":memory:"), write=True, create=True)
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    connection.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, name {declared}, n INTEGER)")
    for n, value in enumerate(values):
        given = "CAST(? AS TEXT)" if isinstance(value, bytearray) else "?"
        bound = bytes(value) if isinstance(value, bytearray) else value
        row = (first + n * step, bound, n % 3)
        connection.execute(f"INSERT INTO t VALUES (?, {given}, ?)", row)  # type: ignore[arg-type]
    return connection


@settings(deadline=None)
@given(
    st.lists(VALUES, min_size=6, max_size=40),
    st.integers(1, 6),
    st.sampled_from(DECLARED),
    st.sampled_from(["UTF-8", "UTF-8", "UTF-16"]),
    st.sampled_from([(1, 1), (-50, 7), (2**62, 3)]),
)
@example([b"\xe4\xb5A", *("я" * n for n in range(1, 20)), "ĵ"], 3, "TEXT", "UTF-8", (1, 1))
@example(["ab\0z", "ab\0y", *["ab\0x"] * 9], 1, "TEXT", "UTF-8", (1, 1))
def test_the_first_records_are_those_of_the_whole_view(
    values: list[object], count: int, declared: str, encoding: str, ids: tuple[int, int]
) -> None:
    connection = filled(
        [bytearray(v) if v == b"\xe4\xb5A" else v for v in values], declared, encoding, *ids
    )
    schema = read_schema(connection)
    table = schema.tables["t"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounding, "PLACES", 3)
        patch.setattr(bounding, "EACH", 2)
        for sort in SORTS:
            for filters in ((), (Filter("n", Op.IS_NOT, "1"),)):
                query = Query("t", sort, filters)
                whole = build_list(connection, schema, table, query, 1)
                first = first_keys(connection, schema, table, query, count)
                assert first == whole.slice(0, count)
    connection.close()


def test_most_records_are_not_asked_what_they_sort_by(foreign: Foreign) -> None:
    large = foreign("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, status TEXT)")
    names = itertools.cycle("Äbçdéfghijklmñoпrsжж")
    with apsw.Connection(str(large.path)) as writer:
        writer.executemany(
            "INSERT INTO t (name, status) VALUES (?, ?)",
            (
                (f"{next(names)}{n * 7919 % 20011}é", "später" if n % 2 else "geöffnet")
                for n in range(20_000)
            ),
        )
    writer.close()
    asked = 0

    def counted(*given: Value) -> str:
        nonlocal asked
        asked += 1
        return fold(*given)

    with large.reading() as connection:
        connection.create_scalar_function("myapp_fold", counted, 1, deterministic=True)
        schema = large.schema(connection)
        table = schema.tables["t"]
        for field, descending in itertools.product(("name", "status"), (False, True)):
            query = Query("t", (Sort(field, descending),))
            asked = 0
            first = first_keys(connection, schema, table, query, 101)
            sooner, asked = asked, 0
            assert first == build_list(connection, schema, table, query, 1).slice(0, 101)
            assert sooner < 15_000 < 20_000 <= asked, (field, descending, sooner)
