"""Pages to be printed: all records of a view, up to a limit that the page tells, and one record."""

import html
import json
import re

import pytest
from flask.testing import FlaskClient

from myapp.store import Query
from myapp.web import printing
from tests.store.conftest import raw

PRINT = "/tables/Books/print"


def printed(page: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.S)
    return [[html.unescape(c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r)] for r in rows]


def text(page: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", "", page)).split())


def run(books: FlaskClient, *statements: str) -> None:
    """Change the file as another program does."""
    raw(books.application.extensions["workspace"].database().path, *statements)


def test_a_view_is_printed_with_its_records_its_order_and_its_fields(books: FlaskClient) -> None:
    either = {"any": [["Pages", "lt", "200"], {"all": [["Author", "contains", "austen"]]}]}
    asked = {
        "filter": json.dumps([either, ["Published", "gte", "1813"]]),
        "sort": '["-Title"]',
        "hide": '["Pages"]',
        "q": "e",
    }
    page = books.get(PRINT, query_string=asked).text
    head, *rows = printed(page)
    assert "Title" in head
    assert "Pages" not in head
    titles = [row[head.index("Title")] for row in rows]
    assert titles == sorted(titles, reverse=True)
    assert "Emma" in titles
    found = books.get("/tables/Books/rows", query_string=asked).json
    assert found is not None
    assert len(rows) == found["total"] > 1
    assert (
        "records where (Pages is less than “200” or Author contains “austen”)"
        " and Published is on or after “1813” and “e” is found, in the order of Title (descending)."
    ) in text(page)


def test_a_saved_view_is_printed_under_its_name(books: FlaskClient) -> None:
    view = {"name": "Long", "filter": [["Pages", "gt", "400"]], "hide": ["Pages"]}
    books.post("/tables/Books/views", json=view)
    page = books.get(PRINT, query_string={"view": "Long"}).text
    assert "Books: Long" in page
    assert len(printed(page)) == 1 + 8
    assert 'href="/tables/Books?view=Long"' in page


def test_chosen_records_are_printed_in_the_order_of_the_view(books: FlaskClient) -> None:
    asked = {"sort": '["-Title"]', "ids": '["2","9","4","5000"]', "q": ""}
    page = books.get(PRINT, query_string=asked).text
    titles = [row[1] for row in printed(page)[1:]]
    assert len(titles) == 3
    assert titles == sorted(titles, reverse=True)
    assert "3 chosen records, in the order of Title (descending)." in text(page)
    (whole,) = re.findall(r'href="([^"]*)">Print the whole view', page)
    assert len(printed(books.get(html.unescape(whole)).text)) == 1 + 12
    (other,) = re.findall(r'href="([^"]*)">One record below', page)
    assert books.get(html.unescape(other)).text.count("<section") == 3
    # Too many for an address.
    many = books.post(f"{PRINT}/chosen", data=asked).text
    assert [row[1] for row in printed(many)[1:]] == titles
    assert "One record below" not in many
    assert books.get(PRINT, query_string={"ids": "x"}).status_code == 400


def test_chosen_records_that_are_gone_are_left_out(
    books: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "AT_ONCE", 1)
    opened = books.application.extensions["workspace"].database()
    table = opened.table("Books")
    chosen = printing.Printed(opened, table, Query("Books"), list(table.fields), ("1", "2", "3"))
    lines = chosen.lines()
    next(lines)
    run(books, "DELETE FROM Books WHERE rowid = 2")
    assert 1 + len(list(lines)) == chosen.count == 2
    assert chosen.changed


def test_money_is_printed_with_its_currency(client: FlaskClient) -> None:
    form = {"name": "Bills", "field": ["For", "Sum"], "kind": ["text", "money"]}
    client.post("/new-table", data={**form, "currency": ["", "€"]})
    client.post("/tables/Bills/records", json={"values": {"For": "Rent", "Sum": "1200"}})
    page = client.get("/tables/Bills/print").text
    assert printed(page)[1][1:] == ["Rent", "1200.00\u00a0€"]
    assert 'is-short is-number">1200' in page
    assert "<dd>1200.00\u00a0€</dd>" in client.get("/tables/Bills/records/1/print").text


def test_an_empty_view_says_so(books: FlaskClient) -> None:
    page = books.get(PRINT, query_string={"q": "nobody at all"}).text
    assert "No record fits this view." in page
    assert "<table" not in page
    assert books.get(PRINT, query_string={"layout": "round"}).status_code == 400


def test_more_records_than_a_page_takes_are_told_and_can_be_exported(
    books: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "MOST_PRINTED", 7)
    monkeypatch.setattr(printing, "AT_ONCE", 3)
    page = books.get(PRINT, query_string={"sort": '["Title"]'}).text
    assert len(printed(page)) == 1 + 7
    assert "A printed page takes at most 7 records" in page
    assert "after 7 of 12 records" in page
    (export, *_) = re.findall(r'href="(/export[^"]*)"', page)
    assert "The view as shown" in books.get(html.unescape(export)).text


def test_a_page_of_long_texts_ends_before_the_browser_does(
    books: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "MOST_CHARACTERS", 3_000)
    monkeypatch.setattr(printing, "AT_ONCE", 2)
    run(books, "UPDATE Books SET Title = printf('%.*c', 9000, 'x')")
    page = books.get(PRINT).text
    assert "x… (9,000 characters in all)" in page
    assert "after 2 of 12 records" in page


@pytest.mark.parametrize(
    ("change", "refusal", "count"),
    [
        ("DELETE FROM Books WHERE Title = 'Dracula'", "", 11),
        ("ALTER TABLE Books ADD COLUMN More TEXT", "The fields of the table were changed", 3),
        ("DROP TABLE Books", "There is no table", 3),
    ],
)
def test_what_changes_while_the_page_is_made_is_told(
    books: FlaskClient, monkeypatch: pytest.MonkeyPatch, change: str, refusal: str, count: int
) -> None:
    monkeypatch.setattr(printing, "AT_ONCE", 3)
    opened = books.application.extensions["workspace"].database()
    table = opened.table("Books")
    printed = printing.Printed(opened, table, Query("Books"), list(table.fields))
    lines = printed.lines()
    next(lines)
    run(books, change)
    assert 1 + len(list(lines)) == printed.count == count
    assert printed.refusal.startswith(refusal)
    assert bool(printed.refusal) is bool(refusal)
    assert printed.changed or refusal


def test_many_fields_are_printed_one_record_below_the_other(books: FlaskClient) -> None:
    run(books, *(f"ALTER TABLE Books ADD COLUMN 'More {n}' TEXT" for n in range(20)))
    page = books.get(PRINT, query_string={"layout": "table"}).text
    assert page.count("<section") == 12
    assert page.count("<dt>More 19</dt>") == 12
    assert "As a table" not in page
    fewer = books.get(PRINT, query_string={"layout": "records", "hide": '["Title"]'}).text
    assert "<table" not in fewer


@pytest.mark.parametrize("fields", [1, 6, 8, 9, 16])
def test_what_stays_on_one_line_is_never_wider_than_the_paper(fields: int) -> None:
    # Measured: 60 em upright and 89 em across at 8.5 points, with 1.1 em between two fields, and
    # what is up to 1.5 times as wide is made smaller.
    paper = (60 if fields <= 6 else 89) * 1.5
    short = printing.is_short(fields)
    for letter in "WMx7€É\n":
        longest = max((n for n in range(30) if short(letter * n)), default=0)
        assert fields * (longest * (1 if letter in "WM€" else 0.64) + 1.1) < paper
    assert short("1970-12-31")
    assert not short("two\nlines")


def test_a_record_is_printed_whole(books: FlaskClient) -> None:
    run(books, "UPDATE Books SET Title = printf('%.*c', 9000, 'x') || '<b>' WHERE rowid = 3")
    page = books.get("/tables/Books/records/3/print").text
    assert f"<dd>{'x' * 9000}&lt;b&gt;</dd>" in page
    assert "<dd>1815-12-23</dd>" in page
    assert books.get("/tables/Books/records/99/print").status_code == 404
