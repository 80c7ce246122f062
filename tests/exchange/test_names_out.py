"""Exports with the names of linked records: beside the keys, in every format that has no tables."""

import csv
import io
import json
import zipfile
from pathlib import Path

import apsw
import pytest

from myapp.exchange import (
    ExportOptions,
    ExportPlan,
    Format,
    ImportPlan,
    PlannedColumn,
    matched,
    read_preview,
    run_export,
    run_import,
)
from myapp.store import Database, Filter, Op, Part, Query, Sort, UpdateRecord, open_database

SHOP = """
CREATE TABLE person (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT);
INSERT INTO person VALUES (1, 'Anna', 'Meier'), (2, NULL, '=SUM(A1)'), (3, '', NULL);
CREATE TABLE pair (a INTEGER PRIMARY KEY, b INTEGER);
CREATE TABLE sale (id INTEGER PRIMARY KEY, "By" INTEGER REFERENCES person, "by (name)" TEXT,
  "of" INTEGER REFERENCES sale, pair REFERENCES pair, title TEXT);
INSERT INTO sale VALUES (1, 1, 'x', NULL, NULL, 'Bread'), (2, 2, NULL, 1, NULL, 'Cake, "fresh"'),
  (3, 3, NULL, 2, NULL, NULL), (4, NULL, NULL, 1, NULL, 'Tea');
"""
FIELDS = ["id", "By", "By (name 2)", "by (name)", "of", "of (name)", "pair", "title"]
NAMES = [
    ("Anna Meier", None),
    ("=SUM(A1)", "Bread"),
    (None, 'Cake, "fresh"'),
    (None, "Bread"),
]


@pytest.fixture
def shop(tmp_path: Path) -> Database:
    connection = apsw.Connection(str(tmp_path / "shop.sqlite"))
    connection.execute(SHOP)
    connection.close()
    return open_database(tmp_path / "shop.sqlite")


def export(
    database: Database, format_: Format, *, part: Part | None = None, names: bool = True
) -> bytes:
    target = database.path.with_name("out")
    parts = (part or Part(Query("sale")),)
    run_export(database, ExportPlan(parts, format_, ExportOptions(names=names)), target)
    database.close()
    return target.read_bytes()


def named(records: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(each["By (name 2)"], each["of (name)"]) for each in records]


def test_json_has_the_name_beside_each_key(shop: Database) -> None:
    records = json.loads(export(shop, Format.JSON))
    assert list(records[0]) == FIELDS
    assert named(records) == NAMES
    assert [each["By"] for each in records] == [1, 2, 3, None]


def test_csv_guards_names_as_it_does_texts(shop: Database) -> None:
    records = list(csv.DictReader(io.StringIO(export(shop, Format.CSV).decode())))
    assert list(records[0]) == FIELDS
    assert [each["By (name 2)"] for each in records] == ["Anna Meier", "'=SUM(A1)", "", ""]
    assert records[1]["of"] == "1"


@pytest.mark.parametrize("format_", [Format.EXCEL, Format.NDJSON, Format.HTML])
def test_other_formats_have_them_too(shop: Database, format_: Format) -> None:
    data = export(shop, format_)
    if format_ is Format.EXCEL:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    assert b"By (name 2)" in data
    assert b"Anna Meier" in data


def test_a_view_keeps_its_order_its_records_and_its_fields(shop: Database) -> None:
    query = Query("sale", (Sort("By", True),), (Filter("By", Op.NOT_EMPTY),))
    part = Part(query, hidden=("of", "by (name)"))
    records = json.loads(export(shop, Format.JSON, part=part))
    assert [each["id"] for each in records] == [1, 2, 3]
    assert list(records[0]) == ["id", "By", "By (name)", "pair", "title"]
    assert [each["By (name)"] for each in records][:2] == ["Anna Meier", "=SUM(A1)"]


def test_without_being_asked_for_nothing_is_added(shop: Database) -> None:
    records = json.loads(export(shop, Format.JSON, names=False))
    assert list(records[0]) == ["id", "By", "by (name)", "of", "pair", "title"]


def test_an_sqlite_file_has_the_links_themselves(shop: Database) -> None:
    data = export(shop, Format.SQLITE)
    assert b"name 2" not in data


def test_what_was_exported_with_names_comes_in_again(shop: Database, tmp_path: Path) -> None:
    before = shop.window(Query("sale"), 0, 9).records
    file = tmp_path / "sale.csv"
    file.write_bytes(export(shop, Format.CSV))
    again = open_database(shop.path)
    again.apply(UpdateRecord("sale", "1", {"By": "2", "title": "Rye"}))
    found, table = read_preview(file, file.name), again.table("sale")
    columns = tuple(matched(PlannedColumn(each.name, each.kind), table) for each in found.columns)
    assert [each.name for each in columns if not each.keep] == ["By (name 2)", "of (name)"]
    plan = ImportPlan(
        file, file.name, found.options, "sale", columns, found.part, "update", ("id",)
    )
    result = run_import(again, plan)
    assert result.updated == 4
    assert again.window(Query("sale"), 0, 9).records == before
    again.close()
