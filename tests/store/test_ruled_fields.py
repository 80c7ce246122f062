"""A field is added with its rules: SQLite keeps them, and all of it is undone and done again."""

from collections.abc import Callable

import pytest

from myapp.store import (
    AddField,
    AppError,
    CannotUndo,
    CreateTable,
    Database,
    InsertRecord,
    Kind,
    Limits,
    LinkTo,
    NewField,
    RuleBroken,
    StoreError,
    build_index,
    open_database,
)

from .conftest import everything, raw

Foreign = Callable[..., Database]
TEXT, INTEGER = Kind.TEXT, Kind.INTEGER


def shop(database: Database, records: int = 2) -> Database:
    database.apply(CreateTable("item", (NewField("name", TEXT),)))
    for number in range(records):
        database.apply(InsertRecord("item", {"name": f"thing {number}"}))
    return database


def there_and_back(database: Database, field: NewField) -> Database:
    """Add it; undo it after a restart, and make it again: each time all is as it was."""
    before = everything(database.path)
    database.apply(AddField("item", field))
    after = everything(database.path)
    database.close()
    again = open_database(database.path)
    again.undo()
    assert everything(again.path) == before
    again.redo()
    assert everything(again.path) == after
    return again


def test_a_required_field_with_a_default_is_given_to_the_records_and_kept(own: Database) -> None:
    field = NewField("stock", INTEGER, required=True, default="3", limits=Limits((), 0, 9))
    again = there_and_back(shop(own), field)
    rules = again.fields("item")[-1]
    assert (rules.required, rules.unique, rules.default) == (True, False, "3")
    assert again.record("item", "2").values == (2, "thing 1", 3)
    for value in ("NULL", "10"):
        with pytest.raises(Exception, match="constraint failed"):
            raw(again.path, f"UPDATE item SET stock = {value}")
    again.close()


def test_a_unique_field_starts_empty_and_refuses_a_value_twice(own: Database) -> None:
    again = there_and_back(shop(own), NewField("code", TEXT, unique=True))
    assert again.fields("item")[-1].unique
    again.apply(InsertRecord("item", {"code": "a"}))
    with pytest.raises(RuleBroken):
        again.apply(InsertRecord("item", {"code": "a"}))
    again.close()


def test_a_default_that_is_computed_is_the_same_day_when_it_is_done_again(own: Database) -> None:
    again = there_and_back(shop(own), NewField("seen", Kind.DATE, default="today"))
    day = again.record("item", "1").values[2]
    assert isinstance(day, str)
    assert len(day) == 10
    assert again.fields("item")[-1].default == "today"
    again.close()


def test_a_link_can_be_required_where_its_default_is_a_record(own: Database) -> None:
    shop(own).apply(CreateTable("maker", (NewField("name", TEXT),)))
    own.apply(InsertRecord("maker", {"name": "Ann"}))
    link = NewField("maker", INTEGER, required=True, default="7", link=LinkTo("maker"))
    with pytest.raises(RuleBroken, match="no record of “maker” has the id “7”"):
        own.apply(AddField("item", link))
    again = there_and_back(own, link._replace(default="1"))
    made = again.table("item").fields[-1].link
    assert made is not None
    assert made.table == "maker"
    assert again.record("item", "1").values[2] == 1
    again.close()


@pytest.mark.parametrize(
    ("field", "rule", "says"),
    [
        (NewField("x", TEXT, required=True), "required", "empty in the 2 records"),
        (NewField("x", TEXT, unique=True, default="a"), "unique", "2 records .* all have the same"),
        (NewField("x", TEXT, True, True, "a"), "required", "required and unique at once"),
        (NewField("x", INTEGER, default="many"), "default", "“many” is not a whole number"),
        (NewField("x", INTEGER, default="9", limits=Limits((), 0, 5)), "default", "“9” does not"),
        (NewField("x", Kind.BLOB, required=True), "required", "holds files"),
    ],
)
def test_rules_that_the_records_could_not_keep_are_refused_in_words(
    own: Database, field: NewField, rule: str, says: str
) -> None:
    before = everything(shop(own).path)
    with pytest.raises(StoreError, match=says) as refused:
        own.apply(AddField("item", field))
    assert isinstance(refused.value, AppError)
    assert getattr(refused.value, "rule", None) == rule
    assert everything(own.path) == before


def test_a_table_without_records_takes_any_rules_and_one_record_a_unique_default(
    own: Database,
) -> None:
    shop(own, 0).apply(AddField("item", NewField("a", TEXT, required=True, unique=True)))
    own.apply(InsertRecord("item", {"a": "x"}))
    own.apply(AddField("item", NewField("b", TEXT, required=True, unique=True, default="y")))
    assert own.record("item", "1").values == (1, None, "x", "y")


def test_the_indexes_triggers_and_links_of_a_foreign_table_go_on(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE maker (id INTEGER PRIMARY KEY)",
        "CREATE TABLE item (code TEXT PRIMARY KEY, -- on the label\n"
        " by INTEGER REFERENCES maker ON DELETE CASCADE, CHECK (length(code) < 9)) WITHOUT ROWID",
        "CREATE INDEX by_maker ON item (by)",
        "CREATE TABLE log (what)",
        "CREATE TRIGGER told AFTER INSERT ON item BEGIN INSERT INTO log VALUES (new.code); END",
        "INSERT INTO maker VALUES (1)",
        "INSERT INTO item VALUES ('A', 1), ('B', NULL)",
    )
    again = there_and_back(database, NewField("stock", INTEGER, required=True, default="0"))
    raw(again.path, "INSERT INTO item (code) VALUES ('C')")
    assert raw(again.path, "SELECT what FROM log") == [("A",), ("B",), ("C",)]
    assert raw(again.path, "SELECT code, by, stock FROM item") == [
        ("A", 1, 0),
        ("B", None, 0),
        ("C", None, 0),
    ]
    again.close()


def test_a_strict_table_takes_the_types_that_it_knows_and_names_the_others(
    foreign: Foreign,
) -> None:
    database = foreign("CREATE TABLE item (a TEXT) STRICT", "INSERT INTO item VALUES ('x')")
    with pytest.raises(StoreError, match="STRICT"):
        database.apply(AddField("item", NewField("day", Kind.DATE, default="today")))
    database.apply(AddField("item", NewField("b", Kind.DECIMAL, required=True, default="1.5")))
    assert raw(database.path, "SELECT b FROM item") == [(1.5,)]


def test_what_another_program_wrote_into_it_is_not_taken_away(own: Database) -> None:
    shop(own).apply(AddField("item", NewField("stock", INTEGER, default="0")))
    raw(own.path, "UPDATE item SET stock = 5 WHERE id = 1")
    with pytest.raises(CannotUndo):
        own.undo()
    assert own.record("item", "1").values == (1, "thing 0", 5)


def test_a_search_finds_the_default_that_the_records_took(own: Database) -> None:
    build_index(shop(own), "item")
    own.apply(AddField("item", NewField("place", TEXT, default="cellar")))
    (found,) = [each for each in own.search("cellar") if each.table == "item"]
    assert ([hit.id for hit in found.hits], found.indexed) == (["1", "2"], True)
    own.undo()
    assert not [each for each in own.search("cellar") if each.table == "item" and each.hits]
