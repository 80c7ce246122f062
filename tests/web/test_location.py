"""Where a file can come to harm is said on the first page, once for each file."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import Location, create_database
from myapp.web import create_app


def test_a_file_in_a_synced_folder_is_opened_with_a_word(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    assert "keeps in sync" not in client.get("/").text
    folder = tmp_path / "Dropbox"
    folder.mkdir()
    for name in ("a.sqlite", "b.sqlite"):
        create_database(folder / name).close()
    client.post("/open", data={"path": str(folder / "a.sqlite")})
    page = client.get("/").text
    assert "a folder that Dropbox keeps in sync" in page
    assert "on one computer at a time" in page
    assert "keeps in sync" in client.get("/").text
    known = client.post("/location-known")
    assert "keeps in sync" not in client.get(known.location).text
    client.post("/open", data={"path": str(folder / "b.sqlite")})
    assert "keeps in sync" in client.get("/").text
    app.extensions["workspace"].close()
    again = create_app(instance_path=str(tmp_path / "data"))
    later = again.test_client()
    later.post("/open", data={"path": str(folder / "a.sqlite")})
    assert "keeps in sync" not in later.get("/").text, "it is remembered"
    again.extensions["workspace"].close()


def test_a_network_drive_is_named(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "myapp.store.location.find_location", lambda path: Location("network", "nfs4")
    )
    assert "lies on a network drive (nfs4)" in client.get("/").text
