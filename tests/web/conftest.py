"""The application with a data folder of its own, and clients that skip the shell."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.web import create_app
from myapp.web.long_steps import LongStep


@pytest.fixture(autouse=True)
def patient(patient: None) -> None:
    """In all tests here."""


@pytest.fixture
def go_on_when_cancelled(monkeypatch: pytest.MonkeyPatch) -> Callable[[threading.Event], None]:
    """What a test holds in the middle of a step goes on once the step was told to stop."""

    def let_go(held: threading.Event) -> None:
        cancel = LongStep.cancel

        def cancel_and_go_on(step: LongStep) -> None:
            cancel(step)
            held.set()

        monkeypatch.setattr(LongStep, "cancel", cancel_and_go_on)

    return let_go


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
