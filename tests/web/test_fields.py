"""The page of a table's fields: everything works by plain forms, and says first what it costs."""

import html
import re
import threading
from collections.abc import Callable

import apsw
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.store import CreateTable, Database, InsertRecord, Kind, NewField
from myapp.web import work
from tests.conftest import LIMIT

PAGE = {"Accept": "text/html"}


@pytest.fixture
def database(app: Flask) -> Database:
    opened: Database = app.extensions["workspace"].database()
    opened.apply(CreateTable("a/b", (NewField("Price", Kind.TEXT), NewField("Näme", Kind.TEXT))))
    for price, name in (("1.5", "one"), ("two", "two"), ("", "two")):
        opened.apply(InsertRecord("a/b", {"Price": price or None, "Näme": name}))
    return opened


@pytest.fixture
def client(app: Flask, database: Database) -> FlaskClient:
    return app.test_client()


def send(client: FlaskClient, what: str, **form: str) -> TestResponse:
    sent = client.post(f"/tables/a~sb/fields/{what}", data=form, headers=PAGE)
    while "/work/" in sent.headers.get("Location", ""):
        sent = client.get(sent.headers["Location"], headers=PAGE)
    return sent


def order(client: FlaskClient) -> list[str]:
    page = client.get("/tables/a~sb/fields", headers=PAGE).text
    return re.findall(r'class="list-name">([^<]*)<', page)


def test_the_fields_are_shown_in_order_and_given_to_scripts_as_data(client: FlaskClient) -> None:
    assert order(client) == ["id", "Price", "Näme"]
    assert client.get("/tables/a~sb").text.count("/tables/a~sb/fields") == 3
    data = client.get("/tables/a~sb/fields", headers={"Accept": "application/json"})
    assert data.json is not None
    assert [field["name"] for field in data.json["fields"]] == ["id", "Price", "Näme"]
    assert "Accept" in data.headers["Vary"]


def test_the_list_leads_to_a_field_whatever_its_name(client: FlaskClient) -> None:
    send(client, "add", name='a&b=c #1 "+%', kind="date")
    page = client.get("/tables/a~sb/fields", headers=PAGE).text
    labels = re.findall(
        r'<a class="button[^"]*" href="([^"]+)" aria-label="(?:Change|Delete) a&', page
    )
    assert len(labels) == 2
    for address in labels:
        assert "a&amp;b=c #1 &#34;+%" in client.get(html.unescape(address), headers=PAGE).text


def test_a_field_is_added_renamed_and_moved(client: FlaskClient) -> None:
    assert send(client, "add", name="Born", kind="date").status_code == 303
    assert send(client, "rename", field="Born", name="Day of birth").status_code == 303
    send(client, "move", up="Day of birth")
    assert order(client) == ["id", "Price", "Day of birth", "Näme"]
    send(client, "move", down="id")
    send(client, "move", field="Näme", to="1")
    assert order(client) == ["Näme", "Price", "id", "Day of birth"]
    send(client, "undo")
    send(client, "undo")
    send(client, "redo")
    assert order(client) == ["Price", "id", "Day of birth", "Näme"]


def test_what_is_refused_keeps_what_was_typed(client: FlaskClient) -> None:
    taken = send(client, "add", name="price", kind="date")
    assert taken.status_code == 422
    assert 'value="price"' in taken.text
    assert '<option value="date" selected' in taken.text
    assert "taken already" in taken.text
    assert send(client, "rename", field="Price", name="näme").status_code == 422
    assert send(client, "rename", field="Price", name="ID").status_code == 422


def test_a_dropped_field_says_first_what_is_lost_and_comes_back(client: FlaskClient) -> None:
    asked = client.get("/tables/a~sb/fields/drop?field=Price").text
    assert "<strong>2</strong> of 3 records of a/b hold a value there" in asked
    assert send(client, "drop", field="Price").status_code == 303
    assert order(client) == ["id", "Näme"]
    send(client, "undo")
    rows = client.get("/tables/a~sb/rows").json
    assert rows is not None
    assert [row["cells"][1] for row in rows["rows"]] == ["1.5", "two", None]
    blocked = client.get("/tables/a~sb/fields/drop?field=id").text
    assert "it numbers the records" in blocked
    assert "Delete the field</button>" not in blocked


def test_values_that_do_not_fit_are_shown_before_anything_changes(
    client: FlaskClient, database: Database
) -> None:
    first = send(client, "change", field="Price", kind="decimal", default="9")
    assert first.status_code == 422
    words = html.unescape(first.text)
    assert "A value of “Price” does not fit the new type: “two” in record 2." in words
    assert '<option value="decimal" selected' in first.text
    assert 'name="misfits" value="empty"' in first.text
    assert database.table("a/b").field("Price").kind is Kind.TEXT
    second = send(client, "change", field="Price", kind="decimal", default="9", misfits="empty")
    assert second.status_code == 303
    assert database.record("a/b", "2").values == (2, None, "two")
    assert "decimal · default 9" in client.get("/tables/a~sb/fields", headers=PAGE).text


def test_rules_are_refused_with_the_record_that_breaks_them(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"field": "Näme", "kind": "text"}
    refused = send(client, "change", **form, unique="1")
    assert refused.status_code == 422
    assert "“two” stands in record 2 and record 3" in html.unescape(refused.text)
    assert 'name="unique" value="1" checked' in refused.text
    assert send(client, "change", **form, required="1").status_code == 303
    assert "text · required" in client.get("/tables/a~sb/fields", headers=PAGE).text


def test_a_long_change_shows_that_it_is_at_work_and_can_be_stopped(
    client: FlaskClient,
    database: Database,
    app: Flask,
    go_on_when_cancelled: Callable[[threading.Event], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "WORTH_WAITING", 0.01)
    going, go_on = threading.Event(), threading.Event()
    apply = database.apply

    def slow(change: object, told: object = None) -> object:
        going.set()
        assert go_on.wait(LIMIT)
        return apply(change, told)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "apply", slow)
    sent = client.post("/tables/a~sb/fields/drop", data={"field": "Price"}, headers=PAGE)
    address = sent.headers["Location"]
    assert going.wait(LIMIT)
    assert "Delete the field Price of a/b" in client.get(address).text
    assert app.extensions["workspace"].busy() == (
        "A change is being made: Delete the field Price of a/b."
    )
    state = client.get(f"{address}/progress").json
    assert state is not None
    assert state["running"]
    go_on_when_cancelled(go_on)
    client.post(f"{address}/cancel")
    assert not app.extensions["workspace"].busy()
    over = client.get(address)
    assert (over.status_code, "It was stopped." in over.text) == (422, True)
    assert order(client) == ["id", "Price", "Näme"]
    assert client.get("/work/none", headers=PAGE).status_code == 400


def test_a_dropped_table_says_first_what_is_lost_and_comes_back(
    client: FlaskClient, database: Database
) -> None:
    raw = apsw.Connection(str(database.path))
    raw.execute('CREATE TABLE c (p REFERENCES "a/b"); CREATE VIEW v AS SELECT id FROM "a/b"')
    raw.close()
    asked = client.get("/tables/a~sb/drop").text
    assert "<strong>3</strong> records go with it, and its 3 fields" in asked
    assert "Records of c link to it" in asked
    assert "It is shown in v." in asked
    client.post("/tables/a~sb/drop")
    assert client.get("/tables/a~sb").status_code == 404
    client.post("/undo")
    assert order(client) == ["id", "Price", "Näme"]


def test_undo_from_the_fields_follows_the_table_that_it_changes(client: FlaskClient) -> None:
    client.post("/tables/a~sb/rename", data={"name": "c"})
    back = client.post("/tables/c/fields/undo", headers=PAGE)
    assert back.headers["Location"] == "/tables/a~sb/fields"


def test_enter_in_the_form_of_a_new_table_makes_it(client: FlaskClient) -> None:
    form = client.get("/new-table").text.partition('action="/new-table"')[2]
    (first, *_) = re.findall(r'<button[^>]*type="submit"[^>]*>([^<]*)', form)
    assert first == "Make the table"


def test_a_deleted_field_is_told_and_how_it_comes_back(client: FlaskClient) -> None:
    gone = send(client, "drop", field="Näme")
    assert (
        "Done: Delete the field Näme of a/b. Undo takes it back."
        in client.get(gone.location, headers=PAGE).text
    )
    undone = send(client, "undo")
    assert "Done:" not in client.get(undone.location, headers=PAGE).text


def test_a_field_is_added_with_its_rules_in_one_step(
    client: FlaskClient, database: Database
) -> None:
    plain = client.get("/tables/a~sb/fields", headers=PAGE).text
    assert '<details class="field-rules"><summary>Rules</summary>' in plain
    sent = send(client, "add", name="Stock", kind="integer", required="1", default="3", largest="9")
    assert sent.status_code == 303
    page = client.get("/tables/a~sb/fields", headers=PAGE).text
    assert "integer: up to 9 · required · default 3" in page
    assert database.record("a/b", "2").values[-1] == 3
    send(client, "undo")
    assert order(client) == ["id", "Price", "Näme"]


@pytest.mark.parametrize(
    ("form", "control", "says"),
    [
        ({"required": "1"}, "required", "cannot be required without a default value"),
        ({"unique": "1", "default": "x"}, "unique", "cannot be unique with a default value"),
        ({"kind": "integer", "default": "x"}, "default", "“x” is not a whole number"),
        ({"name": "PRICE", "default": "x"}, "name", "taken already"),
        ({"kind": "integer", "smallest": "x", "default": "1"}, "kind", "“x” is not a whole"),
    ],
)
def test_a_refused_rule_is_told_beside_its_control_with_what_was_typed(
    client: FlaskClient, form: dict[str, str], control: str, says: str
) -> None:
    refused = send(client, "add", **{"name": "More", "kind": "text"} | form)
    assert refused.status_code == 422
    text = html.unescape(refused.text)
    wrong = re.search(r'<p class="wrong wrap" id="wrong" role="alert">([^<]*)', text)
    assert wrong is not None
    assert says in wrong[1]
    (marked,) = re.findall(r'<(?:input|select)[^>]*aria-invalid="true"[^>]*>', text)
    assert f'name="{control}"' in marked
    assert re.search(r'aria-describedby="[^"]*\bwrong\b', marked)
    for name, value in form.items():
        if name in ("required", "unique"):
            assert f'name="{name}" value="1" checked' in text
        elif name != "kind":
            assert f'name="{name}" value="{value}"' in text
    assert ("open" in text.split('class="field-rules"')[1][:6]) == bool(form.keys() - {"smallest"})
    assert order(client) == ["id", "Price", "Näme"]
