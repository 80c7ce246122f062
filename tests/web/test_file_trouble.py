"""What the pages say and do when the file itself is in trouble."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import connection, history
from tests.disks import small_disk
from tests.store.conftest import raw

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)"


@pytest.fixture
def theirs(tmp_path: Path, client: FlaskClient) -> Path:
    """A foreign file, open."""
    path = tmp_path / "theirs.db"
    raw(path, TABLE, "INSERT INTO t VALUES (1, 'mine')")
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    assert client.get("/tables/t/rows").json["total"] == 1  # type: ignore[index]
    return path


def edit(client: FlaskClient, text: str = "new") -> tuple[int, str]:
    answer = client.post("/tables/t/records/1", json={"values": {"a": text}})
    return answer.status_code, json.loads(answer.text).get("error", "")


def test_a_file_that_was_deleted_is_told_and_another_can_be_opened(
    client: FlaskClient, theirs: Path
) -> None:
    theirs.unlink()
    assert edit(client) == (
        400,
        "theirs.db is not at its place any more. If it was moved, open it from there.",
    )
    page = client.get("/")
    assert page.status_code == 200
    assert "theirs.db is not at its place any more" in page.text
    assert "Welcome to" in page.text, "the own file takes its place"
    assert "not at its place" not in client.get("/").text


def test_a_file_that_was_replaced_is_left_alone_until_the_person_knows(
    client: FlaskClient, theirs: Path
) -> None:
    edit(client)
    other = theirs.with_name("other.db")
    raw(other, TABLE, "INSERT INTO t VALUES (1, 'theirs')")
    other.replace(theirs)
    code, sentence = edit(client, "lost")
    assert code == 400
    assert "Nothing was written to the new one" in sentence
    assert raw(theirs, "SELECT a FROM t") == [("theirs",)]
    assert "What is shown here now is the new one." in client.get("/").text
    assert client.get("/tables/t/rows").json["rows"][0]["cells"] == [1, "theirs"]  # type: ignore[index]


def test_opening_a_replaced_file_again_goes_on_with_the_new_one(
    client: FlaskClient, theirs: Path
) -> None:
    edit(client)
    other = theirs.with_name("other.db")
    raw(other, TABLE, "INSERT INTO t VALUES (1, 'theirs')")
    other.replace(theirs)
    assert client.post("/open", data={"path": str(theirs)}).status_code == 303
    assert edit(client) == (200, "")
    assert raw(theirs, "SELECT a FROM t") == [("new",)]


def test_a_file_that_another_program_holds_can_be_changed_once_it_lets_go(
    client: FlaskClient, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_MS", 100)
    other = apsw.Connection(str(theirs))
    other.execute("BEGIN IMMEDIATE")
    code, sentence = edit(client)
    assert code == 423
    assert "Another program is using theirs.db" in sentence
    assert client.get("/tables/t/rows").json["total"] == 1  # type: ignore[index]
    other.execute("ROLLBACK")
    other.close()
    assert edit(client) == (200, "")


def test_while_a_file_is_held_the_first_page_leads_to_another_one(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_MS", 100)
    path = tmp_path / "theirs.db"
    raw(path, TABLE)
    assert client.post("/open", data={"path": str(path)}).status_code == 303
    held = apsw.Connection(str(path))
    held.execute("BEGIN EXCLUSIVE")
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 423
    assert 'href="/browse"' in page.text
    assert client.get("/browse").status_code == 200
    held.execute("COMMIT")
    held.close()
    assert client.get("/").status_code == 200


def test_a_name_that_no_system_takes_is_refused_in_words(client: FlaskClient) -> None:
    refused = client.post("/open", data={"path": f"/tmp/{'a' * 300}.db"})
    assert refused.status_code == 400
    assert "this computer does not find it" in refused.text


def test_a_file_in_a_write_protected_folder_can_be_read_and_says_so(
    client: FlaskClient, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/open", data={"path": str(theirs.with_name("none.db"))})
    allowed = os.access
    folder = theirs.parent / "locked"
    folder.mkdir()
    theirs.rename(folder / "theirs.db")
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder and allowed(path, mode))
    client.post("/open", data={"path": str(folder / "theirs.db")})
    page = client.get("/").text
    assert "can only be read: its folder is write-protected" in page
    assert client.get("/tables/t/rows").json["total"] == 1  # type: ignore[index]
    code, sentence = edit(client)
    assert code == 403
    assert "Nothing was changed" in sentence


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "400k") as folder:
        raw(folder / "small.db", TABLE, "INSERT INTO t VALUES (1, 'mine')")
        yield folder / "small.db"


def test_an_edit_that_finds_the_disk_full_says_so_and_changes_nothing(
    app: Flask, client: FlaskClient, full_disk: Path
) -> None:
    client.post("/open", data={"path": str(full_disk)})
    code, sentence = edit(client, "x" * 600_000)
    assert code == 507
    assert "The disk that holds small.db is full." in sentence
    assert client.get("/tables/t/rows").json["rows"][0]["cells"] == [1, "mine"]  # type: ignore[index]
    assert edit(client) == (200, "")
    app.extensions["workspace"].close()
    assert raw(full_disk, "PRAGMA integrity_check") == [("ok",)]


def test_steps_keep_their_order_when_the_clock_jumps_back(
    client: FlaskClient, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(client, "first")

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) - timedelta(days=400)

    monkeypatch.setattr(history, "datetime", Earlier)
    edit(client, "second")
    past = client.get("/tables/t/records/1/history").text
    assert past.index("second") < past.index("first")
    client.post("/undo")
    assert raw(theirs, "SELECT a FROM t") == [("first",)]
    client.post("/undo")
    assert raw(theirs, "SELECT a FROM t") == [("mine",)]
