"""Tables stand in the order that a person gave them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from myapp.store import (
    CreateTable,
    Database,
    DropTable,
    Kind,
    MoveTable,
    NewField,
    NoSuchTable,
    OrderByName,
    Part,
    Query,
    RenameTable,
    SaveView,
    StoreError,
    open_database,
)
from myapp.store.query import SavedView

from .conftest import contents, raw


def make(database: Database, *names: str) -> None:
    for name in names:
        database.apply(CreateTable(name, (NewField("a", Kind.TEXT),)))


@pytest.fixture
def own(own: Database) -> Database:
    make(own, "a", "b", "c", "d")
    return own


def names(database: Database) -> str:
    return " ".join(table.name for table in database.tables())


def test_a_table_is_moved_and_all_others_stay_as_they_were_seen(own: Database) -> None:
    own.apply(MoveTable("c", 0))
    assert names(own) == "c a b d"
    own.apply(MoveTable("a", 2))
    assert names(own) == "c b a d"
    own.apply(MoveTable("b", 99))
    assert names(own) == "c a d b"
    own.apply(MoveTable("B", -5))
    assert names(own) == "b c a d"


def test_new_tables_come_at_the_end(own: Database) -> None:
    own.apply(MoveTable("d", 0))
    make(own, "aa")
    raw(own.path, "CREATE TABLE ab (x)", "CREATE VIEW a0 AS SELECT 1 AS one")
    assert names(own) == "d a b c a0 aa ab"
    own.apply(MoveTable("ab", 1))
    assert names(own) == "d ab a b c a0 aa"


def test_a_move_is_undone_and_redone_also_after_a_restart(own: Database) -> None:
    own.apply(MoveTable("c", 0))
    own.apply(MoveTable("d", 1))
    own.apply(OrderByName())
    assert names(own) == "a b c d"
    assert own.undo() is not None
    assert names(own) == "c d a b"
    own.undo()
    assert names(own) == "c a b d"
    own.undo()
    assert names(own) == "a b c d"
    own.close()
    again = open_database(own.path)
    for shown in ("c a b d", "c d a b", "a b c d"):
        again.redo()
        assert names(again) == shown
    again.close()


def test_what_changes_nothing_is_no_step(own: Database) -> None:
    before = own.next_undo()
    own.apply(MoveTable("b", 1))
    own.apply(MoveTable("d", 3))
    own.apply(OrderByName())
    assert own.next_undo() == before
    with pytest.raises(NoSuchTable):
        own.apply(MoveTable("z", 1))


def test_a_renamed_table_keeps_its_place_and_a_deleted_one_comes_back_to_it(own: Database) -> None:
    own.apply(MoveTable("d", 1))
    own.apply(RenameTable("d", "A new name"))
    assert names(own) == "a A new name b c"
    own.apply(DropTable("A new name"))
    own.apply(MoveTable("c", 0))
    make(own, "A new name")
    assert names(own) == "c a b A new name"
    own.undo()
    own.undo()
    own.undo()
    assert names(own) == "a A new name b c"
    own.undo()
    assert names(own) == "a d b c"


def test_a_table_that_another_program_took_away_loses_its_place(own: Database) -> None:
    own.apply(MoveTable("d", 0))
    raw(own.path, "DROP TABLE d")
    make(own, "d")
    assert names(own) == "a b c d"
    raw(own.path, "DROP TABLE a")
    own.apply(RenameTable("c", "a"))
    assert names(own) == "b a d"


def test_an_open_file_sees_the_order_that_another_process_gave(own: Database) -> None:
    other = open_database(own.path)
    own.apply(MoveTable("d", 0))
    assert names(other) == "d a b c"
    own.apply(OrderByName())
    assert names(other) == "a b c d"
    other.close()


def test_a_strangers_file_is_touched_by_a_move_alone(foreign: Callable[..., Database]) -> None:
    file = foreign("CREATE TABLE b (x)", "CREATE TABLE a (x)")
    before = file.path.read_bytes()
    assert names(file) == "a b"
    file.apply(OrderByName())
    assert file.path.read_bytes() == before
    file.apply(SaveView("a", SavedView("all")))
    assert raw(file.path, "SELECT 1 FROM sqlite_schema WHERE name = '_myapp_order'") == []
    file.apply(MoveTable("b", 0))
    assert names(file) == "b a"
    assert raw(file.path, "SELECT count(*) FROM _myapp_order") == [(2,)]


def test_the_order_is_kept_apart_from_the_records(own: Database) -> None:
    before = contents(own.path)
    own.apply(MoveTable("c", 0))
    assert contents(own.path) == before
    raw(own.path, "DROP TABLE _myapp_order")
    assert names(own) == "a b c d"


@pytest.mark.parametrize("sql", ["TABLE _myapp_order (x)", "VIEW _myapp_order AS SELECT 1 AS x"])
def test_what_has_our_name_and_is_not_ours_stays(
    foreign: Callable[..., Database], sql: str
) -> None:
    file = foreign("CREATE TABLE b (x)", "CREATE TABLE a (x)", f"CREATE {sql}")
    assert names(file) == "a b"
    with pytest.raises(StoreError):
        file.apply(MoveTable("b", 0))
    file.apply(RenameTable("b", "c"))
    assert raw(file.path, "SELECT sql FROM sqlite_schema WHERE name = '_myapp_order'")


def test_what_another_program_wrote_into_it_is_passed_over(own: Database) -> None:
    own.apply(MoveTable("c", 0))
    raw(
        own.path,
        "INSERT INTO _myapp_order (place, table_name) VALUES (-3, x'00ff'), (-2, 'gone'), (-1, 4)",
        "CREATE TABLE wakes (x)",
    )
    assert names(own) == "c a b d wakes"
    own.apply(MoveTable("wakes", 0))
    assert names(own) == "wakes c a b d"


@pytest.mark.parametrize("parts", [None, (Part(Query("a")), Part(Query("d")))])
def test_a_file_that_is_given_away_has_the_order(
    own: Database, tmp_path: Path, parts: tuple[Part, ...] | None
) -> None:
    own.apply(MoveTable("d", 0))
    own.apply(DropTable("b"))
    given = tmp_path / "given.sqlite"
    own.copy(given, parts, lambda: False)
    other = open_database(given)
    assert names(other) == ("d a c" if parts is None else "d a")
    other.close()
    assert "trash" not in str(raw(given, "SELECT table_name FROM _myapp_order"))


def test_a_thousand_tables_are_moved_at_once(foreign: Callable[..., Database]) -> None:
    file = foreign(*(f"CREATE TABLE t{number:04} (x)" for number in range(1_000)))
    file.apply(MoveTable("t0999", 0))
    file.apply(MoveTable("t0000", 500))
    shown = names(file).split()
    assert (shown[0], shown[1], shown[500], shown[999]) == ("t0999", "t0001", "t0000", "t0998")
    (cost,) = raw(file.path, "SELECT max(length(changeset)) FROM _myapp_history")
    assert int(str(cost[0])) < 10_000
