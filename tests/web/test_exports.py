"""Export through the pages: what is offered, what comes down, and what is refused."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.store import CreateTable, InsertRecord, Kind, LinkTo, NewField
from myapp.web.export_jobs import AT_ONCE, ExportJob
from tests.conftest import LIMIT, wait_until


def opened(books: FlaskClient) -> object:
    app = books.application
    assert isinstance(app, Flask)
    return app.extensions["workspace"]


def export(books: FlaskClient, **form: str) -> TestResponse:
    """The page at the end of an export."""
    answer = books.post("/export/start", data=form)
    assert answer.status_code == 303, answer.text
    wait_until(lambda: "data-progress=" not in books.get(answer.location).text, "its end")
    return books.get(answer.location)


def file_of(books: FlaskClient, page: TestResponse) -> TestResponse:
    found = re.search(r'href="(/export/[^"]+/file)"', page.text)
    assert found, page.text
    answer = books.get(found[1], buffered=True)
    assert answer.status_code == 200
    return answer


def test_the_table_page_and_the_first_page_lead_to_it(books: FlaskClient) -> None:
    assert 'href="/export?table=Books"' in books.get("/tables/Books").text
    assert 'href="/export"' in books.get("/").text


def test_a_whole_table_comes_down_as_csv(books: FlaskClient) -> None:
    answer = file_of(books, export(books, table="Books", what="table", format="csv"))
    assert answer.headers["Content-Disposition"] == "attachment; filename=Books.csv"
    records = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(records) == 12
    assert records[0]["Title"] == "Frankenstein"


def test_a_view_comes_down_filtered_and_in_its_order(books: FlaskClient) -> None:
    view = {"sort": '["-Pages"]', "filter": '[["Author", "contains", "Wells"]]'}
    page = books.get("/export", query_string={"table": "Books", **view})
    assert "The view as shown: 2 records, in its order" in page.text
    answer = file_of(books, export(books, table="Books", what="view", format="json", **view))
    assert [each["Title"] for each in json.loads(answer.text)] == [
        "The War of the Worlds",
        "The Time Machine",
    ]


def test_chosen_records_alone_come_down(books: FlaskClient) -> None:
    rows = books.get("/tables/Books/rows?start=0&count=3").get_json()["rows"]
    ids = json.dumps([row["id"] for row in rows[1:3]])
    page = books.post("/export/choose", data={"table": "Books", "ids": ids})
    assert "The 2 chosen records" in page.text
    answer = file_of(books, export(books, table="Books", what="chosen", ids=ids, format="csv"))
    titles = [each["Title"] for each in csv.DictReader(io.StringIO(answer.text))]
    assert titles == ["Pride and Prejudice", "Emma"]


def test_everything_comes_down_as_one_archive_of_tables(books: FlaskClient) -> None:
    workspace = opened(books)
    database = workspace.database()  # type: ignore[attr-defined]
    database.apply(CreateTable("Zäh/ne?", (NewField("n", Kind.INTEGER),)))
    answer = file_of(books, export(books, format="csv"))
    assert answer.headers["Content-Disposition"].endswith("MyApp.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert sorted(archive.namelist()) == ["Books.csv", "Zäh_ne_.csv"]


def test_a_name_beyond_ascii_reaches_the_browser(books: FlaskClient) -> None:
    database = opened(books).database()  # type: ignore[attr-defined]
    database.apply(CreateTable("Größen 🐘", (NewField("n", Kind.INTEGER),)))
    answer = file_of(books, export(books, table="Größen 🐘", format="html"))
    assert (
        "filename*=UTF-8''Gr%C3%B6%C3%9Fen%20%F0%9F%90%98.html"
        in (answer.headers["Content-Disposition"])
    )


def test_what_a_spreadsheet_would_run_is_made_safe_unless_asked_for(books: FlaskClient) -> None:
    database = opened(books).database()  # type: ignore[attr-defined]
    database.apply(CreateTable("T", (NewField("f", Kind.TEXT),)))
    database.apply(InsertRecord("T", {"f": "=1+1"}))
    page = export(books, table="T", format="csv")
    assert "'=1+1" in file_of(books, page).text
    page = export(books, table="T", format="csv", keep_formulas="on")
    assert '"=1+1"' in file_of(books, page).text


def test_a_refusal_is_told_with_the_name_that_the_person_knows(books: FlaskClient) -> None:
    database = opened(books).database()  # type: ignore[attr-defined]
    database.apply(CreateTable("Long", (NewField("f", Kind.TEXT),)))
    database.apply(InsertRecord("Long", {"f": "x" * 40_000}))
    page = export(books, table="Long", format="xlsx")
    assert "Long.xlsx was not written" in page.text
    assert "1 value is longer" in page.text
    assert "Download" not in page.text
    page = export(books, table="Long", format="xlsx", cut_long="on")
    assert "1 value was cut" in page.text


@pytest.mark.parametrize(
    "form",
    [
        {"table": "Books", "format": "exe"},
        {"table": "Books", "format": "csv", "csv": "x"},
        {"table": "Books", "what": "chosen", "ids": "{"},
        {"table": "Books", "what": "chosen", "ids": '{"a": 1}'},
        {"table": "Books", "what": "view", "filter": "[1]"},
    ],
    ids=str,
)
def test_nonsense_is_refused_and_starts_nothing(books: FlaskClient, form: dict[str, str]) -> None:
    answer = books.post("/export/start", data=form)
    assert 400 <= answer.status_code < 500
    assert opened(books).exports.jobs == {}  # type: ignore[attr-defined]


def test_a_table_that_went_away_is_told(books: FlaskClient) -> None:
    assert books.post("/export/start", data={"table": "Gone", "format": "csv"}).status_code == 404


def test_older_files_are_removed_and_none_stays_at_the_end(books: FlaskClient) -> None:
    pages = [export(books, table="Books", format="csv") for _ in range(6)]
    workspace = opened(books)
    folder = workspace.folder / "exports"  # type: ignore[attr-defined]
    assert len(list(folder.iterdir())) <= 4
    file_of(books, pages[-1])
    workspace.close()  # type: ignore[attr-defined]
    assert list(folder.iterdir()) == []


def test_what_others_export_takes_nobodys_finished_file_away(books: FlaskClient) -> None:
    mine = export(books, table="Books", what="table", format="csv")
    books.environ_base["desktop.device"] = "Till"
    for _ in range(4):
        export(books, table="Books", what="table", format="csv")
    assert len(list(csv.DictReader(io.StringIO(file_of(books, mine).text)))) == 12


def test_one_person_makes_few_exports_at_once(
    books: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A viewer too may export, and must not fill the disk by that."""
    monkeypatch.setattr(ExportJob, "run", lambda job, *_: job.stop.wait(2 * LIMIT))
    form = {"table": "Books", "what": "table", "format": "csv"}
    books.environ_base["desktop.device"] = "Till"
    for _ in range(AT_ONCE):
        assert books.post("/export/start", data=form).status_code == 303
    refused = books.post("/export/start", data=form)
    assert refused.status_code == 422
    assert "Wait until one of them is done, or cancel one" in refused.text
    books.environ_base["desktop.device"] = "Anna’s phone"
    assert books.post("/export/start", data=form).status_code == 303


def test_the_file_of_a_saved_view_carries_its_name(books: FlaskClient) -> None:
    view = {"view": "Long: read/again", "filter": '[["Pages", "gt", "400"]]'}
    page = books.get("/export", query_string={"table": "Books", **view}).text
    assert "The view “Long: read/again”: " in page
    assert 'name="view" value="Long: read/again"' in page
    for what, name in (("view", "Books - Long_ read_again.csv"), ("table", "Books.csv")):
        answer = file_of(books, export(books, table="Books", what=what, format="csv", **view))
        assert name in answer.headers["Content-Disposition"]
    long = {"table": "Books", "what": "view", "format": "csv", "view": "Some words " * 9}
    assert "Some words" in file_of(books, export(books, **long)).headers["Content-Disposition"]


def test_names_of_linked_records_are_offered_where_there_are_links(books: FlaskClient) -> None:
    database = opened(books).database()  # type: ignore[attr-defined]
    assert "Names of linked records" not in books.get("/export").text
    link = NewField("Book", Kind.INTEGER, link=LinkTo("Books"))
    database.apply(CreateTable("Loan", (link, NewField("To", Kind.TEXT))))
    database.apply(InsertRecord("Loan", {"Book": "1", "To": "Ann"}))
    assert "Names of linked records" not in books.get("/export?table=Books").text
    for address in ("/export", "/export?table=Loan"):
        page = books.get(address).text
        assert "Names of linked records" in page
        assert "Book (name)" in page
    assert "Names of linked" not in books.get('/export?table=Loan&hide=["Book"]').text
    answer = file_of(books, export(books, table="Loan", format="csv", names="on"))
    (loan,) = csv.DictReader(io.StringIO(answer.text))
    assert (loan["Book"], loan["Book (name)"]) == ("1", "Frankenstein")
    answer = file_of(books, export(books, format="csv", names="on"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert b"Frankenstein" in archive.read("Loan.csv")


def test_a_view_comes_down_with_the_fields_that_it_shows(books: FlaskClient) -> None:
    view = {"sort": '["-Pages"]', "hide": '["id", "Pages", "Gone"]'}
    page = books.get("/export", query_string={"table": "Books", **view})
    assert "The view as shown, in its order, with the 5 fields shown" in page.text
    answer = file_of(books, export(books, table="Books", what="view", format="csv", **view))
    records = list(csv.DictReader(io.StringIO(answer.text)))
    assert records[0]["Title"] == "Les Misérables"
    assert "Pages" not in records[0] and "id" not in records[0]
    answer = file_of(books, export(books, table="Books", what="table", format="csv", **view))
    assert "Pages" in answer.text


@pytest.mark.parametrize("format_", ["csv", "xlsx", "sqlite", "json", "ndjson", "html"])
def test_a_field_that_is_not_shown_is_in_no_kind_of_file(
    books: FlaskClient, tmp_path: Path, format_: str
) -> None:
    view = {"filter": '[["Pages", "gt", "400"]]', "hide": '["Pages", "Author"]'}
    answer = file_of(books, export(books, table="Books", what="view", format=format_, **view))
    data = answer.data
    if format_ == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    assert b"Middlemarch" in data
    assert b"Pages" not in data and b"Author" not in data and b"George Eliot" not in data
