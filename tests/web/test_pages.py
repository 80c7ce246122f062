"""The pages and endpoints, with a real database behind a Flask client."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import CreateTable, InsertRecord, Kind, NewField
from myapp.web import create_app
from tests.conftest import wait_until

AWKWARD = 'a/b ~s "quote" 🐘 ' + "x" * 80


def test_the_first_page_offers_what_to_begin_with(client: FlaskClient) -> None:
    page = client.get("/").text
    for offer in ("New table", "Import files", "Open an SQLite file", "A small sample"):
        assert offer in page


def test_a_window_of_a_view_comes_as_json(books: FlaskClient) -> None:
    answer = books.get(
        "/tables/Books/rows",
        query_string={
            "start": 1,
            "count": 2,
            "sort": '["-Pages"]',
            "filter": '[["Pages","gt","400"]]',
        },
    )
    assert answer.json is not None
    assert answer.json["total"] == 8
    assert [row["cells"][1] for row in answer.json["rows"]] == ["Middlemarch", "Anna Karenina"]


def test_a_cell_is_edited_and_the_edit_undone(books: FlaskClient) -> None:
    edit = {"values": {"Pages": "300"}, "was": {"Pages": 280}}
    answer = books.post("/tables/Books/records/1", json=edit)
    assert answer.json is not None
    assert answer.json["cells"][4] == 300
    assert books.post("/undo").json["done"] == "Edit Pages of Books"  # type: ignore[index]
    rows = books.get("/tables/Books/rows?count=1").json
    assert rows is not None
    assert rows["rows"][0]["cells"][4] == 280


def test_a_second_page_is_told_what_the_first_wrote(books: FlaskClient) -> None:
    books.post("/tables/Books/records/1", json={"values": {"Pages": "300"}, "was": {"Pages": 280}})
    second = books.post(
        "/tables/Books/records/1", json={"values": {"Pages": "290"}, "was": {"Pages": 280}}
    )
    assert second.status_code == 409
    assert second.json is not None
    assert second.json["theirs"] == {"Pages": 300}


def test_a_value_that_does_not_fit_is_refused_with_a_sentence(books: FlaskClient) -> None:
    answer = books.post("/tables/Books/records/1", json={"values": {"Pages": "many"}})
    assert answer.status_code == 422
    assert answer.json is not None
    assert "whole number" in answer.json["error"]


def test_records_are_added_and_deleted(books: FlaskClient) -> None:
    added = books.post("/tables/Books/records", json={"values": {"Title": "Walden"}}).json
    assert added is not None
    gone = books.post("/tables/Books/records/delete", json={"ids": ["1", added["id"]]}).json
    assert gone is not None
    assert gone["deleted"] == 2
    rows = books.get("/tables/Books/rows").json
    assert rows is not None
    assert rows["total"] == 11


def test_the_form_saves_without_javascript_and_keeps_what_was_typed(books: FlaskClient) -> None:
    wrong = books.post("/tables/Books/records/1/edit", data={"f:Pages": "lots", "was:Pages": "280"})
    assert wrong.status_code == 422
    assert 'value="lots"' in wrong.text
    right = books.post("/tables/Books/records/1/edit", data={"f:Pages": "281", "was:Pages": "280"})
    assert right.status_code == 303
    assert 'value="281"' in books.get("/tables/Books/records/1").text


def test_a_table_is_made_from_its_fields(client: FlaskClient) -> None:
    made = client.post(
        "/new-table",
        data={"name": "People", "field": ["Name", "Born", ""], "kind": ["text", "date", "text"]},
    )
    assert made.status_code == 303
    fields = client.get("/tables/People/fields").json
    assert fields is not None
    assert [(f["name"], f["kind"]) for f in fields["fields"]] == [
        ("id", "integer"),
        ("Name", "text"),
        ("Born", "date"),
    ]


def test_a_table_with_an_awkward_name_has_pages(app: Flask, client: FlaskClient) -> None:
    opened = app.extensions["workspace"].database()
    opened.apply(CreateTable(AWKWARD, (NewField('f"<b>', Kind.TEXT),)))
    opened.apply(InsertRecord(AWKWARD, {'f"<b>': "<script>"}))
    link = re.search(r'href="(/tables/[^"]+)"', client.get("/").text)
    assert link is not None
    for path in ("", "/rows", "/fields", "/records/1", "/records/new"):
        assert client.get(link[1] + path).status_code == 200
    assert "<script>\n" not in client.get(link[1] + "/records/1").text


def wait_for(client: FlaskClient, address: str) -> dict[str, Any]:
    wait_until(lambda: not client.get(address).json["running"], "its end")  # type: ignore[index]
    state = client.get(address).json
    assert state is not None
    return state


def test_an_uploaded_csv_becomes_a_table(client: FlaskClient) -> None:
    sent = client.post("/files", data={"file": (io.BytesIO(b"a,b\n1,x\n2,y\n"), "My file.csv")})
    preview = sent.location
    assert preview.startswith("/import/")
    page = client.get(preview).text
    assert 'value="My file"' in page
    started = client.post(
        f"{preview}/start",
        data={
            "table": "Mine",
            "name:0": "a",
            "kind:0": "integer",
            "keep:0": "on",
            "kind:1": "text",
        },
    )
    assert started.status_code == 303
    wait_for(client, f"{preview}/progress")
    assert client.get(preview).location.startswith("/tables/Mine")
    rows = client.get("/tables/Mine/rows").json
    assert rows is not None
    assert [row["cells"] for row in rows["rows"]] == [[1, 1], [2, 2]]


def test_a_bad_upload_is_a_sentence(client: FlaskClient) -> None:
    for content in (b"", b"\x89PNG\r\n\x1a\n123", b"PK\x03\x04aaaa"):
        answer = client.post(
            "/files", data={"file": (io.BytesIO(content), "x.csv")}, headers={"Accept": "text/html"}
        )
        assert answer.status_code == 400
        assert "Nothing was imported." in answer.text


def test_chinook_opens_where_it_lies(
    client: FlaskClient, shared_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "chinook.sqlite"
    path.write_bytes((shared_data / "chinook.sqlite").read_bytes())
    before = path.read_bytes()
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    home = client.get("/").text
    assert home.count('href="/tables/') == 11
    for table in re.findall(r'href="(/tables/[^"]+)"', home):
        assert client.get(table).status_code == 200
        rows = client.get(f"{table}/rows?count=5").json
        assert rows is not None
        assert rows["rows"]
        assert client.get(f"{table}/records/{rows['rows'][0]['id']}").status_code == 200
    album = client.get("/tables/Album/rows?count=1").json
    assert album is not None
    assert album["rows"][0]["cells"][2] == {"link": 1, "label": "AC/DC"}
    followed = client.get("/tables/Artist/follow?field=ArtistId&value=1")
    assert followed.location == "/tables/Artist/records/1"
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if "chinook" in each.name] == [
        "chinook.sqlite"
    ]


@pytest.mark.parametrize("content", [b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_broken_database_is_a_sentence_and_the_open_one_stays(
    books: FlaskClient, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "broken.sqlite"
    path.write_bytes(content)
    answer = books.post("/open", data={"path": str(path)}, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert "Books" in books.get("/").text


def test_the_same_file_is_open_after_a_restart(tmp_path: Path, books: FlaskClient) -> None:
    again = create_app(instance_path=str(tmp_path / "data"))
    try:
        assert "Books" in again.test_client().get("/").text
    finally:
        again.extensions["workspace"].close()


def test_a_broken_state_file_does_not_matter(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "state.json").write_text("{", encoding="ascii")
    app = create_app(instance_path=str(folder))
    assert app.test_client().get("/").status_code == 200
    app.extensions["workspace"].close()


def test_search_finds_words_in_every_table(books: FlaskClient) -> None:
    page = books.get("/search?q=misérables").text
    assert "Les Misérables" in page
    assert "No record holds these words" in books.get("/search?q=zzzz").text


def test_no_address_answers_with_a_traceback(books: FlaskClient) -> None:
    for path in (
        "/tables/None",
        "/tables/Books/rows?sort={",
        '/tables/Books/rows?filter=[["x","is","1"]]',
        '/tables/Books/rows?filter=[["Title","no",""]]',
        "/tables/Books/records/99999",
        "/tables/Books/records/kx",
        "/import/none",
        "/tables/Books/choices?field=None",
        "/tables/Books/rows?start=-5&count=99999999",
    ):
        answer = books.get(path, headers={"Accept": "application/json"})
        assert answer.status_code in (200, 400, 404), path
        if answer.status_code != 200:
            assert json.loads(answer.text)["error"]


def test_no_get_changes_anything(app: Flask, books: FlaskClient) -> None:
    opened = app.extensions["workspace"].database()
    before = opened.version()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            known = {"table": "Books", "id_": "1", "entry": 1}
            arguments = {name: known[name] for name in rule.arguments}
            with app.test_request_context():
                path = app.url_for(rule.endpoint, **arguments)
            books.get(path)
    assert opened.version() == before


def test_several_files_are_offered_and_come_in_one_after_the_other(client: FlaskClient) -> None:
    sent = client.post(
        "/files",
        data={
            "file": [
                (io.BytesIO(b"a,b\n1,x\n"), "first.csv"),
                (io.BytesIO(b'{"u": [{"n": 1}], "v": [{"n": 2}, {"n": 3}]}'), "two.json"),
                (io.BytesIO(b"\x89PNG\r\n\x1a\n123"), "picture.csv"),
            ]
        },
    )
    address = sent.location
    page = client.get(address).text
    assert "picture.csv is not a text file" in page
    for title in ("first.csv", "two.json: u", "two.json: v"):
        assert title in page
    looked = client.post(f"{address}/look", data={"number": "1"})
    assert "Import two.json: u" in client.get(looked.location).text
    client.post(f"{address}/start", data={"offer": ["0", "2"]})
    wait_for(client, f"{address}/progress")
    assert client.get("/tables/v/rows").json["total"] == 2  # type: ignore[index]
    told = re.findall(r'href="(/tables/v[^"]+)"', client.get(address).text)[0]
    assert "2 records were imported" in client.get(told.replace("&amp;", "&")).text
    assert client.get("/tables/u").status_code == 404


def test_pasted_cells_become_a_table(client: FlaskClient) -> None:
    sent = client.post("/paste", data={"cells": "Name\tAge\r\nAnn\t31\r\nBob\t29\r\n"})
    assert 'value="Pasted cells"' in client.get(sent.location).text
    client.post(f"{sent.location}/start", data={"table": "Crew"})
    wait_for(client, f"{sent.location}/progress")
    rows = client.get("/tables/Crew/rows").json
    assert rows is not None
    assert [row["cells"][1:] for row in rows["rows"]] == [["Ann", 31], ["Bob", 29]]
    empty = client.post("/paste", data={"cells": " "}, headers={"Accept": "text/html"})
    assert (empty.status_code, "Copy some cells" in empty.text) == (400, True)


def test_a_pasted_cell_keeps_its_own_line_breaks(client: FlaskClient) -> None:
    sent = client.post("/paste", data={"cells": 'Name\tNote\r\nAnn\t"one\r\ntwo"\r\n'})
    client.post(f"{sent.location}/start", data={"table": "Crew"})
    wait_for(client, f"{sent.location}/progress")
    rows = client.get("/tables/Crew/rows").json
    assert rows is not None
    assert rows["rows"][0]["cells"][1:] == ["Ann", "one\ntwo"]


def test_what_does_not_fit_is_asked_on_the_page(client: FlaskClient) -> None:
    content = b"name,age\n" + b"Ann,31\n" * 60_000 + b"Bob,old\n"
    address = client.post("/files", data={"file": (io.BytesIO(content), "x.csv")}).location
    client.post(f"{address}/start", data={"table": "x"})
    wait_for(client, f"{address}/progress")
    page = client.get(address).text
    assert "line 60,002: “old”" in page
    assert client.get("/tables/x").status_code == 404
    client.post(f"{address}/start", data={"table": "x", "misfit:1": "skip"})
    wait_for(client, f"{address}/progress")
    assert "1 did not fit and was left out" in client.get(client.get(address).location).text


def test_records_are_added_to_a_table_by_the_names_of_its_fields(books: FlaskClient) -> None:
    content = b"title,pages,unknown\nNew,12,x\n"
    address = books.post("/files", data={"file": (io.BytesIO(content), "x.csv")}).location
    books.post(f"{address}/read", data={"mode": "append", "target": "Books"})
    page = books.get(address).text
    assert "Add to Books" in page
    assert "<option selected>Title</option>" in page
    before = books.get("/tables/Books/rows").json["total"]  # type: ignore[index]
    data = {"mode": "append", "target": "Books", "name:0": "Title", "name:1": "Pages", "name:2": ""}
    books.post(f"{address}/start", data=data)
    state = wait_for(books, f"{address}/progress")
    assert state["error"] is None
    rows = books.get("/tables/Books/rows?count=500").json
    assert rows is not None
    assert (rows["total"], rows["rows"][-1]["cells"][1]) == (before + 1, "New")


def test_the_table_most_like_the_file_is_offered_first(books: FlaskClient) -> None:
    books.post("/paste", data={"cells": "Title\tSize\nx\t1"})
    address = books.post("/files", data={"file": (io.BytesIO(b"Aaa,B\n1,2\n"), "Aaa.csv")}).location
    books.post(f"{address}/start", data={"table": "Aaa"})
    wait_for(books, f"{address}/progress")
    content = b"title,author,pages\nNew,Somebody,12\n"
    address = books.post("/files", data={"file": (io.BytesIO(content), "x.csv")}).location
    books.post(f"{address}/read", data={"mode": "append"})
    assert "Add to Books" in books.get(address).text


def test_an_uploaded_copy_goes_when_its_import_is_done(client: FlaskClient, tmp_path: Path) -> None:
    address = client.post("/files", data={"file": (io.BytesIO(b"a\n1\n"), "x.csv")}).location
    uploads = tmp_path / "data" / "uploads"
    assert len(list(uploads.iterdir())) == 1
    client.post(f"{address}/start", data={"table": "x"})
    wait_for(client, f"{address}/progress")
    assert list(uploads.iterdir()) == []


def test_a_long_paste_comes_in(client: FlaskClient) -> None:
    cells = "Name\tAge\n" + "Somebody with a name\t31\n" * 100_000
    sent = client.post("/paste", data={"cells": cells})
    assert sent.status_code == 303
    client.post(f"{sent.location}/start", data={"table": "Crew"})
    wait_for(client, f"{sent.location}/progress")
    assert client.get("/tables/Crew/rows").json["total"] == 100_000  # type: ignore[index]


def test_what_a_killed_start_left_among_the_uploads_goes(
    client: FlaskClient, tmp_path: Path
) -> None:
    left = tmp_path / "data" / "uploads" / "left"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"x")
    client.post("/files", data={"file": (io.BytesIO(b"a\n1\n"), "x.csv")})
    assert not left.exists()


def test_many_records_are_edited_and_made_as_one_change(books: FlaskClient) -> None:
    path = "/tables/Books/records/many"
    edit = {"id": "1", "values": {"Pages": "300", "Title": ""}, "was": {"Pages": 280}}
    made = {"id": None, "values": {"Title": "New"}}
    answer = books.post(path, json={"records": [edit, made]})
    assert answer.json is not None
    assert answer.json["undo"] == "Edit 1 record of Books and add 1"
    shown = books.get("/tables/Books/rows").json
    assert shown is not None
    assert [shown["rows"][0]["cells"][n] for n in (1, 4)] == ["", 300]
    assert shown["rows"][-1]["cells"][1] == "New"
    stale = books.post(path, json={"records": [{**edit, "values": {"Pages": "5"}}]})
    assert (stale.status_code, "Stopped at record 1" in stale.json["error"]) == (409, True)  # type: ignore[index]
    wrong = books.post(path, json={"records": [{"id": "2", "values": {"Pages": "x"}}]})
    assert (wrong.status_code, wrong.json["field"]) == (422, "Pages")  # type: ignore[index]
    for nonsense in ({}, {"records": []}, {"records": [1]}, {"records": [{"values": []}]}):
        assert books.post(path, json=nonsense).status_code == 400


def test_a_filter_is_judged_before_it_is_used(books: FlaskClient) -> None:
    asked = [["Pages", "gt", "zz"]]
    answer = books.get("/tables/Books/filter", query_string={"filter": json.dumps(asked)})
    assert answer.status_code == 422
    assert "“zz” is not a number" in answer.json["error"]  # type: ignore[index]
    asked[0][2] = "400"
    answer = books.get("/tables/Books/filter", query_string={"filter": json.dumps(asked)})
    assert answer.status_code == 200


def test_long_texts_come_whole_to_be_copied(books: FlaskClient) -> None:
    long = "x" * 3000
    books.post("/tables/Books/records/1", json={"values": {"Title": long}})
    cut = books.get("/tables/Books/rows?count=1").json
    whole = books.get("/tables/Books/rows?count=1&whole=1").json
    assert cut is not None
    assert whole is not None
    assert cut["rows"][0]["cells"][1]["chars"] == 3000
    assert whole["rows"][0]["cells"][1] == long
