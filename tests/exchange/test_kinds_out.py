"""Money, choices and addresses leave as a person reads them, and come back as they were."""

import csv
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.exchange import ExportPlan, Format, plan_new, read_preview, run_export, run_import
from myapp.store import (
    CreateTable,
    Database,
    DropTable,
    InsertRecord,
    Kind,
    Limits,
    NewField,
    Part,
    Query,
    create_database,
    open_database,
)

VALUES = {"status": "Open", "tags": "b c,a", "cost": "1234.5", "page": "https://x.org"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = create_database(tmp_path / "kinds.sqlite")
    fields = (
        NewField("status", Kind.CHOICE, limits=Limits(("Open", "Done")), colours=("red", "green")),
        NewField("tags", Kind.CHOICES, limits=Limits(("a", "b c"))),
        NewField("cost", Kind.MONEY, currency="€", limits=Limits((), 0)),
        NewField("page", Kind.WEB),
    )
    opened.apply(CreateTable("t", fields))
    opened.apply(InsertRecord("t", VALUES))
    opened.apply(InsertRecord("t", {"cost": "7"}))
    yield opened
    opened.close()


def out(database: Database, tmp_path: Path, format_: Format) -> Path:
    target = tmp_path / f"out.{format_.value}"
    run_export(database, ExportPlan((Part(Query("t")),), format_), target)
    return target


def test_a_csv_file_has_choices_and_money_as_they_read(database: Database, tmp_path: Path) -> None:
    with out(database, tmp_path, Format.CSV).open(newline="", encoding="utf-8-sig") as lines:
        assert list(csv.reader(lines))[1:] == [
            ["1", "Open", "a, b c", "1234.50", "https://x.org"],
            ["2", "", "", "7.00", ""],
        ]


def test_json_has_an_array_and_a_number(database: Database, tmp_path: Path) -> None:
    first = json.loads(out(database, tmp_path, Format.JSON).read_text())[0]
    assert (first["tags"], first["cost"]) == (["a", "b c"], 1234.5)


def test_a_page_and_a_workbook_have_them_as_text(database: Database, tmp_path: Path) -> None:
    page = out(database, tmp_path, Format.HTML).read_text()
    assert "<td>a, b c<td class=n>1234.50" in page
    with zipfile.ZipFile(out(database, tmp_path, Format.EXCEL)) as book:
        told = b"".join(book.read(name) for name in book.namelist())
        assert b"a, b c</t>" in told


@pytest.mark.parametrize("format_", [Format.SQLITE, Format.JSON])
def test_what_went_out_comes_in_again(database: Database, tmp_path: Path, format_: Format) -> None:
    path = out(database, tmp_path, format_)
    found = read_preview(path, path.name)
    plan = plan_new(database, path, path.name, found)
    run_import(database, plan)
    table = database.table(plan.table)
    values = [record.values for record in database.window(Query(plan.table), 0, 9).records]
    assert values[0][-4:] == ("Open", '["a","b c"]', 1234.5, "https://x.org")
    if format_ is Format.SQLITE:
        assert [each.kind for each in table.fields][-4:] == [
            *(Kind.CHOICE, Kind.CHOICES, Kind.MONEY, Kind.WEB)
        ]
        assert table.field("tags").limits.choices == ("a", "b c")


def tables_of(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema ORDER BY name")]
    connection.close()
    return found


@pytest.mark.parametrize("whole", [True, False])
def test_a_database_that_goes_out_keeps_colours_and_currencies(
    database: Database, tmp_path: Path, whole: bool
) -> None:
    secret = (NewField("secret", Kind.MONEY, currency="gold"),)
    database.apply(CreateTable("gone", secret))
    database.apply(DropTable("gone"))
    database.apply(CreateTable("other", (NewField("a", Kind.MONEY, currency="CHF"),)))
    target = tmp_path / "out.sqlite"
    parts = None if whole else (Part(Query("t"), hidden=("page",)),)
    run_export(database, ExportPlan(parts, Format.SQLITE), target)
    opened = open_database(target)
    fields = {field.name: field for field in opened.table("t").fields}
    if whole:
        assert fields["status"].colours == ("red", "green")
        assert opened.table("other").fields[-1].currency == "CHF"
    assert fields["cost"].currency == "€"
    opened.close()
    own = [name for name in tables_of(target) if name.startswith("_myapp_")]
    assert own == ["_myapp_fields"]
    content = target.read_bytes()
    assert b"gold" not in content
    assert (b"CHF" in content) == whole


def test_a_table_that_goes_out_alone_keeps_its_colours(database: Database, tmp_path: Path) -> None:
    opened = open_database(out(database, tmp_path, Format.SQLITE))
    assert opened.table("t").fields[1].colours == ("red", "green")
    opened.close()


def test_without_colours_and_currencies_nothing_of_ours_goes_out(tmp_path: Path) -> None:
    plain = create_database(tmp_path / "plain.sqlite")
    plain.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))
    for number, parts in enumerate((None, (Part(Query("t")),))):
        target = tmp_path / f"out{number}.sqlite"
        run_export(plain, ExportPlan(parts, Format.SQLITE), target)
        assert tables_of(target) == ["t"]
    plain.close()
