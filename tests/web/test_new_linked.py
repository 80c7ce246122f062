"""A name that no record of a linked table has yet: where a name is enough, one can be added."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from myapp.web import create_app

MUSIC = """
CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE label (id INTEGER PRIMARY KEY, name TEXT, country TEXT NOT NULL);
CREATE TABLE shop (code TEXT PRIMARY KEY, name TEXT);
CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT, artist INTEGER REFERENCES artist,
  label INTEGER REFERENCES label, shop TEXT REFERENCES shop);
INSERT INTO artist VALUES (7, 'Nina'), (9, 'Twin'), (10, 'Twin');
"""


@pytest.fixture
def music(tmp_path: Path) -> Iterator[FlaskClient]:
    path = tmp_path / "music.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(MUSIC)
    connection.close()
    app = create_app(instance_path=str(tmp_path / "data"))
    client = app.test_client()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    yield client
    app.extensions["workspace"].close()


def offered(music: FlaskClient, field: str, text: str) -> dict[str, Any] | None:
    answer = music.get("/tables/album/choices", query_string={"field": field, "text": text}).json
    assert answer is not None
    new: dict[str, Any] | None = answer["new"]
    return new


def test_a_new_name_is_offered_to_be_added_and_then_named(music: FlaskClient) -> None:
    new = offered(music, "artist", " Miles ")
    assert new == {
        "table": "artist",
        "field": "name",
        "name": "Miles",
        "address": "/tables/artist/records",
    }
    added = music.post(new["address"], json={"values": {new["field"]: new["name"]}}).json
    assert added is not None
    record = {"values": {"title": "Kind", "artist": added["id"]}}
    assert music.post("/tables/album/records", json=record).status_code == 200
    assert offered(music, "artist", "miles") is None


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("artist", "nina"),  # there is one
        ("artist", "Twin"),  # there are two
        ("artist", "  "),
        ("label", "Verve"),  # needs a country too
        ("shop", "Corner"),  # needs a key too
        ("title", "Blue"),  # no link
    ],
)
def test_none_is_offered_where_it_is_there_or_a_name_is_not_enough(
    music: FlaskClient, field: str, text: str
) -> None:
    if field == "title":
        answer = music.get("/tables/album/choices", query_string={"field": field, "text": text})
        assert answer.status_code >= 400 or answer.json["new"] is None  # type: ignore[index]
    else:
        assert offered(music, field, text) is None
