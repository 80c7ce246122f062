"""Many records changed as one: all of it or nothing, with one way back."""

from collections.abc import Callable

import pytest

from myapp.store import (
    Database,
    Query,
    RecordRefused,
    RecordValues,
    Sort,
    TableReadOnly,
    TooManyCells,
    UpdateRecords,
)

from .conftest import contents, raw

Foreign = Callable[..., Database]
BOOKS = (
    "CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO city VALUES (1, 'Basel'), (2, 'Oslo'), (3, 'Twin'), (4, 'Twin'), (5, '1')",
    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, city INTEGER REFERENCES city,"
    " pages INTEGER, code INTEGER UNIQUE, big AS (pages * 2))",
    "INSERT INTO person (id, name, city, pages, code)"
    " VALUES (1, 'Ada', 1, 10, 1), (2, 'Ben', 2, 20, 2), (3, NULL, 2, 30, 3)",
)


def pages(database: Database) -> list[object]:
    return [row[0] for row in raw(database.path, "SELECT pages FROM person ORDER BY id")]


def test_many_records_change_and_come_about_in_one_step(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    before = contents(database.path)
    change = UpdateRecords(
        "person",
        (
            RecordValues("1", {"pages": "11", "name": ""}, {"pages": 10, "name": "Ada"}),
            RecordValues("2", {"pages": None}),
            RecordValues(None, {"name": "Cleo", "pages": "44"}),
        ),
    )
    applied = database.apply(change)
    assert applied.ids == ("1", "2", "4")
    assert raw(database.path, "SELECT name, pages FROM person") == [
        ("", 11),
        ("Ben", None),
        (None, 30),
        ("Cleo", 44),
    ]
    assert database.next_undo() == "Edit 2 records of person and add 1"
    after = contents(database.path)
    database.undo()
    assert contents(database.path) == before
    database.redo()
    assert contents(database.path) == after


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (RecordValues("2", {"pages": "many"}), "“Ben”: .*“many” is not a whole number.*“pages”"),
        (RecordValues("3", {"pages": "many"}), "record 3: .*“many” is not a whole number"),
        (RecordValues("2", {"pages": "5"}, {"pages": 21}), "“Ben”: .*changed elsewhere.*“pages”"),
        (RecordValues("2", {"code": "3"}), "“Ben”: .*same “code” already"),
        (RecordValues("2", {"city": "99"}), "“Ben”: .*“99” names no record of “city”"),
        (RecordValues("77", {"pages": "5"}), "record 77: .*does not exist any more"),
        (RecordValues(None, {"pages": "many"}), "new record 1: .*“many”"),
    ],
)
def test_one_record_that_is_refused_refuses_all_and_is_named(
    foreign: Foreign, record: RecordValues, sentence: str
) -> None:
    database = foreign(*BOOKS)
    before = contents(database.path)
    first = RecordValues("1", {"pages": "11"})
    with pytest.raises(RecordRefused, match=sentence) as refused:
        database.apply(UpdateRecords("person", (first, record)))
    assert refused.value.sentence.endswith("Nothing was changed.")
    assert refused.value.sentence.count("Nothing was") == 1
    assert contents(database.path) == before
    assert database.next_undo() is None


def test_links_are_given_by_name_where_it_is_said_so(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    named = ("city",)
    values = [{"city": "Oslo"}, {"city": "1"}, {"city": "3"}]
    records = tuple(RecordValues(str(n), each) for n, each in enumerate(values, 1))
    database.apply(UpdateRecords("person", records, named))
    assert raw(database.path, "SELECT city FROM person") == [(2,), (5,), (3,)]
    database.apply(UpdateRecords("person", (RecordValues("1", {"city": "1"}),)))
    assert raw(database.path, "SELECT city FROM person WHERE id = 1") == [(1,)]
    with pytest.raises(RecordRefused, match=r"“Twin” names several records of “city”.*its “id”"):
        database.apply(UpdateRecords("person", (RecordValues("1", {"city": "Twin"}),), named))
    with pytest.raises(RecordRefused, match="“Paris” names no record of “city”"):
        database.apply(UpdateRecords("person", (RecordValues("1", {"city": "Paris"}),), named))


def test_names_are_pasted_without_regard_to_case_and_accents_where_one_record_has_them(
    foreign: Foreign,
) -> None:
    database = foreign(
        *BOOKS,
        "INSERT INTO city VALUES (6, 'Zürich'), (7, 'Bern'), (8, 'BERN'), (9, ''), (10, NULL)",
    )
    texts = {"1": ("OSLO", 2), "2": (" zurich ", 6), "3": ("Bern", 7)}
    records = tuple(RecordValues(id_, {"city": text}) for id_, (text, _) in texts.items())
    database.apply(UpdateRecords("person", records, ("city",)))
    assert raw(database.path, "SELECT city FROM person") == [(key,) for _, key in texts.values()]
    # As the link to a record without a name is shown, and copied.
    unnamed = (RecordValues("1", {"city": "#10"}), RecordValues("2", {"city": "#9"}))
    database.apply(UpdateRecords("person", unnamed, ("city",)))
    assert raw(database.path, "SELECT city FROM person WHERE id < 3") == [(10,), (9,)]
    for text in ("bern", "twin", "TWIN"):
        with pytest.raises(RecordRefused, match=f"“{text}” names several records of “city”"):
            database.apply(UpdateRecords("person", (RecordValues("1", {"city": text}),), ("city",)))


def test_a_key_typed_just_so_goes_before_a_name_that_is_only_alike(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE land (code TEXT PRIMARY KEY, name TEXT)",
        "INSERT INTO land VALUES ('IT', 'Italy'), ('xx', 'it'), ('de', 'IS'), ('IS', 'Iceland')",
        "CREATE TABLE town (id INTEGER PRIMARY KEY, land REFERENCES land)",
    )
    assert database.named("town", "land", "IT") is None
    assert database.named("town", "land", "it") == "xx"
    assert database.named("town", "land", "ITALY") == "IT"
    assert database.named("town", "land", "IS") == "de"


def test_computed_fields_and_too_many_cells_are_refused(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    with pytest.raises(TableReadOnly, match="computed"):
        database.apply(UpdateRecords("person", (RecordValues("1", {"big": "1"}),)))
    many = tuple(RecordValues(None, {"pages": "1"}) for _ in range(50_001))
    with pytest.raises(TooManyCells, match="50,000"):
        database.apply(UpdateRecords("person", many))
    assert pages(database) == [10, 20, 30]


def test_lists_that_the_fields_do_not_touch_stay_and_others_follow(foreign: Foreign) -> None:
    database = foreign(*BOOKS)
    by_pages, by_name = Query("person", (Sort("pages"),)), Query("person", (Sort("name"),))
    for query in (by_pages, by_name, Query("city")):
        database.count(query)
    kept = dict(database.views.lists)
    database.apply(UpdateRecords("person", (RecordValues("1", {"pages": "99"}),)))
    assert set(database.views.lists) == {by_name, Query("city")}
    assert database.views.lists[by_name].ids == kept[by_name].ids
    assert [r.id for r in database.window(by_pages, 0, 5).records] == ["2", "3", "1"]


def test_records_without_a_rowid_and_with_new_keys_are_changed_too(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE w (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID",
        "INSERT INTO w VALUES ('a', 1), ('b', 2)",
    )
    ids = [record.id for record in database.window(Query("w"), 0, 5).records]
    records = (RecordValues(ids[0], {"k": "c", "v": "3"}), RecordValues(ids[1], {"v": "4"}))
    database.apply(UpdateRecords("w", records))
    assert raw(database.path, "SELECT * FROM w") == [("b", 4), ("c", 3)]
    database.undo()
    assert raw(database.path, "SELECT * FROM w") == [("a", 1), ("b", 2)]
