"""What is added in a view takes what the view asks for, and so is shown in it."""

import html
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from myapp.web import create_app

MUSIC = """
CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT, artist INTEGER REFERENCES artist,
  code TEXT UNIQUE, year INTEGER, bought DATE, sold BOOLEAN, genre TEXT
  CHECK (genre IN ('Rock', 'Jazz')));
INSERT INTO artist VALUES (7, 'Nina'), (8, 'Miles'), (9, 'Twin'), (10, 'Twin'), (11, '7');
INSERT INTO album VALUES (1, 'Blue', 7, 'B1', 1999, '2001-02-03', 0, 'Jazz');
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "music.sqlite"
    connection = sqlite3.connect(made)
    connection.executescript(MUSIC)
    connection.close()
    return made


@pytest.fixture
def music(tmp_path: Path, path: Path) -> Iterator[FlaskClient]:
    app = create_app(instance_path=str(tmp_path / "data"))
    client = app.test_client()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    yield client
    app.extensions["workspace"].close()


def view(*conditions: object) -> str:
    return urlencode({"filter": json.dumps(conditions), "sort": '["-title"]'})


def add(music: FlaskClient, *conditions: object, **values: str | None) -> None:
    body = {"values": values, "named": [], "within": view(*conditions)}
    answer = music.post("/tables/album/records", json=body)
    assert answer.status_code == 200, answer.json


def newest(path: Path, fields: str) -> tuple[object, ...]:
    connection = sqlite3.connect(path)
    try:
        found: tuple[object, ...] = connection.execute(
            f"SELECT {fields} FROM album ORDER BY id DESC"
        ).fetchone()
        return found
    finally:
        connection.close()


def test_a_new_record_holds_what_all_records_of_the_view_hold(
    music: FlaskClient, path: Path
) -> None:
    add(
        music,
        ["artist", "is", "8"],
        ["genre", "is", "rock"],
        {"all": [["year", "is", "2020"], ["sold", "is", "yes"]]},
        ["bought", "is", "6.5.2020"],
        title="Kind",
    )
    held = newest(path, "title, artist, genre, year, sold, bought")
    assert held == ("Kind", 8, "Rock", 2020, 1, "2020-05-06")


def test_a_link_is_asked_for_by_name_too(music: FlaskClient, path: Path) -> None:
    add(music, ["artist", "is", "miles"], title="Sketches")
    assert newest(path, "artist") == (8,)


@pytest.mark.parametrize(
    "condition",
    [
        ["artist", "is", "Twin"],  # two have the name
        ["artist", "is", "7"],  # the key of one, and the name of another
        ["artist", "is", "Nobody"],
        ["artist", "contains", "Nina"],
        {"any": [["year", "is", "2020"], ["year", "is", "2021"]]},
        ["year", "gte", "2020"],
        ["year", "is_not", "2020"],
        ["bought", "is", "2020"],
        ["genre", "is", "Folk"],
        ["code", "is", "B1"],  # unique
        ["id", "is", "1"],
        ["nothing", "is", "1"],
    ],
)
def test_what_is_not_asked_of_every_record_or_cannot_be_given_is_left_out(
    music: FlaskClient, path: Path, condition: object
) -> None:
    add(music, condition, title="Alone")
    held = newest(path, "title, artist, code, year, bought, genre")
    assert held == ("Alone", None, None, None, None, None)


def test_what_is_typed_comes_before_what_the_view_asks_for(music: FlaskClient, path: Path) -> None:
    add(music, ["title", "is", "Blue"], title="Green")
    assert newest(path, "title") == ("Green",)
    add(music, ["year", "is", "1999"], ["year", "is", "2000"], title="Neither")
    assert newest(path, "title, year") == ("Neither", None)


def test_pasted_records_take_it_and_those_that_were_there_do_not(
    music: FlaskClient, path: Path
) -> None:
    records = [
        {"id": "1", "values": {"title": "Blues"}},
        {"id": None, "values": {"title": "New"}},
    ]
    body = {"records": records, "named": [], "within": view(["year", "is", "2020"])}
    assert music.post("/tables/album/records/many", json=body).status_code == 200
    connection = sqlite3.connect(path)
    held = connection.execute("SELECT title, year FROM album ORDER BY id").fetchall()
    connection.close()
    assert held == [("Blues", 1999), ("New", 2020)]


def test_the_form_of_a_new_record_begins_with_it(music: FlaskClient) -> None:
    address = f"/tables/album/records/new?{view(['artist', 'is', '8'], ['year', 'is', '2020'])}"
    page = music.get(address, headers={"Accept": "text/html"}).text
    assert 'name="f:artist" value="Miles"' in page
    assert 'name="key:artist" value="8"' in page
    assert 'name="f:year" value="2020"' in page
    assert "data-changed" not in page


def test_a_record_leads_to_the_form_of_one_that_links_to_it(music: FlaskClient) -> None:
    page = music.get("/tables/artist/records/8", headers={"Accept": "text/html"}).text
    assert 'aria-label="Add a record of album with this artist"' in page
    assert "/tables/album/records/new?filter=" in page


def test_one_record_after_another_is_added_by_the_form(music: FlaskClient, path: Path) -> None:
    asked = json.dumps([["artist", "is", "8"]])
    typed = {"f:title": "Kind", "another": "1", "filter": asked}
    page = {"Accept": "text/html"}
    refused = music.post("/tables/album/records/new", data=typed | {"f:year": "soon"}, headers=page)
    assert f'name="filter" value="{html.escape(asked)}"' in refused.text.replace("&#34;", "&quot;")
    sent = music.post("/tables/album/records/new", data=typed, headers=page)
    assert sent.status_code == 303
    assert newest(path, "title, artist") == ("Kind", None)  # what the form said, and no more
    following = music.get(sent.location, headers=page).text
    assert "Saved." in following
    assert 'href="/tables/album/records/2"' in following
    assert 'name="f:artist" value="Miles"' in following
