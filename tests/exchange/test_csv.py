"""CSV files of every sort come in right, or not at all."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myapp.exchange import (
    Cancelled,
    ImportPlan,
    ImportRefused,
    ImportResult,
    PlannedColumn,
    Preview,
    Progress,
    ReadOptions,
    read_preview,
    run_import,
)
from myapp.store import Database, Kind, Query, create_database


def write(tmp_path: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def bring_in(database: Database, path: Path, preview: Preview | None = None) -> ImportResult:
    found = preview or read_preview(path, path.name)
    columns = tuple(PlannedColumn(each.name, each.kind) for each in found.columns)
    return run_import(database, ImportPlan(path, path.name, found.options, found.table, columns))


def values(database: Database, table: str) -> list[tuple[object, ...]]:
    return [record.values[1:] for record in database.window(Query(table), 0, 1000).records]


def kinds(path: Path) -> list[Kind]:
    return [column.kind for column in read_preview(path, path.name).columns]


def test_types_are_found_from_the_values(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a,b,c,d,e,f,g\n1,1.5,yes,2026-01-31,2026-01-31 10:20,x,007\n"
        "-2,2,no,2025-12-01,2026-01-31T10:20:30,y,12\n",
    )
    assert kinds(path) == [
        Kind.INTEGER,
        Kind.DECIMAL,
        Kind.BOOLEAN,
        Kind.DATE,
        Kind.DATETIME,
        Kind.TEXT,
        Kind.TEXT,
    ]


def test_values_arrive_as_their_type_and_blanks_as_empty(
    database: Database, tmp_path: Path
) -> None:
    path = write(tmp_path, "n,x,ok,day,t\n1,1.5,yes,2026-01-31,a\n,,,,\n")
    bring_in(database, path)
    assert values(database, "file") == [
        (1, 1.5, 1, "2026-01-31", "a"),
        (None, None, None, None, None),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_delimiters_line_ends_and_encodings(
    database: Database, tmp_path: Path, delimiter: str, ends: str, encoding: str
) -> None:
    lines = [("name", "town"), ("José", "Málaga"), ("Zoë", "Köln"), ("Plain", "Paris")] * 2
    text = ends.join(delimiter.join(line) for line in lines[:4]) + ends
    bring_in(database, write(tmp_path, text.encode(encoding)))
    assert values(database, "file") == [tuple(line) for line in lines[1:4]]


def test_quotes_and_line_breaks_inside_a_value(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n"one\ntwo","say ""hi"", you"\n')
    bring_in(database, path)
    assert values(database, "file") == [("one\ntwo", 'say "hi", you')]


def test_windows_letters_in_a_utf8_file_are_read_and_said(
    database: Database, tmp_path: Path
) -> None:
    mixed = b"name\n" + "Málaga Köln Łódź\n".encode() * 20 + "caf\xe9\n".encode("latin-1")
    path = write(tmp_path, mixed)
    preview = read_preview(path, path.name)
    assert any("Windows-1252" in remark for remark in preview.remarks)
    bring_in(database, path, preview)
    assert values(database, "file")[-1] == ("café",)


def test_names_that_are_empty_or_taken_get_one(tmp_path: Path) -> None:
    path = write(tmp_path, "Name,name,,x\na,b,c,d\n")
    preview = read_preview(path, path.name)
    assert [column.name for column in preview.columns] == ["Name", "name 2", "Field 3", "x"]
    assert len(preview.remarks) == 2


def test_short_records_are_filled_and_long_ones_kept(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1\n2,3,4\n")
    bring_in(database, path)
    assert values(database, "file") == [(1, None, None), (2, 3, 4)]


def test_a_field_named_id_stays_beside_the_record_number(
    database: Database, tmp_path: Path
) -> None:
    bring_in(database, write(tmp_path, "ID,x\nA7,1\n"))
    names = [field.name for field in database.table("file").fields]
    assert names == ["record_id", "ID", "x"]


def test_a_late_leading_zero_makes_the_field_text(database: Database, tmp_path: Path) -> None:
    numbers = "\n".join(str(number) for number in range(1, 60_000))
    path = write(tmp_path, f"code\n{numbers}\n007\n")
    result = bring_in(database, path)
    assert any("leading zeros" in remark for remark in result.remarks)
    last = database.window(Query("file"), 59_999, 1).records[0].values[1]
    assert (result.records, last) == (60_000, "007")


def test_late_misfits_stay_text_and_are_counted(database: Database, tmp_path: Path) -> None:
    rows = "\n".join(f"{number},2026-01-01" for number in range(1, 55_000))
    path = write(tmp_path, f"n,day\n{rows}\nmany,soon\n")
    result = bring_in(database, path)
    assert {(each.field, each.count, each.example) for each in result.misfits} == {
        ("n", 1, "many"),
        ("day", 1, "soon"),
    }


def test_nineteen_digits_stay_exact(database: Database, tmp_path: Path) -> None:
    bring_in(database, write(tmp_path, "n\n1234567890123456789012\n1\n"))
    assert values(database, "file")[0] == ("1234567890123456789012",)


def test_decimal_commas_and_days_first_are_understood(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "price;day\n1,50;31/12/2025\n2,75;01/02/2026\n")
    bring_in(database, path)
    assert values(database, "file") == [(1.5, "2025-12-31"), (2.75, "2026-02-01")]


def test_an_ambiguous_date_order_stays_text(tmp_path: Path) -> None:
    assert kinds(write(tmp_path, "day\n01/02/2026\n03/04/2026\n")) == [Kind.TEXT]


@pytest.mark.slow
def test_a_fifty_megabyte_cell_comes_in(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1," + "x" * 50_000_000 + "\n")
    bring_in(database, path)
    found = database.window(Query("file"), 0, 1).records[0].values[2]
    assert getattr(found, "chars", 0) == 50_000_000


def test_three_hundred_fields_come_in(database: Database, tmp_path: Path) -> None:
    header = ",".join(f"f{n}" for n in range(300))
    bring_in(database, write(tmp_path, f"{header}\n{','.join('1' * 300)}\n"))
    assert len(database.table("file").fields) == 301


BAD = {
    "empty": b"",
    "blank": b"\n \n",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
    "workbook": b"PK\x03\x04" + b"x" * 100,
    "noise": bytes(range(256)) * 50,
    "open quote": b'a,b\n1,2\n"3,4\n5,6\n7,8\n',
    "two thousand fields": b",".join([b"x"] * 2_001) + b"\n",
    "giant": b'a\n"' + b"x" * 70_000_000 + b'"\n',
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=[pytest.mark.slow] if each == "giant" else []) for each in BAD],
)
def test_what_cannot_come_in_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, BAD[name])
    with pytest.raises(ImportRefused, match=r"Nothing was imported\."):
        read_preview(path, path.name)


def test_a_file_that_vanishes_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "a\n1\n")
    preview = read_preview(path, path.name)
    path.unlink()
    with pytest.raises(ImportRefused):
        bring_in(database, path, preview)
    assert database.tables() == ()


def test_a_cancelled_import_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "a\n" + "1\n" * 700_000)
    preview = read_preview(path, path.name)
    columns = tuple(PlannedColumn(each.name, each.kind) for each in preview.columns)
    seen: list[Progress] = []
    with pytest.raises(Cancelled):
        run_import(
            database,
            ImportPlan(path, path.name, preview.options, "file", columns),
            seen.append,
            lambda: len(seen) >= 3,
        )
    assert seen[-1].records > 0
    assert database.tables() == ()
    assert database.next_undo() is None


def test_an_import_is_undone_and_done_again(database: Database, tmp_path: Path) -> None:
    bring_in(database, write(tmp_path, "a\n1\n2\n"))
    database.undo()
    assert database.tables() == ()
    database.redo()
    assert values(database, "file") == [(1,), (2,)]


def test_fields_left_out_are_not_imported(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n1,2,3\n")
    found = read_preview(path, path.name)
    columns = tuple(PlannedColumn(c.name, c.kind, c.name != "b") for c in found.columns)
    run_import(database, ImportPlan(path, path.name, found.options, "file", columns))
    assert values(database, "file") == [(1, 3)]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1a"), max_size=20)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=12),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_a_csv_writer_wrote_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    folder = tmp_path_factory.mktemp("round")
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    path = write(folder, text.getvalue().encode())
    options = ReadOptions(encoding="utf-8", delimiter=delimiter, header=True)
    found = read_preview(path, path.name, options)
    columns = tuple(PlannedColumn(each.name, Kind.TEXT) for each in found.columns)
    database = create_database(folder / "round.sqlite")
    try:
        run_import(database, ImportPlan(path, path.name, found.options, "t", columns))
        assert values(database, "t") == [tuple(cell or None for cell in row) for row in rows]
    finally:
        database.close()


def test_the_real_files_come_in_whole(database: Database, shared_data: Path) -> None:
    marvel = bring_in(database, shared_data / "marvel-characters.csv")
    congress = bring_in(database, shared_data / "congress-ages.csv")
    assert (marvel.records, congress.records) == (16_376, 29_120)
    assert marvel.misfits == congress.misfits == ()
    kinds_of = {f.name: f.kind for f in database.table("congress-ages").fields}
    assert kinds_of["birthday"] is Kind.DATE
    assert kinds_of["age_years"] is Kind.DECIMAL
