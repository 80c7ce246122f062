"""SQL views are read as they are; those with INSTEAD OF triggers are changed through them."""

import base64
import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from myapp.store import (
    BringBack,
    Change,
    ChangedMeanwhile,
    Database,
    DeleteFound,
    DeleteRecords,
    DropTable,
    FillField,
    Filter,
    InsertRecord,
    Kind,
    NoSuchRecord,
    NotLinkable,
    Op,
    Part,
    Query,
    RecordRefused,
    RecordValues,
    RenameTable,
    RuleBroken,
    SeveralSuchRecords,
    Sort,
    StoreError,
    TableReadOnly,
    UpdateRecord,
    UpdateRecords,
    ValueDoesNotFit,
    ViewChanged,
    viewing,
)

from .conftest import everything, raw

Foreign = Callable[..., Database]
SHOP = (
    "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, author INTEGER REFERENCES author,"
    " pages INTEGER CHECK (pages BETWEEN 1 AND 5000), sold BOOLEAN)",
    "INSERT INTO author VALUES (1, 'Ann'), (2, 'Bob')",
    "INSERT INTO book VALUES (1, 'Alps', 1, 100, 0), (2, 'Birds', 1, 200, 0),"
    " (3, 'Clouds', 2, 300, 1), (4, 'Dust', NULL, 400, 0)",
    "CREATE VIEW shelf AS SELECT b.id, b.title, b.pages, b.author, a.name AS writer,"
    " b.pages * 2 AS twice FROM book b LEFT JOIN author a ON a.id = b.author"
    " WHERE NOT b.sold ORDER BY b.title DESC",
    "CREATE TRIGGER added INSTEAD OF INSERT ON shelf BEGIN"
    " INSERT INTO book (title, pages, author, sold)"
    " VALUES (NEW.title, NEW.pages, NEW.author, coalesce(NEW.pages = 5000, 0)); END",
    "CREATE TRIGGER edited INSTEAD OF UPDATE ON SHELF BEGIN"
    " SELECT RAISE(ABORT, 'Ann''s books stay') WHERE OLD.title = 'Birds';"
    " UPDATE book SET id = NEW.id, title = NEW.title, pages = NEW.pages, author = NEW.author,"
    " sold = coalesce(NEW.pages = 5000, 0) WHERE id = OLD.id;"
    " UPDATE author SET name = NEW.writer WHERE id = OLD.author; END",
    "CREATE TRIGGER gone INSTEAD OF DELETE ON shelf BEGIN DELETE FROM book WHERE id = OLD.id; END",
)
ALPS, BIRDS, DUST = (
    f"k{base64.urlsafe_b64encode(b'[%d]' % n).decode().rstrip('=')}" for n in (1, 2, 4)
)


@pytest.fixture
def shop(foreign: Foreign) -> Database:
    return foreign(*SHOP)


def books(database: Database) -> list[object]:
    return [row[0] for row in raw(database.path, "SELECT title FROM book ORDER BY id")]


def undo_all(database: Database) -> None:
    while database.undo() is not None:
        pass


def refused(database: Database, change: Change, kind: type[Exception]) -> str:
    """The sentence; the file must stay as it is."""
    before = everything(database.path)
    with pytest.raises(kind) as error:
        database.apply(change)
    assert everything(database.path) == before
    return str(error.value)


# --- what a view says of itself


def test_a_view_is_told_by_the_key_of_the_table_that_it_shows_whole(shop: Database) -> None:
    shelf = shop.table("shelf")
    assert (shelf.key, shelf.writable, shelf.refused) == (("id",), True, ())
    window = shop.window(Query("shelf"), 0, 10)
    assert [record.values[1] for record in window.records] == ["Dust", "Birds", "Alps"]
    assert [record.id for record in window.records] == [DUST, BIRDS, ALPS]
    assert shop.record("shelf", BIRDS).values[1] == "Birds"


def test_fields_of_a_view_are_what_the_fields_below_are(shop: Database) -> None:
    shelf = shop.table("shelf")
    assert [field.kind for field in shelf.fields] == [
        Kind.INTEGER,
        Kind.TEXT,
        Kind.INTEGER,
        Kind.INTEGER,
        Kind.TEXT,
        Kind.ANY,
    ]
    assert shelf.field("pages").limits.largest == 5000
    assert shop.window(Query("shelf"), 2, 1).records[0].labels == {"author": "Ann"}
    assert refused(shop, UpdateRecord("shelf", ALPS, {"pages": "many"}), ValueDoesNotFit)
    assert refused(shop, UpdateRecord("shelf", ALPS, {"author": "77"}), NotLinkable)


@pytest.mark.parametrize(
    ("select", "key"),
    [
        ("SELECT x.a, x.b, x.c FROM pair x", ("a", "b")),
        ("SELECT a, c FROM pair", ()),
        ("SELECT rowid AS r, c FROM loose", ("r",)),
        ("SELECT c FROM loose", ()),
        ("SELECT p.id, q.id AS other FROM one p LEFT JOIN one q ON q.id > p.id", ("id", "other")),
        ("SELECT n, count(*) FROM one GROUP BY n", ()),
        ("SELECT id, n, count(*) FROM one GROUP BY id", ("id",)),
        ("SELECT 'one' AS kind, id, n FROM one UNION ALL SELECT 'two', rowid, c FROM loose",
         ("kind", "id")),
        ('SELECT "k ""1""", v FROM "odd "" \'table\'"', ('k "1"',)),
    ],
)  # fmt: skip
def test_the_key_is_all_that_makes_the_key_of_a_table(
    foreign: Foreign, select: str, key: tuple[str, ...]
) -> None:
    database = foreign(
        "CREATE TABLE pair (a TEXT, b INTEGER, c, PRIMARY KEY (a, b)) WITHOUT ROWID",
        "CREATE TABLE loose (c)",
        "CREATE TABLE one (id INTEGER PRIMARY KEY, n TEXT)",
        'CREATE TABLE "odd "" \'table\'" ("k ""1""" TEXT PRIMARY KEY NOT NULL, v)',
        f"CREATE VIEW v AS {select}",
        "CREATE TRIGGER d INSTEAD OF DELETE ON v BEGIN DELETE FROM one; END",
    )
    view = database.table("v")
    assert view.key == key
    assert (view.why_not("delete") is None) == bool(key)
    if not key:
        assert "none of its fields tells one record from another" in str(view.why_read_only)
    assert "INSTEAD OF UPDATE" in str(view.why_not("edit")) or not key


def test_a_view_without_triggers_is_read_by_position(foreign: Foreign) -> None:
    database = foreign(*SHOP, "CREATE VIEW plain AS SELECT id, title FROM book")
    plain = database.table("plain")
    assert (plain.key, plain.why_read_only) == ((), "it is an SQL view, made from other tables.")
    assert database.window(Query("plain"), 1, 1).records[0].id == "n1"
    refused(database, DeleteRecords("plain", (ALPS,)), TableReadOnly)


def test_a_view_over_a_deleted_table_can_only_be_read(shop: Database) -> None:
    shop.apply(DropTable("author"))
    assert "was deleted" in str(shop.table("shelf").why_read_only)
    refused(shop, UpdateRecord("shelf", ALPS, {"title": "x"}), TableReadOnly)
    shop.undo()
    assert shop.table("shelf").writable


# --- records one by one


def test_an_edit_is_written_by_the_trigger_and_undone_by_its_name(shop: Database) -> None:
    before = everything(shop.path)
    done = shop.apply(UpdateRecord("shelf", ALPS, {"title": "Andes"}, {"title": "Alps"}))
    assert (done.id, done.sentence) == (ALPS, "Edit title of shelf")
    shop.apply(UpdateRecord("shelf", ALPS, {"writer": "Anna"}))
    assert books(shop)[0] == "Andes"
    after = everything(shop.path)
    assert shop.next_undo() == "Edit writer of shelf"
    undo_all(shop)
    assert everything(shop.path) == before
    while shop.redo() is not None:
        pass
    assert everything(shop.path) == after


def test_a_new_record_is_found_by_the_key_that_the_table_gave_it(shop: Database) -> None:
    before = everything(shop.path)
    made = shop.apply(InsertRecord("shelf", {"title": "Eels", "author": "2"}))
    assert made.id is not None
    assert shop.record("shelf", made.id).values[:2] == (5, "Eels")
    assert shop.apply(InsertRecord("shelf", {"title": "Sold", "pages": "5000"})).ids == ()
    deleted = shop.apply(DeleteRecords("shelf", (made.id,)))
    assert deleted.sentence == "Delete 1 record of shelf"
    assert shop.next_undo() == "Delete 1 record of shelf: Eels"
    undo_all(shop)
    assert everything(shop.path) == before


def test_a_record_that_leaves_the_view_or_takes_another_key_is_told(shop: Database) -> None:
    assert shop.apply(UpdateRecord("shelf", DUST, {"pages": "5000"})).ids == ()
    assert shop.count(Query("shelf")) == 2
    moved = shop.apply(UpdateRecord("shelf", ALPS, {"id": "9"}))
    assert moved.id is not None
    assert shop.record("shelf", moved.id).values[:2] == (9, "Alps")
    with pytest.raises(NoSuchRecord):
        shop.record("shelf", ALPS)


def test_what_somebody_else_changed_is_not_overwritten(shop: Database) -> None:
    change = UpdateRecord("shelf", ALPS, {"title": "Andes"}, {"title": "Alpen"})
    refused(shop, change, ChangedMeanwhile)
    refused(shop, UpdateRecord("shelf", "kWzk5XQ", {"title": "x"}), NoSuchRecord)


def test_a_trigger_that_refuses_is_heard_in_its_own_words(shop: Database) -> None:
    said = refused(shop, UpdateRecord("shelf", BIRDS, {"title": "x"}), RuleBroken)
    assert said == "Ann's books stay. Nothing was changed."


def test_a_rule_of_a_table_below_names_only_fields_that_the_view_has(shop: Database) -> None:
    with pytest.raises(RuleBroken) as error:
        shop.apply(UpdateRecord("shelf", ALPS, {"writer": None}))
    assert error.value.field is None
    assert "“name” must not be empty" in error.value.sentence


def test_a_trigger_that_does_nothing_is_no_success(shop: Database) -> None:
    said = refused(shop, UpdateRecord("shelf", ALPS, {"twice": "7"}), RuleBroken)
    assert "its triggers did nothing with this" in said
    assert shop.apply(UpdateRecord("shelf", ALPS, {"title": "Alps"})).id == ALPS
    assert shop.next_undo() is None


@pytest.mark.parametrize("body", ["SELECT 1", "SELECT RAISE(IGNORE)", "DELETE FROM one WHERE 0"])
def test_a_trigger_without_effect_is_told(foreign: Foreign, body: str) -> None:
    database = foreign(
        "CREATE TABLE one (id INTEGER PRIMARY KEY, n TEXT)",
        "INSERT INTO one VALUES (1, 'a')",
        "CREATE VIEW v AS SELECT id, n FROM one",
        f"CREATE TRIGGER d INSTEAD OF DELETE ON v BEGIN {body}; END",
    )
    assert "did nothing" in refused(database, DeleteRecords("v", (ALPS,)), RuleBroken)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("DELETE FROM t WHERE id = OLD.id; SELECT RAISE(ROLLBACK, 'All of it back!')", "All of it"),
        ("DELETE FROM t WHERE id = OLD.id; SELECT RAISE(FAIL, 'No further?')", "No further?"),
        ("DELETE FROM lost", "no such table: main.lost"),
        ("SELECT load_extension('x')", "unsafe use of load_extension()"),
    ],
)
def test_a_trigger_that_fails_leaves_nothing_behind(foreign: Foreign, body: str, said: str) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY)",
        "INSERT INTO t VALUES (1), (2)",
        "CREATE VIEW v AS SELECT id FROM t",
        f"CREATE TRIGGER d INSTEAD OF DELETE ON v BEGIN {body}; END",
    )
    assert said in refused(database, DeleteRecords("v", (ALPS,)), StoreError)
    database.apply(InsertRecord("t", {}))


def test_a_view_that_cannot_be_read_stays_as_it_is(foreign: Foreign) -> None:
    database = foreign(
        *SHOP,
        "CREATE VIEW hostile AS SELECT id, load_extension('x') AS y FROM book",
        "CREATE TRIGGER h INSTEAD OF DELETE ON hostile BEGIN DELETE FROM book; END",
        "CREATE VIEW broken AS SELECT id FROM lost",
        "CREATE TRIGGER b INSTEAD OF DELETE ON broken BEGIN DELETE FROM book; END",
    )
    assert not database.table("hostile").writable
    assert not database.table("broken").writable
    assert database.table("shelf").writable


# --- only what there are triggers for


@pytest.fixture
def narrow(foreign: Foreign) -> Database:
    return foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, photo BLOB)",
        "INSERT INTO t VALUES (1, 'a', 'b', x'00')",
        "CREATE VIEW v AS SELECT * FROM t",
        'CREATE TRIGGER "instead" INSTEAD OF UPDATE OF a, "photo" ON v BEGIN'
        " UPDATE t SET a = NEW.a WHERE id = OLD.id; END",
    )


def test_only_fields_that_a_trigger_takes_can_be_edited(narrow: Database) -> None:
    view = narrow.table("v")
    assert [field.name for field in view.fields if field.editable] == ["a"]
    narrow.apply(UpdateRecord("v", ALPS, {"a": "x"}))
    many = (RecordValues(ALPS, {"b": "x"}),)
    for change in (
        UpdateRecord("v", ALPS, {"b": "x"}),
        UpdateRecord("v", ALPS, {"photo": "x"}),
        UpdateRecords("v", many),
        FillField("v", "b", "x", (ALPS,), 1),
    ):
        refused(narrow, change, TableReadOnly)


def test_what_has_no_trigger_is_refused_in_words(narrow: Database) -> None:
    for change, said in (
        (InsertRecord("v", {"a": "x"}), "INSTEAD OF INSERT"),
        (DeleteRecords("v", (ALPS,)), "INSTEAD OF DELETE"),
        (DeleteFound(Query("v"), 1), "INSTEAD OF DELETE"),
        (UpdateRecords("v", (RecordValues(None, {"a": "x"}),)), "INSTEAD OF INSERT"),
        (BringBack("v", 1), "tables below"),
        (RenameTable("v", "w"), "no other name"),
    ):
        assert said in refused(narrow, change, TableReadOnly), change


def test_a_view_without_a_key_still_takes_new_records(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT, artist INTEGER)",
        "CREATE VIEW albums (album, artist) AS SELECT title, name FROM album JOIN artist"
        " ON artist.id = album.artist",
        "CREATE TRIGGER a INSTEAD OF INSERT ON albums BEGIN"
        " INSERT INTO artist (name) VALUES (NEW.artist);"
        " INSERT INTO album (title, artist) VALUES (NEW.album, last_insert_rowid()); END",
    )
    assert database.apply(InsertRecord("albums", {"album": "Blue", "artist": "Joni"})).ids == ()
    assert database.window(Query("albums"), 0, 5).records[0].values == ("Blue", "Joni")
    assert database.table("albums").why_not("edit") is not None


# --- keys that are none


def test_records_with_the_same_key_are_shown_and_not_changed(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "SOON", 0)
    database = foreign(
        "CREATE TABLE one (id INTEGER PRIMARY KEY, n TEXT)",
        "CREATE TABLE two (one INTEGER, what TEXT)",
        "INSERT INTO one VALUES (1, 'a'), (2, 'b')",
        "INSERT INTO two VALUES (1, 'x'), (1, 'y'), (2, 'z')",
        "CREATE VIEW v AS SELECT one.id, n, what FROM one JOIN two ON two.one = one.id",
        "CREATE TRIGGER u INSTEAD OF UPDATE ON v BEGIN"
        " UPDATE one SET n = NEW.n WHERE id = OLD.id; END",
        "CREATE TRIGGER d INSTEAD OF DELETE ON v BEGIN DELETE FROM two WHERE what = OLD.what; END",
    )
    records = database.window(Query("v"), 0, 10).records
    assert sorted(record.values[2] for record in records) == ["x", "y", "z"]
    by_what = Query("v", (Sort("what"),))
    assert database.beginning(by_what, 2) is database.beginning(by_what, 5) is None
    sorted_ = database.window(by_what, 0, 10).records
    assert [record.values[2] for record in sorted_] == ["x", "y", "z"]
    for change in (
        UpdateRecord("v", ALPS, {"n": "c"}),
        DeleteRecords("v", (ALPS,)),
        DeleteRecords("v", (ALPS, BIRDS)),
        DeleteFound(Query("v"), 3),
        DeleteFound(Query("v", filters=(Filter("what", Op.IS, "x"),)), 1),
    ):
        assert "the same “id”" in refused(database, change, SeveralSuchRecords)
    with pytest.raises(SeveralSuchRecords):
        database.record("v", ALPS)
    database.apply(UpdateRecord("v", BIRDS, {"n": "c"}))


def test_a_key_may_be_empty_in_part(foreign: Foreign) -> None:
    database = foreign(
        *SHOP,
        "CREATE VIEW both AS SELECT b.id, b.title, a.id AS writer, a.name FROM book b"
        " LEFT JOIN author a ON a.id = b.author",
        "CREATE TRIGGER u INSTEAD OF UPDATE ON both BEGIN"
        " UPDATE book SET title = NEW.title WHERE id = OLD.id; END",
        "CREATE TRIGGER d INSTEAD OF DELETE ON both BEGIN DELETE FROM book WHERE id = OLD.id; END",
    )
    ids = {r.values[1]: r.id for r in database.window(Query("both"), 0, 10).records}
    assert database.table("both").key == ("id", "writer")
    assert database.record("both", ids["Dust"]).values == (4, "Dust", None, None)
    database.apply(UpdateRecord("both", ids["Dust"], {"title": "Dusk"}))
    chosen = (ids["Dust"], ids["Alps"])
    assert [r.values[1] for r in database.records("both", chosen)] == ["Dusk", "Alps"]
    database.apply(DeleteRecords("both", chosen))
    assert books(database) == ["Birds", "Clouds"]


@pytest.mark.parametrize(
    "parts",
    ["[[1]]", '[{"a": 1}]', "[1, 2]", "[18446744073709551616]", '["\\ud800"]', "7", "[" * 900],
)
def test_an_id_made_by_hand_names_no_record(shop: Database, parts: str) -> None:
    made = "k" + base64.urlsafe_b64encode(parts.encode()).decode().rstrip("=")
    refused(shop, UpdateRecord("shelf", made, {"title": "x"}), NoSuchRecord)
    refused(shop, DeleteRecords("shelf", (made,)), NoSuchRecord)
    with pytest.raises(NoSuchRecord):
        shop.record("shelf", made)


def test_texts_that_are_not_utf8_leave_the_others_their_ids(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (k TEXT PRIMARY KEY NOT NULL, n TEXT)",
        "INSERT INTO t VALUES ('a', CAST(x'ff' AS TEXT)), ('b', 'x')",
        "CREATE VIEW v AS SELECT k, n FROM t",
        "CREATE TRIGGER u INSTEAD OF UPDATE ON v BEGIN UPDATE t SET n = NEW.n WHERE k = OLD.k; END",
    )
    ids = [record.id for record in database.window(Query("v"), 0, 5).records]
    database.apply(UpdateRecord("v", ids[1], {"n": "y"}))
    raw(database.path, "INSERT INTO t VALUES (CAST(x'fe' AS TEXT), 'z')")
    records = database.window(Query("v"), 0, 5).records
    assert {record.values[1] for record in records} == {"\ufffd", "y", "z"}
    assert database.record("v", records[2].id).values[1] in ("y", "z", "\ufffd")


# --- many records


def test_all_that_a_view_finds_is_changed_and_deleted_in_one_step(shop: Database) -> None:
    before = everything(shop.path)
    late = Query("shelf", filters=(Filter("title", Op.STARTS, "A"),))
    shop.apply(FillField("shelf", "author", "bob", late, 1, named=True))
    shop.apply(FillField("shelf", "pages", "7", (ALPS, DUST), 2))
    assert raw(shop.path, "SELECT author, pages FROM book WHERE id = 1") == [(2, 7)]
    done = shop.next_undo()
    shop.apply(FillField("shelf", "pages", "7", (ALPS, DUST), 2))
    assert shop.next_undo() == done == "Edit pages in 2 records of shelf"
    refused(shop, DeleteFound(Query("shelf"), 2), ViewChanged)
    shop.apply(DeleteFound(Query("shelf", (Sort("title"),)), 3))
    assert books(shop) == ["Clouds"]
    undo_all(shop)
    assert everything(shop.path) == before


def test_a_pasted_block_is_written_whole_or_not_at_all(shop: Database) -> None:
    before = everything(shop.path)
    records = (
        RecordValues(ALPS, {"title": "Andes", "author": "Bob"}, {"title": "Alps"}),
        RecordValues(None, {"title": "Eels"}),
    )
    done = shop.apply(UpdateRecords("shelf", records, ("author",)))
    assert done.sentence == "Edit 1 record of shelf and add 1"
    assert books(shop) == ["Andes", "Birds", "Clouds", "Dust", "Eels"]
    bad = (RecordValues(DUST, {"title": "x"}), RecordValues(BIRDS, {"title": "y"}))
    said = refused(shop, UpdateRecords("shelf", bad), RecordRefused)
    assert said == "Stopped at the record “Birds”: Ann's books stay. Nothing was changed."
    undo_all(shop)
    assert everything(shop.path) == before


def test_chosen_records_come_out_in_the_order_of_the_view(shop: Database) -> None:
    by_title = Query("shelf", (Sort("title"),))
    assert shop.in_order(by_title, (DUST, ALPS)) == (ALPS, DUST)
    assert shop.in_order(Query("shelf"), (ALPS, DUST)) == (DUST, ALPS)
    assert shop.position(by_title, BIRDS) == 1
    with shop.snapshot() as snapshot:
        (found,) = snapshot.records(Part(Query("shelf"), (ALPS, DUST)))
    assert sorted(record[1] for record in found) == ["Alps", "Dust"]


def test_a_view_is_searched_in_its_tables_and_links_to_nothing(shop: Database) -> None:
    assert [hits.table for hits in shop.search("Alps")] == ["book"]
    assert {each.table for each in shop.linked("author", "1")} == {"book"}


# --- what the history keeps


def test_a_table_without_a_key_comes_back_as_it_was(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a, b)",
        "INSERT INTO t VALUES ('x', 1), ('x', 1), (NULL, x'00')",
        "CREATE VIEW v AS SELECT rowid AS r, a FROM t",
        "CREATE TRIGGER u INSTEAD OF UPDATE ON v BEGIN UPDATE t SET a = NEW.a WHERE rowid = OLD.r;"
        " DELETE FROM t WHERE a IS NULL; INSERT INTO t VALUES ('log', OLD.a); END",
        "CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (NEW.a); END",
    )
    before = everything(database.path)
    database.apply(UpdateRecord("v", ALPS, {"a": "y"}))
    made = database.apply(InsertRecord("v", {"a": "new"}))
    assert made.id is not None
    assert database.record("v", made.id).values[1] == "new"
    undo_all(database)
    assert everything(database.path) == before


def test_what_could_not_be_undone_is_refused(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE TABLE named (name TEXT PRIMARY KEY, n)",
        "CREATE VIRTUAL TABLE words USING fts5 (a, content='')",
        "INSERT INTO t VALUES (1, 'x')",
        "INSERT INTO named VALUES (NULL, 1), ('a', 2)",
        "CREATE VIEW v AS SELECT id, a FROM t",
        "CREATE TRIGGER u INSTEAD OF UPDATE ON v BEGIN UPDATE t SET a = NEW.a WHERE id = OLD.id;"
        " INSERT INTO words (a) VALUES (NEW.a); END",
        "CREATE TRIGGER d INSTEAD OF DELETE ON v BEGIN DELETE FROM t WHERE id = OLD.id;"
        " DELETE FROM named WHERE name IS NULL; END",
    )
    change = UpdateRecord("v", ALPS, {"a": "y"})
    assert "“words”" in refused(database, change, RuleBroken)
    assert "whose key is empty" in refused(database, DeleteRecords("v", (ALPS,)), RuleBroken)


def test_a_search_table_with_texts_of_its_own_follows_an_undo(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE VIRTUAL TABLE words USING fts5 (a)",
        "INSERT INTO t VALUES (1, 'x')",
        "CREATE VIEW v AS SELECT id, a FROM t",
        "CREATE TRIGGER u INSTEAD OF UPDATE ON v BEGIN UPDATE t SET a = NEW.a WHERE id = OLD.id;"
        " INSERT INTO words VALUES (NEW.a); END",
    )
    found = "SELECT a FROM words WHERE words MATCH 'new'"
    database.apply(UpdateRecord("v", ALPS, {"a": "new"}))
    database.undo()
    assert raw(database.path, found) == []
    database.redo()
    assert raw(database.path, found) == [("new",)]
    raw(database.path, "INSERT INTO words (words) VALUES ('integrity-check')")


def test_a_search_index_below_a_view_follows_an_undo(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "CREATE VIRTUAL TABLE words USING fts5 (a, content='t', content_rowid='id')",
        "CREATE TRIGGER ti AFTER INSERT ON t BEGIN"
        " INSERT INTO words (rowid, a) VALUES (NEW.id, NEW.a); END",
        "CREATE TRIGGER tu AFTER UPDATE ON t BEGIN"
        " INSERT INTO words (words, rowid, a) VALUES ('delete', OLD.id, OLD.a);"
        " INSERT INTO words (rowid, a) VALUES (NEW.id, NEW.a); END",
        "INSERT INTO t VALUES (1, 'old')",
        "CREATE VIEW v AS SELECT id, a FROM t",
        "CREATE TRIGGER u INSTEAD OF UPDATE ON v BEGIN"
        " UPDATE t SET a = NEW.a WHERE id = OLD.id; END",
    )
    found = "SELECT group_concat(rowid) FROM words WHERE words MATCH ?"
    database.apply(UpdateRecord("v", ALPS, {"a": "new"}))
    assert raw(database.path, found.replace("?", "'new'")) == [("1",)]
    database.undo()
    assert raw(database.path, found.replace("?", "'old'")) == [("1",)]
    assert raw(database.path, found.replace("?", "'new'")) == [(None,)]
    raw(database.path, "INSERT INTO words (words) VALUES ('integrity-check')")


@pytest.mark.parametrize("seed", range(3))
def test_undo_of_everything_gives_back_what_was_there(foreign: Foreign, seed: int) -> None:
    chance = random.Random(seed)
    database = foreign(
        *SHOP,
        "CREATE TABLE log (what, id)",
        "CREATE TRIGGER l AFTER UPDATE ON book BEGIN INSERT INTO log VALUES (OLD.title, NEW.id);"
        " DELETE FROM log WHERE rowid < (SELECT max(rowid) - 3 FROM log); END",
    )
    before = everything(database.path)
    for _ in range(16):
        records = database.window(Query("shelf"), 0, 50).records
        ids = tuple(r.id for r in chance.sample(records, min(len(records), chance.randint(1, 3))))
        word = chance.choice(["Fog", "Gulls", "Hills", "Ice"])
        typed = {"title": word, "pages": str(chance.choice([1, 7, 5000])), "author": "2"}
        some = dict(chance.sample(sorted(typed.items()), chance.randint(1, 3)))
        change: Change = chance.choice(
            [
                InsertRecord("shelf", some),
                UpdateRecord("shelf", ids[0] if ids else "k", some | {"writer": word}),
                UpdateRecord("shelf", ids[0] if ids else "k", {"id": str(chance.randint(1, 30))}),
                UpdateRecords("shelf", tuple(RecordValues(id_, some) for id_ in (*ids, None))),
                FillField("shelf", "title", word, ids or ("k",), len(ids)),
                FillField("shelf", "author", "1", Query("shelf"), len(records)),
                DeleteRecords("shelf", ids or ("k",)),
            ]
        )
        with suppress(RuleBroken, NoSuchRecord, RecordRefused):
            database.apply(change)
    after = everything(database.path)
    assert after != before
    undo_all(database)
    assert everything(database.path) == before
    while database.redo() is not None:
        pass
    assert everything(database.path) == after


@pytest.mark.parametrize("name", ["plain", "turned", "found"])
def test_a_record_without_a_key_is_the_same_one_in_a_sorted_and_filtered_view(
    foreign: Foreign, name: str
) -> None:
    database = foreign(
        "CREATE TABLE t (a TEXT, n INTEGER)",
        "INSERT INTO t VALUES ('x', 1), ('y', 2), ('z', 3), ('y', 4)",
        "CREATE VIEW plain AS SELECT a, n FROM t",
        "CREATE VIEW turned AS SELECT a, 5 - n AS n FROM t ORDER BY n",
        "CREATE VIRTUAL TABLE found USING fts5(a, n)",
        "INSERT INTO found SELECT a, n FROM t",
    )
    for query, wanted in (
        (Query(name, sort=(Sort("n", descending=True),)), ["n3", "n2", "n1", "n0"]),
        (Query(name, filters=(Filter("a", Op.IS, "y"),)), ["n1", "n3"]),
        (Query(name, search="z"), ["n2"] if name != "turned" else ["n1"]),
    ):
        records = database.window(query, 0, 9).records
        if name == "turned" and query.filters:
            wanted = ["n0", "n2"]
        assert [each.id for each in records] == wanted
        for each in records:
            assert database.record(name, each.id).values == each.values
    second = database.window(Query(name, filters=(Filter("a", Op.IS, "y"),)), 1, 1).records
    assert [each.id for each in second] == ["n2" if name == "turned" else "n3"]
