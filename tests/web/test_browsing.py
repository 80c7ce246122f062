"""Browse: from the first page through folders to a file that opens."""

import html
import os
import re
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.web import folder_page
from tests.conftest import LIMIT

from .test_folders import make_database, posix

AS_A_BROWSER = {"Accept": "text/html"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Household"
    (made / "Recipes").mkdir(parents=True)
    make_database(made / "shop.sqlite")
    (made / "people.csv").write_text("name,age\nAnn,31\nBob,44\n", encoding="utf-8")
    return made


def browse(client: FlaskClient, folder: Path, **asked: str) -> TestResponse:
    return client.get("/browse", query_string={"path": str(folder), **asked})


def link(page: str, name: str) -> str:
    """The address behind a link whose words hold the name."""
    found = [
        html.unescape(each[1])
        for each in re.finditer(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL)
        if name in html.unescape(each[2])
    ]
    assert found, name
    return found[-1]


def button(page: str, name: str) -> dict[str, str]:
    """What the button of a file sends."""
    for each in re.finditer(r'<button [^>]*name="(\w+)" value="([^"]*)"[^>]*>(.*?)</button>', page):
        if name in html.unescape(each[3]):
            return {each[1]: html.unescape(each[2])}
    raise AssertionError(name)


def test_the_first_page_leads_to_a_folder_and_a_file_in_it_opens(
    client: FlaskClient, folder: Path
) -> None:
    assert link(client.get("/").text, "Browse…") == "/browse"
    assert client.get("/browse").status_code == 200
    page = browse(client, folder.parent).text
    page = client.get(link(page, "Household")).text
    assert link(page, "Recipes")
    answer = client.post("/open", data=button(page, "shop.sqlite"))
    assert (answer.status_code, answer.location) == (303, "/")
    assert str(folder / "shop.sqlite") in client.get("/").text


def test_it_begins_where_the_newest_file_lies(client: FlaskClient, folder: Path) -> None:
    client.post("/open", data={"path": str(folder / "shop.sqlite")})
    page = client.get("/browse").text
    assert "people.csv" in page
    places = page.partition('aria-label="Places"')[2].partition("</nav>")[0]
    for name in ("Home", "own files", "Household"):
        assert name in places


def test_the_parts_of_the_path_lead_to_the_folders_around_it(
    client: FlaskClient, folder: Path
) -> None:
    page = browse(client, folder / "Recipes", sort="date", hidden="yes").text
    crumbs = page.partition('aria-label="Folder"')[2].partition("</nav>")[0]
    asked = parse_qs(urlsplit(link(crumbs, "Household")).query)
    assert asked == {"path": [str(folder)], "sort": ["date"], "hidden": ["yes"]}
    assert "Nothing to open here." in page


def test_a_file_to_import_shows_its_preview(client: FlaskClient, folder: Path) -> None:
    page = browse(client, folder).text
    answer = client.post("/open", data=button(page, "people.csv"))
    assert answer.status_code == 303
    assert "Ann" in client.get(answer.location).text
    client.post(f"{answer.location}/cancel")
    assert (folder / "people.csv").exists()


def test_a_typed_folder_is_shown(client: FlaskClient, folder: Path) -> None:
    answer = client.post("/open", data={"path": f'"{folder}"'})
    assert answer.status_code == 303
    assert "shop.sqlite" in client.get(answer.location).text


@posix
@pytest.mark.parametrize(
    "name",
    [
        "new\nline.db",
        "quo\"te's <b>&amp;.db",
        " spaces \xa0.db ",
        "👨‍👩‍👧.sqlite",
        "x" * 200 + ".db",
    ],
)
def test_a_file_of_any_name_opens(client: FlaskClient, folder: Path, name: str) -> None:
    make_database(folder / name)
    page = browse(client, folder, find=name[:2].strip()).text
    assert "<b>" not in page
    values = button(page, name.replace("\n", "\ufffd").replace("\xa0", " "))
    assert client.post("/open", data=values).status_code == 303
    assert client.get("/tables/t").status_code == 200
    assert client.get("/").status_code == 200


@posix
def test_a_name_that_is_no_text_is_imported_or_told(client: FlaskClient, folder: Path) -> None:
    odd = os.fsencode(folder) + b"/odd\xff"
    Path(os.fsdecode(odd)).mkdir()
    make_database(folder / "plain.db")
    (folder / "plain.db").rename(os.fsdecode(odd + b"/a\xfe.db"))
    (folder / "people.csv").rename(os.fsdecode(odd + b"/b\xfe.csv"))
    page = client.get(link(browse(client, folder).text, "odd\ufffd")).text
    answer = client.post("/open", data=button(page, "b\ufffd.csv"))
    assert "Ann" in client.get(answer.location).text
    answer = client.post("/open", data=button(page, "a\ufffd.db"), headers=AS_A_BROWSER)
    assert answer.status_code == 400
    assert "a\ufffd.db cannot be opened" in answer.text
    assert client.get(link(page, "Up")).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [("none", 404, "There is no folder"), ("shop.sqlite", 404, "is not a folder")],
)
def test_what_is_no_folder_is_a_sentence_with_ways_on(
    client: FlaskClient, folder: Path, path: str, status: int, sentence: str
) -> None:
    answer = browse(client, folder / path)
    assert answer.status_code == status
    assert sentence in answer.text
    assert "own files" in answer.text
    assert client.get(link(answer.text, "To the folder around it")).status_code == 200


def test_half_a_path_is_a_sentence(client: FlaskClient) -> None:
    answer = client.get("/browse?path=Documents")
    assert answer.status_code == 400
    assert "whole path" in answer.text


def test_a_drive_that_does_not_answer_is_a_sentence_in_time(
    client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    monkeypatch.setattr(folder_page, "LONGEST", 0.05)
    monkeypatch.setattr(folder_page, "read_folder", lambda *_, **__: free.wait(2 * LIMIT))
    monkeypatch.setattr("myapp.web.folders.what_is", lambda _: free.wait(2 * LIMIT))
    try:
        answer = browse(client, folder)
        assert answer.status_code == 504
        assert "does not answer" in answer.text
        assert "own files" in answer.text
        opened = client.post("/open", data={"path": str(folder / "shop.sqlite")})
        assert "does not answer" in opened.text
    finally:
        free.set()


@posix
def test_a_pipe_is_refused_and_does_not_hang(client: FlaskClient, folder: Path) -> None:
    os.mkfifo(folder / "pipe.db")
    os.mkfifo(folder / "pipe.csv")
    for name in ("pipe.db", "pipe.csv"):
        answer = client.post("/open", data={"path": str(folder / name)}, headers=AS_A_BROWSER)
        assert answer.status_code == 400


@posix
@pytest.mark.parametrize("path", ["circle", "~nobody-of-this-name/a.db"])
def test_a_path_that_leads_nowhere_is_a_sentence(
    client: FlaskClient, folder: Path, path: str
) -> None:
    (folder / "circle").symlink_to("circle")
    given = path if path.startswith("~") else str(folder / path)
    answer = client.post("/open", data={"path": given}, headers=AS_A_BROWSER)
    assert answer.status_code == 400
    assert "cannot be opened" in answer.text


def test_a_long_folder_says_that_it_is_cut(
    client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.web.folders.MOST", 2)
    monkeypatch.setattr(folder_page, "MOST", 2)
    page = browse(client, folder).text
    assert "The first 2 of 3 are shown." in page
    assert "shop.sqlite" not in page
    assert button(browse(client, folder, find="SHOP").text, "shop.sqlite")
    assert "Nothing here has" in browse(client, folder, find="nothing").text
