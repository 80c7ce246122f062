"""A record's file comes in by a form, and goes out as a download that can do nothing."""

import html
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.store import Database, Kind, Query, files

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ADDRESS = "/tables/a~sb/records/1/file"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    made = app.test_client()
    form = {"name": "a/b", "field": ["Title", "Photo"], "kind": ["text", "blob"]}
    assert made.post("/new-table", data=form).status_code == 303
    assert made.post("/tables/a~sb/records", json={"values": {"Title": "One"}}).status_code == 200
    return made


def send(client: FlaskClient, data: bytes, name: str, **more: str) -> TestResponse:
    form = {"field": "Photo", "file": (io.BytesIO(data), name), **more}
    return client.post(ADDRESS, data=form, headers={"Accept": "text/html"})


def get(client: FlaskClient, address: str = f"{ADDRESS}?field=Photo") -> TestResponse:
    """The file, read to its end; then the copy of it that was made to send it is gone."""
    return client.get(html.unescape(address), buffered=True)


def test_a_field_of_files_is_made_with_one_of_their_names(client: FlaskClient, app: Flask) -> None:
    opened: Database = app.extensions["workspace"].database()
    fields = [(field.name, field.kind) for field in opened.table("a/b").fields]
    assert fields[2:] == [("Photo name", Kind.TEXT), ("Photo", Kind.BLOB)]
    client.post("/tables/a~sb/fields/add", data={"name": "Scan", "kind": "blob"})
    assert [field.name for field in opened.table("a/b").fields][4:] == ["Scan name", "Scan"]
    page = client.get("/tables/a~sb/fields", headers={"Accept": "text/html"}).text
    assert '<option value="blob"' in page
    assert "file or picture" in page


def test_a_picture_is_put_in_shown_given_back_and_taken_out(client: FlaskClient) -> None:
    sent = send(client, PNG, "pictures/Zoë <1>.png")
    assert sent.status_code == 303
    page = client.get("/tables/a~sb/records/1").text
    (shown,) = re.findall(r'<img class="file-picture" src="([^"]+)"', page)
    picture = get(client, shown)
    assert (picture.data, picture.mimetype) == (PNG, "image/png")
    assert picture.headers["Content-Disposition"].startswith("inline")
    given = get(client)
    assert given.data == PNG
    assert given.mimetype == "application/octet-stream"
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''Zo%C3%AB%20%3C1%3E.png" in given.headers["Content-Disposition"]
    for answer in (picture, given):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    gone = client.post(ADDRESS, data={"field": "Photo", "remove": "1"})
    assert gone.status_code == 303
    assert get(client).status_code == 404
    assert client.post("/undo").status_code == 200
    assert get(client).data == PNG


def test_an_emptied_cell_takes_the_name_of_its_file_along(client: FlaskClient, app: Flask) -> None:
    send(client, PNG, "one.png")
    opened: Database = app.extensions["workspace"].database()
    emptied = client.post("/tables/a~sb/records/1", json={"values": {"Photo": ""}})
    assert emptied.status_code == 200
    assert opened.record("a/b", "1").values[1:] == ("One", None, None)
    opened.undo()
    assert opened.record("a/b", "1").values[2] == "one.png"
    assert get(client).data == PNG


def test_a_phone_offers_its_pictures_and_its_camera(client: FlaskClient) -> None:
    """With `capture` a phone opens the camera alone, so that one is a button of its own."""
    page = client.get("/tables/a~sb/records/1").text
    choose, take = re.findall(r'<input[^>]*type="file" name="file:Photo"(.*?)>', page)
    assert choose == ""
    assert take.strip() == 'accept="image/*" capture="environment"'
    # A browser sends both, of which one holds a file.
    both = {"field": "Photo", "file": [(io.BytesIO(b""), ""), (io.BytesIO(PNG), "taken.png")]}
    assert client.post(ADDRESS, data=both).status_code == 303
    assert get(client).data == PNG


def test_it_says_how_large_a_file_may_be(client: FlaskClient, app: Flask) -> None:
    assert "up to 250 MB" in client.get("/tables/a~sb/records/1").text
    app.config["MAX_CONTENT_LENGTH"] = 100 << 20
    assert "up to 105 MB" in client.get("/tables/a~sb/records/1").text


@pytest.mark.parametrize("data", [SVG, b"<html><script>alert(1)</script>", b"%PDF-1.7"])
def test_what_is_no_plain_picture_is_never_shown_in_the_browser(
    client: FlaskClient, data: bytes
) -> None:
    send(client, data, "picture.png")
    assert "<img" not in client.get("/tables/a~sb/records/1").text.split("<main")[1]
    answer = get(client, f"{ADDRESS}?field=Photo&show=1")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_is_refused_is_said_on_the_record_s_page(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 200_000)
    refused = send(client, bytes(300_000), "big.bin")
    assert refused.status_code == 422
    assert "is the most that this field takes" in refused.text
    nothing = client.post(ADDRESS, data={"field": "Photo"})
    assert nothing.status_code == 422
    assert "No file was chosen" in nothing.text


def test_a_large_file_goes_through_the_page(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PIECE", 50_000)
    large = PNG + bytes(299_892)
    assert send(client, large, "large.png").status_code == 303
    page = client.get("/tables/a~sb/records/1").text
    assert "300 kB" in page
    assert "large.png" in page
    assert get(client).data == large
    form = {"f:Title": "Two", "was:Title": "One", "f:Photo name": "l.png"} | {
        "was:Photo name": "large.png"
    }
    assert client.post("/tables/a~sb/records/1/edit", data=form).status_code == 303
    assert get(client).data == large
    copy = client.get("/tables/a~sb/records/new?from=1").text
    assert "l.png" not in copy
    opened: Database = app.extensions["workspace"].database()
    assert opened.window(Query("a/b"), 0, 1).records[0].values[1:3] == ("Two", "l.png")


def test_a_new_record_takes_its_file_along(client: FlaskClient, app: Flask) -> None:
    page = client.get("/tables/a~sb/records/new").text
    assert 'enctype="multipart/form-data"' in page
    assert 'name="file:Photo"' in page
    form = {"f:Title": "Two", "f:Photo name": "", "file:Photo": (io.BytesIO(PNG), "dir/p.png")}
    made = client.post("/tables/a~sb/records/new", data=form)
    assert made.status_code == 303
    assert get(client, f"{ADDRESS.replace('/1/', '/2/')}?field=Photo").data == PNG
    opened: Database = app.extensions["workspace"].database()
    assert opened.window(Query("a/b"), 1, 1).records[0].values[1:3] == ("Two", "p.png")
    assert opened.next_undo() == "Add a record to a/b"
    named = {"f:Photo name": "mine.png", "file:Photo": (io.BytesIO(PNG), "p.png")}
    client.post("/tables/a~sb/records/new", data=named)
    assert opened.window(Query("a/b"), 2, 1).records[0].values[2] == "mine.png"


def test_a_new_record_is_refused_together_with_its_file(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 200_000)
    form = {"f:Title": "Two", "file:Photo": (io.BytesIO(bytes(300_000)), "big.bin")}
    refused = client.post("/tables/a~sb/records/new", data=form, headers={"Accept": "text/html"})
    assert refused.status_code == 422
    assert "is the most that this field takes" in refused.text
    assert "Choose its files again" in refused.text
    assert ">\nTwo</textarea>" in refused.text
    opened: Database = app.extensions["workspace"].database()
    assert opened.count(Query("a/b")) == 1


def test_without_a_script_a_file_is_saved_and_taken_out_with_what_was_typed(
    client: FlaskClient, app: Flask
) -> None:
    address = "/tables/a~sb/records/1/edit"
    typed = {"f:Title": "Two", "was:Title": "One"}
    form = {**typed, "file:Photo": (io.BytesIO(PNG), "p.png")}
    assert client.post(address, data=form).status_code == 303
    assert get(client).data == PNG
    opened: Database = app.extensions["workspace"].database()
    assert opened.record("a/b", "1").values[1:3] == ("Two", "p.png")
    typed = {"f:Title": "Three", "was:Title": "Two"}
    assert client.post(address, data={**typed, "remove:Photo": "1"}).status_code == 303
    assert opened.record("a/b", "1").values[1:] == ("Three", None, None)
    client.post("/undo")
    assert opened.record("a/b", "1").values[1:3] == ("Two", "p.png")


def test_data_of_a_file_that_came_from_elsewhere_is_given_out(app: Flask) -> None:
    import apsw

    opened: Database = app.extensions["workspace"].database()
    other = apsw.Connection(str(opened.path))
    other.execute("CREATE TABLE x (n INTEGER PRIMARY KEY, t TEXT)")
    other.execute("INSERT INTO x VALUES (1, x'00ff')")
    other.close()
    client = app.test_client()
    page = client.get("/tables/x/records/1").text
    assert "Choose a file" not in page
    (address,) = re.findall(r'<a href="(/tables/x/records/1/file[^"]*)" download>', page)
    answer = get(client, address)
    assert answer.data == b"\x00\xff"
    assert 'filename="x 1 t.bin"' in answer.headers["Content-Disposition"]
