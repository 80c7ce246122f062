"""Kinds of field by plain forms: made, changed with what would be lost said first, and filled."""

import html
import io
import re
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.store import (
    COLOURS,
    CreateTable,
    Database,
    Field,
    InsertRecord,
    Kind,
    Limits,
    NewField,
)
from myapp.web.hrefs import href_of
from tests.conftest import wait_until
from tests.store.conftest import raw

PAGE = {"Accept": "text/html"}
CSS = Path(__file__).parents[2] / "static" / "css"


@pytest.fixture
def database(app: Flask) -> Database:
    opened: Database = app.extensions["workspace"].database()
    return opened


@pytest.fixture
def tasks(database: Database) -> Database:
    fields = (
        NewField("Task", Kind.TEXT),
        NewField("Status", Kind.CHOICE, limits=Limits(("Open", "Done"))),
        NewField("Tags", Kind.CHOICES, limits=Limits(("home", "work"))),
        NewField("Cost", Kind.MONEY, currency="CHF"),
    )
    database.apply(CreateTable("Tasks", fields))
    for status, cost in (("Open", "0.1"), ("Open", "0.2"), ("Done", None)):
        given = {"Task": "x", "Status": status, "Tags": "work, home", "Cost": cost}
        database.apply(InsertRecord("Tasks", given))
    return database


def send(client: FlaskClient, what: str, form: dict[str, object]) -> TestResponse:
    sent = client.post(f"/tables/Tasks/fields/{what}", data=form, headers=PAGE)
    address = sent.headers.get("Location", "")
    while "/work/" in address and (sent.status_code == 303 or "data-progress" in sent.text):
        time.sleep(0.01)
        sent = client.get(address, headers=PAGE)
        address = sent.headers.get("Location", address)
    return sent


def test_a_table_is_made_with_every_kind(client: FlaskClient, database: Database) -> None:
    kinds = ["choice", "choices", "money", "integer", "date", "long", "web", "email", "phone"]
    form = {
        "name": "All",
        "field": [f"F {kind}" for kind in kinds],
        "kind": kinds,
        "choices": ["Open, Done", "a, b", *[""] * 7],
        "currency": ["€"] * 9,
        "smallest": ["1"] * 4 + ["2020-01-01", *["x"] * 4],
        "largest": [""] * 9,
    }
    assert client.post("/new-table", data=form).status_code == 303
    table = database.table("All")
    assert [field.kind.value for field in table.fields[1:]] == kinds
    limits = [field.limits for field in table.fields[1:6]]
    assert limits == [
        Limits(("Open", "Done")),
        Limits(("a", "b")),
        Limits((), 1),
        Limits((), 1),
        Limits((), "2020-01-01"),
    ]
    assert [field.currency for field in table.fields if field.currency] == ["€"]


def test_what_was_typed_beside_the_types_outlives_a_refusal(client: FlaskClient) -> None:
    form = {
        "name": "T",
        "field": ["Status", "Age"],
        "kind": ["choice", "integer"],
        "choices": ["a, A", ""],
        "currency": ["", ""],
        "smallest": ["", "7"],
        "largest": ["", ""],
    }
    refused = client.post("/new-table", data=form)
    assert refused.status_code == 422
    assert "The choice “A” of “Status” is there twice." in html.unescape(refused.text)
    assert 'value="a, A"' in refused.text
    assert 'value="7"' in refused.text


def test_choices_are_renamed_added_and_coloured_in_the_form(
    client: FlaskClient, tasks: Database
) -> None:
    page = client.get("/tables/Tasks/fields/change?field=Status").text
    assert re.findall(r'name="choice" value="(\w+)"', page) == ["Open", "Done"]
    form: dict[str, object] = {
        "field": "Status",
        "kind": "choice",
        "choice-was": ["Open", "Done"],
        "choice": ["To do", "Done"],
        "colour": ["pink", "blue"],
        "choices": "Later",
        "default": "",
    }
    assert send(client, "change", form).status_code == 303
    field = tasks.table("Tasks").field("Status")
    assert field.limits.choices == ("To do", "Done", "Later")
    assert field.colours == ("pink", "blue", "amber")
    assert tasks.record("Tasks", "1").values[2] == "To do"


def test_choices_with_commas_are_renamed_and_told_apart(
    client: FlaskClient, tasks: Database
) -> None:
    form: dict[str, object] = {
        "field": "Status",
        "kind": "choice",
        "choice-was": ["Open", "Done"],
        "choice": ["Open, later", "Done"],
        "colour": ["green", "blue"],
    }
    assert send(client, "change", form).status_code == 303
    form |= {"choice-was": ["Open, later", "Done"], "choice": ["Open, now", "Done, all"]}
    assert send(client, "change", form).status_code == 303
    assert tasks.table("Tasks").field("Status").limits.choices == ("Open, now", "Done, all")
    assert tasks.record("Tasks", "1").values[2] == "Open, now"
    listed = html.unescape(client.get("/tables/Tasks/fields", headers=PAGE).text)
    assert "choice, one: “Open, now”, “Done, all”" in listed
    wrong = client.post("/tables/Tasks/records/1", json={"values": {"Status": "Open"}})
    assert wrong.json is not None
    assert wrong.json["error"].endswith("“Status” can be “Open, now” or “Done, all”.")
    several = send(client, "change", {"field": "Status", "kind": "choices"})
    assert "“Done, all” cannot be one of several choices" in html.unescape(several.text)


def test_a_choice_that_nobody_touched_keeps_its_name(client: FlaskClient, tasks: Database) -> None:
    raw(
        tasks.path,
        "CREATE TABLE Rooms (id INTEGER PRIMARY KEY,"
        " Room TEXT CHECK (Room IN ('A  1', 'B', ' C')))",
        "INSERT INTO Rooms VALUES (1, 'A  1')",
    )
    form: dict[str, object] = {
        "field": "Room",
        "kind": "choice",
        "choice-was": ["A  1", "B", " C"],
        "choice": ["A  1", "B 2", " C"],
        "colour": ["green", "blue", "red"],
    }
    sent = client.post("/tables/Rooms/fields/change", data=form, headers=PAGE)
    assert sent.status_code == 303
    assert tasks.table("Rooms").field("Room").limits.choices == ("A  1", "B 2", " C")
    assert tasks.record("Rooms", "1").values[1] == "A  1"


def test_choices_in_use_go_only_when_that_is_asked_for(
    client: FlaskClient, tasks: Database
) -> None:
    form: dict[str, object] = {
        "field": "Status",
        "kind": "choice",
        "choice-was": ["Open", "Done"],
        "choice": ["", "Done"],
        "colour": ["green", "blue"],
        "choices": "",
        "default": "",
    }
    asked = send(client, "change", form)
    assert asked.status_code == 422
    text = html.unescape(asked.text)
    assert "2 values of “Status” do not fit the new rules, such as “Open” in record 1" in text
    assert re.findall(r'name="choice" value="(\w*)"', text) == ["", "Done"]
    assert send(client, "change", {**form, "misfits": "empty"}).status_code == 303
    assert tasks.record("Tasks", "1").values[2] is None
    tasks.undo()
    assert tasks.record("Tasks", "1").values[2] == "Open"


def test_a_text_takes_its_values_as_choices_and_a_range_is_judged(
    client: FlaskClient, tasks: Database
) -> None:
    assert send(client, "change", {"field": "Task", "kind": "choice"}).status_code == 303
    assert tasks.table("Tasks").field("Task").limits.choices == ("x",)
    wrong = send(client, "change", {"field": "Cost", "kind": "money", "smallest": "much"})
    assert wrong.status_code == 422
    assert "“much” is not an amount of money" in html.unescape(wrong.text)
    crossed = {"field": "Cost", "kind": "money", "smallest": "2", "largest": "1"}
    assert "could hold nothing" in send(client, "change", dict(crossed)).text
    narrow = send(client, "change", {"field": "Cost", "kind": "money", "largest": "0.15"})
    assert "“Cost” can be 0.15 or less." in html.unescape(narrow.text)
    assert tasks.table("Tasks").field("Cost").limits == Limits()


def test_the_form_sends_several_choices_and_none(client: FlaskClient, tasks: Database) -> None:
    form = {"f:Tags": ["", "work"], "was:Tags": "home, work", "f:Status": "", "was:Status": "Open"}
    assert client.post("/tables/Tasks/records/1/edit", data=form).status_code == 303
    assert tasks.record("Tasks", "1").values[2:4] == (None, '["work"]')
    form = {"f:Tags": [""], "was:Tags": "work"}
    assert client.post("/tables/Tasks/records/1/edit", data=form).status_code == 303
    assert tasks.record("Tasks", "1").values[3] is None
    wrong = client.post(
        "/tables/Tasks/records/1/edit", data={"f:Cost": "0.234", "was:Cost": "0.10"}
    )
    assert wrong.status_code == 422
    assert "whole cents" in wrong.text
    assert 'value="0.234"' in wrong.text


def test_a_choice_among_several_is_found_and_told_as_it_reads(tasks: Database) -> None:
    (found,) = tasks.search("work")
    (place,) = found.hits[0].places
    assert (place.field, place.excerpt) == ("Tags", "home, work")


def test_an_import_asks_what_becomes_of_what_a_choice_does_not_take(
    client: FlaskClient, tasks: Database
) -> None:
    sent = {"file": (io.BytesIO(b"Task,Status\nnew,Lost\nother,done\n"), "more.csv")}
    address = client.post("/files", data=sent).headers["Location"]
    client.post(f"{address}/read", data={"mode": "append", "target": "Tasks"})
    form = {"mode": "append", "target": "Tasks", "name:0": "Task", "name:1": "Status"}
    client.post(f"{address}/start", data=form)
    finished(client, address)
    page = html.unescape(client.get(address).text)
    assert "1 of “Status”, which is choice, one: Open, Done" in page
    assert "leave empty" in page
    assert "keep as text" not in page
    client.post(f"{address}/start", data={**form, "misfit:1": "empty"})
    finished(client, address)
    assert [tasks.record("Tasks", each).values[2] for each in ("4", "5")] == [None, "Done"]


def finished(client: FlaskClient, address: str) -> None:
    progress = f"{address}/progress"
    wait_until(lambda: not client.get(progress).json["running"], "its end")  # type: ignore[index]


def test_groups_add_money_up_with_its_currency(client: FlaskClient, tasks: Database) -> None:
    page = client.get("/tables/Tasks?group=Status").text
    assert "0.30 CHF" in page
    assert "0.30000000000000004" not in page


@pytest.mark.parametrize(
    ("kind", "text", "href"),
    [
        (Kind.WEB, "https://example.org/a?b=c", "https://example.org/a?b=c"),
        (Kind.WEB, "javascript:alert(1)//http://x", None),
        (Kind.WEB, " data:text/html,x", None),
        (Kind.EMAIL, "ann@example.org", "mailto:ann@example.org"),
        (Kind.EMAIL, "a@b?bcc=c@d", None),
        (Kind.EMAIL, "a&b@c?subject=x", "mailto:a%26b@c%3Fsubject%3Dx"),
        (Kind.PHONE, "+49 (0)30 / 12-34", "tel:+49301234"),
        (Kind.PHONE, "javascript:1", None),
        (Kind.TEXT, "https://example.org", None),
    ],
)
def test_a_value_leads_to_where_its_kind_says_and_never_to_a_script(
    kind: Kind, text: str, href: str | None
) -> None:
    assert href_of(Field("f", kind, ""), text) == href


def test_another_programs_script_is_no_link(client: FlaskClient, database: Database) -> None:
    database.apply(CreateTable("Links", (NewField("Page", Kind.PHONE),)))
    database.apply(InsertRecord("Links", {"Page": "javascript:alert(1)"}))
    assert 'href="javascript' not in client.get("/tables/Links/records/1").text


def luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_a_choice_can_be_read(scheme: str) -> None:
    light, _, dark = (CSS / "tokens.css").read_text().partition("prefers-color-scheme: dark")
    tokens = dict(re.findall(r"--(pill-[\w-]+): (#\w{6});", dark if scheme == "dark" else light))
    parts = (CSS / "parts.css").read_text()
    for colour in COLOURS:
        both = luminance(tokens[f"pill-{colour}"]), luminance(tokens[f"pill-{colour}-ink"])
        assert (max(both) + 0.05) / (min(both) + 0.05) >= 4.5
        assert f".is-{colour} {{ --pill: var(--pill-{colour});" in parts
