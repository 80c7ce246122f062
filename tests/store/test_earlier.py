"""A record as it was once, and how that is put back as a change of its own."""

import io
import random
from collections.abc import Callable

import pytest

from myapp.store import (
    AddField,
    BringBack,
    ChangedMeanwhile,
    ChangeField,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    Kind,
    Limits,
    LinkTo,
    NewField,
    NoSuchRecord,
    NothingToPutBack,
    NotInPast,
    PutBack,
    Query,
    RenameField,
    RenameTable,
    RuleBroken,
    SetFile,
    Sort,
    StoreError,
    TableReadOnly,
    UpdateRecord,
    ValueDoesNotFit,
    history,
    mark_of,
)

from .conftest import contents, raw

Foreign = Callable[..., Database]
BOOKS = (
    "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, pages INTEGER)",
    "INSERT INTO books VALUES (1, 'Emma', 400), (2, 'Ulysses', 730)",
)
KINDS = {
    "numbered": "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INTEGER)",
    "bare": "CREATE TABLE t (id INTEGER, a TEXT, b TEXT, n INTEGER)",
    "keyed": "CREATE TABLE t (id TEXT PRIMARY KEY, a TEXT, b TEXT, n INTEGER)",
    "composite": "CREATE TABLE t (id, a TEXT, b TEXT, n INTEGER, PRIMARY KEY (a, id))",
    "without rowid": "CREATE TABLE t (n INTEGER, b TEXT, id, a, PRIMARY KEY (a, id)) WITHOUT ROWID",
    "strict": "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INTEGER) STRICT",
}
LARGE = bytes(range(256)) * 5_000


def only(database: Database, table: str = "t") -> str:
    return database.window(Query(table), 0, 1).records[0].id


def newest(database: Database, table: str = "books", id_: str = "1") -> int:
    return database.past(table, id_).events[0].step.id


def values(database: Database, table: str, id_: str) -> dict[str, object]:
    names = [field.name for field in database.table(table).fields]
    return dict(zip(names, database.record(table, id_).values, strict=True))


def test_an_earlier_value_comes_back_as_a_change_of_its_own(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "1", {"pages": "401", "title": "Emma II"}))
    first = newest(database)
    database.apply(UpdateRecord("books", "1", {"pages": "402"}))
    before = contents(database.path)
    applied = database.apply(PutBack("books", "1", first, ("pages",)))
    assert (applied.id, database.record("books", "1").values) == ("1", (1, "Emma II", 400))
    assert database.steps()[0].sentence == "Put back pages of books: Emma II"
    after = contents(database.path)
    database.undo()
    assert contents(database.path) == before
    database.redo()
    assert contents(database.path) == after


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_record_goes_back_to_any_moment(foreign: Foreign, kind: str) -> None:
    """Its key, and a record that was deleted and brought back, too."""
    database = foreign(KINDS[kind], "INSERT INTO t (id, a, b, n) VALUES (1, 'x', 'y', 0)")
    chance = random.Random(kind)
    moments = [values(database, "t", only(database))]
    for number in range(1, 10):
        if number % 4 == 0:
            database.apply(DeleteRecords("t", (only(database),)))
            (gone,) = database.deleted("t").records
            database.apply(BringBack("t", gone.step.id, gone.number))
        asked = chance.sample(["a", "b", "n", *(["id"] if kind != "bare" else [])], 2)
        typed = {each: chance.choice(["3", "4", "5"]) for each in asked}
        typed |= {"b": None} if number % 3 == 0 else {}
        database.apply(UpdateRecord("t", only(database), typed))
        moments.append(values(database, "t", only(database)))
    now = contents(database.path)
    edits = [e for e in database.past("t", only(database)).events if e.what == "changed"]
    places = [n for n in range(1, 10) if moments[n] != moments[n - 1]]
    assert len(edits) == len(places)
    for event, place in zip(edits, reversed(places), strict=True):
        for after in (False, True):
            wanted = moments[place if after else place - 1]
            if wanted == moments[-1]:
                continue
            change = PutBack("t", only(database), event.step.id, after=after)
            made = database.apply(change)
            assert values(database, "t", made.id or "") == wanted
            assert only(database) == made.id
            database.undo()
            assert contents(database.path) == now


def test_values_come_back_just_as_they_were(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at DATETIME, x, d DECIMAL, note TEXT)",
        "INSERT INTO t VALUES (1, '2026-03-31T14:30', '007', 1.5, X'00FF')",
    )
    database.apply(UpdateRecord("t", "1", {"at": None, "x": "7", "d": "2", "note": "text"}))
    database.apply(PutBack("t", "1", newest(database, "t")))
    assert raw(database.path, "SELECT * FROM t") == [(1, "2026-03-31T14:30", "007", 1.5, b"\0\xff")]


def test_what_an_edit_could_not_write_is_not_put_back_either(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE, code TEXT UNIQUE, c TEXT,"
        " a INTEGER REFERENCES a ON DELETE SET NULL, g AS (code || '!'))",
        "INSERT INTO a VALUES (1, 'Ann'), (2, 'Ben')",
        "INSERT INTO t (id, day, code, c, a) VALUES (1, 'soon', 'x', 'red', 1)",
        "INSERT INTO t (id) VALUES (2)",
    )
    edit = {"day": "2026-01-01", "code": "y", "c": "blue", "a": "2"}
    database.apply(UpdateRecord("t", "1", edit))
    step = newest(database, "t")
    database.apply(UpdateRecord("t", "2", {"code": "x"}))
    database.apply(DeleteRecords("a", ("1",)))
    limits = Limits(choices=("blue", "green"))
    database.apply(ChangeField("t", "c", Kind.CHOICE, limits=limits))
    before = contents(database.path)
    told = {
        each.field: each.why_not for each in database.record_then("t", "1", step, after=False)[1]
    }
    assert {name for name, why in told.items() if why is None} == {"code"}
    refusals = (
        ("day", ValueDoesNotFit, "“soon” is not a date"),
        ("code", RuleBroken, "same “code” already"),
        ("c", ValueDoesNotFit, "blue"),
        ("a", RuleBroken, "linked to a record of “a” then that is not there now .1."),
    )
    for field, kind, words in refusals:
        with pytest.raises(kind, match=words):
            database.apply(PutBack("t", "1", step, (field,)))
    with pytest.raises(StoreError):
        database.apply(PutBack("t", "1", step))
    assert contents(database.path) == before
    assert database.past("t", "1").events[0].step.id == step


def test_a_field_that_must_not_be_empty_now_says_so(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "1", {"title": None}))
    step = newest(database)
    database.apply(UpdateRecord("books", "1", {"title": "Emma"}))
    database.apply(ChangeField("books", "title", required=True))
    with pytest.raises(RuleBroken, match="“title” must not be empty"):
        database.apply(PutBack("books", "1", step, ("title",), after=True))


def test_what_somebody_else_changed_meanwhile_is_not_written_over(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "1", {"pages": "401"}))
    step, seen = newest(database), {"pages": mark_of(401)}
    database.apply(UpdateRecord("books", "1", {"pages": "999"}))
    with pytest.raises(ChangedMeanwhile, match="pages") as refused:
        database.apply(PutBack("books", "1", step, ("pages",), seen=seen))
    assert refused.value.theirs == {"pages": 999}
    assert database.record("books", "1").values[2] == 999
    again = {"pages": mark_of(999), "title": mark_of("another")}
    database.apply(PutBack("books", "1", step, ("pages",), seen=again))
    assert database.record("books", "1").values[2] == 400


def test_fields_go_by_the_names_of_today_and_lost_ones_are_told(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(AddField("books", NewField("shelf", Kind.TEXT)))
    database.apply(UpdateRecord("books", "1", {"shelf": "A", "pages": "1", "title": "E"}))
    step = newest(database)
    database.apply(UpdateRecord("books", "1", {"shelf": "B"}))
    database.apply(RenameField("books", "title", "Name"))
    database.apply(DropField("books", "shelf"))
    database.apply(RenameTable("books", "Library"))
    database.apply(AddField("Library", NewField("new", Kind.TEXT)))
    database.apply(UpdateRecord("Library", "1", {"new": "stays"}))
    then = database.record_then("Library", "1", step, after=False)
    assert [(each.field, each.then, each.now) for each in then.fields] == [
        ("Name", "Emma", "E"),
        ("pages", 400, 1),
        ("new", None, "stays"),
    ]
    assert then.gone == (("shelf", None),)
    database.apply(PutBack("Library", "1", step, ("Name", "pages")))
    assert database.record("Library", "1").values == (1, "Emma", 400, "stays")


def test_what_the_history_does_not_tell_is_refused_in_words(foreign: Foreign) -> None:
    database = foreign(*BOOKS, "CREATE VIEW v AS SELECT * FROM books")
    database.apply(UpdateRecord("books", "1", {"pages": "1"}))
    step = newest(database)
    database.apply(UpdateRecord("books", "2", {"pages": "1"}))
    with pytest.raises(NothingToPutBack, match="already as it was"):
        database.apply(PutBack("books", "1", step, after=True))
    for number in (step + 1, 999, 0):
        with pytest.raises(NotInPast, match="not in the history any more"):
            database.apply(PutBack("books", "1", number))
    with pytest.raises(NoSuchRecord):
        database.apply(PutBack("books", "9", step))
    with pytest.raises(TableReadOnly):
        database.apply(PutBack("v", "1", step))
    database.undo()
    database.undo()
    with pytest.raises(NotInPast):
        database.record_then("books", "1", step, after=False)


def test_a_link_is_put_back_to_a_record_that_came_back(own: Database) -> None:
    own.apply(CreateTable("a", (NewField("Name", Kind.TEXT),)))
    link = NewField("To", Kind.INTEGER, link=LinkTo("a", "empty"))
    own.apply(CreateTable("t", (link, NewField("x", Kind.TEXT))))
    raw(own.path, "INSERT INTO a VALUES (1, 'Ann')", "INSERT INTO t VALUES (1, 1, 'x')")
    own.apply(DeleteRecords("a", ("1",)))
    step = own.past("t", "1").events[0].step.id
    with pytest.raises(RuleBroken, match="not there now"):
        own.apply(PutBack("t", "1", step, ("To",)))
    (gone,) = own.deleted("a").records
    own.apply(BringBack("a", gone.step.id, gone.number))
    own.apply(PutBack("t", "1", step, ("To",)))
    assert own.record("t", "1").values == (1, 1, "x")
    assert own.link_name("t", "To", 1) == "Ann"


def put(database: Database, data: bytes | None, name: str = "") -> int:
    source = None if data is None else io.BytesIO(data)
    database.apply(SetFile("t", "1", "f", source, len(data or b""), name))
    return newest(database, "t")


def held(database: Database) -> tuple[bytes | None, object]:
    ((data, name),) = raw(database.path, 'SELECT f, "f name" FROM t')
    return (data if isinstance(data, bytes) else None), name


def test_files_are_put_back_with_their_names(own: Database) -> None:
    """Small ones and large ones, in place of each other."""
    fields = (NewField("a", Kind.TEXT), NewField("f", Kind.BLOB), NewField("f name", Kind.TEXT))
    own.apply(CreateTable("t", fields))
    raw(own.path, "INSERT INTO t (id, a) VALUES (1, 'x')")
    states = [(None, None), (LARGE, "large"), (b"small", "small"), (LARGE[1:], "other")]
    states += [(b"tiny", "tiny"), (None, None), (LARGE, "again")]
    steps = [put(own, data, str(name or "")) for data, name in states[1:]]
    own.apply(UpdateRecord("t", "1", {"a": "y"}))
    now = contents(own.path)
    for step, wanted in zip(steps, states, strict=False):
        if wanted == (LARGE, "large"):
            # What it was then it is now, but for the name.
            assert [e.field for e in own.record_then("t", "1", step, after=False).fields] == [
                "a",
                "f name",
            ]
            continue
        own.apply(PutBack("t", "1", step, ("f",)))
        assert held(own) == wanted
        assert own.steps()[0].sentence == "Put back f of t: y"
        own.undo()
        assert contents(own.path) == now
        own.redo()
        assert held(own) == wanted
        own.undo()
    own.apply(PutBack("t", "1", steps[2]))
    assert held(own) == states[2]
    assert own.record("t", "1").values[1] == "x"
    own.undo()
    assert contents(own.path) == now


def test_a_long_walk_through_the_history_can_be_stopped(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    for pages in "123":
        database.apply(UpdateRecord("books", "1", {"pages": pages}))
    oldest = database.past("books", "1").events[-1].step.id
    before = contents(database.path)
    heard: list[int] = []

    class Enough(Exception):
        pass

    def stop(done: int, _total: int) -> None:
        heard.append(done)
        if len(heard) == 2:
            raise Enough

    with pytest.raises(Enough):
        database.apply(PutBack("books", "1", oldest, ("pages",)), stop)
    assert contents(database.path) == before
    assert database.apply(PutBack("books", "1", oldest, ("pages",)), lambda *_: None).id == "1"
    assert database.record("books", "1").values[2] == 400


def test_a_view_in_its_own_order_need_not_be_computed_again(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    database.apply(UpdateRecord("books", "1", {"title": "Zuleika"}))
    sorted_view = Query("books", sort=(Sort("title"),))
    assert [each.id for each in database.window(sorted_view, 0, 9).records] == ["2", "1"]
    database.window(Query("books"), 0, 9)
    database.apply(PutBack("books", "1", newest(database)))
    assert [each.id for each in database.window(sorted_view, 0, 9).records] == ["1", "2"]
    assert [each.values[1] for each in database.window(Query("books"), 0, 9).records] == [
        "Emma",
        "Ulysses",
    ]


def test_a_large_file_whose_step_is_let_go_just_then_is_not_half_put_back(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.apply(CreateTable("t", (NewField("f", Kind.BLOB), NewField("f name", Kind.TEXT))))
    raw(own.path, "INSERT INTO t (id) VALUES (1)")
    put(own, LARGE, "large")
    step = put(own, b"small", "small")
    monkeypatch.setattr(history, "KEPT_ENTRIES", 1)
    before = contents(own.path)
    with pytest.raises(NotInPast, match="not in the history any more"):
        own.apply(PutBack("t", "1", step, ("f",)))
    assert contents(own.path) == before
