"""The history stays within its limits, says what it costs, and is forgotten when asked."""

from collections.abc import Callable

import pytest

from myapp.store import (
    AddField,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    DropTable,
    InsertRecord,
    Kind,
    NewField,
    Query,
    UpdateRecord,
    keeping,
)

from .conftest import contents, raw

Foreign = Callable[..., Database]


def filled(database: Database, name: str, records: int = 2_000) -> None:
    with database.stage(name, [NewField("a", Kind.TEXT)]) as staging:
        staging.append((f"{n} {'x' * 100}",) for n in range(records))
        staging.finish()


def sentences(database: Database) -> list[str]:
    return [step.sentence for step in database.steps()]


def test_the_oldest_steps_go_when_the_history_grows_too_large(own: Database) -> None:
    filled(own, "t")
    own.limit_history(150_000)
    for first in range(1, 2000, 500):
        own.apply(DeleteRecords("t", tuple(map(str, range(first, first + 500)))))
    assert sentences(own) == ["Delete 500 records of t"] * 2
    assert own.history_cost().bytes <= 150_000
    assert own.undo() is not None
    assert own.undo() is not None
    assert (own.undo(), own.count(Query("t"))) == (None, 1000)


def test_the_newest_step_stays_however_large_it_is(own: Database) -> None:
    filled(own, "t")
    own.limit_history(10_000)
    own.apply(UpdateRecord("t", "1", {"a": "y"}))
    before = contents(own.path)
    own.apply(DeleteRecords("t", tuple(map(str, range(1, 2001)))))
    assert sentences(own) == ["Delete 2,000 records of t"]
    own.undo()
    assert contents(own.path) == before


def test_a_large_import_into_a_table_is_forgotten_as_a_whole_or_not_at_all(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.store.stretches.MOST_NOTED", 100_000)
    filled(own, "t", 10)
    own.limit_history(100_000)
    before = contents(own.path)
    with own.stage("t", [NewField("a", Kind.TEXT)], mode="append") as staging:
        staging.append((f"{n} {'x' * 300}",) for n in range(2_000))
        staging.finish()
    assert sentences(own) == ["Add 2,000 records to t"]
    own.undo()
    assert contents(own.path) == before
    own.redo()
    own.apply(DeleteRecords("t", tuple(map(str, range(100, 600)))))
    assert sentences(own) == ["Delete 500 records of t"]


def test_a_deleted_table_counts_with_what_it_takes_in_the_file(own: Database) -> None:
    filled(own, "large")
    own.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))
    small = own.history_cost().bytes
    own.apply(DropTable("large"))
    assert own.history_cost().bytes - small > 200_000
    own.limit_history(100_000)
    assert sentences(own) == ["Delete the table large"], "the newest step stays"
    own.apply(DropTable("t"))
    assert sentences(own) == ["Delete the table t"]
    assert raw(own.path, "SELECT count(*) FROM sqlite_schema WHERE name GLOB '_myapp_trash_*'") == [
        (1,)
    ]
    assert own.history_cost().bytes < 100_000


def test_what_a_deleted_field_held_counts_too(own: Database) -> None:
    filled(own, "t")
    small = own.history_cost().bytes
    own.apply(DropField("t", "a"))
    assert own.history_cost().bytes - small > 200_000
    own.limit_history(100_000)
    own.apply(AddField("t", NewField("b", Kind.TEXT)))
    assert sentences(own) == ["Add the field b to t"]
    assert own.history_cost().bytes < 1_000


def test_many_small_steps_are_counted_too(own: Database) -> None:
    own.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))
    own.limit_history(5_000)
    for _ in range(100):
        own.apply(InsertRecord("t", {"a": "x" * 200}))
    cost = own.history_cost()
    assert cost.steps < 60
    assert cost.bytes <= 5_000 + keeping.EVERY * 300


def test_without_a_limit_of_its_own_it_is_a_quarter_of_a_large_file(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(own, "t")
    cost = own.history_cost()
    assert (cost.steps, cost.limit, cost.own_limit) == (1, 256_000_000, None)
    monkeypatch.setattr(keeping, "LEAST", 1000)
    assert own.history_cost().limit > 50_000
    own.limit_history(77)
    assert own.history_cost().own_limit == 77
    own.limit_history(None)
    assert own.history_cost().own_limit is None


def test_a_lower_limit_keeps_what_can_still_be_redone(own: Database) -> None:
    own.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))
    own.apply(InsertRecord("t", {"a": "x"}))
    own.apply(InsertRecord("t", {"a": "y"}))
    own.undo()
    own.limit_history(1)
    assert own.redo() is not None
    own.undo()
    assert own.undo() is not None
    assert (own.undo(), own.count(Query("t"))) == (None, 0)


def test_forgetting_takes_the_history_and_no_record(foreign: Foreign) -> None:
    database = foreign("CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('x')")
    database.forget_history()
    assert raw(database.path, "SELECT count(*) FROM sqlite_schema") == [(1,)], "nothing was added"
    database.apply(InsertRecord("t", {"a": "y"}))
    filled(database, "gone")
    database.apply(DropTable("gone"))
    before = contents(database.path)
    database.forget_history()
    assert contents(database.path) == before
    assert (database.next_undo(), database.steps()) == (None, ())
    assert database.history_cost()[:2] == (0, 0)
    hidden = raw(database.path, "SELECT name FROM sqlite_schema WHERE name GLOB '_myapp_trash*'")
    assert hidden == []
    database.apply(InsertRecord("t", {"a": "z"}))
    assert database.undo() is not None
