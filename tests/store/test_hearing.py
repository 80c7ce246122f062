"""Long steps say how far they are, and can be ended in the middle of a statement: then nothing is
changed, and what can be undone still can."""

import threading
import time
from collections.abc import Callable

import pytest

from myapp.store import (
    ChangeField,
    Database,
    DeleteRecords,
    DropField,
    Kind,
    LinkTo,
    Query,
    Sort,
    UpdateRecords,
    ValuesDoNotFit,
    hearing,
)
from myapp.store.changes import RecordValues
from myapp.store.errors import ReadStopped
from tests.store.conftest import everything

CITIES = (
    "CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT)",
    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, city INTEGER REFERENCES city (id)"
    " ON DELETE CASCADE)",
    "INSERT INTO city VALUES (1, 'Basel'), (2, 'Oslo')",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
    " INSERT INTO person SELECT i, 'Person ' || i, i % 2 + 1 FROM n",
)


class Enough(Exception):
    pass


class Listener:
    """Wants no more after `patience` words."""

    def __init__(self, patience: int = 1 << 60) -> None:
        self.patience = patience
        self.heard: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.heard.append((done, total))
        if len(self.heard) > self.patience:
            raise Enough


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "PROGRESS_STEPS", 40)


@pytest.fixture
def people(foreign: Callable[..., Database]) -> Database:
    return foreign(*CITIES)


def stopped_anywhere(database: Database, step: Callable[[Listener], object]) -> list[int]:
    """End the step at ever later words, and see each time that nothing was changed; gives the
    numbers of words at which it was ended."""
    before = everything(database.path)
    undo, redo = database.next_undo(), database.next_redo()
    patience, ended = 0, []
    while True:
        try:
            step(Listener(patience))
        except Enough:
            assert everything(database.path) == before
            assert (database.next_undo(), database.next_redo()) == (undo, redo)
            ended.append(patience)
            patience += 1 + patience // 3
        else:
            return ended


def test_a_change_in_the_wake_of_another_is_ended_anywhere_and_undone_as_well(
    people: Database,
) -> None:
    before = everything(people.path)
    delete = DeleteRecords("city", ("1", "2"))
    assert len(stopped_anywhere(people, lambda told: people.apply(delete, told))) > 5
    assert people.count_quickly("person") == 0
    assert len(stopped_anywhere(people, people.undo)) > 5
    assert everything(people.path) == before
    assert len(stopped_anywhere(people, people.redo)) > 5
    assert people.count_quickly("person") == 0


def test_an_undo_says_how_many_records_are_done_of_how_many(people: Database) -> None:
    people.apply(DeleteRecords("city", ("1", "2")))
    listener = Listener()
    people.undo(listener)
    done = [each for each, total in listener.heard if total == 302]
    assert done == sorted(done)
    assert 100 < done[-1] <= 302


def test_an_import_that_is_taken_back_is_told_as_one(people: Database) -> None:
    from myapp.store import NewField, stretches

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stretches, "MOST_NOTED", 4_000)
        with people.stage("person", [NewField("name", Kind.TEXT)], mode="append") as staging:
            staging.append([(f"New {number}",) for number in range(200)])
            staging.finish()
    assert len(stopped_anywhere(people, people.undo)) > 5
    people.redo()
    listener = Listener()
    people.undo(listener)
    assert people.count_quickly("person") == 300
    done = [each for each, _ in listener.heard]
    assert done == sorted(done)
    assert 190 < listener.heard[-1][1] < 210


def test_an_update_by_a_key_is_ended_anywhere(people: Database) -> None:
    from myapp.store import NewField

    def update(told: Listener) -> None:
        fields = [NewField("id", Kind.INTEGER), NewField("name", Kind.TEXT)]
        with people.stage("person", fields, mode="update", key=["id"]) as staging:
            staging.append([(number, f"New {number}") for number in range(200, 400)])
            staging.finish(asked=lambda: told(0, 0))

    assert len(stopped_anywhere(people, update)) > 5
    assert people.count_quickly("person") == 399


@pytest.mark.parametrize(
    "change",
    [
        ChangeField("person", "name", required=True, unique=True),
        ChangeField("person", "name", Kind.INTEGER, misfits="empty"),
        ChangeField("person", "name", link=LinkTo("city"), by="title", misfits="make"),
        DropField("person", "name"),
    ],
)
def test_a_rebuilt_table_is_left_as_it_was_wherever_it_is_stopped(
    people: Database, change: ChangeField | DropField
) -> None:
    before = everything(people.path)
    assert len(stopped_anywhere(people, lambda told: people.apply(change, told))) > 5
    changed = everything(people.path)
    assert len(stopped_anywhere(people, people.undo)) > 5
    assert everything(people.path) == before
    assert len(stopped_anywhere(people, people.redo)) > 5
    assert everything(people.path) == changed


def test_many_records_are_edited_until_somebody_wants_it_no_more(people: Database) -> None:
    rows = tuple(RecordValues(str(n), {"name": "x"}, {}) for n in range(1, 200))
    change = UpdateRecords("person", rows)
    assert len(stopped_anywhere(people, lambda told: people.apply(change, told))) > 5


def test_what_does_not_fit_a_type_is_counted_aloud(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from myapp.store import fitting

    monkeypatch.setattr(fitting, "LOOKED_AT", 70)
    listener = Listener()
    with pytest.raises(ValuesDoNotFit, match="300 values of “name”"):
        people.apply(ChangeField("person", "name", Kind.INTEGER), listener)
    steps = list(dict.fromkeys(each for each in listener.heard if each[1]))
    assert steps == [(0, 300), (70, 300), (140, 300), (210, 300), (280, 300), (300, 300)]


@pytest.mark.parametrize(
    "look",
    [
        lambda database, told: database.field_loss("person", "name", told),
        lambda database, told: database.matching("person", "name", LinkTo("city"), "title", told),
    ],
)
def test_a_look_at_all_records_can_be_ended(
    people: Database, look: Callable[[Database, Listener], object]
) -> None:
    with pytest.raises(Enough):
        look(people, Listener(0))
    assert look(people, Listener()) is not None


def test_a_long_step_has_a_name_for_others_who_wait(people: Database) -> None:
    seen = []
    delete = DeleteRecords("city", ("1", "2"))
    people.apply(delete, lambda _done, _total: seen.append(people.working))
    assert set(seen) == {"Delete 2 records of city"}
    assert people.working is None


def test_a_view_that_nobody_waits_for_is_computed_no_further(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "MOMENT", 0.0)
    by_name = Query("person", (Sort("name", descending=True),))
    with pytest.raises(ReadStopped):
        people.window(by_name, 0, 10, gone=lambda: True)
    with pytest.raises(ReadStopped):
        people.groups(by_name, "name", gone=lambda: True)
    with pytest.raises(ReadStopped):
        list(people.search("nobody", gone=lambda: True))
    assert people.window(by_name, 0, 10, gone=lambda: False).total == 300
    # What is there is given to whoever asks.
    assert people.window(by_name, 0, 10, gone=lambda: True).total == 300


def test_a_view_that_another_waits_for_is_computed(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "MOMENT", 0.0)
    by_name = Query("person", (Sort("name", descending=True),))
    others: list[int] = []

    def ask_too() -> None:
        others.append(people.window(by_name, 0, 10).total)

    other = threading.Thread(target=ask_too)

    def gone() -> bool:
        if not other.ident:
            other.start()
            while not people.views.is_for_others(by_name):
                time.sleep(0.001)
        return True

    assert people.window(by_name, 0, 10, gone=gone).total == 300
    other.join()
    assert others == [300]
