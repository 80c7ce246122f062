"""Fields are dropped and moved by a rebuild of their table, and everything comes back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from myapp.store import (
    CannotUndo,
    Change,
    ChangeField,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    DropTable,
    InsertRecord,
    Kind,
    LockedByAnother,
    MoveField,
    NewField,
    Query,
    RenameField,
    RenameTable,
    StillWorking,
    StoreError,
    UpdateRecord,
    build_index,
    history,
    open_database,
)

from .conftest import everything, raw

Foreign = Callable[..., Database]
SHOP = (
    "CREATE TABLE maker (id INTEGER PRIMARY KEY, name TEXT)",
    """CREATE TABLE item (
        code TEXT NOT NULL UNIQUE, -- on the label
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        price DECIMAL(10, 2) NOT NULL DEFAULT 9.5 CHECK (price > 0),
        maker INTEGER REFERENCES maker (id) ON DELETE CASCADE,
        note VARCHAR COLLATE NOCASE DEFAULT 'a, b)',
        twice AS (id * 2),
        UNIQUE (note), CONSTRAINT far CHECK (length(code) < 9)
    )""",
    "CREATE INDEX by_price ON item (price DESC, code) WHERE price > 1",
    "CREATE INDEX by_code ON item (lower(code))",
    "CREATE TABLE sale (item INTEGER REFERENCES item ON DELETE CASCADE, day DATE)",
    "CREATE VIEW coded AS SELECT i.code, m.name FROM item i JOIN maker m ON m.id = i.id / 2",
    "CREATE TABLE log (what TEXT)",
    "CREATE TRIGGER told AFTER INSERT ON item BEGIN INSERT INTO log VALUES (new.code); END",
    "INSERT INTO maker VALUES (1, 'Ann'), (2, 'Ben')",
    "INSERT INTO item (code, id, price, maker, note) VALUES"
    " ('A', 3, 2, 1, 'x'), ('B', 5, 3.25, 2, NULL), ('C', 9, 9, NULL, x'00ff')",
    "INSERT INTO sale VALUES (3, '2026-01-01'), (5, '2026-01-02')",
    "DELETE FROM item WHERE id = 9",
)


@pytest.mark.parametrize(
    "change",
    [
        DropField("item", "price"),
        DropField("item", "maker"),
        DropField("item", "note"),
        DropField("item", "twice"),
        DropField("sale", "day"),
        DropField("sale", "item"),
        MoveField("item", "id", 0),
        MoveField("item", "price", 99),
        MoveField("item", "twice", 1),
    ],
    ids=lambda change: change.sentence.replace(" ", "-"),
)
def test_a_rebuilt_table_comes_back_whole_also_after_a_restart(
    foreign: Foreign, change: Change
) -> None:
    database = foreign(*SHOP)
    before = everything(database.path)
    database.apply(change)
    after = everything(database.path)
    assert after != before
    for state, step in ((before, "undo"), (after, "redo"), (before, "undo")):
        database.close()
        database = open_database(database.path)
        assert getattr(database, step)() is not None
        assert everything(database.path) == state
    # Numbers that were given once are not given again.
    made = database.apply(InsertRecord("item", {"code": "new"}))
    assert made.id == "10"
    assert raw(database.path, "SELECT what FROM log")[-1] == ("new",)
    assert raw(database.path, "PRAGMA integrity_check") == [("ok",)]
    assert raw(database.path, "PRAGMA foreign_key_check") == []
    database.close()


def test_links_views_and_triggers_go_on_after_a_rebuild(foreign: Foreign) -> None:
    database = foreign(*SHOP)
    database.apply(DropField("item", "price"))
    database.apply(MoveField("item", "maker", 0))
    database.apply(DeleteRecords("maker", ("1",)))
    assert raw(database.path, "SELECT code FROM item") == [("B",)]
    assert raw(database.path, "SELECT item FROM sale") == [(5,)]
    assert raw(database.path, "SELECT * FROM coded") == [("B", "Ben")]
    names = raw(database.path, "SELECT name FROM sqlite_schema WHERE type = 'index'")
    assert ("by_code",) in names and ("by_price",) not in names


def test_earlier_changes_of_records_are_undone_after_a_dropped_field_is_back(own: Database) -> None:
    """Their changesets go by a field's place, not by its name."""
    own.apply(CreateTable("t", (NewField("a", Kind.TEXT), NewField("b", Kind.INTEGER))))
    states = [everything(own.path)]
    for change in (
        InsertRecord("t", {"a": "x", "b": "1"}),
        UpdateRecord("t", "1", {"b": "2"}),
        DropField("t", "a"),
        UpdateRecord("t", "1", {"b": "3"}),
        InsertRecord("t", {"b": "4"}),
        MoveField("t", "b", 0),
        UpdateRecord("t", "1", {"b": "5"}),
        RenameField("t", "b", "c"),
        DeleteRecords("t", ("1",)),
        RenameTable("t", "u"),
        DropTable("u"),
    ):
        own.apply(change)
        states.append(everything(own.path))
    for state in reversed(states[:-1]):
        own.undo()
        assert everything(own.path) == state
    for state in states[1:]:
        own.redo()
        assert everything(own.path) == state


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (DropField("item", "code"), "used by .*view “coded”|trigger “told”"),
        (DropField("item", "id"), "it numbers the records"),
        (DropField("maker", "name"), "the view “coded”"),
        (DropField("w", "k"), "tells the records apart"),
        (DropField("w", "c"), "the link “far” of “w2”"),
        (DropField("w", "a"), r"a rule of the table \(UNIQUE \(a, b\)\)"),
        (DropField("w", "d"), "the field “e”"),
        (DropField("w", "g"), "the trigger “of_g”"),
        (DropField("w", "words"), "the search index “found”"),
        (DropField("w", "dq"), "the view “quoted”"),
        (DropField("log", "what"), "a table needs a field"),
        (MoveField("log", "what", 1), None),
        (MoveField("w", "a", 3), "the trigger “by_place”, which goes by the order"),
        (DropField("w2", "none"), "no field named"),
        (DropField("coded", "code"), "cannot be changed here"),
    ],
    ids=lambda each: each.sentence.replace(" ", "-") if hasattr(each, "sentence") else "",
)
def test_what_uses_a_field_is_named_and_nothing_changes(
    foreign: Foreign, change: Change, sentence: str | None
) -> None:
    database = foreign(
        *SHOP,
        "CREATE TABLE w (k TEXT PRIMARY KEY, a, b, c UNIQUE, d, e AS (d + 1), g, words, dq,"
        " UNIQUE (a, b)) WITHOUT ROWID",
        "CREATE TABLE w2 (far REFERENCES w (c))",
        "CREATE TRIGGER of_g AFTER UPDATE OF a, g ON w BEGIN DELETE FROM log; END",
        "CREATE TRIGGER by_place AFTER DELETE ON log BEGIN"
        " INSERT INTO w VALUES ('k', 1, 2, 3, 4, 5, 6, 7); END",
        "CREATE VIRTUAL TABLE found USING fts5(words, content='w')",
        'CREATE VIEW quoted AS SELECT "dq" FROM w',
    )
    before = everything(database.path)
    if sentence is None:
        database.apply(change)
        assert database.next_undo() is None
    else:
        with pytest.raises(StoreError, match=sentence):
            database.apply(change)
    assert everything(database.path) == before
    assert raw(database.path, "SELECT name FROM sqlite_schema WHERE name GLOB '_myapp_k*'") == []


def test_undo_keeps_what_another_program_added_since(foreign: Foreign) -> None:
    database = foreign(*SHOP)
    database.apply(DropField("item", "maker"))
    raw(
        database.path,
        "INSERT INTO item (code, note) VALUES ('theirs', 'n')",
        "CREATE INDEX theirs ON item (note, price)",
    )
    database.undo()
    assert raw(database.path, "SELECT code, maker FROM item ORDER BY id") == [
        ("A", 1),
        ("B", 2),
        ("theirs", None),
    ]
    assert raw(database.path, "SELECT 1 FROM sqlite_schema WHERE name = 'theirs'") == [(1,)]


def test_undo_refuses_where_another_program_changed_the_fields_since(foreign: Foreign) -> None:
    database = foreign(*SHOP)
    database.apply(DropField("item", "maker"))
    raw(database.path, "ALTER TABLE item ADD COLUMN theirs TEXT")
    before = everything(database.path)
    with pytest.raises(CannotUndo):
        database.undo()
    assert everything(database.path) == before


def test_undo_refuses_where_the_values_cannot_find_their_records(foreign: Foreign) -> None:
    """Another program's VACUUM numbers the records of such a table anew, or it cleans up."""
    database = foreign("CREATE TABLE t (a, b)", "INSERT INTO t VALUES (1, 2), (3, 4), (5, 6)")
    raw(database.path, "DELETE FROM t WHERE a = 1")
    database.apply(DropField("t", "b"))
    raw(database.path, "VACUUM")
    with pytest.raises(CannotUndo):
        database.undo()
    assert raw(database.path, "SELECT * FROM t") == [(3,), (5,)]
    raw(database.path, "DROP TABLE _myapp_kept_1")
    with pytest.raises(CannotUndo):
        database.undo()


def test_what_was_kept_goes_with_the_history(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = foreign(*SHOP)
    kept = "SELECT name FROM sqlite_schema WHERE name GLOB '_myapp_kept_*'"
    database.apply(DropField("item", "maker"))
    assert raw(database.path, kept) == [("_myapp_kept_1",)]
    monkeypatch.setattr(history, "KEPT_ENTRIES", 1)
    database.apply(InsertRecord("log", {"what": "x"}))
    database.apply(InsertRecord("log", {"what": "y"}))
    assert raw(database.path, kept) == []


def test_records_without_a_numbered_key_keep_their_identity(foreign: Foreign) -> None:
    database = foreign(
        'CREATE TABLE r ("rowid" TEXT, a, b)',
        "INSERT INTO r (_rowid_, a, b) VALUES (7, 'x', 1), (3, 'y', 2)",
        "CREATE TABLE w (k TEXT, n INT, v, x, PRIMARY KEY (n, k)) WITHOUT ROWID",
        "INSERT INTO w VALUES ('p', 1, 'v1', 1), ('q', 1, 'v2', NULL), ('p', 2, NULL, x'01')",
    )
    before = everything(database.path)
    for change in (DropField("r", "rowid"), DropField("r", "a"), DropField("w", "v")):
        database.apply(change)
    assert raw(database.path, "SELECT _rowid_, b FROM r ORDER BY b") == [(7, 1), (3, 2)]
    for _ in range(3):
        database.undo()
    assert everything(database.path) == before
    assert raw(database.path, "SELECT _rowid_, a FROM r ORDER BY b") == [(7, "x"), (3, "y")]


def test_a_rule_that_replaces_records_loses_none_in_a_rebuild(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a TEXT UNIQUE ON CONFLICT REPLACE, b NOT NULL ON CONFLICT IGNORE, c)",
        "INSERT INTO t VALUES ('x', 1, 1), ('y', 2, 2)",
    )
    database.apply(DropField("t", "c"))
    database.apply(MoveField("t", "b", 0))
    assert raw(database.path, "SELECT b, a FROM t ORDER BY b") == [(1, "x"), (2, "y")]
    assert "ON CONFLICT REPLACE" in str(raw(database.path, "SELECT sql FROM sqlite_schema"))


@pytest.mark.parametrize("taken_in", [True, False])
def test_a_search_index_stays_true_through_rebuilds(own: Database, taken_in: bool) -> None:
    own.apply(CreateTable("t", (NewField("name", Kind.TEXT), NewField("done", Kind.BOOLEAN))))
    for name in ("Zoë", "Anna", "Anna"):
        own.apply(InsertRecord("t", {"name": name, "done": "yes"}))
    raw(own.path, "ALTER TABLE t ADD COLUMN twice AS (name || 'twice')")
    build_index(own, "t")

    def found(text: str) -> list[str]:
        if taken_in:
            build_index(own, "t")
        hits = [each for each in own.search(text) if each.table == "t"]
        assert all(each.indexed for each in hits)
        return [hit.id for each in hits for hit in each.hits]

    own.apply(DropField("t", "twice"))
    assert (found("annatwice"), found("anna")) == ([], ["2", "3"])
    own.apply(MoveField("t", "name", 0))
    own.apply(ChangeField("t", "done", Kind.TEXT))
    assert found("yes") == ["1", "2", "3"]
    own.apply(InsertRecord("t", {"name": "Ben"}))
    own.apply(DropField("t", "name"))
    assert (found("zoe"), found("ben")) == ([], [])
    own.undo()
    assert (found("zoe"), found("ben")) == (["1"], ["4"])
    for _ in range(4):
        own.undo()
    assert (found("yes"), found("ben"), found("annatwice")) == ([], [], ["2", "3"])
    for _ in range(5):
        own.redo()
    assert (found("zoe"), found("yes")) == ([], ["1", "2", "3"])
    assert raw(own.path, "PRAGMA integrity_check") == [("ok",)]


def test_a_stopped_rebuild_leaves_the_table_as_it_was(foreign: Foreign) -> None:
    database = foreign(*SHOP)
    before = everything(database.path)

    def stop(done: int, total: int) -> None:
        assert total == 2
        if done:
            raise StoreError("Stopped.")

    with pytest.raises(StoreError, match=r"Stopped\."):
        database.apply(DropField("item", "maker"), stop)
    assert everything(database.path) == before
    assert database.next_undo() is None
    with pytest.raises(StoreError, match="names no record of"):
        database.apply(InsertRecord("sale", {"item": "99"}))


@pytest.mark.slow
def test_others_are_told_what_is_being_done(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of a file outside WAL mode, and a second writer, while a rebuild goes on."""
    import threading

    from myapp.store import database as rooms

    monkeypatch.setattr(rooms, "BUSY_MS", 50)
    database = foreign(*SHOP)
    told: list[str] = []

    def edit() -> None:
        try:
            database.apply(InsertRecord("log", {"what": "x"}))
        except StillWorking as error:
            told.append(error.sentence)

    def meanwhile(done: int, total: int) -> None:
        if done:
            return
        other = threading.Thread(target=edit)
        other.start()
        other.join()
        with pytest.raises(LockedByAnother):
            second = open_database(database.path)
            try:
                second.apply(InsertRecord("log", {"what": "x"}))
            finally:
                second.close()

    database.apply(DropField("item", "maker"), meanwhile)
    assert told == [
        "The program is still at work on this: Delete the field maker of item. "
        "Nothing else was changed; try again in a moment."
    ]
    database.apply(InsertRecord("log", {"what": "x"}))


def test_a_history_from_a_stranger_cannot_reach_another_file(
    foreign: Foreign, tmp_path: Path
) -> None:
    database = foreign(*SHOP)
    database.apply(DropField("item", "maker"))
    victim = tmp_path / "victim.db"
    raw(
        database.path,
        "UPDATE _myapp_history SET changeset = CAST(json_set(CAST(changeset AS TEXT),"
        f" '$.before', 'ATTACH ''{victim}'' AS v; CREATE TABLE v.x (a)') AS BLOB)",
    )
    with pytest.raises(StoreError):
        database.undo()
    assert not victim.exists()


def test_fifty_thousand_records_pass_through_a_rebuild_in_steps(own: Database) -> None:
    with own.stage("t", [NewField("a", Kind.TEXT), NewField("n", Kind.INTEGER)]) as staging:
        staging.append((f"name {n}", n) for n in range(50_000))
        staging.finish()
    seen: list[tuple[int, int]] = []
    own.apply(DropField("t", "a"), lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 50_000) and seen[-1] == (50_000, 50_000) and len(seen) > 3
    own.undo()
    assert own.count(Query("t")) == 50_000
    assert own.record("t", "777").values == (777, "name 776", 776)


@pytest.mark.parametrize(
    "change",
    [
        DropField("customer", "city"),
        ChangeField("customer", "city", kind=Kind.INTEGER, misfits="empty"),
    ],
    ids=["dropped", "changed"],
)
def test_what_a_field_held_comes_back_to_records_that_went_and_came_meanwhile(
    foreign: Foreign, change: Change
) -> None:
    database = foreign(
        "CREATE TABLE customer (id TEXT, place INTEGER, city TEXT, PRIMARY KEY (id, place))",
        "INSERT INTO customer VALUES ('a', 1, 'Berlin'), ('b', 1, 'Bonn'), ('c', 2, 'Cologne')",
    )
    before = everything(database.path)
    database.apply(change)
    # SQLite gives them other rowids when they come back.
    database.apply(DeleteRecords("customer", ("1", "3")))
    database.apply(UpdateRecord("customer", "2", {"id": "z"}))
    for _ in range(3):
        database.undo()
    assert everything(database.path) == before
    database.redo()
    database.undo()
    assert everything(database.path) == before


def test_records_without_their_key_get_back_what_a_field_held(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (k TEXT PRIMARY KEY, city TEXT)",
        "INSERT INTO t VALUES ('a', 'Aachen'), (NULL, 'Berlin'), (NULL, 'Bonn'), ('d', 'Dover')",
    )
    before = everything(database.path)
    database.apply(DropField("t", "city"))
    database.apply(DeleteRecords("t", ("1", "4")))
    database.undo()
    database.undo()
    assert everything(database.path) == before
