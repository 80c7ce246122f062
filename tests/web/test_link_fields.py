"""Links are made by plain forms, and say first which values find a record."""

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.store import CreateTable, Database, InsertRecord, Kind, Link, NewField

PAGE = {"Accept": "text/html"}


@pytest.fixture
def database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Database:
    opened: Database = app.extensions["workspace"].database()
    text = Kind.TEXT
    opened.apply(CreateTable("a/b", (NewField("name", text),)))
    opened.apply(CreateTable("book", (NewField("title", text), NewField("by", text))))
    for name in ("Ann", "Ben"):
        opened.apply(InsertRecord("a/b", {"name": name}))
    for title, by in (("A", "Ann"), ("B", "Zoë"), ("C", "Ben"), ("D", None)):
        opened.apply(InsertRecord("book", {"title": title, "by": by}))
    return opened


@pytest.fixture
def client(app: Flask, database: Database) -> FlaskClient:
    return app.test_client()


def send(client: FlaskClient, what: str, **form: str) -> TestResponse:
    return client.post(f"/tables/book/fields/{what}", data=form, headers=PAGE)


def words(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", page.text)))


def link_of(database: Database, field: str) -> Link | None:
    return database.table("book").field(field).link


def test_a_table_and_a_field_are_made_with_a_link(client: FlaskClient, database: Database) -> None:
    form = {
        "name": "loan",
        "field": ["what", "after", "day"],
        "kind": ["link:book", "link:", "date"],
        "on_delete": ["empty", "refuse", "refuse"],
    }
    assert client.post("/new-table", data=form).status_code == 303
    made = {field.name: field.link for field in database.table("loan").fields}
    assert made["what"] == Link("book", "id", "empty")
    assert made["after"] == Link("loan", "id")
    assert made["day"] is None
    added = send(client, "add", name="owner", kind="link:a/b", on_delete="empty")
    assert added.status_code == 303
    assert link_of(database, "owner") == Link("a/b", "id", "empty")
    page = client.get("/tables/book/fields", headers=PAGE)
    assert "link to a/b, left empty when its record is deleted" in words(page)
    gone = send(client, "add", name="x", kind="link:gone", on_delete="empty")
    assert gone.status_code == 422
    assert '<option value="empty" selected' in gone.text


def test_texts_become_links_after_a_look_at_what_finds_no_record(
    client: FlaskClient, database: Database
) -> None:
    asked = send(client, "change", field="by", kind="link:a/b", on_delete="empty")
    assert asked.status_code == 303
    look = client.get(asked.headers["Location"])
    assert "2 of 3 records with a value find theirs. 1 value names no record." in words(look)
    assert "“Zoë”" in look.text
    assert '<input type="radio" name="by" value="title" checked>' in look.text
    form = {"field": "by", "to": "a/b", "on_delete": "empty", "by": "title"}
    refused = send(client, "link", **form)
    assert refused.status_code == 422
    assert "A value of “by” names no record of “a/b”, or more than one: “Zoë”." in words(refused)
    assert link_of(database, "by") is None
    assert send(client, "link", **form, misfits="make").status_code == 303
    assert link_of(database, "by") == Link("a/b", "id", "empty")
    assert database.record("book", "2").labels == {"by": "Zoë"}
    send(client, "undo")
    assert database.record("book", "2").values == (2, "B", "Zoë")
    assert database.count_quickly("a/b") == 2


def test_a_link_changes_its_rule_and_becomes_a_plain_field(
    client: FlaskClient, database: Database
) -> None:
    send(client, "add", name="owner", kind="link:a/b")
    page = client.get("/tables/book/fields/change?field=owner").text
    assert '<option value="link:a/b" selected' in page
    send(client, "change", field="owner", kind="link:a/b", on_delete="empty")
    assert link_of(database, "owner") == Link("a/b", "id", "empty")
    steps = len(database.steps())
    send(client, "change", field="owner", kind="link:a/b", on_delete="empty")
    assert len(database.steps()) == steps
    client.post("/tables/a~sb/drop")
    page = client.get("/tables/book/fields/change?field=owner").text
    assert '<option value="link" selected>link to a deleted table' in page
    send(client, "change", field="owner", kind="link", unique="1")
    assert database.fields("book")[-1].lost_link
    send(client, "change", field="owner", kind="integer")
    assert not database.fields("book")[-1].lost_link
    for _ in range(3):
        send(client, "undo")
    assert link_of(database, "owner") == Link("a/b", "id", "empty")


def test_names_that_differ_in_capitals_or_accents_are_found_and_told(
    client: FlaskClient, database: Database
) -> None:
    database.apply(InsertRecord("book", {"title": "E", "by": "BEN"}))
    page = words(client.get("/tables/book/fields/link?field=by&to=a/b&kind=link:a/b"))
    told = "3 of 4 records with a value find theirs. 1 of them differs from the name in capitals"
    assert f"{told} or accents. 1 value names no record. Not found: “Zoë”." in page
