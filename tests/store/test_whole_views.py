"""All records of a view changed or deleted as one, whatever their number."""

from collections.abc import Callable

import pytest

from myapp.store import (
    Database,
    DeleteFound,
    FillField,
    Filter,
    NameNotClear,
    NoSuchRecord,
    NotLinkable,
    Op,
    Query,
    RuleBroken,
    Sort,
    StepTooLarge,
    StillLinked,
    TableReadOnly,
    ValueDoesNotFit,
    ViewChanged,
    stretches,
    whole_views,
)

from .conftest import contents, raw

Foreign = Callable[..., Database]
PEOPLE = (
    "CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO city VALUES (1, 'Basel'), (2, 'Oslo'), (3, 'Twin'), (4, 'Twin')",
    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, city INTEGER REFERENCES city,"
    " boss INTEGER REFERENCES person, pages INTEGER CHECK (pages < 1000), code INTEGER UNIQUE,"
    " photo BLOB)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
    " INSERT INTO person SELECT i, iif(i % 2, 'Ada ', 'Ben ') || i, i % 2 + 1,"
    " nullif(101 - i, i), i, i, NULL FROM n",
)
ADAS = Query("person", (Sort("pages", True),), (Filter("name", Op.STARTS, "Ada"),))
ALL = Query("person")


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_views, "AT_ONCE", 7)


@pytest.fixture
def people(foreign: Foreign) -> Database:
    return foreign(*PEOPLE)


def count(database: Database, condition: str = "1") -> object:
    return raw(database.path, f"SELECT count(*) FROM person WHERE {condition}")[0][0]


def test_a_view_is_deleted_in_one_step_and_comes_back_as_it_was(foreign: Foreign) -> None:
    database = foreign(*PEOPLE, "UPDATE person SET boss = NULL")
    before = contents(database.path)
    assert database.window(ADAS, 0, 1).total == 50
    database.apply(DeleteFound(ADAS, 50))
    assert (count(database), count(database, "name LIKE 'Ada%'")) == (50, 0)
    assert database.next_undo() == "Delete 50 records of person"
    assert (database.window(ADAS, 0, 1).total, database.window(ALL, 0, 1).total) == (0, 50)
    after = contents(database.path)
    database.undo()
    assert contents(database.path) == before
    assert database.window(ADAS, 0, 1).total == 50
    database.redo()
    assert contents(database.path) == after


def test_records_that_point_to_each_other_go_together(people: Database) -> None:
    before = contents(people.path)
    people.apply(DeleteFound(ALL, 100))
    assert count(people) == 0
    people.undo()
    assert contents(people.path) == before


def test_what_others_point_to_is_not_deleted_and_is_told_of(people: Database) -> None:
    before = contents(people.path)
    with pytest.raises(StillLinked) as refused:
        people.apply(DeleteFound(Query("city"), 4))
    assert refused.value.incoming[0].table == "person"
    assert contents(people.path) == before


def test_another_number_of_records_than_the_person_saw_is_refused(people: Database) -> None:
    before = contents(people.path)
    with pytest.raises(ViewChanged, match="has 50 records now, and had 49"):
        people.apply(DeleteFound(ADAS, 49))
    with pytest.raises(ViewChanged):
        people.apply(FillField("person", "pages", "3", ADAS, 51))
    assert contents(people.path) == before
    assert people.next_undo() is None


def test_records_without_a_number_of_their_own_are_deleted_by_their_keys(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a TEXT, b INTEGER, v TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)"
        " INSERT INTO t SELECT i % 3, i, 'x' FROM n",
    )
    found = Query("t", (), (Filter("a", Op.IS, "1"),))
    database.apply(FillField("t", "v", "y", found, 10))
    database.apply(DeleteFound(Query("t", (), (Filter("v", Op.IS, "x"),)), 20))
    assert raw(database.path, "SELECT DISTINCT a, v, count(*) FROM t") == [("1", "y", 10)]
    database.undo()
    database.undo()
    assert raw(database.path, "SELECT v, count(*) FROM t GROUP BY v") == [("x", 30)]


def test_one_value_comes_into_all_records_of_a_view(people: Database) -> None:
    before = contents(people.path)
    kept = people.window(ADAS, 0, 3).records[0].id
    people.apply(FillField("person", "name", "Ada the same", ADAS, 50))
    assert count(people, "name = 'Ada the same'") == 50
    assert people.next_undo() == "Edit name in 50 records of person"
    assert people.window(ADAS, 0, 3).records[0].id == kept
    same = Query("person", (), (Filter("name", Op.CONTAINS, "same"),))
    assert people.window(same, 0, 0).total == 50
    people.undo()
    assert contents(people.path) == before


def test_chosen_records_lose_their_value(people: Database) -> None:
    people.apply(FillField("person", "pages", None, ("1", "3", "9"), 3))
    assert raw(people.path, "SELECT id FROM person WHERE pages IS NULL") == [(1,), (3,), (9,)]
    with pytest.raises(NoSuchRecord):
        people.apply(FillField("person", "pages", "5", ("1", "1000"), 2))
    assert count(people, "pages IS NULL") == 3


def test_a_link_is_set_by_its_key_or_by_a_name_that_is_clear(people: Database) -> None:
    people.apply(FillField("person", "city", "3", ("1", "2"), 2))
    people.apply(FillField("person", "city", "Oslo", ADAS, 50, named=True))
    assert raw(people.path, "SELECT DISTINCT city FROM person WHERE name LIKE 'Ada%'") == [(2,)]
    with pytest.raises(NameNotClear):
        people.apply(FillField("person", "city", "Twin", ADAS, 50, named=True))
    with pytest.raises(NotLinkable):
        people.apply(FillField("person", "city", "77", ADAS, 50))


@pytest.mark.parametrize(
    ("field", "text", "error"),
    [
        ("pages", "many", ValueDoesNotFit),
        ("pages", "1000", RuleBroken),
        ("code", "7", RuleBroken),
        ("id", "7", RuleBroken),
        ("photo", "x", TableReadOnly),
    ],
)
def test_what_a_field_does_not_take_changes_nothing(
    people: Database, field: str, text: str, error: type[Exception]
) -> None:
    before = contents(people.path)
    with pytest.raises(error):
        people.apply(FillField("person", field, text, ALL, 100))
    assert contents(people.path) == before
    assert people.next_undo() is None


def test_what_the_history_cannot_keep_as_one_step_is_refused(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "LARGEST_ENTRY", 50)
    before = contents(people.path)
    with pytest.raises(StepTooLarge, match="do it in parts"):
        people.apply(DeleteFound(ALL, 100))
    assert contents(people.path) == before


def test_it_tells_how_far_it_is_and_can_be_stopped_in_the_middle(people: Database) -> None:
    before = contents(people.path)
    heard: list[tuple[int, int]] = []

    def told(done: int, total: int) -> None:
        heard.append((done, total))
        if done >= 50:
            raise KeyError

    for change in (DeleteFound(ALL, 100), FillField("person", "pages", "1", ALL, 100)):
        heard.clear()
        with pytest.raises(KeyError):
            people.apply(change, told)
        assert (7, 100) in heard
        assert contents(people.path) == before
