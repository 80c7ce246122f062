"""The pages of the history: what became of a record, what was deleted, and all the steps."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.web import work
from tests.conftest import wait_until

HTML = {"Accept": "text/html"}


def plain(page: str) -> str:
    """A page's words, without its markup."""
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def test_a_records_page_leads_to_its_history(books: FlaskClient) -> None:
    books.post("/tables/Books/records/1", json={"values": {"Pages": "300"}})
    books.post("/tables/Books/records/1", json={"values": {"Title": "<b>New</b>", "Pages": ""}})
    page = books.get("/tables/Books/records/1").text
    link = re.findall(r'href="([^"]+/history)"', page)[0]
    told = books.get(link).text
    assert "<b>New" not in told
    words = plain(told)
    assert "was 280 → became 300" in words
    assert "was 300 → became empty" in words
    assert words.index("Edit Pages, Title of Books") < words.index("Edit Pages of Books")
    assert words.index("Edit Pages of Books") < words.index("records into Books")


def test_a_record_without_changes_says_what_the_history_keeps(books: FlaskClient) -> None:
    assert "Made with the table" in books.get("/tables/Books/records/2/history").text
    missing = books.get("/tables/Books/records/nonsense/history", headers=HTML)
    assert missing.status_code == 404
    gone = books.get("/tables/Books/records/999/history")
    assert "not in the table now" in gone.text


def test_a_deleted_record_is_brought_back_from_the_page(books: FlaskClient) -> None:
    assert "There is none in the history" in books.get("/tables/Books/deleted").text
    books.post("/tables/Books/records/delete", json={"ids": ["1", "2"]})
    books.post("/tables/Books/records/3", json={"values": {"Pages": "1"}})
    page = books.get("/tables/Books/deleted").text
    step, number = re.findall(r'name="step" value="(\d+)"><input [^>]+value="(\d+)"', page)[0]
    action = "/tables/Books/deleted/bring-back"
    back = books.post(action, data={"step": step, "number": number})
    shown = books.get(back.location).text
    assert "The record is back" in shown
    assert "Show it" in shown
    assert books.get("/tables/Books/rows").json["total"] == 11  # type: ignore[index]
    again = books.post(action, data={"step": step, "number": number}, headers=HTML)
    assert (again.status_code, "is back already" in again.text) == (400, True)
    undone = books.post("/undo", headers=HTML)
    assert undone.location == "/tables/Books"
    books.post(action, data={"step": step})
    assert books.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]
    assert books.get("/tables/Books/rows?count=3").json["rows"][2]["cells"][4] == 1  # type: ignore[index]


def until_over(client: FlaskClient, job: str) -> None:
    address = f"{job}/progress"
    wait_until(lambda: not client.get(address).json["running"], "its end")  # type: ignore[index]


def test_very_many_records_come_back_in_the_background(
    books: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.post("/tables/Books/records/delete", json={"ids": ["1", "2"]})
    monkeypatch.setattr(work, "WORTH_WAITING", 0.0)
    page = books.get("/tables/Books/deleted").text
    (step,) = re.findall(r'name="step" value="(\d+)">\s*<button', page)
    job = books.post("/tables/Books/deleted/bring-back", data={"step": step}).location
    if "/work/" in job:
        until_over(books, job)
        job = books.get(job).location
    assert job == "/tables/Books/deleted?back=2"
    assert books.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]
    again = books.post("/tables/Books/deleted/bring-back", data={"step": step}, headers=HTML)
    if again.location:
        until_over(books, again.location)
        again = books.get(again.location, headers=HTML)
    assert (again.status_code, "back already" in again.text) == (400, True)


def test_all_steps_are_listed_and_undone_from_their_page(books: FlaskClient) -> None:
    books.post("/tables/Books/records/1", json={"values": {"Pages": "300"}})
    books.post("/tables/Books/records/delete", json={"ids": ["2"]})
    words = plain(books.get("/history").text)
    assert words.index("Delete 1 record of Books") < words.index("records into Books")
    assert 'href="/tables/Books/deleted"' in books.get("/history").text
    assert books.post("/undo", data={"back": "history"}, headers=HTML).location == "/history"
    assert "taken back" in books.get("/history").text
    assert "Redo “Delete 1 record of Books: " in books.get("/history").text


def test_the_history_page_of_a_new_file_says_what_will_stand_there(app: Flask) -> None:
    assert "Nothing was changed yet" in app.test_client().get("/history").text


def test_a_long_history_is_shown_in_pages(books: FlaskClient) -> None:
    for number in range(60):
        books.post("/tables/Books/records/1", json={"values": {"Pages": str(number)}})
    page = books.get("/history").text
    older = re.findall(r'href="([^"]+)">Older steps', page)[0]
    assert page.count("<li class") == 50
    assert books.get(older).text.count("<li class") == 11
    past = books.get("/tables/Books/records/1/history").text
    further = re.findall(r'href="([^"]+)">Look further back', past)[0]
    assert "became 29" not in past
    assert "was 28 → became 29" in plain(books.get(further.replace("&amp;", "&")).text)


def test_the_history_says_what_it_costs_and_is_forgotten_when_asked(books: FlaskClient) -> None:
    books.post("/tables/Books/records/delete", json={"ids": ["2"]})
    page = books.get("/history").text
    assert "History: 2 steps, " in page
    assert "256 MB of the file" in page
    assert "This cannot be undone" in page
    forgotten = books.post("/history/forget")
    page = books.get(forgotten.location).text
    assert "The history was forgotten" in page
    assert "History: 0 steps, 0 bytes" in page
    assert books.get("/tables/Books/rows").json["total"] == 11  # type: ignore[index]
    assert books.post("/undo").json["done"] is None  # type: ignore[index]


@pytest.mark.parametrize("asked", ["64000000", "12345", "", "-1", "x"])
def test_the_limit_of_the_history_is_set_on_its_page(books: FlaskClient, asked: str) -> None:
    page = books.get(books.post("/history/limit", data={"limit": asked}).location).text
    assert "The limit was set" in page
    chosen = re.findall(r'value="(\d+)" selected', page)
    assert chosen == ([asked] if asked.isdigit() else [])


def test_the_first_page_of_an_emptied_file_leads_to_what_was_there(books: FlaskClient) -> None:
    """After a restart as well, when its Undo is not beside the message any more."""
    books.post("/tables/Books/drop")
    page = books.get("/").text
    assert 'href="/history"' in page
    assert 'href="/backups/"' in page
    assert "may come back" in page


def test_the_first_page_of_a_new_file_has_nothing_to_bring_back(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "Welcome" in page
    assert 'href="/history"' not in page


def test_a_deleted_record_without_a_name_is_called_by_its_number(client: FlaskClient) -> None:
    client.post("/new-table", data={"name": "Sale", "field": "Price", "kind": "decimal"})
    client.post("/tables/Sale/records/new", data={"f:Price": "2"})
    client.post("/tables/Sale/records/delete", json={"ids": ["1"]})
    page = plain(client.get("/tables/Sale/deleted").text)
    assert "Record 1" in page
    assert "Without a title" not in page
