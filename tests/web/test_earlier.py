"""Earlier values on the pages: looked at by everybody, put back by who may edit."""

import re

import pytest
from flask.testing import FlaskClient

from myapp.web.access import make_allows

from .test_history import plain

HTML = {"Accept": "text/html"}
VIEWER = {"desktop.role": "viewer", "desktop.device": "A phone"}
EDITOR = {"desktop.role": "editor", "desktop.device": "A phone"}
PAST = "/tables/Books/records/1/history"


@pytest.fixture
def edited(books: FlaskClient) -> FlaskClient:
    """Pages of the first book went from 280 to 300 to 310, the first time with its title."""
    values = {"Pages": "300", "Title": "<b>Another</b> title"}
    books.post("/tables/Books/records/1", json={"values": values})
    books.post("/tables/Books/records/1", json={"values": {"Pages": "310"}})
    return books


def forms(page: str) -> list[dict[str, str]]:
    """What the buttons that put a value back would send, and where to."""
    found = []
    for action, body in re.findall(
        r'<form class="put-back"[^>]* action="([^"]+)">(.*?)</form>', page, re.S
    ):
        inputs = re.findall(r'name="([^"]+)" value="([^"]*)"', body)
        found.append({"action": action, **{k: v for k, v in inputs if k != "_token"}})
    return found


def pages_of(client: FlaskClient) -> object:
    return client.get("/tables/Books/rows?count=1").json["rows"][0]["cells"][4]  # type: ignore[index]


def test_one_earlier_value_is_put_back_and_undone_from_the_page(edited: FlaskClient) -> None:
    listed = forms(edited.get(PAST).text)
    assert [each["field"] for each in listed] == ["Pages", "Title", "Pages"]
    oldest = listed[-1]
    put = edited.post(oldest.pop("action"), data=oldest)
    assert pages_of(edited) == 280
    page = edited.get(put.location).text
    assert "The earlier value is back." in page
    assert re.search(r"<button[^>]*>Undo</button>", page)
    assert "Put back Pages of Books: &lt;b&gt;Another" in page
    edited.post("/undo")
    assert pages_of(edited) == 310


def test_a_value_that_is_there_already_has_no_button(edited: FlaskClient) -> None:
    edited.post("/tables/Books/records/1", json={"values": {"Pages": "280"}})
    listed = forms(edited.get(PAST).text)
    assert len([each for each in listed if each["field"] == "Pages"]) == 2


def test_the_whole_record_is_looked_at_and_put_back_in_parts(edited: FlaskClient) -> None:
    links = re.findall(rf'href="({PAST}/\d+)"', edited.get(PAST).text)
    page = edited.get(links[-1]).text
    assert "<b>Another" not in page
    assert re.search(r"then 280 now 310", plain(page))
    assert "What is not listed is as it was then" in page
    after = edited.get(f"{links[-1]}?after=1").text
    assert re.findall(r'name="field" value="(\w+)"', after) == ["Pages"]
    data = dict(re.findall(r'name="(seen:\w+)" value="(\w+)"', page))
    none = edited.post(links[-1], data=data, headers=HTML)
    assert (none.status_code, "No field is chosen" in none.text) == (400, True)
    edited.post(links[-1], data={**data, "field": ["Title", "Pages"]})
    assert pages_of(edited) == 280
    assert "is as it was then" in edited.get(links[-1]).text


def test_what_changed_since_the_page_was_read_is_not_written_over(edited: FlaskClient) -> None:
    form = forms(edited.get(PAST).text)[0]
    edited.post("/tables/Books/records/1", json={"values": {"Pages": "999"}})
    refused = edited.post(form.pop("action"), data=form, headers={"Accept": "application/json"})
    assert refused.status_code == 409
    assert "was changed elsewhere" in refused.json["error"]  # type: ignore[index]
    assert pages_of(edited) == 999


def test_a_viewer_looks_and_an_editor_puts_back(edited: FlaskClient) -> None:
    form = forms(edited.get(PAST).text)[0]
    action = form.pop("action")
    told = edited.get(PAST, environ_overrides=VIEWER).text
    assert forms(told) == []
    assert "before this" in told
    version = edited.get(action, environ_overrides=VIEWER).text
    assert "then 300 now 310" in plain(version)
    assert not re.search("Put back|checkbox|name=.seen", version)
    allows = make_allows(edited.application)
    asked = [("viewer", "GET"), ("viewer", "POST"), ("editor", "POST")]
    assert [allows(role, method, action) for role, method in asked] == [True, False, True]
    history = edited.get("/history", environ_overrides=VIEWER).text
    assert 'href="/tables/Books/records/1"' in history
    edited.post(action, data=form, environ_overrides=EDITOR)
    assert "A phone · Put back Pages of Books" in plain(edited.get(PAST).text)


def test_each_step_leads_to_its_table_and_record(edited: FlaskClient) -> None:
    edited.post("/tables/Books/records/delete", json={"ids": ["2"]})
    edited.post("/tables/Books/rename", data={"name": "Library"})
    page = edited.get("/history").text
    assert 'href="/tables/Books"' not in page
    assert page.count('href="/tables/Library"') == 5
    assert "Pages was 300 became 310" in re.sub(" →", "", plain(page))
    assert 'href="/tables/Library/records/2/history"' in page
    form = re.findall(r'name="step" value="(\d+)"><input [^>]+ value="(\d+)"', page)[0]
    data = {"step": form[0], "number": form[1], "back": "history"}
    back = edited.post("/tables/Library/deleted/bring-back", data=data)
    page = edited.get(back.location).text
    assert "The record is back." in page
    assert 'href="/tables/Library/records/2"' in page
    assert "(brought back)" in page
    assert not re.findall(r'name="step"', page)


def test_a_deleted_record_is_brought_back_from_its_own_past(books: FlaskClient) -> None:
    books.post("/tables/Books/records/delete", json={"ids": ["2"]})
    page = books.get("/tables/Books/records/2/history").text
    title = re.findall(r"Delete 1 record of Books: ([^<]+)", page)[0]
    assert f'<h1 class="wrap is-clamped">History of {title.strip()}' in page
    step, number = re.findall(r'name="step" value="(\d+)"><input [^>]+ value="(\d+)"', page)[0]
    books.post("/tables/Books/deleted/bring-back", data={"step": step, "number": number})
    assert books.get("/tables/Books/records/2").status_code == 200


def test_a_moment_that_is_not_in_the_history_is_told_so(edited: FlaskClient) -> None:
    for address in (f"{PAST}/999", "/tables/Books/records/999/history/2"):
        answer = edited.get(address, headers=HTML)
        assert (answer.status_code, "Not here" in answer.text) == (404, True)
