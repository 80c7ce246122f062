"""Changes and their way back: nothing that a person does destroys anything."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myapp.store import (
    AddField,
    BringBack,
    CannotUndo,
    ChangedMeanwhile,
    CreateTable,
    Database,
    DeleteRecords,
    DropTable,
    Incoming,
    InsertRecord,
    Kind,
    NewField,
    NoSuchRecord,
    Query,
    RecordValues,
    RenameField,
    RenameTable,
    RuleBroken,
    StillLinked,
    StoreError,
    TableReadOnly,
    UpdateRecord,
    UpdateRecords,
    create_database,
    history,
    open_database,
)

from .conftest import contents, everything, raw

Foreign = Callable[..., Database]
FAMILY = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)",
    "CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent ON DELETE CASCADE)",
    "CREATE TABLE toy (k TEXT PRIMARY KEY, c INTEGER REFERENCES child ON DELETE SET NULL)",
    "INSERT INTO parent VALUES (1, 'Ann'), (5, 'Ben')",
    "INSERT INTO child VALUES (10, 1), (11, 1), (12, 5)",
    "INSERT INTO toy VALUES ('ball', 10), ('bear', 12)",
)


def test_undo_of_a_delete_brings_back_what_cascades_took(foreign: Foreign) -> None:
    database = foreign(*FAMILY)
    before = contents(database.path)
    database.apply(DeleteRecords("parent", ("1",)))
    after = contents(database.path)
    assert raw(database.path, "SELECT count(*) FROM child") == [(1,)]
    assert raw(database.path, "SELECT c FROM toy WHERE k = 'ball'") == [(None,)]
    assert database.undo() is not None
    assert contents(database.path) == before
    assert database.redo() is not None
    assert contents(database.path) == after


def test_undo_takes_back_what_triggers_did_once(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, changes INTEGER DEFAULT 0)",
        "CREATE TABLE log (what TEXT)",
        "CREATE TRIGGER touch AFTER UPDATE OF a ON t BEGIN"
        " UPDATE t SET changes = changes + 1 WHERE id = new.id;"
        " INSERT INTO log VALUES (old.a || '>' || new.a); END",
        "INSERT INTO t (a) VALUES ('x')",
    )
    before = contents(database.path)
    database.apply(UpdateRecord("t", "1", {"a": "y"}))
    assert raw(database.path, "SELECT a, changes FROM t") == [("y", 1)]
    database.undo()
    assert contents(database.path) == before


def test_a_full_text_index_stays_true_through_undo_and_redo(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='id')",
        "CREATE TRIGGER ai AFTER INSERT ON t BEGIN"
        " INSERT INTO f(rowid, a) VALUES (new.id, new.a); END",
        "CREATE TRIGGER ad AFTER DELETE ON t BEGIN"
        " INSERT INTO f(f, rowid, a) VALUES ('delete', old.id, old.a); END",
        "CREATE TRIGGER au AFTER UPDATE ON t BEGIN"
        " INSERT INTO f(f, rowid, a) VALUES ('delete', old.id, old.a);"
        " INSERT INTO f(rowid, a) VALUES (new.id, new.a); END",
        "INSERT INTO t VALUES (1, 'hello')",
    )
    database.apply(UpdateRecord("t", "1", {"a": "world"}))
    database.undo()
    assert raw(database.path, "SELECT rowid FROM f WHERE f MATCH 'hello'") == [(1,)]
    assert raw(database.path, "SELECT rowid FROM f WHERE f MATCH 'world'") == []
    database.redo()
    assert raw(database.path, "SELECT rowid FROM f WHERE f MATCH 'world'") == [(1,)]
    raw(database.path, "INSERT INTO f(f, rank) VALUES ('integrity-check', 1)")


def test_generated_fields_follow_undo(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a TEXT, id INTEGER PRIMARY KEY, b AS (a || '!') STORED, c AS (a || '?'))",
        "INSERT INTO t (a) VALUES ('x')",
    )
    before = contents(database.path)
    database.apply(UpdateRecord("t", "1", {"a": "y"}))
    assert database.record("t", "1").values == ("y", 1, "y!", "y?")
    database.apply(DeleteRecords("t", ("1",)))
    database.undo()
    database.undo()
    assert contents(database.path) == before


def test_history_survives_a_restart_in_order(foreign: Foreign) -> None:
    database = foreign("CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('x')")
    states = [contents(database.path)]
    for change in (
        UpdateRecord("t", "1", {"a": "y"}),
        InsertRecord("t", {"a": "new"}),
        CreateTable("made", (NewField("n", Kind.INTEGER),)),
        RenameTable("t", "renamed"),
        DropTable("made"),
    ):
        database.apply(change)
        states.append(contents(database.path))
        database.close()
        database = open_database(database.path)
    for state in reversed(states[:-1]):
        assert database.undo() is not None
        assert contents(database.path) == state
    assert database.undo() is None
    database.close()
    database = open_database(database.path)
    for state in states[1:]:
        assert database.redo() is not None
        assert contents(database.path) == state
    assert database.redo() is None
    database.close()


def test_a_new_change_ends_what_could_be_redone(own: Database) -> None:
    own.apply(CreateTable("t", (NewField("a", Kind.TEXT),)))
    own.apply(InsertRecord("t", {"a": "x"}))
    own.undo()
    assert own.next_redo() == "Add a record to t"
    own.apply(InsertRecord("t", {"a": "y"}))
    assert own.next_redo() is None
    assert own.next_undo() == "Add a record to t"


def test_undo_refuses_rather_than_overwrite_what_another_program_did(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", "INSERT INTO t VALUES (1, 'x')"
    )
    database.apply(UpdateRecord("t", "1", {"a": "y"}))
    raw(database.path, "UPDATE t SET a = 'theirs'")
    with pytest.raises(CannotUndo, match="changed since"):
        database.undo()
    assert raw(database.path, "SELECT a FROM t") == [("theirs",)]


@pytest.mark.parametrize(
    "meanwhile", ["ALTER TABLE t RENAME TO u", "ALTER TABLE t DROP COLUMN b", "DROP TABLE t"]
)
def test_undo_says_so_when_the_table_is_another_one_by_now(
    foreign: Foreign, meanwhile: str
) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)",
        "INSERT INTO t VALUES (1, 'x', 1)",
    )
    database.apply(UpdateRecord("t", "1", {"a": "y"}))
    raw(database.path, meanwhile)
    with pytest.raises(CannotUndo):
        database.undo()
    assert database.next_undo() == "Edit a of t"


def test_a_table_gets_capital_letters(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE tea (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE TABLE cup (id INTEGER PRIMARY KEY, tea INTEGER REFERENCES tea (id))",
        "INSERT INTO tea VALUES (1, 'x')",
        "INSERT INTO cup VALUES (1, 1)",
    )
    before = contents(database.path)
    database.apply(RenameTable("tea", "Tea"))
    assert [table.name for table in database.tables()] == ["Tea", "cup"]
    assert raw(database.path, "PRAGMA foreign_key_check") == []
    database.undo()
    assert contents(database.path) == before
    database.redo()
    assert database.record("Tea", "1").values == (1, "x")


LOOSE = (
    "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT UNIQUE)",
    "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id))",
    "INSERT INTO a VALUES (1, 'one')",
    "INSERT INTO b VALUES (1, 99), (2, 1)",
)


def test_a_record_whose_link_led_nowhere_before_comes_back(foreign: Foreign) -> None:
    """As in many files of programs that never had SQLite look after links."""
    database = foreign(*LOOSE)
    before = contents(database.path)
    database.apply(UpdateRecord("b", "1", {"a": "1"}))
    database.apply(DeleteRecords("b", ("1", "2")))
    database.undo()
    database.undo()
    assert contents(database.path) == before
    database.redo()
    database.redo()
    assert raw(database.path, "SELECT count(*) FROM b") == [(0,)]


@pytest.mark.parametrize("links", ["missing (id)", "shop (place)"], ids=["lost", "not-unique"])
def test_a_record_of_a_table_whose_links_cannot_be_followed_is_changed_back(
    foreign: Foreign, links: str
) -> None:
    database = foreign(
        "CREATE TABLE shop (id INTEGER PRIMARY KEY, place TEXT, note TEXT, owner REFERENCES owner)",
        "CREATE TABLE owner (id INTEGER PRIMARY KEY)",
        f"CREATE TABLE sale (id INTEGER PRIMARY KEY, day TEXT, at REFERENCES {links})",
        "INSERT INTO owner VALUES (7)",
        "INSERT INTO shop VALUES (1, 'Bonn', 'old', 7)",
        "INSERT INTO sale VALUES (1, 'monday', 'Bonn')",
    )
    before = everything(database.path)
    database.apply(UpdateRecord("shop", "1", {"note": "new"}))
    database.apply(UpdateRecord("sale", "1", {"day": "sunday"}))
    changed = everything(database.path)
    for _ in range(2):
        database.undo()
    assert everything(database.path) == before
    for _ in range(2):
        database.redo()
    assert everything(database.path) == changed


def test_records_with_lost_links_come_back_where_others_link_to_a_field_of_theirs(
    foreign: Foreign,
) -> None:
    database = foreign(
        "CREATE TABLE t (code TEXT UNIQUE, above TEXT REFERENCES t (code))",
        "INSERT INTO t VALUES ('a', 'gone'), ('b', 'a')",
    )
    before = everything(database.path)
    database.apply(DeleteRecords("t", ("1", "2")))
    database.undo()
    assert everything(database.path) == before


def test_a_record_that_came_to_a_link_which_led_nowhere_is_undone(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE bill (id INTEGER PRIMARY KEY, day TEXT)",
        "CREATE TABLE item (id INTEGER PRIMARY KEY, bill REFERENCES bill)",
        "INSERT INTO item VALUES (1, 1), (2, 1)",
        "CREATE TABLE log (what TEXT)",
        "CREATE TRIGGER told AFTER INSERT ON bill BEGIN INSERT INTO log VALUES ('new'); END",
    )
    before = everything(database.path)
    for _ in range(2):
        # SQLite gives it the number of one that another program deleted.
        assert database.apply(InsertRecord("bill", {"day": "monday"})).id == "1"
        database.undo()
        assert everything(database.path) == before
    database.redo()
    raw(database.path, "INSERT INTO item VALUES (3, 1)")
    with pytest.raises(CannotUndo, match="links of records would lead nowhere"):
        database.undo()
    raw(database.path, "DELETE FROM item WHERE id = 3")
    database.undo()
    assert everything(database.path) == before
    raw(database.path, "INSERT INTO bill VALUES (7, 'sunday')")
    database.apply(UpdateRecord("bill", "7", {"id": "1"}))
    database.undo()
    assert raw(database.path, "SELECT * FROM bill") == [(7, "sunday")]


def test_a_new_key_of_a_record_whose_own_link_led_nowhere_is_undone(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE maker (id INTEGER PRIMARY KEY)",
        "CREATE TABLE part (id INTEGER PRIMARY KEY, maker REFERENCES maker)",
        "CREATE TABLE use (part REFERENCES part)",
        "INSERT INTO part VALUES (1, 77)",
    )
    before = everything(database.path)
    database.apply(UpdateRecord("part", "1", {"id": "2"}))
    after = everything(database.path)
    database.undo()
    assert everything(database.path) == before
    database.redo()
    assert everything(database.path) == after
    database.undo()
    raw(database.path, "INSERT INTO use VALUES (1)")
    with pytest.raises(CannotUndo, match="lead nowhere"):
        database.redo()


def test_undo_takes_no_record_from_under_another_programs_link(foreign: Foreign) -> None:
    database = foreign(*LOOSE, "CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES a (n))")
    database.apply(UpdateRecord("a", "1", {"n": "uno"}))
    database.apply(InsertRecord("a", {"n": "two"}))
    raw(database.path, "INSERT INTO c VALUES (1, 'two'), (2, 'uno')")
    with pytest.raises(CannotUndo):
        database.undo()
    raw(database.path, "DELETE FROM c WHERE id = 1")
    database.undo()
    with pytest.raises(CannotUndo):
        database.undo()
    assert raw(database.path, "SELECT * FROM a") == [(1, "uno")]


def test_letting_go_of_an_old_deleted_table_takes_no_linked_record(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = foreign(*FAMILY)
    database.apply(DropTable("parent"))
    monkeypatch.setattr(history, "KEPT_ENTRIES", 1)
    database.apply(CreateTable("one", ()))
    database.apply(CreateTable("two", ()))
    assert raw(database.path, "SELECT count(*) FROM child") == [(3,)]
    database.apply(InsertRecord("child", {"p": "5"}))
    database.apply(DropTable("two"))
    database.undo()
    assert [table.name for table in database.tables()] == ["child", "one", "toy", "two"]


def test_an_old_deleted_table_that_nothing_needs_is_let_go(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.apply(CreateTable("gone", ()))
    own.apply(DropTable("gone"))
    monkeypatch.setattr(history, "KEPT_ENTRIES", 1)
    own.apply(CreateTable("one", ()))
    own.apply(CreateTable("two", ()))
    names = raw(own.path, "SELECT name FROM sqlite_schema WHERE name LIKE '%trash%'")
    assert names == []


def test_a_broken_view_stops_neither_renaming_nor_importing(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a)",
        "CREATE TABLE lost (a)",
        "CREATE VIEW broken AS SELECT * FROM lost",
        "DROP TABLE lost",
    )
    with database.stage("imported", [NewField("n", Kind.INTEGER)]) as staging:
        staging.append([("1",), ("2",)])
        staging.finish()
    database.apply(RenameTable("t", "renamed"))
    database.apply(DropTable("renamed"))
    database.undo()
    assert {"imported", "renamed"} <= {table.name for table in database.tables()}
    database.undo()
    database.undo()
    assert {table.name for table in database.tables()} == {"t", "broken"}


def test_beside_a_broken_view_all_others_follow_a_new_name_and_back(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a, b)",
        "CREATE TABLE u (x)",
        "CREATE VIEW sound AS SELECT a, b FROM t",
        "CREATE TRIGGER told AFTER INSERT ON u BEGIN UPDATE t SET b = new.x; END",
        "CREATE VIEW broken AS SELECT lost FROM t",
        "INSERT INTO t VALUES (1, 2)",
    )
    before = everything(database.path)
    database.apply(AddField("t", NewField("c", Kind.TEXT)))
    database.apply(RenameField("t", "b", "renamed"))
    database.apply(RenameTable("t", "other"))
    database.apply(InsertRecord("u", {"x": "9"}))
    assert raw(database.path, "SELECT * FROM sound") == [(1, 9)]
    for _ in range(4):
        database.undo()
    assert everything(database.path) == before


def test_a_table_with_a_broken_trigger_of_its_own_gets_another_name(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a)",
        "CREATE TABLE lost (a)",
        "CREATE VIEW broken AS SELECT * FROM lost",
        "CREATE TRIGGER told AFTER DELETE ON t BEGIN INSERT INTO broken SELECT b FROM lost; END",
        "DROP TABLE lost",
    )
    before = everything(database.path)
    database.apply(RenameTable("t", "other"))
    database.apply(DropTable("other"))
    assert raw(database.path, "PRAGMA integrity_check") == [("ok",)]
    database.undo()
    database.undo()
    assert everything(database.path) == before


def test_a_change_whose_value_moved_on_is_refused_with_both(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)",
        "INSERT INTO t VALUES (1, 'x', 'x')",
    )
    raw(database.path, "UPDATE t SET a = 'theirs', b = 'elsewhere'")
    with pytest.raises(ChangedMeanwhile) as refused:
        database.apply(UpdateRecord("t", "1", {"a": "mine"}, was={"a": "x"}))
    assert refused.value.theirs == {"a": "theirs"}
    assert database.next_undo() is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (InsertRecord("t", {"a": "x", "u": "1"}), "same “u” already"),
        (InsertRecord("t", {"u": "2"}), "“a” must not be empty"),
        (InsertRecord("t", {"a": "x", "n": "-1"}), "rule of the table"),
        (InsertRecord("t", {"a": "x", "p": "99"}), "“99” names no record of “p”"),
        (InsertRecord("t", {"a": "x", "p": "zzz"}), "“zzz” names no record of “p”"),
        (UpdateRecord("t", "1", {"p": "99"}), "“99” names no record of “p”"),
        (DeleteRecords("p", ("1",)), "1 record of “t” points to it"),
    ],
)
def test_a_broken_rule_is_told_in_words_and_changes_nothing(
    foreign: Foreign, change: InsertRecord | UpdateRecord | DeleteRecords, sentence: str
) -> None:
    database = foreign(
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (a TEXT NOT NULL, u INTEGER UNIQUE, n INTEGER CHECK (n > 0),"
        " p INTEGER REFERENCES p)",
        "INSERT INTO p VALUES (1)",
        "INSERT INTO t VALUES ('x', 1, 1, 1)",
    )
    before = contents(database.path)
    with pytest.raises(RuleBroken, match=sentence):
        database.apply(change)
    assert contents(database.path) == before
    assert database.next_undo() is None


def test_only_those_who_hold_a_record_back_are_named(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE p (k TEXT PRIMARY KEY, boss TEXT REFERENCES p) WITHOUT ROWID",
        "CREATE TABLE late (p TEXT REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TABLE goes (p TEXT REFERENCES p ON DELETE CASCADE)",
        "CREATE TABLE stays (p TEXT REFERENCES p ON DELETE SET NULL)",
        "INSERT INTO p VALUES ('a', NULL), ('b', 'a'), ('c', NULL)",
        "INSERT INTO late VALUES ('c'), ('c')",
        "INSERT INTO goes VALUES ('c')",
        "INSERT INTO stays VALUES ('c')",
    )
    ids = [record.id for record in database.window(Query("p"), 0, 9).records]
    with pytest.raises(StillLinked, match=r"^1 record of “p” points to it") as refused:
        database.apply(DeleteRecords("p", (ids[0],)))
    assert refused.value.incoming == (Incoming("p", "boss", 1, "a"),)
    with pytest.raises(StillLinked, match=r"^2 records of “late” point to it"):
        database.apply(DeleteRecords("p", (ids[2],)))
    with pytest.raises(StillLinked, match="2 records of “late” and 1 record of “p” point to"):
        database.apply(DeleteRecords("p", (ids[0], ids[2])))


def test_a_link_of_two_fields_is_told_without_a_name(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE p (a, b, PRIMARY KEY (a, b))",
        "CREATE TABLE t (a, b, FOREIGN KEY (a, b) REFERENCES p)",
    )
    with pytest.raises(RuleBroken, match="linked record is missing"):
        database.apply(InsertRecord("t", {"a": "1", "b": "2"}))


def test_a_record_whose_key_is_empty_is_not_changed_without_a_way_back(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (k TEXT PRIMARY KEY, a TEXT)",
        "INSERT INTO t VALUES (NULL, 'x'), ('q', 'y')",
    )
    for change in (
        DeleteRecords("t", ("1", "2")),
        UpdateRecord("t", "1", {"a": "z"}),
        UpdateRecord("t", "2", {"k": None}),
        InsertRecord("t", {"a": "z"}),
    ):
        with pytest.raises(RuleBroken, match="“k” tells records apart"):
            database.apply(change)
    assert raw(database.path, "SELECT * FROM t") == [(None, "x"), ("q", "y")]


def test_a_record_is_found_again_after_its_insert_whatever_its_key(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE w (k INTEGER PRIMARY KEY, v) WITHOUT ROWID",
        "CREATE TABLE d (k INTEGER PRIMARY KEY DESC, v)",
        "CREATE TABLE c (a TEXT, b BLOB, v, PRIMARY KEY (a, b)) WITHOUT ROWID",
        'CREATE TABLE r ("rowid" TEXT, "oid" TEXT, v)',
        "CREATE TABLE s (k INT PRIMARY KEY, v ANY) STRICT",
    )
    for name, key in {
        "w": {"k": "5"},
        "d": {"k": "5"},
        "c": {"a": "ü/ ", "b": "1"},
        "r": {"oid": "z"},
        "s": {"k": "7"},
    }.items():
        made = database.apply(InsertRecord(name, {**key, "v": "x"}))
        assert made.id is not None
        assert database.record(name, made.id).values[-1] == "x"
        assert database.window(Query(name), 0, 5).records[0].id == made.id
        database.apply(UpdateRecord(name, made.id, {"v": "y"}))
        database.apply(DeleteRecords(name, (made.id,)))
        with pytest.raises(NoSuchRecord):
            database.record(name, made.id)
        database.undo()
        database.undo()
        assert [r.values[-1] for r in database.window(Query(name), 0, 5).records] == ["x"]


def test_views_and_virtual_tables_are_read_with_a_reason(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a)",
        "INSERT INTO t VALUES (3), (1), (2)",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE VIRTUAL TABLE f USING fts5(words)",
        "INSERT INTO f VALUES ('hello')",
    )
    assert [table.name for table in database.tables()] == ["f", "t", "v"]
    for name in ("v", "f"):
        assert not database.table(name).writable
        assert database.table(name).why_read_only
        with pytest.raises(TableReadOnly):
            database.apply(InsertRecord(name, {}))
    assert database.window(Query("v"), 1, 5).total == 3
    assert database.record("f", database.window(Query("f"), 0, 1).records[0].id).values == (
        "hello",
    )


def test_a_hundred_thousand_records_go_and_come_back(own: Database) -> None:
    with own.stage("t", [NewField("a", Kind.TEXT), NewField("n", Kind.INTEGER)]) as staging:
        staging.append((f"name {n}", n) for n in range(100_000))
        staging.finish()
    own.apply(DeleteRecords("t", tuple(str(n) for n in range(1, 100_001))))
    assert own.count(Query("t")) == 0
    own.undo()
    assert own.count(Query("t")) == 100_000
    assert own.record("t", "77777").values == (77777, "name 77776", 77776)


ids = st.integers(1, 6).map(str)
texts = st.sampled_from(["", "x", "Ünï", "7", "a'b\"c"])
many = st.lists(
    st.builds(RecordValues, st.none() | ids, st.fixed_dictionaries({}, optional={"a": texts})),
    max_size=4,
).map(tuple)
record_changes = st.one_of(
    st.builds(UpdateRecords, st.just("t"), many),
    st.builds(InsertRecord, st.just("t"), st.fixed_dictionaries({"a": texts, "n": st.just("3")})),
    st.builds(UpdateRecord, st.just("t"), ids, st.fixed_dictionaries({"a": texts})),
    st.builds(UpdateRecord, st.just("t"), ids, st.fixed_dictionaries({"k": ids})),
    st.builds(DeleteRecords, st.just("t"), st.lists(ids, max_size=3).map(tuple)),
    st.builds(BringBack, st.just("t"), st.integers(1, 9), st.none() | st.integers(0, 2)),
    st.builds(InsertRecord, st.just("linked"), st.fixed_dictionaries({"t": ids})),
    st.builds(CreateTable, st.sampled_from(["x", "y"]), st.just((NewField("q", Kind.DATE),))),
    st.builds(DropTable, st.sampled_from(["x", "t", "linked"])),
    st.builds(RenameTable, st.sampled_from(["x", "y"]), st.sampled_from(["x", "y", "Z z"])),
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(record_changes, max_size=12))
def test_undoing_everything_gives_the_file_its_content_back(
    tmp_path_factory: pytest.TempPathFactory, changes: list[InsertRecord]
) -> None:
    path = tmp_path_factory.mktemp("undo") / "t.db"
    raw(
        path,
        "CREATE TABLE t (k INTEGER PRIMARY KEY, a TEXT, n INTEGER)",
        "CREATE TABLE linked (t INTEGER REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE)",
        "INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2), (4, 'four', NULL)",
        "INSERT INTO linked VALUES (1), (1), (2), (NULL)",
    )
    database = open_database(path)
    states = [contents(path)]
    for change in changes:
        told = database.next_undo()
        try:
            database.apply(change)
        except StoreError:
            assert contents(path) == states[-1]
            continue
        if contents(path) != states[-1]:
            assert database.next_undo() is not None
            states.append(contents(path))
        else:
            assert database.next_undo() in (told, change.sentence)
    final = states[-1]
    undone = 0
    while database.undo() is not None:
        undone += 1
    assert contents(path) == states[0]
    for _ in range(undone):
        assert database.redo() is not None
    assert contents(path) == final
    database.close()


def test_a_killed_import_is_cleaned_away_at_the_next_open(own: Database) -> None:
    staging = own.stage("t", [NewField("a", Kind.TEXT)])
    staging.append([("x",)])
    assert own.tables() == ()
    own.close()
    again = open_database(own.path)
    again.close()
    left = raw(own.path, "SELECT name FROM sqlite_schema WHERE name LIKE '%staging%'")
    assert left == []


def test_an_import_that_stops_half_way_leaves_nothing(own: Database) -> None:
    with own.stage("t", [NewField("a", Kind.TEXT)]) as staging:
        staging.append([("x",)])
    assert raw(own.path, "SELECT name FROM sqlite_schema") == [("_myapp_history",)]


def test_an_import_is_one_change_that_can_be_taken_back(own: Database) -> None:
    with own.stage("t", [NewField("a", Kind.INTEGER), NewField("b", Kind.TEXT)]) as staging:
        staging.append([("1", "007"), ("x", None)])
        staging.finish()
    assert [r.values[1:] for r in own.window(Query("t"), 0, 5).records] == [(1, "007"), ("x", None)]
    own.undo()
    assert own.tables() == ()
    own.redo()
    assert own.count(Query("t")) == 2


def test_create_database_starts_with_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    database = create_database(tmp_path_factory.mktemp("new") / "new.sqlite")
    assert (database.tables(), database.next_undo(), database.writable) == ((), None, True)
    database.close()


def test_undo_and_redo_say_how_the_table_was_called_and_is(foreign: Foreign) -> None:
    database = foreign("CREATE TABLE odd (a)")
    database.apply(RenameTable("odd", "odd2"))
    undone = database.undo()
    assert undone is not None
    assert (undone.before, undone.table) == ("odd2", "odd")
    redone = database.redo()
    assert redone is not None
    assert (redone.before, redone.table) == ("odd", "odd2")
    database.apply(CreateTable("made", (NewField("a", Kind.TEXT),)))
    undone = database.undo()
    assert undone is not None
    assert (undone.before, undone.table) == ("made", None)
    redone = database.redo()
    assert redone is not None
    assert (redone.before, redone.table) == (None, "made")


def test_what_is_not_utf8_or_infinite_is_replaced_as_it_was_seen(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (n INTEGER PRIMARY KEY, a, b)",
        "INSERT INTO t VALUES (1, CAST(x'61ff' AS TEXT), 9e999)",
    )
    before = raw(database.path, "SELECT hex(a), b FROM t")
    (seen,) = database.window(Query("t"), 0, 1).records
    assert seen.values[1] == "a\N{REPLACEMENT CHARACTER}"
    database.apply(UpdateRecord("t", "1", {"a": "x"}, {"a": "a\N{REPLACEMENT CHARACTER}"}))
    database.apply(UpdateRecord("t", "1", {"b": "1"}, {"b": "inf"}))
    assert raw(database.path, "SELECT a, b FROM t") == [("x", 1)]
    with pytest.raises(ChangedMeanwhile):
        database.apply(UpdateRecord("t", "1", {"b": "2"}, {"b": "inf"}))
    database.undo()
    database.undo()
    assert raw(database.path, "SELECT hex(a), b FROM t") == before
