"""Workbooks, JSON, web pages, databases and archives of them come in with their types, or not."""

import gzip
import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path

import apsw
import pytest
import xlsxwriter

from myapp.exchange import (
    FilePart,
    ImportPlan,
    ImportRefused,
    ImportResult,
    PlannedColumn,
    ReadOptions,
    files_in,
    find_parts,
    read_preview,
    run_import,
)
from myapp.exchange.errors import CellsFarApart, UnpacksTooBig
from myapp.store import Database, Kind

from .test_csv import values, write

FILES = Path(__file__).parent / "files"
SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"


def titles(path: Path) -> list[str]:
    return [part.title or part.member for part in find_parts(path, path.name)]


def kinds(path: Path, part: FilePart | None = None) -> list[Kind]:
    return [column.kind for column in read_preview(path, path.name, None, part).columns]


def bring_in(
    database: Database,
    path: Path,
    part: FilePart | None = None,
    options: ReadOptions | None = None,
    table: str = "t",
) -> ImportResult:
    found = read_preview(path, path.name, options, part)
    columns = tuple(PlannedColumn(each.name, each.kind) for each in found.columns)
    plan = ImportPlan(path, path.name, found.options, table, columns, found.part)
    return run_import(database, plan)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "shop.xlsx"
    with xlsxwriter.Workbook(path) as book:
        day, moment = (
            book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm")
        )
        sheet = book.add_worksheet("Customers")
        sheet.write_row(0, 0, ["Name", "Code", "Age", "Balance", "Born", "Seen", "VIP", "Mixed"])
        for row in range(1, 4):
            sheet.write_row(row, 0, [f"N {row}", f"00{row}", row, row + 0.5])
            sheet.write_datetime(row, 4, datetime(1990, 1, row), day)
            sheet.write_datetime(row, 5, datetime(2026, 1, row, 9, 30), moment)
            sheet.write_boolean(row, 6, row == 2)
            sheet.write(row, 7, [None, "x", 5, "12"][row])
        book.add_worksheet("Empty")
        book.add_chartsheet("Chart")
        book.add_worksheet("Orders").write_row(0, 0, ["a", "b"])
    return path


def test_a_workbook_keeps_the_types_of_its_cells(database: Database, workbook: Path) -> None:
    assert kinds(workbook) == [
        Kind.TEXT,
        Kind.TEXT,
        Kind.INTEGER,
        Kind.DECIMAL,
        Kind.DATE,
        Kind.DATETIME,
        Kind.BOOLEAN,
        Kind.TEXT,
    ]
    assert bring_in(database, workbook).misfits == ()
    assert values(database, "t")[1] == (
        *("N 2", "002", 2, 2.5, "1990-01-02", "2026-01-02 09:30:00", 1, "5"),
    )


def test_sheets_with_cells_are_offered_one_by_one(workbook: Path) -> None:
    assert titles(workbook) == ["Customers", "Orders"]


def test_an_old_workbook_comes_in(database: Database) -> None:
    bring_in(database, FILES / "old.xls")
    assert values(database, "t")[0] == ("é 0", 0, "2026-01-01")


def test_an_opendocument_sheet_comes_in(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "free.ods"
    cells = (
        '<table:table-row><table:table-cell office:value-type="string"><text:p>n</text:p>'
        '</table:table-cell><table:table-cell office:value-type="string"><text:p>day</text:p>'
        "</table:table-cell></table:table-row><table:table-row>"
        '<table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p>'
        '</table:table-cell><table:table-cell office:value-type="date"'
        ' office:date-value="2026-01-31"><text:p>31.01.26</text:p></table:table-cell>'
        "</table:table-row>"
    )
    names = "".join(
        f' xmlns:{each}="urn:oasis:names:tc:opendocument:xmlns:{each}:1.0"'
        for each in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", SPREADSHEET)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest'
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{SPREADSHEET}"/>'
            "</manifest:manifest>",
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content{names}><office:body>'
            f'<office:spreadsheet><table:table table:name="S">{cells}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    bring_in(database, path)
    assert values(database, "t") == [(7, "2026-01-31")]


RECORDS = [
    {"id": n, "name": f"N {n}", "born": "1990-02-03", "ok": n % 2 == 0, "at": {"town": "Köln"}}
    for n in range(1, 4)
]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(RECORDS),
        "\n".join(map(json.dumps, RECORDS)),
        json.dumps(RECORDS, indent=2),
        "\ufeff" + json.dumps(RECORDS),
        json.dumps({"count": 3, "rows": RECORDS}),
    ],
    ids=["array", "lines", "indented", "marked", "inside an object"],
)
def test_json_of_every_usual_shape_comes_in(
    database: Database, tmp_path: Path, content: str
) -> None:
    path = write(tmp_path, content, "people.json")
    assert kinds(path) == [Kind.INTEGER, Kind.TEXT, Kind.DATE, Kind.BOOLEAN, Kind.TEXT]
    bring_in(database, path)
    assert values(database, "t")[0] == (1, "N 1", "1990-02-03", 0, '{"town":"Köln"}')


def test_nested_json_gives_fields_of_its_own_when_asked(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(RECORDS), "people.json")
    bring_in(database, path, options=ReadOptions(flatten=True))
    assert [field.name for field in database.table("t").fields][-1] == "at.town"
    assert values(database, "t")[0][-1] == "Köln"


def test_json_texts_stay_texts_and_null_is_not_the_empty_text(
    database: Database, tmp_path: Path
) -> None:
    path = write(tmp_path, '[{"a": "12", "b": ""}, {"a": "007", "b": null}]', "x.json")
    bring_in(database, path)
    assert values(database, "t") == [("12", ""), ("007", None)]


def test_numbers_of_more_than_64_bits_stay_exact(database: Database, tmp_path: Path) -> None:
    written = ["9223372036854775807", "9223372036854775808", "-9223372036854775808", "9" * 5000]
    lines = "".join(f'{{"n": {number}}}\n' for number in written)
    bring_in(database, write(tmp_path, lines, "x.ndjson"))
    found = [database.record("t", str(number)).values[1] for number in range(1, 5)]
    assert found == [str(number) for number in written]


def test_a_late_name_in_json_becomes_a_field(database: Database, tmp_path: Path) -> None:
    lines = [json.dumps({"n": n}) for n in range(60_000)] + ['{"n": 1, "late": "x"}']
    result = bring_in(database, write(tmp_path, "\n".join(lines), "x.ndjson"))
    assert [field.name for field in database.table("t").fields] == ["id", "n", "late"]
    assert any("were added" in remark for remark in result.remarks)
    assert result.records == 60_001


def test_arrays_of_an_object_are_offered_one_by_one(tmp_path: Path) -> None:
    path = write(
        tmp_path, json.dumps({"users": [{"a": 1}], "orders": [{"b": 2}], "n": 1}), "x.json"
    )
    assert titles(path) == ["users", "orders"]


@pytest.mark.parametrize(
    ("content", "line"),
    [('[{"a": 1},\n{"a": }]', 2), ('[{"a": 1}', 1), ('{"a": 1}\n{"a" 2}', 2), ("[" * 5000, 1)],
    ids=["no value", "cut off", "second line", "too deep"],
)
def test_broken_json_is_refused_with_its_line(tmp_path: Path, content: str, line: int) -> None:
    path = write(tmp_path, content, "x.json")
    with pytest.raises(ImportRefused, match=rf"line {line}\. Nothing was imported"):
        read_preview(path, path.name)


def test_tables_of_a_web_page_are_offered_by_their_captions(
    database: Database, tmp_path: Path
) -> None:
    page = (
        "<!doctype html><meta charset=utf-8><table><caption>Cities</caption>"
        "<tr><th>City<th>People<tr><td>Köln &amp; more<td>1,084,831<tr><td>A<br>B<td>336,465"
        "</table><p>not a cell<table><tr><td>a<td>b</table>"
    )
    path = write(tmp_path, page, "page.html")
    assert titles(path) == ["Cities", "Table 2"]
    bring_in(database, path)
    assert values(database, "t") == [("Köln & more", 1084831), ("A\nB", 336465)]


def test_tables_of_another_database_come_in_with_their_data(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "other.sqlite"
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE a (n INTEGER, x BLOB, d DATE); CREATE TABLE b (y TEXT);"
        "INSERT INTO a VALUES (1, x'00ff', '2026-01-31'), ('odd', NULL, 5)"
    )
    connection.close()
    before = path.read_bytes()
    assert titles(path) == ["a", "b"]
    result = bring_in(database, path)
    assert values(database, "t")[0][0] == 1
    blob = database.record("t", "1").values[2]
    assert blob == b"\x00\xff"
    assert {misfit.field for misfit in result.misfits} == {"n", "d"}
    assert path.read_bytes() == before


def test_a_workbook_that_was_made_to_fill_the_memory_is_not_opened(
    tmp_path: Path, workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.exchange.workbook.LARGEST_TRUSTED", 2 << 20)
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(workbook.read_bytes())
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/nothing.xml", "w") as file,
    ):
        for _ in range(3):
            file.write(bytes(1 << 20))
    with pytest.raises(UnpacksTooBig, match="larger inside"):
        find_parts(path, path.name)


@pytest.mark.parametrize("placed", [True, False], ids=["named", "counted"])
def test_a_stray_cell_in_the_last_corner_of_a_sheet_does_not_end_the_program(
    tmp_path: Path, placed: bool
) -> None:
    path = tmp_path / "stray.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383 if placed else 0, " ")
        if not placed:
            sheet.write_row(0, 0, [1] * 9_000)
    if not placed:
        rewrite(path, "xl/worksheets/sheet1.xml", rb'<c r="[A-Z]+1"', b"<c")
    with pytest.raises(CellsFarApart, match="1,048,576 rows"):
        find_parts(path, path.name)


def rewrite(path: Path, member: str, pattern: bytes, by: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    held[member] = re.sub(pattern, by, held[member])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in held.items():
            archive.writestr(name, text)


def test_a_wide_and_a_long_sheet_that_are_full_come_in(tmp_path: Path) -> None:
    path = tmp_path / "shapes.xlsx"
    with xlsxwriter.Workbook(path) as book:
        wide, far = book.add_worksheet("wide"), book.add_worksheet("far")
        wide.write_row(0, 0, range(16_384))
        far.write(0, 0, "a")
        far.write(30_000, 20, "z")
    assert [part.title for part in find_parts(path, path.name)] == ["wide", "far"]


def test_files_of_an_archive_come_in_one_by_one(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/first.csv", "x;y\n1,5;a\n2,5;b\n")
        archive.writestr("second.json", '[{"n": 1}]')
        archive.writestr("__MACOSX/first.csv", "no")
        archive.writestr("picture.png", "no")
    parts = find_parts(path, path.name)
    assert [part.member for part in parts] == ["in/first.csv", "second.json"]
    bring_in(database, path, parts[0])
    assert values(database, "t") == [(1.5, "a"), (2.5, "b")]
    bring_in(database, path, parts[1], table="u")
    assert values(database, "u") == [(1,)]


def test_packed_json_comes_in(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(json.dumps(RECORDS).encode()), "people.json.gz")
    assert bring_in(database, path).records == 3


def test_a_folder_gives_its_readable_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.JSON", "~$open.xlsx", ".hidden.csv", "notes.md"):
        (tmp_path / name).write_text("x", encoding="ascii")
    assert [path.name for path in files_in(tmp_path)] == ["a.JSON", "b.csv"]
    (tmp_path / "none").mkdir()
    with pytest.raises(ImportRefused, match="nothing that could become a table"):
        files_in(tmp_path / "none")


def test_a_small_workbook_that_would_fill_the_memory_is_refused(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from myapp.exchange import workbook as reader

    monkeypatch.setattr(reader, "LARGEST_UNPACKED", 1_000)
    with pytest.raises(ImportRefused, match="larger inside"):
        read_preview(workbook, workbook.name)


BROKEN = {
    "workbook cut off": lambda book: book[: len(book) // 2],
    "workbook of noise": lambda book: book[:4] + bytes(range(256)) * 20,
    "old workbook of noise": lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x55" * 4000,
    "empty archive": lambda _: b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_unpacked_is_refused_with_a_sentence(
    tmp_path: Path, workbook: Path, name: str
) -> None:
    path = write(tmp_path, BROKEN[name](workbook.read_bytes()), "broken.xlsx")
    with pytest.raises(ImportRefused, match=r"Nothing was imported\."):
        read_preview(path, path.name)


def test_thousands_decimal_commas_and_national_dates_are_decided_from_all_values(
    database: Database, tmp_path: Path
) -> None:
    path = write(
        tmp_path,
        "price;count;day;seen;named\n"
        "1.234,50;1.234;31/12/2025;31/12/2025 14:30;3 March 2026\n"
        "2,75;12;01/02/2026;01/02/2026 9:05;Apr 4, 2026\n",
    )
    bring_in(database, path)
    assert values(database, "t") == [
        (1234.5, 1234, "2025-12-31", "2025-12-31 14:30:00", "2026-03-03"),
        (2.75, 12, "2026-02-01", "2026-02-01 09:05:00", "2026-04-04"),
    ]


def test_what_could_be_read_either_way_is_asked(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, 'day,n\n03/03/2026,"-7"\n01/02/2026,"5,678"\n')
    found = read_preview(path, path.name)
    assert [column.kind for column in found.columns] == [Kind.TEXT, Kind.TEXT]
    assert sum("until you choose" in remark for remark in found.remarks) == 2
    assert "Dates such as 01/02/2026 in “day”" in found.remarks[0]
    assert "Numbers such as 5,678 in “n”" in found.remarks[1]
    bring_in(database, path, options=ReadOptions(dates="mdy", numbers="1,234.5"))
    assert values(database, "t") == [("2026-03-03", -7), ("2026-01-02", 5678)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12/31/25", "2025-12-31"),
        ("12/31/55", "1955-12-31"),
        ("2026/3/4", "2026-03-04"),
        ("4.3.2026", "2026-03-04"),
        ("Date(2026)", None),
        ("13/13/2026", None),
    ],
)
def test_one_date_is_read_or_not(written: str, read: str | None) -> None:
    from myapp.exchange.dates import read_date

    assert read_date(written, "mdy") == read


def test_version_numbers_are_no_dates(tmp_path: Path) -> None:
    assert kinds(write(tmp_path, "v\n1.2.10\n13.1.7\n")) == [Kind.TEXT]


def test_a_late_fraction_makes_whole_numbers_decimal(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "n\n" + "7\n" * 60_000 + "12.50\n")
    result = bring_in(database, path)
    assert any("decimal" in remark for remark in result.remarks)
    assert database.table("t").fields[1].kind is Kind.DECIMAL
    assert result.misfits == ()


def test_day_in_a_moment_field_of_a_workbook_is_midnight(
    database: Database, tmp_path: Path
) -> None:
    from myapp.exchange.cells import convert_cells

    found = convert_cells(Kind.DATETIME, [date(2026, 1, 2), datetime(2026, 1, 2, 3, 4), "soon"])
    assert list(found.values) == ["2026-01-02 00:00:00", "2026-01-02 03:04:00", "soon"]
    assert found.missed == {"soon"}


@pytest.mark.parametrize("by", [b" r = '\\1'", b"\nr='\\1'", b'\tr="\\1"'])
def test_however_a_sheet_writes_where_its_cells_are_it_is_understood(
    tmp_path: Path, by: bytes
) -> None:
    path = tmp_path / "stray.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write(1_048_575, 16_383, "z")
    rewrite(path, "xl/worksheets/sheet1.xml", rb' r="(\w+)"', by)
    with pytest.raises(CellsFarApart, match="16,384 columns"):
        find_parts(path, path.name)
