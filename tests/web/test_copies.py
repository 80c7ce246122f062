"""Save a copy: a folder and a name are chosen, and the copy lies there whole, or a sentence says
why not."""

import html
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from myapp.store import Location, open_database
from myapp.store.copies import part_beside
from myapp.web import copy_page, create_app, work
from tests.conftest import LIMIT, wait_until

from .test_browsing import link

HTML = {"Accept": "text/html"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Kept things"
    (made / "2025").mkdir(parents=True)
    (made / "notes.txt").write_text("mine", encoding="utf-8")
    return made


def save(client: FlaskClient, folder: Path, name: str = "shelf", **more: str) -> TestResponse:
    sent = {"path": str(folder), "name": name, **more}
    return client.post("/copies/make", data=sent, headers=HTML)


def test_the_first_page_leads_through_the_folders_to_a_copy_that_opens(
    books: FlaskClient, folder: Path
) -> None:
    assert link(books.get("/").text, "Save a copy…") == "/copies/new"
    assert "Save in this folder" in books.get("/copies/new").text
    page = books.get("/copies/new", query_string={"path": str(folder), "name": "my shelf"}).text
    page = books.get(link(page, "2025")).text
    assert 'value="my shelf"' in page, "the name goes along"
    answer = save(books, folder / "2025", "my shelf")
    assert answer.location == "/copies/made"
    page = books.get(answer.location).text
    copy = folder / "2025" / "my shelf.sqlite"
    assert str(copy) in html.unescape(page)
    assert books.post("/open", data={"path": str(copy)}).location == "/"
    assert str(copy) in html.unescape(books.get("/").text)
    assert books.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]
    books.post("/undo")
    assert books.get("/tables/Books").status_code == 404, "its history came along"


def test_a_copy_begins_where_the_last_one_was_put(
    app: Flask, books: FlaskClient, folder: Path
) -> None:
    save(books, folder)
    page = books.get("/copies/new").text
    assert 'aria-current="page">Kept things' in page
    assert re.search(r'name="name" value="MyApp \d{4}-\d\d-\d\d.sqlite"', page)
    assert "shelf.sqlite" in page
    assert "1 file of other kinds" in page
    for each in (*folder.rglob("*"), *folder.parent.glob("Kept*")):
        if each.is_file():
            each.unlink()
    (folder / "2025").rmdir()
    folder.rmdir()
    assert "Save in this folder" in books.get("/copies/new").text


def test_without_a_copy_there_is_none_to_tell_of(client: FlaskClient) -> None:
    assert client.get("/copies/made").location == "/copies/new"


def test_a_file_that_is_there_is_replaced_after_a_question(
    books: FlaskClient, folder: Path
) -> None:
    (folder / "shelf.sqlite").write_bytes(b"theirs")
    page = books.get("/copies/new", query_string={"path": str(folder)}).text
    assert 'value="shelf.sqlite"' in books.get(link(page, "shelf.sqlite")).text
    answer = save(books, folder)
    assert answer.status_code == 422
    assert "There is a file shelf.sqlite in this folder already" in answer.text
    assert (folder / "shelf.sqlite").read_bytes() == b"theirs"
    assert save(books, folder, replace="yes").location == "/copies/made"
    copy = open_database(folder / "shelf.sqlite")
    assert [table.name for table in copy.tables()] == ["Books"]
    copy.close()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("NUL", "Windows keeps it for a device"),
        ("what?", "Windows does not take ?"),
        ("../up", "Windows does not take /"),
        (" ", "give it one"),
        ("x" * 300, "more than 240 bytes"),
    ],
)
def test_a_name_that_does_not_fit_is_told_beside_it(
    books: FlaskClient, folder: Path, name: str, sentence: str
) -> None:
    answer = save(books, folder, name)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{name}" required' in answer.text
    assert sorted(each.name for each in folder.iterdir()) == ["2025", "notes.txt"]


def add_folder(client: FlaskClient, around: Path, name: str) -> TestResponse:
    sent = {"path": str(around), "new": name, "name": "my shelf"}
    return client.post("/copies/folder", data=sent, headers=HTML)


def test_a_new_folder_is_made_and_gone_into_with_the_name_that_was_typed(
    books: FlaskClient, folder: Path
) -> None:
    answer = add_folder(books, folder, " Café 2026 ")
    assert (folder / "Café 2026").is_dir()
    page = books.get(answer.location).text
    assert 'aria-current="page">Café 2026' in page
    assert 'value="my shelf"' in page


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("2025", "Kept things has something of this name already."),
        ("notes.txt", "Kept things has something of this name already."),
        ("../up", "Windows does not take /"),
        ("..", "ends with a dot"),
        ("aux", "Windows keeps it for a device"),
        (" ", "give it one"),
        ("x" * 300, "more than 240 bytes"),
    ],
)
def test_a_folder_that_cannot_be_made_is_told_beside_its_name(
    books: FlaskClient, folder: Path, name: str, sentence: str
) -> None:
    answer = add_folder(books, folder, name)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert f'name="new" value="{name}"' in answer.text
    assert 'value="my shelf"' in answer.text
    assert sorted(each.name for each in folder.iterdir()) == ["2025", "notes.txt"]
    assert not (folder.parent / "up").exists()


@pytest.mark.parametrize("around", ["Kept things/gone", "Kept things/notes.txt", "half/a/path"])
def test_a_new_folder_needs_one_around_it(books: FlaskClient, folder: Path, around: str) -> None:
    whole = Path(around) if around.startswith("half") else folder.parent / around
    answer = add_folder(books, whole, "new")
    assert answer.status_code in (400, 404)
    assert not (whole / "new").exists()


def test_the_open_file_is_not_its_own_copy(app: Flask, books: FlaskClient) -> None:
    path = app.extensions["workspace"].own_path
    answer = save(books, path.parent, path.name, replace="yes")
    assert "is the file that is open" in answer.text
    assert books.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]


@pytest.mark.parametrize("name", ["uploads", "exports", "backups", "backups/MyApp"])
def test_a_folder_that_the_program_clears_by_itself_is_refused(
    app: Flask, books: FlaskClient, name: str
) -> None:
    folder = app.extensions["workspace"].folder / name
    folder.mkdir(parents=True, exist_ok=True)
    assert "removes what is old there" in save(books, folder).text
    assert list(folder.glob("shelf*")) == []


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("gone", "There is no folder"), ("notes.txt", "is not a folder"), (None, "whole path")],
)
def test_a_folder_that_is_none_is_a_sentence(
    books: FlaskClient, folder: Path, path: str | None, sentence: str
) -> None:
    answer = save(books, folder / path if path else Path("half/a/path"))
    assert answer.status_code in (400, 404)
    assert sentence in answer.text


def test_a_drive_that_does_not_answer_is_a_sentence_in_time(
    books: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    monkeypatch.setattr("myapp.web.folder_page.LONGEST", 0.05)
    monkeypatch.setattr("myapp.web.copy_page.check_target", lambda *_, **__: free.wait(2 * LIMIT))
    try:
        assert "does not answer" in save(books, folder).text
    finally:
        free.set()


@pytest.mark.parametrize("kind", ["network", "sync"])
def test_a_folder_that_others_write_to_is_told(
    client: FlaskClient, folder: Path, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Location(kind, "nfs4" if kind == "network" else "Dropbox")
    monkeypatch.setattr("myapp.store.location.find_location", lambda path: place)
    page = client.get("/copies/new", query_string={"path": str(folder)}).text
    assert f"on a network drive ({place.name})" in page or f"{place.name} keeps this" in page


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Copies wait for it in their middle."""
    go_on = threading.Event()
    save_copy = copy_page.save_copy

    def slowly(*given: Any, told: Any, **options: Any) -> Any:
        def tell(done: int, total: int) -> None:
            assert go_on.wait(LIMIT)
            told(done, total)

        return save_copy(*given, told=tell, **options)

    monkeypatch.setattr(copy_page, "save_copy", slowly)
    monkeypatch.setattr(work, "WORTH_WAITING", 0.0)
    yield go_on
    go_on.set()


def test_a_long_copy_shows_how_far_it_is_and_cancel_leaves_nothing(
    app: Flask,
    books: FlaskClient,
    folder: Path,
    held: threading.Event,
    go_on_when_cancelled: Callable[[threading.Event], None],
) -> None:
    step = save(books, folder).location
    page = books.get(step, headers=HTML).text
    assert "Save a copy as shelf.sqlite" in page
    assert books.get(f"{step}/progress").json["unit"] == "MB"  # type: ignore[index]
    assert app.extensions["workspace"].busy()
    assert len(list(folder.glob(".myapp-copy-*.part"))) == 1
    go_on_when_cancelled(held)
    over = books.post(f"{step}/cancel")
    back = books.get(over.location, headers=HTML)
    assert back.status_code == 303
    assert 'value="shelf"' in books.get(back.location).text
    assert sorted(each.name for each in folder.iterdir()) == ["2025", "notes.txt"]
    assert app.extensions["workspace"].half_copies() == []


def test_what_a_killed_program_left_goes_at_the_next_start(
    app: Flask, books: FlaskClient, folder: Path, tmp_path: Path
) -> None:
    part = part_beside(folder / "shelf.sqlite")
    part.write_bytes(b"half")
    away = part_beside(tmp_path / "stick" / "shelf.sqlite")
    here = app.extensions["workspace"]
    here.know_copies({str(part), str(away), str(folder / "notes.txt")})
    here.close()
    again = create_app(instance_path=str(tmp_path / "data"))
    assert again.test_client().get("/").status_code == 200
    later = again.extensions["workspace"]
    # A stick may come again.
    wait_until(lambda: later.half_copies() == [str(away)], "the end of what was left")
    assert sorted(each.name for each in folder.iterdir()) == ["2025", "notes.txt"]
    later.close()


@pytest.mark.parametrize("address", ["/copies/new", "/copies/made"])
def test_nothing_is_written_by_looking(books: FlaskClient, folder: Path, address: str) -> None:
    books.get(address, query_string={"path": str(folder), "name": "x", "replace": "yes"})
    assert books.get("/copies/make").status_code == 405
    assert sorted(each.name for each in folder.iterdir()) == ["2025", "notes.txt"]
