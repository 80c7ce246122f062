"""The page of one record: what it shows, what it saves, and what it says when it cannot."""

import html
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from myapp.web import create_app

MUSIC = """
CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT, artist INTEGER REFERENCES artist,
  code TEXT UNIQUE, note TEXT, cover BLOB);
CREATE TABLE concert (id INTEGER PRIMARY KEY, artist INTEGER REFERENCES artist);
INSERT INTO artist VALUES (7, 'Nina'), (8, 'Miles'), (9, 'Twin'), (10, 'Twin'), (11, '7');
INSERT INTO album VALUES (1, 'Blue', 7, 'B1', 'first' || char(10) || 'second', x'0102'),
  (2, 'Red', 7, 'R1', NULL, NULL);
INSERT INTO concert VALUES (1, 7);
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
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    yield client
    app.extensions["workspace"].close()


def inputs(page: str) -> dict[str, str]:
    """What the form of a page would send, by name."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        if 'type="file"' in tag or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[html.unescape(name[1])] = html.unescape(value[1]) if value else ""
    for name_, text in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.S
    ):
        found[html.unescape(name_)] = html.unescape(text)
    return {name: value for name, value in found.items() if name[1:2] == ":" or ":" in name}


def run(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def value_of(path: Path, sql: str) -> object:
    connection = sqlite3.connect(path)
    try:
        found: object = connection.execute(sql).fetchone()[0]
        return found
    finally:
        connection.close()


def live(page: str) -> tuple[int, str]:
    """The file's version when the page was made, and the mark of what its form shows."""
    form = re.search(r'data-live-told="([^"]+)" data-version="(\d+)"', page)
    assert form is not None
    return int(form[2]), form[1]


def test_a_page_says_what_it_shows_and_of_which_version(music: FlaskClient, path: Path) -> None:
    def shown() -> tuple[int, str]:
        return live(music.get("/tables/album/records/1").text)

    version, mark = shown()
    assert music.get("/changes").json == {"version": version}
    run(path, "UPDATE album SET title = 'Redder' WHERE id = 2")
    later, same = shown()
    assert (later > version, same) == (True, mark)
    run(path, "UPDATE artist SET name = 'Nina S.' WHERE id = 7")
    renamed = shown()[1]
    assert renamed != mark
    run(path, "UPDATE album SET title = 'Bluer' WHERE id = 1")
    assert shown()[1] not in (mark, renamed)


def test_a_link_shows_the_name_of_its_record_in_the_input(music: FlaskClient) -> None:
    page = music.get("/tables/album/records/1").text
    assert inputs(page)["f:artist"] == "Nina"
    assert 'href="/tables/artist/records/7"' in page


def test_a_link_leads_to_its_record_by_its_title_or_its_key(music: FlaskClient, path: Path) -> None:
    page = music.get("/tables/album/records/1").text
    assert re.search(r'<a href="/tables/artist/records/7">Nina →</a>', page)
    run(path, "UPDATE artist SET name = ' ' WHERE id = 7")
    page = music.get("/tables/album/records/1").text
    assert re.search(r'<a href="/tables/artist/records/7">#7 →</a>', page)
    assert inputs(page)["f:artist"] == "#7"
    (row, _) = music.get("/tables/album/rows").get_json()["rows"]
    assert row["cells"][2] == {"link": 7, "label": "#7"}
    led = music.get("/tables/artist/follow?field=id&value=7")
    assert led.location == "/tables/artist/records/7"
    assert "<td>#7</td>" in re.sub(r"<td[^>]*>", "<td>", music.get("/tables/album/print").text)


def test_a_link_to_a_key_of_no_type_is_followed(music: FlaskClient, path: Path) -> None:
    run(
        path,
        "CREATE TABLE tag (code PRIMARY KEY, name TEXT)",
        "INSERT INTO tag VALUES (5, 'five'), ('x', 'letter')",
    )
    for value, id_ in (("5", "1"), ("x", "2")):
        led = music.get(f"/tables/tag/follow?field=code&value={value}")
        assert led.location == f"/tables/tag/records/{id_}"
    assert music.get("/tables/tag/follow?field=code&value=" + "9" * 30).status_code == 404


@pytest.mark.parametrize(
    ("typed", "linked"), [("MILES", 8), ("10", 10), ("#12", 12), ("7", 11), ("joséphine", 13)]
)
def test_a_cell_takes_a_link_by_the_name_of_its_record(
    music: FlaskClient, path: Path, typed: str, linked: int
) -> None:
    run(path, "INSERT INTO artist VALUES (12, NULL), (13, 'JOSEPHINE')")
    saved = music.post(
        "/tables/album/records/1", json={"values": {"artist": typed}, "named": ["artist"]}
    )
    assert saved.status_code == 200, saved.text
    assert value_of(path, "SELECT artist FROM album WHERE id = 1") == linked


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("twin", "“twin” names several records of “artist”. Pick one from the field's list"),
        ("Nobody", "“Nobody” names no record of “artist”."),
    ],
)
def test_a_cell_is_told_whether_several_have_a_name_or_none(
    music: FlaskClient, typed: str, sentence: str
) -> None:
    refused = music.post(
        "/tables/album/records/1",
        json={"values": {"artist": typed}, "named": ["artist"]},
        headers={"Accept": "application/json"},
    )
    assert refused.status_code == 422
    assert sentence in refused.get_json()["error"]


def test_offers_tell_records_of_one_name_apart(music: FlaskClient) -> None:
    offered = music.get("/tables/album/choices?field=artist&text=twin").get_json()
    assert offered == {
        "choices": [
            {"value": 9, "label": "Twin", "detail": "9"},
            {"value": 10, "label": "Twin", "detail": "10"},
        ],
        "more": False,
        "new": None,
    }


def test_a_page_sent_back_as_it_came_changes_nothing(music: FlaskClient, path: Path) -> None:
    form = inputs(music.get("/tables/album/records/1").text)
    assert music.post("/tables/album/records/1/edit", data=form).status_code == 303
    undo = music.get("/tables/album/fields", headers={"Accept": "application/json"}).json
    assert undo is not None
    assert undo["undo"] is None


@pytest.mark.parametrize(("typed", "linked"), [("Miles", 8), ("8", 8), ("", None)])
def test_a_link_is_typed_by_name_or_by_key(
    music: FlaskClient, path: Path, typed: str, linked: int | None
) -> None:
    form = inputs(music.get("/tables/album/records/1").text)
    saved = music.post("/tables/album/records/1/edit", data={**form, "f:artist": typed})
    assert saved.status_code == 303
    assert value_of(path, "SELECT artist FROM album WHERE id = 1") == linked


def test_a_name_that_two_records_have_is_chosen_from_the_list(
    music: FlaskClient, path: Path
) -> None:
    form = {**inputs(music.get("/tables/album/records/1").text), "f:artist": "Twin"}
    refused = music.post("/tables/album/records/1/edit", data=form)
    assert refused.status_code == 422
    assert "“Twin” names several records of “artist”" in refused.text
    chosen = {**form, "key:artist": "10", "label:artist": "Twin"}
    assert music.post("/tables/album/records/1/edit", data=chosen).status_code == 303
    assert value_of(path, "SELECT artist FROM album WHERE id = 1") == 10


def test_a_name_that_no_record_has_is_told_and_kept(music: FlaskClient) -> None:
    form = {**inputs(music.get("/tables/album/records/1").text), "f:artist": "zzznothing"}
    refused = music.post("/tables/album/records/1/edit", data=form)
    assert refused.status_code == 422
    assert "“zzznothing” names no record of “artist”" in refused.text
    assert inputs(refused.text)["f:artist"] == "zzznothing"


def test_what_was_refused_is_refused_again_and_not_called_saved(music: FlaskClient) -> None:
    form = {**inputs(music.get("/tables/album/records/1").text), "f:artist": "zzznothing"}
    page = music.post("/tables/album/records/1/edit", data=form).text
    assert music.post("/tables/album/records/1/edit", data=inputs(page)).status_code == 422


def test_a_refused_page_takes_over_what_others_wrote_in_other_fields(
    music: FlaskClient, path: Path
) -> None:
    form = {**inputs(music.get("/tables/album/records/1").text), "f:artist": "zzznothing"}
    music.post("/tables/album/records/1", json={"values": {"title": "Theirs"}})
    again = inputs(music.post("/tables/album/records/1/edit", data=form).text)
    assert again["f:title"] == "Theirs"
    music.post("/tables/album/records/1/edit", data={**again, "f:artist": "Miles"})
    assert value_of(path, "SELECT title FROM album WHERE id = 1") == "Theirs"


def test_texts_are_typed_in_lines(music: FlaskClient, path: Path) -> None:
    for address in ("/tables/album/records/new", "/tables/album/records/2"):
        assert re.search(r'<textarea[^>]*name="f:title"', music.get(address).text)
    form = inputs(music.get("/tables/album/records/new").text)
    music.post("/tables/album/records/new", data={**form, "f:title": "one\r\ntwo"})
    assert value_of(path, "SELECT title FROM album WHERE id = 3") == "one\ntwo"


def test_windows_line_ends_are_no_change_by_somebody_else(music: FlaskClient, path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE album SET note = 'a' || char(13, 10) || 'b' WHERE id = 1")
    connection.close()
    form = inputs(music.get("/tables/album/records/1").text)
    form = {name: re.sub(r"\r?\n", "\r\n", text) for name, text in form.items()}
    saved = music.post("/tables/album/records/1/edit", data={**form, "f:note": "a\r\nb\r\nc"})
    assert saved.status_code == 303


def test_what_is_no_date_is_shown_and_kept_in_a_field_of_dates(
    music: FlaskClient, path: Path
) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE day (id INTEGER PRIMARY KEY, at DATE);"
        "INSERT INTO day VALUES (1, '31/12/2026'), (2, '2026-12-31');"
    )
    connection.close()
    kinds = [
        re.search(r'name="f:at"[^>]*type="(\w+)"', music.get(f"/tables/day/records/{id_}").text)
        for id_ in (1, 2)
    ]
    assert [kind[1] for kind in kinds if kind] == ["text", "date"]


def test_a_conflict_shows_what_is_there_now(music: FlaskClient, path: Path) -> None:
    form = {**inputs(music.get("/tables/album/records/1").text), "f:artist": "Miles"}
    music.post("/tables/album/records/1", json={"values": {"artist": "9"}})
    refused = music.post("/tables/album/records/1/edit", data=form)
    assert refused.status_code == 422
    assert "Now it is “Twin”" in refused.text
    again = inputs(refused.text)
    assert again["f:artist"] == "Miles"
    assert music.post("/tables/album/records/1/edit", data=again).status_code == 303
    assert value_of(path, "SELECT artist FROM album WHERE id = 1") == 8


def test_the_first_field_of_a_new_record_waits_for_typing(music: FlaskClient) -> None:
    page = music.get("/tables/album/records/new").text
    (waiting,) = re.findall(r"<(?:input|textarea)[^>]*autofocus[^>]*>", page)
    assert 'name="f:title"' in waiting


def test_deleting_goes_back_to_the_table_and_offers_undo(music: FlaskClient) -> None:
    gone = music.post("/tables/album/records/2/delete")
    table = music.get(gone.location).text
    assert 'data-told="1 record deleted: Red."' in table
    assert music.post("/undo").status_code == 303
    assert "data-told" not in music.get(gone.location).text


def test_a_record_that_others_point_to_says_which_and_how_many(music: FlaskClient) -> None:
    refused = music.post("/tables/artist/records/7/delete")
    assert refused.status_code == 422
    assert "2 records of “album” and 1 record of “concert” point to it" in refused.text
    assert "Linked from" in refused.text
    grid = music.post(
        "/tables/artist/records/delete",
        json={"ids": ["7", "8"]},
        headers={"Accept": "application/json"},
    )
    assert grid.status_code == 422
    assert grid.json is not None
    assert "point to them" in grid.json["error"]
    first = grid.json["links"][0]
    rows = music.get(first["address"].replace("?", "/rows?"))
    assert rows.json is not None
    assert (first["table"], rows.json["total"]) == ("album", 2)


def test_a_copy_begins_with_the_values_but_what_must_differ(music: FlaskClient, path: Path) -> None:
    page = music.get("/tables/album/records/1").text
    offer = re.search(r'href="([^"]+)">Duplicate', page)
    assert offer is not None
    form = inputs(music.get(html.unescape(offer[1])).text)
    assert (form["f:title"], form["f:artist"], form["f:note"]) == ("Blue", "Nina", "first\nsecond")
    assert (form["f:id"], form["f:code"]) == ("", "")
    assert music.post("/tables/album/records/new", data=form).status_code == 303
    assert value_of(path, "SELECT artist FROM album WHERE id = 3") == 7
    assert value_of(path, "SELECT count(*) FROM album WHERE code = 'B1'") == 1


def test_a_path_that_never_held_a_file_is_not_called_moved(music: FlaskClient, path: Path) -> None:
    never = music.post("/open", data={"path": str(path.with_name("x.sqlite"))}).text
    assert "There is no file" in never
    assert "any more" not in never
    other = path.with_name("other.sqlite")
    other.write_bytes(path.read_bytes())
    music.post("/open", data={"path": str(other)})
    music.post("/open", data={"path": str(path)})
    other.unlink()
    assert "any more" in music.post("/open", data={"path": str(other)}).text
