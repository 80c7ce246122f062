"""A search index finds what scanning finds, at once, and stays true whoever changes the file."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from myapp.store import (
    AddField,
    CannotIndex,
    CreateTable,
    Database,
    DeleteRecords,
    DropTable,
    IndexProgress,
    InsertRecord,
    Kind,
    NewField,
    Query,
    RenameField,
    RenameTable,
    Sort,
    TableHits,
    UpdateRecord,
    build_index,
    create_database,
    drop_indexes,
    list_indexes,
    open_database,
)
from tests.conftest import LIMIT

from .conftest import contents, raw

Foreign = Callable[..., Database]
HOSTILE = 'we"ird 🐘 [table]'
FIELD = 'a "b" ]; 🦉'


def found(database: Database, text: str, table: str = "t") -> list[str]:
    """The ids that searching everywhere finds in one table; they must come from its index."""
    for each in database.search(text, 1000):
        if each.table == table:
            assert each.indexed
            return [hit.id for hit in each.hits]
    return []


def take_in_always(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    search = database.search

    def search_after(text: str, per_table: int = 5) -> Iterator[TableHits]:
        build_index(database, "t")
        return search(text, per_table)

    monkeypatch.setattr(database, "search", search_after)


def own_names(path: Path) -> set[str]:
    rows = raw(path, "SELECT name FROM sqlite_schema WHERE name GLOB '_myapp_*'")
    return {str(name) for (name,) in rows} - {"_myapp_history"}


@pytest.fixture
def indexed(own: Database) -> Database:
    own.apply(CreateTable("t", (NewField("name", Kind.TEXT), NewField("city", Kind.TEXT))))
    for name, city in (("Zoë Blum", "Lyon"), ("Émile Roux", "Paris"), ("Anna", "Lyon")):
        own.apply(InsertRecord("t", {"name": name, "city": city}))
    assert build_index(own, "t")
    return own


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zoe", ["1"]),
        ("ÉMILE", ["2"]),
        ("lyon", ["1", "3"]),
        ("lyon an", ["3"]),
        ("an lyon", []),
        ("ly", ["1", "3"]),
        ("blum lyon zo", ["1"]),
        ("oë", []),
        ("3", ["3"]),
    ],
)
def test_all_words_are_found_and_the_last_by_its_beginning(
    indexed: Database, text: str, expected: list[str]
) -> None:
    assert found(indexed, text) == expected


@pytest.mark.parametrize(
    "text", ['"', "'", "zoe AND", "NEAR(", "a*b^", "-x", "{a b}:c", "🐘", "\0"]
)
def test_no_sign_in_a_search_is_an_error(indexed: Database, text: str) -> None:
    list(indexed.search(text))


def test_greek_and_cyrillic_words_are_found_without_their_accents(indexed: Database) -> None:
    indexed.apply(InsertRecord("t", {"name": "Άννα Ёлкина"}))
    assert found(indexed, "αννα елкина") == ["4"]


def test_hits_tell_fields_and_mark_the_words(indexed: Database) -> None:
    (answer,) = indexed.search("LYON zoe")
    (hit,) = answer.hits
    assert [(place.field, place.excerpt) for place in hit.places] == [
        ("name", "Zoë Blum"),
        ("city", "Lyon"),
    ]
    assert [piece.text for place in hit.places for piece in place.pieces if piece.found] == [
        "Zoë",
        "Lyon",
    ]
    assert (answer.total, answer.more) == (1, False)


def test_a_count_is_exact_up_to_a_thousand(own: Database) -> None:
    with own.stage("t", [NewField("a", Kind.TEXT)]) as staging:
        staging.append((f"word {'ab'[n % 2]}",) for n in range(2400))
        staging.finish()
    build_index(own, "t")
    (answer,) = own.search("word", 10)
    assert (len(answer.hits), answer.total, answer.more) == (10, 1000, True)
    raw(own.path, "DELETE FROM t WHERE id > 1500")
    (answer,) = own.search("word b", 10)
    assert (answer.total, answer.more) == (750, False)


@pytest.mark.parametrize("at_once", [False, True])
def test_every_change_undone_and_redone_keeps_it_true(
    indexed: Database, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """Be the changed records scanned, or taken into the index after each change."""
    if at_once:
        take_in_always(indexed, monkeypatch)
    indexed.apply(UpdateRecord("t", "1", {"name": "Moritz"}))
    assert (found(indexed, "zoe"), found(indexed, "moritz")) == ([], ["1"])
    indexed.apply(DeleteRecords("t", ("2",)))
    assert found(indexed, "emile") == []
    indexed.apply(InsertRecord("t", {"name": "Emil"}))
    indexed.undo()
    indexed.undo()
    assert (found(indexed, "emil"), found(indexed, "roux")) == (["2"], ["2"])
    indexed.undo()
    assert (found(indexed, "zoe"), found(indexed, "moritz")) == (["1"], [])
    for _ in range(3):
        indexed.redo()
    assert [found(indexed, each) for each in ("zoe", "moritz", "roux", "emil")] == [
        [],
        ["1"],
        [],
        ["4"],
    ]


def test_the_history_holds_nothing_of_the_index(indexed: Database) -> None:
    indexed.apply(UpdateRecord("t", "1", {"name": "Moritz"}))
    ((changeset,),) = raw(
        indexed.path, "SELECT changeset FROM _myapp_history ORDER BY id DESC LIMIT 1"
    )
    assert isinstance(changeset, bytes)
    assert {change.name for change in apsw.Changeset.iter(changeset)} == {"t"}


def test_undo_keeps_it_true_where_the_table_has_triggers_of_its_own(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)",
        "CREATE TRIGGER shout AFTER UPDATE OF a ON t BEGIN"
        " UPDATE t SET b = upper(new.a) || 'x' WHERE id = new.id; END",
        "INSERT INTO t VALUES (1, 'one', 'first')",
    )
    build_index(database, "t")
    database.apply(UpdateRecord("t", "1", {"a": "two"}))
    assert found(database, "twox") == ["1"]
    database.undo()
    assert (found(database, "twox"), found(database, "first")) == ([], ["1"])


def test_what_foreign_keys_delete_is_not_found_any_more(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, p REFERENCES p ON DELETE CASCADE)",
        "INSERT INTO p VALUES (1, 'parent')",
        "INSERT INTO t VALUES (1, 'child', 1)",
    )
    build_index(database, "t")
    database.apply(DeleteRecords("p", ("1",)))
    assert found(database, "child") == []
    database.undo()
    assert found(database, "child") == ["1"]


def test_another_program_of_an_old_sqlite_writes_on_and_is_found(indexed: Database) -> None:
    """Python's own SQLite may not even know the kind of full-text table that is used."""
    indexed.close()
    theirs = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute(\"INSERT INTO t (name) VALUES ('Olga')\");"
        "c.execute(\"INSERT OR REPLACE INTO t (id, name) VALUES (1, 'Ida')\");"
        "c.execute(\"INSERT OR FAIL INTO t (id, name) VALUES (9, 'Nina')\");"
        "c.execute(\"UPDATE OR ROLLBACK t SET id = 7, name = 'Mia' WHERE id = 3\");"
        "c.execute(\"UPDATE OR FAIL t SET name = 'Mina' WHERE id = 7\");"
        "c.execute('DELETE FROM t WHERE id = 2'); c.commit(); c.close()"
    )
    subprocess.run([sys.executable, "-c", theirs, str(indexed.path)], check=True)
    again = open_database(indexed.path)
    words = ("olga", "ida", "zoe", "nina", "mia", "mina", "anna", "emile")
    expected = [["4"], ["1"], [], ["9"], [], ["7"], [], []]
    assert [found(again, word) for word in words] == expected
    build_index(again, "t")
    assert list_indexes(again)["t"].waiting == 0
    assert [found(again, word) for word in words] == expected
    again.close()


def test_tables_and_fields_are_renamed_under_it(indexed: Database) -> None:
    indexed.apply(RenameTable("t", HOSTILE))
    indexed.apply(RenameField(HOSTILE, "name", FIELD))
    indexed.apply(AddField(HOSTILE, NewField("more", Kind.TEXT)))
    assert found(indexed, "zoe", HOSTILE) == ["1"]
    indexed.apply(UpdateRecord(HOSTILE, "1", {"more": "later", FIELD: "Vera"}))
    assert found(indexed, "vera later", HOSTILE) == ["1"]
    for _ in range(4):
        indexed.undo()
    assert found(indexed, "zoe") == ["1"]
    for _ in range(4):
        indexed.redo()
    assert found(indexed, "vera later", HOSTILE) == ["1"]


def test_a_dropped_table_comes_back_with_its_index(indexed: Database) -> None:
    indexed.apply(DropTable("t"))
    assert list(indexed.search("zoe")) == []
    indexed.undo()
    assert found(indexed, "zoe") == ["1"]


def test_an_index_goes_with_its_table_for_good(indexed: Database) -> None:
    indexed.apply(DropTable("t"))
    with indexed.writing() as connection:
        connection.execute("UPDATE _myapp_history SET undone = 1")
    indexed.apply(CreateTable("other", (NewField("a", Kind.TEXT),)))
    assert own_names(indexed.path) == set()


def test_fields_that_another_program_changed_are_scanned(indexed: Database) -> None:
    raw(indexed.path, "ALTER TABLE t ADD COLUMN x TEXT DEFAULT 'everywhere'")
    (answer,) = indexed.search("everywhere")
    assert (answer.total, answer.indexed) == (3, False)
    assert list_indexes(indexed) == {}
    build_index(indexed, "t")
    assert found(indexed, "everywhere") == ["1", "2", "3"]
    raw(indexed.path, "ALTER TABLE t DROP COLUMN x")
    assert list(indexed.search("everywhere")) == []


def test_a_table_that_another_program_dropped_leaves_nothing(indexed: Database) -> None:
    indexed.close()
    raw(indexed.path, "DROP TABLE t", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)")
    again = open_database(indexed.path)
    assert own_names(again.path) == set()
    again.close()


def test_imports_into_a_table_are_found(indexed: Database) -> None:
    records = 3000
    fields = [NewField("id", Kind.INTEGER), NewField("name", Kind.TEXT)]
    with indexed.stage("t", fields, mode="update", key=("id",)) as staging:
        staging.append((n, f"New{n}") for n in range(1, records + 1))
        staging.finish()
    assert found(indexed, "zoe") == []
    assert found(indexed, f"new{records}") == [str(records)]
    assert found(indexed, "new1 lyon") == ["1"]
    indexed.undo()
    assert (found(indexed, "zoe"), found(indexed, "new2")) == (["1"], [])
    # What came in bulk is taken in on the side.
    build_index(indexed, "t")
    assert list_indexes(indexed)["t"].waiting == 0
    assert (found(indexed, "zoe"), found(indexed, "new2")) == (["1"], [])


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [False, True])
def test_random_changes_find_what_scanning_finds(
    own: Database, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    if at_once:
        take_in_always(own, monkeypatch)
    chance = random.Random(5)
    own.apply(CreateTable("t", (NewField("a", Kind.TEXT), NewField("b", Kind.ANY))))
    build_index(own, "t")
    words = [f"w{n}" for n in range(12)]
    for _ in range(150):
        what = chance.random()
        rows = raw(own.path, "SELECT id FROM t")
        some = str(chance.choice(rows)[0]) if rows else None
        values = {"a": " ".join(chance.choices(words, k=3)), "b": chance.choice(words)}
        if some is None or what < 0.4:
            own.apply(InsertRecord("t", values))
        elif what < 0.6:
            own.apply(UpdateRecord("t", some, values))
        elif what < 0.7:
            own.apply(DeleteRecords("t", (some,)))
        elif what < 0.85:
            own.undo()
        elif what < 0.95:
            own.redo()
        else:
            raw(own.path, f"UPDATE t SET b = 'w3' WHERE id = {some}")
        word = chance.choice(words)
        expected = raw(
            own.path,
            "SELECT id FROM t WHERE ' ' || ifnull(a, '') || ' ' || ifnull(b, '') || ' '"
            f" LIKE '% {word}%' ORDER BY id",
        )
        assert found(own, word) == [str(id_) for (id_,) in expected]


def test_names_of_any_kind_do(foreign: Foreign) -> None:
    name, field = HOSTILE.replace('"', '""'), FIELD.replace('"', '""')
    database = foreign(
        f'CREATE TABLE "{name}" ("rowid" TEXT, "{field}" INTEGER PRIMARY KEY, "x y" BLOB)',
        f"INSERT INTO \"{name}\" VALUES ('hello', 1, x'68656c6c6f'), ('other', 2, 'hello')",
        f"INSERT INTO \"{name}\" VALUES ('third', 9223372036854775807, NULL)",
        f"INSERT INTO \"{name}\" VALUES ('least', -9223372036854775808, 2.5)",
    )
    build_index(database, HOSTILE)
    assert found(database, "hello", HOSTILE) == ["1", "2"]
    assert found(database, "third", HOSTILE) == ["9223372036854775807"]
    assert found(database, "least 2", HOSTILE) == ["-9223372036854775808"]


def test_the_widest_table_has_an_index(foreign: Foreign) -> None:
    columns = ", ".join(f"c{n} TEXT" for n in range(1990))
    wide = foreign(
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns})",
        "INSERT INTO t (c1989) VALUES ('needle')",
    )
    build_index(wide, "t")
    assert found(wide, "needle") == ["1"]


@pytest.mark.parametrize(
    "definition",
    [
        "CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b))",
        "CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE t (a TEXT)",
        "CREATE VIEW t AS SELECT 'x' AS a",
        "CREATE VIRTUAL TABLE t USING fts5(a)",
    ],
)
def test_tables_without_a_number_of_their_own_are_scanned(
    foreign: Foreign, definition: str
) -> None:
    database = foreign(definition)
    with pytest.raises(CannotIndex, match="Searching goes on"):
        build_index(database, "t")
    list(database.search("x"))
    assert own_names(database.path) == set()


def test_a_foreign_file_is_written_to_only_when_it_is_asked_for(foreign: Foreign) -> None:
    database = foreign("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)")
    raw(database.path, "INSERT INTO t VALUES (1, 'hello')")
    before = database.path.read_bytes()
    list(database.search("hello"))
    assert database.path.read_bytes() == before
    build_index(database, "t")
    kept = contents(database.path)
    assert [table.name for table in database.tables()] == ["t"]
    drop_indexes(database, "t")
    assert own_names(database.path) == set()
    assert contents(database.path) == kept


def test_an_export_of_the_whole_file_leaves_it_behind(indexed: Database, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    indexed.copy(target, None, lambda: False)
    assert raw(target, "SELECT name FROM sqlite_schema WHERE name <> 'sqlite_sequence'") == [("t",)]
    raw(target, "INSERT INTO t (name) VALUES ('more')")


def many(database: Database, records: int) -> None:
    with database.stage("t", [NewField("a", Kind.TEXT), NewField("n", Kind.INTEGER)]) as staging:
        staging.append((f"record {n} of many", n) for n in range(records))
        staging.finish()


def test_a_stopped_build_is_scanned_and_can_go_on(own: Database) -> None:
    many(own, 4000)
    seen: list[IndexProgress] = []
    assert not build_index(own, "t", seen.append, lambda: len(seen) > 1)
    assert not list_indexes(own)["t"].ready
    (answer,) = own.search("3999")
    assert not answer.indexed
    own.apply(UpdateRecord("t", "1", {"a": "early"}))
    own.apply(UpdateRecord("t", "4000", {"a": "late"}))
    seen.clear()
    assert build_index(own, "t", seen.append)
    assert 0 < seen[0].records < 4000 <= seen[-1].records
    assert [found(own, each) for each in ("early", "late", "3998")] == [
        ["1"],
        ["4000"],
        ["3998", "3999"],
    ]


SLOWLY_BUILT = """
import pathlib, sys, time
from myapp.store import build_index, open_database
def tell(now):
    print(now.records, flush=True)
    # Whoever is to kill it may be late.
    if now.records > 30_000:
        time.sleep(300)
build_index(open_database(pathlib.Path(sys.argv[1])), "t", tell)
"""


@pytest.fixture
def half_built(tmp_path: Path) -> Iterator[Database]:
    """A file whose program was killed while it built an index."""
    path = tmp_path / "killed.sqlite"
    database = create_database(path)
    many(database, 60_000)
    database.close()
    builder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            SLOWLY_BUILT,
            str(path),
        ],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert builder.stdout is not None
    while int(builder.stdout.readline()) == 0:
        pass
    builder.kill()
    builder.wait()
    builder.stdout.close()
    opened = open_database(path)
    yield opened
    opened.close()


def test_a_killed_build_is_recognised_and_goes_on(half_built: Database) -> None:
    assert not list_indexes(half_built)["t"].ready
    (answer,) = half_built.search("59999")
    assert not answer.indexed
    assert build_index(half_built, "t")
    assert found(half_built, "record 59999") == ["59999", "60000"]
    assert found(half_built, "0") == ["1"]
    assert raw(half_built.path, "PRAGMA integrity_check") == [("ok",)]


def test_edits_and_sorted_views_go_on_while_it_is_built(own: Database) -> None:
    many(own, 30_000)
    view = Query("t", sort=(Sort("a"),))
    before = own.window(view, 0, 1)
    kept = own.views.lists[view]
    edits, reached, edited_since = 0, threading.Event(), threading.Event()

    def go_on_after_an_edit(now: IndexProgress) -> None:
        if now.records:
            reached.set()
            assert edited_since.wait(LIMIT)

    builder = threading.Thread(target=build_index, args=(own, "t", go_on_after_an_edit))
    builder.start()
    assert reached.wait(LIMIT)
    while builder.is_alive():
        own.apply(UpdateRecord("t", str(edits + 1), {"n": "7"}))
        edits += 1
        if edits > 3:
            edited_since.set()
        time.sleep(0.01)
    builder.join()
    assert edits > 3
    assert own.window(view, 0, 1).records[0].id == before.records[0].id
    # The list was never computed again, though the file has changed many times.
    assert own.views.lists[view].ids is kept.ids
    edited = {*range(1, edits + 1), 7, 8}
    assert found(own, "7 of") == [str(id_) for id_ in sorted(edited)]


def test_a_damaged_index_keeps_nobody_from_searching_and_editing(indexed: Database) -> None:
    raw(indexed.path, "DELETE FROM _myapp_search_1_data WHERE id = 10")
    hits = [hit.id for answer in indexed.search("anna") for hit in answer.hits]
    assert hits == ["3"]
    indexed.apply(UpdateRecord("t", "1", {"name": "Vera"}))
    assert [hit.id for answer in indexed.search("vera") for hit in answer.hits] == ["1"]
    drop_indexes(indexed, "t")
    build_index(indexed, "t")
    assert found(indexed, "vera") == ["1"]


def test_a_registry_that_is_not_ours_is_not_believed(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "INSERT INTO t VALUES (1, 'hello')",
        "CREATE TABLE _myapp_search (id, fields, next)",
        "INSERT INTO _myapp_search VALUES ('x', '[', 'y'), (1, '[\"id\", \"a\"]', NULL)",
        "CREATE TABLE _myapp_changed_1 (x)",
        "CREATE TRIGGER _myapp_changed_1_insert AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TRIGGER _myapp_changed_1_update AFTER UPDATE ON t BEGIN SELECT 1; END",
        "CREATE TRIGGER _myapp_changed_1_delete AFTER DELETE ON t BEGIN SELECT 1; END",
    )
    (answer,) = database.search("hello")
    assert (answer.total, answer.indexed) == (1, False)
    database.apply(UpdateRecord("t", "1", {"a": "world"}))
    assert database.record("t", "1").values == (1, "world")


def test_a_beginning_of_many_words_finds_them_all(own: Database) -> None:
    with own.stage("t", [NewField("a", Kind.TEXT)]) as staging:
        staging.append((f"begin{n:03} {'ab'[n % 2]}",) for n in range(200))
        staging.append([("beginning b",), ("begin199 c",)])
        staging.finish()
    build_index(own, "t")
    assert len(found(own, "begin")) == 202
    assert len(found(own, "b begin")) == 101
    assert found(own, "c begin") == ["202"]
    assert found(own, "beginn") == ["201"]
    assert found(own, "begin19") == [*(str(n) for n in range(191, 201)), "202"]
    assert found(own, "beginx") == []
