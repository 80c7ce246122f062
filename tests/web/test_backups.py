"""A backup a day by itself, and any of them restored from the page."""

import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import InsertRecord
from myapp.web import create_app
from myapp.web.backup_keeper import BackupKeeper


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
    app: Flask, client: FlaskClient, clock: Clock
) -> None:
    client.post("/sample")
    assert "There is none yet" in client.get("/backups/").text
    assert "was made and checked" in client.get(client.post("/backups/make").location).text
    app.extensions["workspace"].database().apply(InsertRecord("Books", {"Title": "New"}))
    page = client.get("/backups/").text
    name = re.findall(r'name="name" value="([^"]+)"', page)[0]
    clock.now += timedelta(seconds=5)
    restored = client.post("/backups/restore", data={"name": name})
    assert "was restored" in client.get(restored.location).text
    assert client.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]
    assert [each.partition(" ")[2][9:] for each in names(app)] == [
        "before a restore.sqlite",
        "by hand.sqlite",
    ]
    newest = re.findall(r'name="name" value="([^"]+)"', client.get("/backups/").text)[0]
    clock.now += timedelta(seconds=5)
    client.post("/backups/restore", data={"name": newest})
    assert client.get("/tables/Books/rows").json["total"] == 13  # type: ignore[index]


@pytest.mark.parametrize(
    "name", ["", "../MyApp.sqlite", "/etc/passwd", "2026-11-21 12.00.00 x.sqlite"]
)
def test_only_what_is_listed_is_restored(client: FlaskClient, name: str) -> None:
    client.post("/sample")
    answer = client.post("/backups/restore", data={"name": name}, headers={"Accept": "text/html"})
    assert (answer.status_code, "not there any more" in answer.text) == (400, True)
    assert client.get("/tables/Books/rows").json["total"] == 12  # type: ignore[index]
