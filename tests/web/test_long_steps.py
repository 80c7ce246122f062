"""What takes long says how far it is in the page that began it; cancelled, it leaves no trace."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from myapp.store import Database, hearing
from myapp.store.database import Database as Store
from myapp.web import work
from tests.conftest import LIMIT, wait_until

HTML = {"Accept": "text/html"}
DATA = {"Accept": "application/json"}
LetGo = Callable[[threading.Event], None]


class Gate:
    """Holds every step at its first word until it is opened."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def pass_on(self, told: Callable[[int, int], None] | None) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            self.reached.set()
            assert self.open.wait(LIMIT)
            if told is not None:
                told(done, total)

        return tell


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Steps are looked at often, and nobody waits for them."""
    held = Gate()
    monkeypatch.setattr(hearing, "PROGRESS_STEPS", 20)
    step, apply = Store.step, Store.apply

    def slow_step(self: Store, told: Any = None, **options: Any) -> Any:
        return step(self, held.pass_on(told), **options)

    def slow_apply(self: Store, change: Any, told: Any = None) -> Any:
        return apply(self, change, held.pass_on(told))

    monkeypatch.setattr(Store, "step", slow_step)
    monkeypatch.setattr(Store, "apply", slow_apply)
    yield held
    held.open.set()


@pytest.fixture
def deleted(books: FlaskClient) -> FlaskClient:
    """A table from which two of twelve records were deleted."""
    books.post("/tables/Books/records/delete", json={"ids": ["1", "2"]})
    return books


def records_of(client: FlaskClient) -> int:
    found = client.get("/tables/Books/rows").json
    assert found is not None
    return int(found["total"])


def begun(client: FlaskClient, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An undo that is held in its middle."""
    monkeypatch.setattr(work, "WORTH_WAITING", 0.0)
    answer = client.post("/undo", json={}, headers=DATA)
    assert answer.status_code == 202
    assert answer.json is not None
    assert gate.reached.wait(LIMIT)
    found: dict[str, str] = answer.json["work"]
    return found


def until_over(client: FlaskClient, address: str) -> None:
    wait_until(lambda: not client.get(address).json["running"], "its end")  # type: ignore[index]


def test_a_long_undo_tells_the_grid_where_to_ask_for_it(
    deleted: FlaskClient, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = begun(deleted, gate, monkeypatch)
    assert step["sentence"] == "Undo: Delete 2 records of Books"
    now = deleted.get(step["progress"]).json
    assert now is not None
    assert (now["running"], now["part"], now["unit"]) == (True, None, "records")
    waiting = deleted.get(step["outcome"], headers=DATA)
    assert (waiting.status_code, waiting.json) == (202, {"work": step})
    assert step["sentence"] in deleted.get(step["outcome"], headers=HTML).text
    gate.open.set()
    until_over(deleted, step["progress"])
    over = deleted.get(step["outcome"], headers=DATA)
    assert over.json is not None
    assert (over.json["done"], over.json["table"]) == ("Delete 2 records of Books", "Books")
    assert records_of(deleted) == 12


def test_a_cancelled_undo_leaves_everything_as_it_was(
    deleted: FlaskClient,
    gate: Gate,
    go_on_when_cancelled: LetGo,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = begun(deleted, gate, monkeypatch)
    go_on_when_cancelled(gate.open)
    gone = deleted.post(step["cancel"], json={}, headers=DATA)
    over = deleted.get(gone.headers["Location"], headers=DATA)
    assert over.json is not None
    assert over.json == {"error": "It was stopped. Nothing was changed.", "stopped": True}
    assert records_of(deleted) == 10
    assert "Undo “Delete 2 records of Books”" in deleted.get("/history").text


def test_a_small_undo_is_answered_at_once_and_leaves_no_trace(
    deleted: FlaskClient, app: Flask
) -> None:
    answer = deleted.post("/undo", json={}, headers=DATA)
    assert answer.json is not None
    assert (answer.status_code, answer.json["done"]) == (200, "Delete 2 records of Books")
    assert not app.extensions["workspace"].steps.steps


def test_the_page_of_the_history_shows_how_far_an_undo_is_and_comes_back(
    deleted: FlaskClient, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "WORTH_WAITING", 0.0)
    # As a script of the page sends the form.
    sent = deleted.post("/undo", data={"back": "history"}, headers=DATA)
    assert sent.status_code == 303
    assert "Undo: Delete 2 records of Books" in deleted.get(sent.location, headers=HTML).text
    gate.open.set()
    until_over(deleted, f"{sent.location}/progress")
    assert deleted.get(sent.location, headers=HTML).location == "/history"
    assert deleted.get(sent.location, headers=DATA).location == "/history"


def test_a_field_is_counted_before_it_goes_and_the_counting_is_cancelled(
    books: FlaskClient, go_on_when_cancelled: LetGo, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    look = Database.field_loss
    monkeypatch.setattr(work, "WORTH_WAITING", 0.0)
    monkeypatch.setattr(
        Database,
        "field_loss",
        lambda self, table, field, told: look(self, table, field, gate.pass_on(told)),
    )
    monkeypatch.setattr(hearing, "PROGRESS_STEPS", 5)
    asked = books.get("/tables/Books/fields/drop?field=Pages", headers=HTML)
    address = asked.location
    page = books.get(address, headers=HTML).text
    assert "Count what would go with the field Pages" in page
    assert "Nothing is changed by it" in page
    go_on_when_cancelled(gate.open)
    gone = books.post(f"{address}/cancel", headers=HTML)
    assert books.get(gone.location, headers=HTML).location == "/tables/Books/fields"
    again = books.get("/tables/Books/fields/drop?field=Pages", headers=HTML)
    if again.status_code == 303:
        until_over(books, f"{again.location}/progress")
        again = books.get(again.location, headers=HTML)
    assert "Delete the field Pages?" in again.text


def test_a_backup_before_a_table_goes_is_cancelled_with_it(
    books: FlaskClient,
    app: Flask,
    go_on_when_cancelled: LetGo,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from myapp.store import backup

    gate = Gate()
    tell = backup.tell
    monkeypatch.setattr(work, "WORTH_WAITING", 0.0)
    monkeypatch.setattr(
        backup, "tell", lambda copied, page, told: tell(copied, page, gate.pass_on(told))
    )
    sent = books.post("/tables/Books/drop", headers=HTML)
    assert gate.reached.wait(LIMIT)
    now = books.get(f"{sent.location}/progress").json
    assert now is not None
    assert now["unit"] == "MB"
    go_on_when_cancelled(gate.open)
    gone = books.post(f"{sent.location}/cancel", headers=HTML)
    assert books.get(gone.location, headers=HTML).location == "/tables/Books"
    assert records_of(books) == 12
    keeper, opened = app.extensions["workspace"].backups, app.extensions["workspace"].opened
    assert not [each for each in keeper.backups(opened.path) if "deleting" in each.why]
