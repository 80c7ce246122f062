"""Every address that the application knows: closed to strangers, and changed by no GET."""

import sqlite3
from pathlib import Path

import pytest

from myapp.web import create_app
from tests.conftest import Program

FILLED = {"table": "Books", "id_": "1", "filename": "css/base.css"}
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


def addresses() -> list[tuple[str, str]]:
    """Each rule's method and path, with something in every place."""
    app = create_app("/nowhere")
    address = app.url_map.bind("127.0.0.1")
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: FILLED.get(name, "1") for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append((method, address.build(rule.endpoint, values, method=method)))
    return found


ADDRESSES = addresses()
ASKING = [path for method, path in ADDRESSES if method == "GET"]
CHANGES = [each for each in ADDRESSES if each[0] in CHANGING]


def content(program: Program) -> str:
    """Everything that the database file holds, as text."""
    file = next(Path(program.data).rglob("*.sqlite"))
    with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as connection:
        dump = "\n".join(connection.iterdump())
    connection.close()
    return dump


def test_the_list_is_whole() -> None:
    assert len(ASKING) > 10
    assert len(CHANGES) > 10


@pytest.mark.parametrize(("method", "path"), ADDRESSES, ids=lambda each: each)
def test_without_a_session_there_is_only_the_page_that_says_how_to_come_in(
    database: Program, method: str, path: str
) -> None:
    headers = {"Origin": database.origin, "Content-Length": "0"} if method != "GET" else {}
    answer = database.ask(method, path, headers=headers)
    assert answer.status in (401, 403)
    assert "Books" not in answer.text


@pytest.mark.parametrize(("method", "path"), CHANGES, ids=lambda each: each)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost:PORT", None]
)
def test_a_change_from_elsewhere_is_refused_even_with_the_cookie(
    database: Program, method: str, path: str, origin: str | None
) -> None:
    headers = {"Cookie": database.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    if origin is not None:
        headers["Origin"] = origin.replace("PORT", str(database.port))
    before = content(database)
    answer = database.ask(method, path, f"_token={database.token}", headers)
    assert answer.status == 403
    assert content(database) == before


@pytest.mark.parametrize(("method", "path"), CHANGES, ids=lambda each: each)
def test_a_change_without_the_pages_token_is_refused(
    database: Program, method: str, path: str
) -> None:
    before = content(database)
    headers = {"Cookie": database.cookie, "Origin": database.origin}
    assert database.ask(method, path, "", headers).status == 403
    assert content(database) == before


@pytest.mark.parametrize("path", ASKING)
def test_asking_changes_nothing(database: Program, path: str) -> None:
    before = content(database)
    answer = database.get(path)
    assert answer.status < 500
    assert content(database) == before
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert name in answer.headers, name
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
