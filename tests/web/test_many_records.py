"""All records of a view, deleted or given one value by the grid."""

import json
import re
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from myapp.store import stretches

LONG = urlencode({"filter": json.dumps([["Pages", "gt", "300"]])})


def total(client: FlaskClient, view: str = "") -> int:
    found = client.get(f"/tables/Books/rows?{view}").json
    assert found is not None
    return int(found["total"])


def test_a_whole_view_is_deleted_and_comes_back(books: FlaskClient) -> None:
    everything, long = total(books), total(books, LONG)
    assert 0 < long < everything
    answer = books.post("/tables/Books/records/delete-view", json={"view": LONG, "count": long})
    assert answer.json is not None
    assert answer.json["count"] == long
    assert answer.json["undo"] == f"Delete {long} records of Books"
    assert (total(books), total(books, LONG)) == (everything - long, 0)
    books.post("/undo", json={})
    assert (total(books), total(books, LONG)) == (everything, long)


def test_a_step_of_many_stretches_is_one_on_every_page(
    books: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "MOST_NOTED", 1)
    monkeypatch.setattr(stretches, "FIRST", 2)
    everything = total(books)
    books.post("/tables/Books/records/delete-view", json={"view": "", "count": everything})
    assert books.get("/history").text.count(f"Delete {everything} records of Books</span>") == 1
    page = books.get("/tables/Books/deleted").text
    assert page.count('class="step-group"') == 1
    assert len(set(re.findall(r'name="step" value="(\d+)"><input', page))) > 3
    (step,) = re.findall(r'name="step" value="(\d+)">\s*<button', page)
    back = books.post("/tables/Books/deleted/bring-back", data={"step": step})
    assert f"{everything} records are back" in books.get(back.location).text
    assert total(books) == everything
    books.post("/undo", json={})
    assert total(books) == 0


def test_a_view_that_was_changed_meanwhile_is_left_alone(books: FlaskClient) -> None:
    everything = total(books)
    gone = {"view": "", "count": everything + 1}
    answer = books.post("/tables/Books/records/delete-view", json=gone)
    assert answer.status_code == 409
    assert answer.json is not None
    assert "look again" in answer.json["error"]
    assert total(books) == everything


def test_one_field_is_set_in_chosen_records_and_in_a_whole_view(books: FlaskClient) -> None:
    fill = "/tables/Books/records/fill"
    nine = urlencode({"filter": json.dumps([["Pages", "is", "9"]])})
    books.post(fill, json={"field": "Pages", "text": "9", "ids": ["1", "2"]})
    assert total(books, nine) == 2
    books.post(fill, json={"field": "Pages", "text": "9", "view": "", "count": total(books)})
    assert total(books, nine) == total(books)
    wrong = books.post(fill, json={"field": "Pages", "text": "many", "ids": ["1"]})
    assert wrong.status_code == 422
    assert wrong.json is not None
    assert "whole number" in wrong.json["error"]


def test_what_names_no_records_is_refused(books: FlaskClient) -> None:
    fill = "/tables/Books/records/fill"
    for body in ({"view": ""}, {"view": 3, "count": 1}, {"count": 1}, {"view": "", "count": True}):
        assert books.post("/tables/Books/records/delete-view", json=body).status_code >= 400
        whole = {"field": "Pages", "text": "1", **body}
        assert books.post(fill, json=whole).status_code >= 400
    assert books.post(fill, json={"field": "Pages", "text": "1", "ids": []}).status_code >= 400
    assert total(books) == 12
