"""Which field names the records is chosen on the page of the fields."""

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import CreateTable, Database, InsertRecord, Kind, LinkTo, NewField

PAGE = {"Accept": "text/html"}
TEXT = Kind.TEXT


@pytest.fixture
def database(app: Flask) -> Database:
    opened: Database = app.extensions["workspace"].database()
    opened.apply(CreateTable("man", (NewField("name", TEXT), NewField("nick", TEXT))))
    opened.apply(
        CreateTable("pet", (NewField("of", TEXT, link=LinkTo("man")), NewField("as", TEXT)))
    )
    opened.apply(InsertRecord("man", {"name": "Ann", "nick": "<Zed>"}))
    for number in range(7):
        opened.apply(InsertRecord("pet", {"of": "1", "as": f"Rex {number}"}))
    return opened


def test_a_field_is_chosen_and_names_the_records(app: Flask, database: Database) -> None:
    client: FlaskClient = app.test_client()
    page = client.get("/tables/man/fields", headers=PAGE).text
    assert "found by itself: name" in page
    assert re.search(r">name</span>\s*<span[^>]*>text · names the records<", page)
    form = {"title": "nick"}
    assert client.post("/tables/man/fields/title", data=form, headers=PAGE).status_code == 303
    page = client.get("/tables/man/fields", headers=PAGE).text
    assert "<option selected>nick</option>" in page
    record = html.unescape(client.get("/tables/man/records/1").text)
    assert '<h1 class="wrap is-clamped"><Zed></h1>' in record
    assert html.unescape(client.get("/tables/pet/records/1").text).count('value="<Zed>"') == 2
    refused = client.post("/tables/pet/fields/title", data={"title": "of"}, headers=PAGE)
    assert refused.status_code == 422
    assert "cannot name the records" in refused.text


def test_the_other_side_of_a_link_is_named(app: Flask, database: Database) -> None:
    page = app.test_client().get("/tables/man/records/1").text
    assert re.findall(r'href="/tables/pet/records/\d">(Rex \d)', page) == [
        f"Rex {number}" for number in range(5)
    ]
    assert "7 through of" in page


def test_the_table_tells_which_record_was_deleted(app: Flask, database: Database) -> None:
    client: FlaskClient = app.test_client()
    gone = client.post("/tables/pet/records/3/delete")
    assert 'data-told="1 record deleted: Rex 2."' in client.get(gone.headers["Location"]).text
