"""The application with a data folder of its own, and clients that skip the shell."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.web import create_app, work


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine an answer may take longer than a page waits for it."""
    monkeypatch.setattr(work, "WORTH_WAITING", 30.0)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(instance_path=str(tmp_path / "data"))
    yield made
    made.extensions["workspace"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def books(client: FlaskClient) -> FlaskClient:
    """A client whose file has the sample in it."""
    assert client.post("/sample").status_code == 303
    return client
