"""The tables are put in an order on a page of their own, and stand in it everywhere."""

import io
import re
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import CreateTable, Database, Kind, NewField

LONG = 'z<"&' + "ü" * 190


@pytest.fixture
def database(app: Flask) -> Database:
    opened: Database = app.extensions["workspace"].database()
    for name in ("a", "b", "c", LONG):
        opened.apply(CreateTable(name, (NewField("x", Kind.TEXT),)))
    return opened


def names(client: FlaskClient, address: str = "/") -> list[str]:
    return re.findall(r'<span class="list-name">(.*?)</span>', client.get(address).text)


def move(client: FlaskClient, **form: str) -> str:
    answer = client.post("/table-order/move", data=form)
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["Location"]).text


def test_a_table_goes_up_and_down_by_its_buttons(client: FlaskClient, database: Database) -> None:
    page = move(client, up="c")
    assert names(client)[:3] == ["a", "c", "b"]
    assert 'aria-label="Move c up" autofocus>' in page
    page = move(client, up="c")
    assert names(client)[:3] == ["c", "a", "b"]
    assert 'aria-label="Move c up" disabled>' in page
    assert 'aria-label="Move c down" autofocus>' in page
    move(client, down="a")
    assert names(client)[:3] == ["c", "b", "a"]
    assert names(client, "/table-order") == names(client)


def test_a_table_goes_to_a_place_as_typed_or_to_an_end(
    client: FlaskClient, database: Database
) -> None:
    move(client, table=LONG, place="2")
    assert names(client)[1].startswith("z&lt;&#34;&amp;ü")
    move(client, table="a", place="1", end="end")
    move(client, table="c", place="4", end="top")
    assert [names(client)[at] for at in (0, 2, 3)] == ["c", "b", "a"]
    move(client, table="c", place="999")
    assert names(client)[3] == "c"


@pytest.mark.parametrize("place", ["", "0", "-1", "two"])
def test_what_is_no_place_moves_nothing(
    client: FlaskClient, database: Database, place: str
) -> None:
    answer = client.post("/table-order/move", data={"table": "c", "place": place})
    assert answer.status_code == 422
    assert "A place is a number from 1 to 4. Nothing was moved." in answer.text
    assert '<option value="c" selected>' in answer.text
    assert names(client)[:3] == ["a", "b", "c"]
    assert client.post("/table-order/move", data={"up": "nowhere"}).status_code == 422


def test_what_was_done_is_told_with_undo_which_leads_back(
    client: FlaskClient, database: Database
) -> None:
    page = move(client, down="a")
    assert "Done: Move the table a." in page
    undone = client.post("/undo", data={"back": "order"}, headers={"Accept": "text/html"})
    assert undone.headers["Location"] == "/table-order"
    assert names(client)[:3] == ["a", "b", "c"]
    # The last step is another one now, which that page did not make.
    assert "Done: " not in client.get("/table-order?table=a&way=down&done=1").text
    client.post("/redo", data={"back": "order"})
    done = client.post("/table-order/by-name")
    assert "Done: Order the tables by name." in client.get(done.headers["Location"]).text
    assert names(client)[:3] == ["a", "b", "c"]
    assert "Move the table a" in client.get("/history").text


def test_an_export_of_everything_keeps_the_order(client: FlaskClient, database: Database) -> None:
    move(client, table="c", place="1")
    job = client.post("/export/start", data={"format": "csv"}).headers["Location"]
    for _ in range(100):
        page = client.get(job, follow_redirects=True).text
        if found := re.search(r'href="(/export/[^"]*/file[^"]*|/export/[^"]*download[^"]*)"', page):
            break
    assert found, page
    with client.get(found[1]) as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.namelist()[:3] == ["c.csv", "a.csv", "b.csv"]


def test_the_order_is_offered_where_there_is_something_to_order(
    client: FlaskClient, app: Flask
) -> None:
    opened = app.extensions["workspace"].database()
    opened.apply(CreateTable("one", (NewField("x", Kind.TEXT),)))
    assert "/table-order" not in client.get("/").text
    assert "Move one" not in client.get("/table-order").text
    opened.apply(CreateTable("two", (NewField("x", Kind.TEXT),)))
    assert 'href="/table-order"' in client.get("/").text
    viewer = {"desktop.role": "viewer", "desktop.device": "A phone"}
    assert "/table-order" not in client.get("/", environ_overrides=viewer).text
    assert "data-narrow" not in client.get("/").text


def test_many_tables_have_a_box_that_finds_one(client: FlaskClient, app: Flask) -> None:
    opened = app.extensions["workspace"].database()
    for number in range(31):
        opened.apply(CreateTable(f"t{number}", (NewField("x", Kind.TEXT),)))
    for address in ("/", "/table-order"):
        assert 'data-narrow="tables" hidden>' in client.get(address).text
