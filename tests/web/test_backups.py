"""A backup a day by itself, and any of them restored from the page."""

import io
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import InsertRecord, create_database
from myapp.web import create_app
from myapp.web.backup_keeper import BackupKeeper
from tests.conftest import LIMIT


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    made = create_app(instance_path=str(tmp_path / "data"))
    workspace = made.extensions["workspace"]
    workspace.backups = BackupKeeper(tmp_path / "data" / "backups", clock, delay=0.0)
    yield made
    workspace.close()


def names(app: Flask) -> list[str]:
    workspace = app.extensions["workspace"]
    if workspace.backups.thread is not None:
        workspace.backups.thread.join()
    return [each.name for each in workspace.backups.backups(workspace.database().path)]


@pytest.fixture
def books(app: Flask, client: FlaskClient) -> FlaskClient:
    """A client whose file has the sample in it, made after the day's first look has found nothing:
    the next one is some minutes off."""
    client.get("/")
    assert names(app) == []
    assert client.post("/sample").status_code == 303
    return client


def test_one_backup_a_day_is_made_where_something_changed(
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    client.get("/")
    assert names(app) == [], "there is nothing to back up"
    client.post("/sample")
    clock.now += timedelta(minutes=11)
    client.get("/")
    assert len(names(app)) == 1
    for _ in range(3):
        clock.now += timedelta(minutes=11)
        client.get("/")
    assert len(names(app)) == 1
    clock.now += timedelta(days=1)
    client.get("/")
    assert len(names(app)) == 1, "nothing changed since"
    database = app.extensions["workspace"].database()
    database.apply(InsertRecord("Books", {"Title": "New"}))
    moment = (clock.now + timedelta(minutes=1)).timestamp()
    os.utime(database.path, (moment, moment))
    clock.now += timedelta(minutes=11)
    client.get("/")
    assert len(names(app)) == 2


def test_a_short_first_day_ends_with_its_backup(app: Flask, client: FlaskClient) -> None:
    client.get("/")
    assert names(app) == [], "there is nothing to back up"
    client.post("/sample")
    assert names(app) == [], "the next look is some minutes off"
    keeper, path = app.extensions["workspace"].backups, app.extensions["workspace"].database().path
    app.extensions["workspace"].close()
    assert [each.why for each in keeper.backups(path)] == ["daily"]


def test_a_backup_is_made_and_restored_from_the_page(
    app: Flask, books: FlaskClient, clock: Clock
) -> None:
    assert "There is none yet" in books.get("/backups/").text
    assert "was made and checked" in books.get(books.post("/backups/make").location).text
    app.extensions["workspace"].database().apply(InsertRecord("Books", {"Title": "New"}))
    page = books.get("/backups/").text
    name = re.findall(r'name="name" value="([^"]+)"', page)[0]
    clock.now += timedelta(minutes=5)
    restored = books.post("/backups/restore", data={"name": name})
    assert "was restored" in books.get(restored.location).text
    assert books.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]
    assert [each.partition(" ")[2][9:] for each in names(app)] == [
        "before a restore.sqlite",
        "by hand.sqlite",
    ]
    newest = re.findall(r'name="name" value="([^"]+)"', books.get("/backups/").text)[0]
    clock.now += timedelta(minutes=5)
    books.post("/backups/restore", data={"name": newest})
    assert books.get("/tables/Books/rows").json["total"] == 13  # type: ignore[index]


@pytest.mark.parametrize(
    "name", ["", "../MyApp.sqlite", "/etc/passwd", "2026-11-21 12.00.00 x.sqlite"]
)
def test_only_what_is_listed_is_restored(books: FlaskClient, name: str) -> None:
    answer = books.post("/backups/restore", data={"name": name}, headers={"Accept": "text/html"})
    assert (answer.status_code, "not there any more" in answer.text) == (400, True)
    assert books.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]


def test_a_backup_is_made_before_a_table_is_deleted(
    app: Flask, books: FlaskClient, clock: Clock
) -> None:
    books.post("/tables/Books/drop")
    assert "before deleting Books" in books.get("/backups/").text
    assert names(app)[0].endswith(" before deleting Books.sqlite")
    name = re.findall(r'name="name" value="([^"]+)"', books.get("/backups/").text)[0]
    clock.now += timedelta(minutes=5)
    books.post("/backups/restore", data={"name": name})
    assert books.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]


def test_what_is_backed_up_already_is_not_backed_up_again(
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    client.get("/")
    assert names(app) == [], "the day's first look has found nothing"
    client.post("/sample")
    clock.now += timedelta(minutes=5)
    client.post("/backups/make")
    client.post("/tables/Books/drop")
    assert len(names(app)) == 1
    missing = client.post("/tables/Lost/drop", headers={"Accept": "text/html"})
    assert (missing.status_code, len(names(app))) == (404, 1)


def test_a_day_gets_its_backup_though_the_clock_ran_a_year_ahead(
    app: Flask, books: FlaskClient, clock: Clock
) -> None:
    clock.now += timedelta(days=365)
    books.post("/backups/make")
    assert all(name.startswith(f"{clock.now:%Y-%m-%d}") for name in names(app))
    clock.now -= timedelta(days=364)
    books.post("/tables/Books/records", json={"values": {"Title": "later"}})
    books.get("/")
    assert names(app)[-1] == f"{clock.now:%Y-%m-%d %H.%M.%S} daily.sqlite"


def test_a_backup_is_made_before_the_history_is_forgotten(app: Flask, books: FlaskClient) -> None:
    books.post("/history/forget")
    assert [name.partition(" before ")[2] for name in names(app)] == [
        "forgetting the history.sqlite"
    ]


@pytest.mark.parametrize(
    ("mode", "made"), [("new", []), ("append", ["importing into Books.sqlite"])]
)
def test_a_backup_is_made_before_an_import_into_a_table_that_is_there(
    app: Flask, books: FlaskClient, mode: str, made: list[str]
) -> None:
    sent = {"file": (io.BytesIO(b"Title,Pages\nNew,12\n"), "x.csv")}
    address = books.post("/files", data=sent).location
    books.post(f"{address}/read", data={"mode": mode, "table": "Books"})
    books.post(f"{address}/start", data={"mode": mode, "table": "Books" if made else "Other"})
    workspace = app.extensions["workspace"]
    for job in workspace.imports.jobs.values():
        job.wait(LIMIT)
        assert job.error is None
    assert [name.partition(" before ")[2] for name in names(app)] == made


def test_a_full_disk_stops_no_step_and_is_told(
    app: Flask, books: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.store.backup.ROOM_LEFT", 1 << 60)
    books.post("/tables/Books/drop")
    page = books.get("/backups/").text
    assert "There is no backup from before deleting Books. " in page
    assert "Free some space" in page
    assert books.get("/tables/Books").status_code == 404


def test_what_kept_another_file_from_its_backup_is_not_told_of_this_one(
    app: Flask, books: FlaskClient, tmp_path: Path
) -> None:
    keeper, first = app.extensions["workspace"].backups, app.extensions["workspace"].database()
    create_database(tmp_path / "other.sqlite").close()
    books.post("/open", data={"path": str(tmp_path / "other.sqlite")})
    books.get("/")
    keeper.make_daily(first)
    assert "was closed" not in books.get("/backups/").text
