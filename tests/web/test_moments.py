"""A date with a time is picked where that loses nothing, and no form of it changes by a look."""

import html
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from myapp.web.moments import from_input, to_input

HTML = {"Accept": "text/html"}
KEPT = (
    "2026-03-31 14:30:00",
    "2026-03-31 14:30",
    "2026-03-31 14:30:15",
    "2026-03-31T14:30:00",
    "2026-03-31 14:30:00.250",
    "2026-03-31 14:30:00+02:00",
    "2026-03-31",
    "2026-02-31 10:00",
    "31.3.2026 14:30",
    "1774967400",
)
PICKED = {0: "2026-03-31T14:30", 1: "2026-03-31T14:30", 2: "2026-03-31T14:30:15"}


@pytest.fixture
def path(client: FlaskClient, tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "log.db"
    connection = sqlite3.connect(made)
    with connection:
        connection.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, at DATETIME, note TEXT)")
        connection.executemany("INSERT INTO log (at) VALUES (?)", [(each,) for each in KEPT])
    connection.close()
    client.post("/open", data={"path": str(made)})
    yield made


def at(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [str(row[0]) for row in connection.execute("SELECT at FROM log ORDER BY id")]
    connection.close()
    return found


def form(client: FlaskClient, id_: int) -> tuple[dict[str, str], str]:
    """What the page of a record sends, and the kind of the input."""
    page = client.get(f"/tables/log/records/{id_}").text
    (box,) = re.findall(r'<input [^>]*name="f:at"[^>]*>', page)
    (was,) = re.findall(r'name="was:at" value="([^"]*)"', page)
    value, kind = re.search(r'value="([^"]*)"', box), re.search(r'type="([^"]+)"', box)
    assert value
    assert kind
    sent = {"f:at": html.unescape(value[1]), "was:at": html.unescape(was), "was:note": ""}
    return sent, kind[1]


@pytest.mark.parametrize("index", range(len(KEPT)))
def test_a_record_that_is_saved_keeps_the_form_of_its_moment(
    client: FlaskClient, path: Path, index: int
) -> None:
    sent, kind = form(client, index + 1)
    assert kind == ("datetime-local" if index in PICKED else "text")
    assert sent["f:at"] == PICKED.get(index, KEPT[index])
    sent["f:note"] = "looked at"
    address = f"/tables/log/records/{index + 1}/edit"
    assert client.post(address, data=sent, headers=HTML).status_code == 303
    assert at(path) == list(KEPT)


def test_another_moment_is_picked_and_kept_with_a_gap(client: FlaskClient, path: Path) -> None:
    sent, _ = form(client, 1)
    sent["f:at"] = "2027-01-01T08:00"
    assert client.post("/tables/log/records/1/edit", data=sent).status_code == 303
    assert at(path)[0] == "2027-01-01 08:00:00"


def test_a_new_record_is_given_a_moment_and_a_refused_one_keeps_it(
    client: FlaskClient, path: Path
) -> None:
    page = client.get("/tables/log/records/new").text
    assert re.search(r'name="f:at" value=""\s+type="datetime-local"', page)
    sent = {"f:at": "2027-01-01T08:00", "f:id": "no number"}
    refused = client.post("/tables/log/records/new", data=sent, headers=HTML)
    assert refused.status_code == 422
    assert re.search(r'value="2027-01-01T08:00"\s+type="datetime-local"', refused.text)
    again = client.post("/tables/log/records/new", data={"f:at": "2027-01-01T08:00"})
    assert again.status_code == 303
    assert at(path)[-1] == "2027-01-01 08:00:00"


@pytest.mark.parametrize("was", ["", "2026-03-31 14:30", "2026-03-31T14:30", "31.3.2026 14:30"])
@pytest.mark.parametrize("text", ["", "31.12.2026 9:00", "2026-12-31", "2026-12-31 9:00"])
def test_what_was_typed_stays_as_it_was_typed(was: str, text: str) -> None:
    assert from_input(text, was) == text


def test_a_text_that_was_typed_with_a_t_stays_so_where_nothing_could_be_picked() -> None:
    assert from_input("2026-03-31T14:30:00", "2026-03-31T14:30") == "2026-03-31T14:30:00"
    assert to_input("2026-03-31T14:30") is None
