"""A text of few values is offered as a choice when it is imported, and made one only if chosen."""

import io
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.exchange.few_values import few_values
from tests.conftest import wait_until

STATES = ("Open", "Waiting", "Done, paid")


def send(client: FlaskClient, lines: list[str]) -> str:
    content = "\n".join(["Title,Status", *lines]).encode()
    sent = client.post("/files", data={"file": (io.BytesIO(content), "Tasks.csv")})
    return str(sent.location)


def tasks(count: int = 60) -> list[str]:
    return [f'Task {n},"{STATES[n % 3]}"' for n in range(count)]


def run(client: FlaskClient, preview: str, **chosen: str) -> None:
    form = {"table": "Tasks", "name:0": "Title", "name:1": "Status", "keep:0": "on", "keep:1": "on"}
    kinds = {"kind:0": "text", "kind:1": "text", **chosen}
    assert client.post(f"{preview}/start", data={**form, **kinds}).status_code == 303
    progress = f"{preview}/progress"
    wait_until(lambda: not client.get(progress).json["running"], "its end")  # type: ignore[index]


def status(app: Flask) -> Any:
    table = app.extensions["workspace"].database().table("Tasks")
    return next(field for field in table.fields if field.name == "Status")


def test_few_values_are_offered_as_a_choice_and_stay_text_unless_it_is_chosen(
    app: Flask, client: FlaskClient
) -> None:
    preview = send(client, tasks())
    page = client.get(preview).text
    assert page.count("only 3 values: could be a choice") == 1
    assert 'title="Open, Waiting, Done, paid"' in page
    assert page.count('value="choice"') == 1
    assert 'value="choice" selected' not in page
    run(client, preview)
    assert status(app).kind == "text"


def test_the_chosen_choice_has_the_values_as_they_come(app: Flask, client: FlaskClient) -> None:
    preview = send(client, tasks())
    shown = {"table": "Tasks", "name:0": "Title", "keep:1": "on", "name:1": "Status"}
    client.post(f"{preview}/read", data={**shown, "kind:0": "text", "kind:1": "choice"})
    page = client.get(preview).text
    assert 'value="choice" selected' in page
    assert "a choice of 3 values" in page
    run(client, preview, **{"kind:1": "choice"})
    assert (status(app).kind, status(app).limits.choices) == ("choice", STATES)
    refused = client.post("/tables/Tasks/records", json={"values": {"Status": "Lost"}})
    assert refused.status_code == 422
    client.post("/undo")
    assert client.get("/tables/Tasks").status_code == 404


def test_a_value_that_comes_later_keeps_the_field_a_text_and_is_told(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.exchange.previewing.LOOKED_AT", 60)
    preview = send(client, [*tasks(), "Task 61,Lost"])
    run(client, preview, **{"kind:1": "choice"})
    assert status(app).kind == "text"
    page = client.get(client.get(preview).location).text
    assert "“Status” was kept as text: it holds values that do not fit the type." in page
    path = app.extensions["workspace"].database().path
    with sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True) as connection:
        found = connection.execute("SELECT count(*) FROM Tasks WHERE Status = 'Lost'").fetchone()
    connection.close()
    assert found == (1,)


def test_a_choice_that_was_not_offered_is_a_text(app: Flask, client: FlaskClient) -> None:
    preview = send(client, tasks(30))
    assert "could be a choice" not in client.get(preview).text
    run(client, preview, **{"kind:1": "choice"})
    assert status(app).kind == "text"


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b"] * 24,
        ["a"] * 80,
        [f"{n}" for n in range(13)] * 10,
        ["a", "A"] * 40,
        ["a", "b "] * 40,
        ["a", "b\nc"] * 40,
        ["a", "x" * 41] * 40,
        ["a", 1] * 40,
        ["a", ["b"]] * 40,
        ["a", None, ""] * 40,
        [],
    ],
    ids=[
        "short",
        "one",
        "many",
        "case",
        "spaces",
        "lines",
        "long",
        "numbers",
        "lists",
        "empty",
        "-",
    ],
)
def test_what_is_no_choice_is_not_offered_as_one(values: list[Any]) -> None:
    assert few_values(values) == ()


def test_the_values_are_told_in_their_order_without_the_empty_ones() -> None:
    assert few_values(["b", "", None, "a", "NA"] * 20) == ("b", "a", "NA")
