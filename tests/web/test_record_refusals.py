"""What a record's page says when it cannot be saved: everything at once, each beside its field."""

import html
import re
import sqlite3
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

MADE = """
CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO city VALUES (1, 'Basel'), (2, 'Twin'), (3, 'Twin');
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, code TEXT UNIQUE, height INTEGER,
  active BOOLEAN, city INTEGER REFERENCES city, note TEXT CHECK (note <> 'no'));
INSERT INTO person VALUES (1, 'Ann', 'a', 170, 1, 1, NULL), (2, 'Ben', 'b', 180, 0, NULL, NULL);
"""
EDIT = "/tables/person/records/1/edit"
WAS = {
    f"was:{name}": text
    for name, text in {"name": "Ann", "code": "a", "height": "170", "city": "1", "note": ""}.items()
}


@pytest.fixture
def people(client: FlaskClient, tmp_path: Path) -> FlaskClient:
    path = tmp_path / "people.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(MADE)
    connection.close()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    return client


def marked(page: str) -> dict[str, str]:
    """The fields that are marked, with what is told beside each."""
    found = {}
    for tag in re.findall(r"<(?:input|textarea|select)[^>]*aria-invalid[^>]*>", page):
        name = re.search(r'name="f:([^"]+)"', tag)
        describing = re.search(r'aria-describedby="([^"]+)"', tag)
        assert name
        assert describing
        told = [
            html.unescape(sentence)
            for id_ in describing[1].split()
            for sentence in re.findall(rf'id="{id_}"[^>]*class="wrong[^>]*>([^<]*)<', page)
        ]
        found[html.unescape(name[1])] = " ".join(told)
    return found


def alert(page: str) -> str:
    (told,) = re.findall(r'role="alert">(.*?)</div>', page, re.S)
    return " ".join(html.unescape(re.sub("<[^>]*>", "", told)).split())


def test_all_that_does_not_fit_is_marked_at_once_and_kept(people: FlaskClient) -> None:
    typed = {"name": "", "code": "b", "height": "tall", "city": "Twin", "note": "hello"}
    form = WAS | {f"f:{name}": text for name, text in typed.items()} | {"key:city": "1"}
    refused = people.post(EDIT, data={**form, "label:city": "Basel"})
    assert refused.status_code == 422
    told = marked(refused.text)
    assert list(told) == ["name", "code", "height", "city"]
    assert told["name"] == "The field “name” must not be empty."
    assert told["code"] == "Another record has the same “code” already."
    assert "“tall” is not a whole number" in told["height"]
    assert "“Twin” names several records of “city”." in told["city"]
    assert "Nothing was saved: 4 fields do not fit." in alert(refused.text)
    assert ">\nhello</textarea>" in refused.text
    assert 'value="tall"' in refused.text
    (focused,) = re.findall(r"<[^>]*autofocus[^>]*>", refused.text)
    assert 'name="f:name"' in focused


def test_the_alert_leads_to_each_field(people: FlaskClient) -> None:
    form = {"f:name": "", "f:code": "", "f:height": "x", "f:city": "", "f:note": ""}
    page = people.post("/tables/person/records/new", data=form).text
    links = re.findall(r'<a href="#(f\d+)">', page)
    names = [re.search(rf'id="{id_}"[^>]*name="f:(\w+)"', page) for id_ in links]
    assert [name[1] for name in names if name] == ["name", "height"]


def test_another_program_s_rule_is_told_beside_its_field(people: FlaskClient) -> None:
    page = people.post(EDIT, data={**WAS, "f:note": "no", "f:height": "171"}).text
    assert marked(page) == {"note": "A rule of the table does not allow this (note <> 'no')."}


def test_what_others_changed_is_told_together_with_what_does_not_fit(people: FlaskClient) -> None:
    people.post("/tables/person/records/1", json={"values": {"name": "Anna", "code": "z"}})
    form = {**WAS, "f:name": "Annie", "f:code": "y", "f:height": "tall"}
    page = html.unescape(people.post(EDIT, data=form).text)
    assert list(marked(page)) == ["name", "code", "height"]
    assert "Now it is “Anna”. Saving again puts yours in its place." in page
    assert "Now it is “z”." in page
    assert "was changed elsewhere in the meantime (“name”, “code”)" in alert(page)


def test_a_record_that_is_refused_can_be_left_unless_something_was_typed(
    people: FlaskClient, app: Flask
) -> None:
    refused = people.post("/tables/city/records/1/delete")
    assert refused.status_code == 422
    assert "data-changed" not in refused.text
    typed = people.post(EDIT, data={**WAS, "f:height": "x"})
    assert "data-changed" in typed.text
