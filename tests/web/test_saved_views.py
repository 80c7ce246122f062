"""Saved views over HTTP: what the grid sends, what it gets, and what is refused."""

import html
import json
import re

import pytest
from flask.testing import FlaskClient

VIEWS = "/tables/Books/views"
LONG = {
    "name": "Long ones",
    "sort": ["-Pages"],
    "filter": [["Pages", "gt", "400"]],
    "q": "",
    "hide": ["id"],
    "widths": {"Title": 240},
}


def test_the_page_brings_the_views_along(books: FlaskClient) -> None:
    answer = books.post(VIEWS, json=LONG).json
    assert answer is not None
    assert answer["views"] == [LONG]
    assert answer["undo"] == "Save the view Long ones of Books"
    found = re.search(r'data-saved="([^"]*)"', books.get("/tables/Books?view=Long+ones").text)
    assert found
    assert json.loads(html.unescape(found[1])) == [LONG]


def test_a_name_loses_the_blanks_around_it(books: FlaskClient) -> None:
    books.post(VIEWS, json={**LONG, "name": "  Long \n ones "})
    assert books.get(VIEWS).json == {"views": [LONG]}


def test_a_view_is_replaced_renamed_and_deleted(books: FlaskClient) -> None:
    books.post(VIEWS, json=LONG)
    assert books.post(VIEWS, json=LONG).status_code == 422
    shorter = {**LONG, "filter": [["Pages", "lt", "400"]]}
    assert books.post(VIEWS, json={**shorter, "replace": True}).status_code == 200
    books.post(f"{VIEWS}/rename", json={"name": "Long ones", "to": "Short ones"})
    assert books.get(VIEWS).json == {"views": [{**shorter, "name": "Short ones"}]}
    assert books.post(f"{VIEWS}/rename", json={"name": "Long ones", "to": "x"}).status_code == 404
    books.post(f"{VIEWS}/delete", json={"name": "Short ones"})
    assert books.get(VIEWS).json == {"views": []}
    assert books.post("/undo").json["done"] == "Delete the view Short ones of Books"  # type: ignore[index]
    assert books.get(VIEWS).json == {"views": [{**shorter, "name": "Short ones"}]}


def test_a_renamed_table_keeps_its_views(books: FlaskClient) -> None:
    books.post(VIEWS, json=LONG)
    books.post("/tables/Books/rename", data={"name": "Library"})
    assert books.get("/tables/Library/views").json == {"views": [LONG]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": 5},
        {**LONG, "sort": [5]},
        {**LONG, "sort": "id"},
        {**LONG, "filter": [["Pages"]]},
        {**LONG, "filter": [["Pages", "like", "x"]]},
        {**LONG, "hide": 5},
        {**LONG, "widths": {"Title": "wide"}},
        {**LONG, "widths": ["Title"]},
    ],
    ids=str,
)
def test_nonsense_is_refused_and_keeps_nothing(books: FlaskClient, body: dict[str, object]) -> None:
    answer = books.post(VIEWS, json=body)
    assert answer.status_code == 400
    assert books.get(VIEWS).json == {"views": []}


def test_a_blank_name_is_refused(books: FlaskClient) -> None:
    assert 400 <= books.post(VIEWS, json={**LONG, "name": "  "}).status_code < 500
    assert books.get(f"{VIEWS.replace('Books', 'Nowhere')}").status_code == 404
