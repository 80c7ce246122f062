"""What goes out comes back the same: values, types, NULL and empty text, in every format that can
carry them. Each file is read back by its format's own rules."""

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from myapp.exchange import (
    ExportOptions,
    ExportPlan,
    ExportResult,
    Format,
    ImportPlan,
    PlannedColumn,
    read_preview,
    run_export,
    run_import,
)
from myapp.store import Kind, Part, Query, create_database, open_database

from .exported import Value, csv_value, read, read_csv, read_json, read_ndjson, read_sheet, same

letters = st.characters(exclude_categories=["Cs"])
texts = st.one_of(
    st.text(letters, max_size=20),
    st.text("a,\";\r\n\t=+-@\0'\\<>&_x é😀\u2028\ufeff", max_size=8),
    st.sampled_from(
        ["", "NULL", "007", "1E5", "=1+1", "<r>b</r>", "_x000D_", "2026-02-30", "true"]
    ),
)
integers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False)
values = st.one_of(st.none(), integers, floats, texts, st.binary(max_size=12))
dates = st.one_of(st.dates().map(str), texts)
moments = st.one_of(st.datetimes().map(lambda each: each.isoformat(" ")), texts)
records = st.lists(
    st.tuples(
        values,
        st.none() | texts,
        st.none() | integers | texts,
        st.none() | floats | integers,
        st.none() | st.sampled_from([0, 1, 2]) | texts,
        st.none() | dates,
        st.none() | moments,
    ),
    max_size=12,
)
DEFINITION = (
    'CREATE TABLE t ("any thing", "text" TEXT, "whole" INTEGER, "number" REAL,'
    ' "yes,no" BOOLEAN, day DATE, "mo""ment" DATETIME)'
)
AWKWARD = [
    (b"\0\xff", "", 2**63 - 1, 0.1, 1, "2026-01-31", "2026-01-31 10:20:30"),
    (5e-324, None, -(2**63), math.inf, 0, "1900-02-28", "2026-01-31T10:20:30+01:00"),
    ("\0", "\r", 9007199254740993, -math.inf, None, "", "9999-12-31 23:59:59"),
    (None, " x ", None, 1.7976931348623157e308, 2, "0001-01-01", "2026-01-31 10:20:30.000001"),
    (b"", "\n\r\n", 0, 123456789012345680.0, "yes", "1900-03-01", "1900-03-01 00:00:01"),
]
many = settings(deadline=None, suppress_health_check=list(HealthCheck))


def write(path: Path, rows: Sequence[Sequence[Value]], definition: str = DEFINITION) -> None:
    path.unlink(missing_ok=True)
    connection = apsw.Connection(str(path))
    connection.execute(definition)
    with connection:
        for row in rows:
            connection.execute(f"INSERT INTO t VALUES ({', '.join('?' * len(row))})", row)
    connection.close()


def kept(path: Path) -> list[tuple[Value, ...]]:
    """What the file holds: a number in a field of numbers may be another one than was given."""
    connection = apsw.Connection(str(path))
    rows = list(connection.execute("SELECT * FROM t ORDER BY rowid"))
    connection.close()
    return rows


def export(path: Path, target: Path, format_: Format) -> ExportResult:
    database = open_database(path)
    try:
        plan = ExportPlan((Part(Query("t")),), format_, ExportOptions(keep_formulas=True))
        return run_export(database, plan, target)
    finally:
        database.close()


def assert_same(found: Sequence[Sequence[Value]], expected: Sequence[Sequence[Value]]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert len(one) == len(other)
        assert all(map(same, one, other)), (one, other)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round")


@many
@given(records)
@example(AWKWARD)
def test_sqlite_comes_back_the_same(folder: Path, rows: list[tuple[Value, ...]]) -> None:
    path, target = folder / "in.sqlite", folder / "out.sqlite"
    write(path, rows)
    export(path, target, Format.SQLITE)
    assert_same(kept(target), kept(path))


@many
@given(records)
@example(AWKWARD)
def test_csv_tells_null_from_empty_text_and_numbers_from_texts(
    folder: Path, rows: list[tuple[Value, ...]]
) -> None:
    path, target = folder / "in.sqlite", folder / "out.csv"
    write(path, rows)
    export(path, target, Format.CSV)
    head, *body = read_csv(read(target))
    assert [name for name, _ in head] == [
        "any thing", "text", "whole", "number", "yes,no", "day", 'mo"ment'
    ]  # fmt: skip
    assert_same([[csv_value(cell) for cell in record] for record in body], kept(path))


@many
@given(records)
@example(AWKWARD)
def test_json_comes_back_the_same(folder: Path, rows: list[tuple[Value, ...]]) -> None:
    path = folder / "in.sqlite"
    write(path, rows)
    export(path, folder / "out.json", Format.JSON)
    assert_same(read_json(folder / "out.json"), kept(path))
    export(path, folder / "out.ndjson", Format.NDJSON)
    assert_same(read_ndjson(folder / "out.ndjson"), kept(path))


def in_excel(value: Value) -> Value:
    """What a cell can hold: no data, no number of more than 53 bits, nothing infinite."""
    if isinstance(value, bytes):
        return r"\x" + value.hex().upper()
    if isinstance(value, float) and math.isinf(value):
        return "9.0e+999" if value > 0 else "-9.0e+999"
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    if isinstance(value, float) and value.is_integer() and "e" not in repr(value):
        return value
    return value


@many
@given(records)
@example(AWKWARD)
def test_excel_keeps_texts_numbers_and_dates(folder: Path, rows: list[tuple[Value, ...]]) -> None:
    path, target = folder / "in.sqlite", folder / "out.xlsx"
    write(path, rows)
    export(path, target, Format.EXCEL)
    _, *found = read_sheet(target)
    expected = [[in_excel(value) for value in record] for record in kept(path)]
    # A record of nothing but NULL at the end leaves no row behind.
    found += [[None] * 7 for _ in range(len(expected) - len(found))]
    assert_same(found, expected)


texts_that_stay = st.text(letters, min_size=1, max_size=12)
KINDS = (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME, Kind.BLOB)
NAMES = [kind.value for kind in KINDS]
TYPED = f"CREATE TABLE t ({', '.join(f'{kind.value} {kind.declared}' for kind in KINDS)})"


def typed_records(text: st.SearchStrategy[str], largest: int) -> st.SearchStrategy[object]:
    """Records of which every value is of its field's kind."""
    return st.lists(
        st.tuples(
            st.none() | text,
            st.none() | st.integers(-largest, largest - 1),
            st.none() | st.floats(-1e15, 1e15),
            st.none() | st.sampled_from([0, 1]),
            st.none() | st.dates().map(str),
            st.none() | st.datetimes().map(lambda each: str(each.replace(microsecond=0))),
            st.none() | st.binary(max_size=12),
        ),
        min_size=1,
        max_size=8,
    )


def bring_back(target: Path, back: Path, kinds: Sequence[Kind]) -> None:
    """Import `target` as it was found, except for fields without any value to find a type from."""
    for left in back.parent.glob(f"{back.name}*"):
        left.unlink()
    found = read_preview(target, target.name)
    assert [column.name for column in found.columns] == NAMES[: len(kinds)]
    columns = tuple(map(PlannedColumn, NAMES, kinds))
    database = create_database(back)
    try:
        plan = ImportPlan(target, target.name, found.options, "t", columns, found.part)
        assert run_import(database, plan).misfits == ()
    finally:
        database.close()


@many
@given(typed_records(st.text(letters, max_size=12), 2**63))
@pytest.mark.parametrize("format_", [Format.JSON, Format.NDJSON, Format.SQLITE])
def test_out_and_in_again_is_the_same_table(
    folder: Path, format_: Format, rows: list[tuple[Value, ...]]
) -> None:
    path, target = folder / "in.sqlite", folder / f"out.{format_}"
    write(path, rows, TYPED)
    export(path, target, format_)
    bring_back(target, folder / "back.sqlite", KINDS)
    assert_same([record[1:] for record in kept(folder / "back.sqlite")], kept(path))


excel_texts = st.text('abc é😀=1;,"', min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
modern = st.dates(min_value=date(1900, 3, 1)).map(str)


@many
@given(
    st.lists(
        st.tuples(
            excel_texts,
            st.none() | st.integers(-(2**53), 2**53),
            st.none() | st.integers(-(10**9), 10**9).map(lambda n: n / 8),
            st.none() | st.sampled_from([0, 1]),
            st.none() | modern,
            st.none() | modern.map(lambda day: f"{day} 10:20:30"),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_excel_goes_out_and_comes_in_the_same(folder: Path, rows: list[tuple[Value, ...]]) -> None:
    path, target = folder / "in.sqlite", folder / "out.xlsx"
    write(path, [(*row, None) for row in rows], TYPED)
    export(path, target, Format.EXCEL)
    bring_back(target, folder / "back.sqlite", KINDS)
    assert_same([record[1:] for record in kept(folder / "back.sqlite")], kept(path))


@many
@given(
    st.lists(
        st.tuples(
            st.none() | texts_that_stay,
            st.none() | integers.filter(lambda n: abs(n) < 10**18),
            st.none() | st.floats(-1e15, 1e15).filter(lambda n: n == round(n, 3)),
            st.none() | st.sampled_from([0, 1]),
            st.none() | st.dates().map(str),
            st.none() | st.datetimes().map(lambda each: str(each.replace(microsecond=0))),
        ),
        min_size=1,
        max_size=8,
    )
)
@example([("\b" * 20, None, None, None, None, None)])
def test_csv_goes_out_and_comes_in_through_the_importer(
    folder: Path, rows: list[tuple[Value, ...]]
) -> None:
    path, target, back = folder / "in.sqlite", folder / "out.csv", folder / "back.sqlite"
    fields = ", ".join(f"{kind.value} {kind.declared}" for kind in KINDS[:6])
    write(path, rows, f"CREATE TABLE t ({fields})")
    export(path, target, Format.CSV)
    bring_back(target, back, KINDS[:6])
    assert_same([record[1:] for record in kept(back)], kept(path))
