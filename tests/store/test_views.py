"""Any window of any view: the right records, in the order that people expect, and kept lists."""

from array import array
from collections.abc import Callable
from typing import Any

import pytest

from myapp.store import (
    BlobSize,
    Database,
    DeleteRecords,
    Filter,
    FilterUnfit,
    InsertRecord,
    LongText,
    NoSuchField,
    NoSuchTable,
    Op,
    Query,
    Sort,
    UpdateRecord,
    build_index,
    viewing,
)
from myapp.store.views import IdList, build_list

from .conftest import raw

Foreign = Callable[..., Database]
PEOPLE = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, born DATE, ok BOOLEAN)",
    "INSERT INTO p VALUES (1, 'Zoe', 9, '1970-05-01', 1), (2, 'Émile', 10, '1971-01-31', 0),"
    " (3, 'emma', NULL, NULL, NULL), (4, 'Éa', 101, '1970-12-31', 1), (5, NULL, 'old', '', 0),"
    " (7, '', 9, '2000-02-29', 1), (9, 'ÅNGSTRÖM', 9, '1999-12-31', 0)",
)


def ids(found: Database, query: Query) -> list[int]:
    return [int(record.id) for record in found.window(query, 0, 100).records]


def test_texts_sort_without_case_and_accents_and_empty_ones_come_last(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    assert ids(people, Query("p", sort=(Sort("name"),))) == [9, 4, 2, 3, 1, 5, 7]
    assert ids(people, Query("p", sort=(Sort("name", True),))) == [1, 3, 2, 4, 9, 5, 7]


def test_numbers_sort_as_numbers_before_texts(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    assert ids(people, Query("p", sort=(Sort("age"), Sort("name")))) == [9, 1, 7, 2, 4, 5, 3]
    assert ids(people, Query("p", sort=(Sort("id", True),))) == [9, 7, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Filter("name", Op.IS, "ZOE"), [1]),
        (Filter("name", Op.CONTAINS, "é"), [2, 4]),
        (Filter("name", Op.CONTAINS, "ngströ"), [9]),
        (Filter("name", Op.STARTS, "em"), [3]),
        (Filter("name", Op.EMPTY), [5, 7]),
        (Filter("name", Op.NOT_EMPTY), [1, 2, 3, 4, 9]),
        (Filter("name", Op.CONTAINS, "%"), []),
        (Filter("age", Op.GT, "9"), [2, 4]),
        (Filter("age", Op.LTE, "10"), [1, 2, 7, 9]),
        (Filter("age", Op.IS, "9"), [1, 7, 9]),
        (Filter("age", Op.IS_NOT, "9"), [2, 3, 4, 5]),
        (Filter("born", Op.LT, "1971"), [1, 4]),
        (Filter("born", Op.IS, "1970-05"), [1]),
        (Filter("born", Op.GTE, "1999-12-31"), [7, 9]),
        (Filter("ok", Op.IS, "yes"), [1, 4, 7]),
    ],
)
def test_filters_ask_in_the_terms_of_the_field(
    foreign: Foreign, condition: Filter, expected: list[int]
) -> None:
    people = foreign(*PEOPLE)
    assert ids(people, Query("p", filters=(condition,))) == expected
    assert people.count(Query("p", filters=(condition,))) == len(expected)


def test_search_finds_all_words_in_any_field(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    assert ids(people, Query("p", search="1970 zo")) == [1]
    assert ids(people, Query("p", search="  ")) == [1, 2, 3, 4, 5, 7, 9]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
@pytest.mark.parametrize("indexed", [False, True])
def test_search_is_without_regard_to_accents_and_case(
    foreign: Foreign, encoding: str, indexed: bool
) -> None:
    database = foreign(
        f"PRAGMA encoding = '{encoding}'",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n)",
        "INSERT INTO t VALUES (1, 'ZOË', 7.25), (2, 'zoe', 8), (3, 'Ζωή', NULL), (4, 'Ελένη', 9)",
    )
    if indexed:
        build_index(database, "t")
    for text in ("zoe", "Zoé", "ZÖE"):
        assert ids(database, Query("t", search=text)) == [1, 2]
        assert [hit.id for each in database.search(text) for hit in each.hits] == ["1", "2"]
    for text, expected in (("ελενη", "4"), ("ΖΩΉ", "3"), ("7.25", "1"), ("8", "2")):
        assert [hit.id for each in database.search(text) for hit in each.hits] == [expected]


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_a_file_of_utf_16_is_shown_and_sorted_as_others_are(
    foreign: Foreign, encoding: str
) -> None:
    database = foreign(
        f"PRAGMA encoding = '{encoding}'",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB)",
        "INSERT INTO t VALUES (1, 'Zoë', x'0102'), (2, printf('%0600d', 0), NULL),"
        " (3, 'Émil', NULL), (4, 'Fritz', NULL), (5, 'Dora', NULL)",
    )
    first, second, *_ = database.window(Query("t"), 0, 9, 500).records
    assert first.values == (1, "Zoë", BlobSize(2))
    assert second.values[1] == LongText("0" * 500, 600)
    assert ids(database, Query("t", (Sort("a"),))) == [2, 5, 3, 4, 1]
    assert database.groups(Query("t"), "b").groups[1].value == BlobSize(2)


def test_windows_and_positions_agree_over_gaps(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    for query in (Query("p"), Query("p", sort=(Sort("name"),)), Query("p", search="a")):
        order = ids(people, query)
        for position, id_ in enumerate(order):
            assert people.position(query, str(id_)) == position
            assert ids_at(people, query, position) == [id_]
        assert people.window(query, len(order), 5).records == ()
    assert people.position(Query("p", search="zoe"), "2") is None


def ids_at(found: Database, query: Query, position: int) -> list[int]:
    return [int(record.id) for record in found.window(query, position, 1).records]


def test_an_unbroken_table_needs_no_list(own: Database) -> None:
    from myapp.store import Kind, NewField

    with own.stage("t", [NewField("a", Kind.INTEGER)]) as staging:
        staging.append((n,) for n in range(1000))
        staging.finish()
    assert ids_at(own, Query("t"), 900) == [901]
    assert own.views.lists[Query("t")].ids is None
    assert own.position(Query("t"), "901") == 900


def test_own_edits_keep_the_lists_that_they_cannot_disturb(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = foreign(*PEOPLE)
    built: list[Query] = []
    build = viewing.build_list

    def counted(*arguments: object) -> object:
        built.append(arguments[3])  # type: ignore[arg-type]
        return build(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(viewing, "build_list", counted)
    by_name = Query("p", sort=(Sort("name"),))
    assert ids(people, by_name) == [9, 4, 2, 3, 1, 5, 7]
    people.apply(UpdateRecord("p", "1", {"age": "33"}))
    people.apply(DeleteRecords("p", ("4", "3", "77")))
    assert ids(people, by_name) == [9, 2, 1, 5, 7]
    assert built == [by_name]
    people.apply(UpdateRecord("p", "1", {"name": "Anna"}))
    assert ids(people, by_name) == [9, 1, 2, 5, 7]
    people.apply(InsertRecord("p", {"name": "Aa"}))
    assert ids(people, by_name) == [10, 9, 1, 2, 5, 7]
    assert built == [by_name] * 3
    people.undo()
    assert ids(people, by_name) == [9, 1, 2, 5, 7]


def test_a_new_record_joins_the_natural_order_without_a_new_list(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    assert people.window(Query("p"), 0, 1).total == 7
    kept = people.views.lists[Query("p")].ids
    assert kept == array("q", [1, 2, 3, 4, 5, 7, 9])
    people.apply(InsertRecord("p", {"name": "new"}))
    assert list(people.views.lists) == [Query("p")]
    assert ids(people, Query("p")) == [1, 2, 3, 4, 5, 7, 9, 10]


def test_ids_of_any_size_are_listed(foreign: Foreign) -> None:
    largest = 2**63 - 1
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",
        "INSERT INTO t VALUES (1, 'c'), (3, 'b')",
    )
    by_a = Query("t", sort=(Sort("a"),))
    assert ids(database, Query("t")) == [1, 3]
    assert ids(database, by_a) == [3, 1]
    database.apply(InsertRecord("t", {"id": str(2**32), "a": "d"}))
    assert ids(database, Query("t")) == [1, 3, 2**32]
    database.apply(InsertRecord("t", {"id": str(largest), "a": "a"}))
    database.apply(InsertRecord("t", {"id": "-5", "a": "e"}))
    assert ids(database, Query("t")) == [-5, 1, 3, 2**32, largest]
    assert ids(database, by_a) == [largest, 3, 1, 2**32, -5]
    database.apply(DeleteRecords("t", ("3",)))
    assert ids(database, by_a) == [largest, 1, 2**32, -5]


def test_empty_values_come_last_beside_values_of_every_kind(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b)",
        "INSERT INTO t VALUES (1, '', NULL), (2, 'b', 'É'), (3, NULL, ''), (4, 'A', 5),"
        " (5, 'á', x'ff00'), (6, 'Z', 'f'), (7, 'É', 'd'), (8, 'ab', -2.5)",
    )
    assert ids(database, Query("t", sort=(Sort("a"),))) == [4, 5, 8, 2, 7, 6, 1, 3]
    assert ids(database, Query("t", sort=(Sort("a", True),))) == [6, 7, 2, 8, 4, 5, 1, 3]
    assert ids(database, Query("t", sort=(Sort("b"),))) == [8, 4, 7, 2, 6, 5, 1, 3]
    assert ids(database, Query("t", sort=(Sort("b", True),))) == [5, 6, 2, 7, 4, 8, 1, 3]


def test_what_another_program_changes_is_seen(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    query = Query("p", sort=(Sort("name"),))
    version = people.window(query, 0, 1).version
    raw(people.path, "UPDATE p SET name = 'Aaa' WHERE id = 1", "DELETE FROM p WHERE id = 9")
    assert ids(people, query) == [1, 4, 2, 3, 5, 7]
    assert people.version() != version


def test_long_texts_and_blobs_are_measured_not_sent(foreign: Foreign) -> None:
    found = foreign(
        "CREATE TABLE t (a TEXT, b BLOB, c TEXT)",
        "INSERT INTO t VALUES (printf('%.*c', 100000, 'ü'), zeroblob(70000), 'short')",
    )
    window = found.window(Query("t"), 0, 1, long_text=10)
    assert window.records[0].values == (LongText("ü" * 10, 100_000), BlobSize(70_000), "short")
    assert found.record("t", "1").values == ("ü" * 100_000, bytes(70_000), "short")


def test_text_that_is_not_utf8_is_shown_with_marks(foreign: Foreign) -> None:
    found = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE l (t INTEGER REFERENCES t)",
        "INSERT INTO t VALUES (1, CAST(x'ff41' AS TEXT)), (2, 'fine')",
        "INSERT INTO l VALUES (1), (2)",
    )
    query = Query("t", sort=(Sort("name"),))
    assert [r.values[1] for r in found.window(query, 0, 5).records] == ["\ufffdA", "fine"] or [
        r.values[1] for r in found.window(query, 0, 5).records
    ] == ["fine", "\ufffdA"]
    assert found.record("t", "1").values == (1, "\ufffdA")
    labels = [r.labels["t"] for r in found.window(Query("l"), 0, 5).records]
    assert labels == ["\ufffdA", "fine"]


@pytest.mark.parametrize("name", ['we"ird', "select", "🐘 table", "a.b", "[x]", "x'y", "naïve ?"])
def test_any_name_is_browsed_and_edited(foreign: Foreign, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    found = foreign(
        f"CREATE TABLE {quoted} (id INTEGER PRIMARY KEY, {quoted} TEXT)",
        f"INSERT INTO {quoted} VALUES (1, 'x')",
    )
    found.apply(UpdateRecord(name, "1", {name: "y"}))
    query = Query(name, (Sort(name),), (Filter(name, Op.CONTAINS, "y"),), "y")
    assert found.window(query, 0, 1).records[0].values == (1, "y")
    found.undo()
    assert found.record(name, "1").values == (1, "x")


def test_unknown_names_are_refused_in_words(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    with pytest.raises(NoSuchTable, match="“nothing”"):
        people.window(Query("nothing"), 0, 1)
    with pytest.raises(NoSuchField, match="“nothing”"):
        people.window(Query("p", sort=(Sort("nothing"),)), 0, 1)


def test_the_widest_table_is_searched_and_sorted(foreign: Foreign) -> None:
    columns = ", ".join(f"c{n} TEXT" for n in range(2000))
    wide = foreign(f"CREATE TABLE w ({columns})", "INSERT INTO w (c1999) VALUES ('needle')")
    assert wide.window(Query("w", search="needle"), 0, 1).total == 1
    assert wide.window(Query("w", sort=(Sort("c1999"),)), 0, 1).records[0].values[-1] == "needle"


def test_the_music_shop_shows_names_for_links(chinook: Database) -> None:
    assert len(chinook.tables()) == 11
    album = chinook.window(Query("Album"), 0, 1).records[0]
    assert album.labels == {"ArtistId": "AC/DC"}
    by_artist = Query("Album", sort=(Sort("ArtistId"),))
    names = [r.labels["ArtistId"] for r in chinook.window(by_artist, 0, 400).records]
    assert names[:2] == ["Aaron Copland & London Symphony Orchestra", "Aaron Goldberg"]
    found = chinook.find_by("Artist", "ArtistId", album.values[2])
    assert found is not None and chinook.record("Artist", found).values[1] == "AC/DC"
    offered = chinook.choices("Album", "ArtistId", "ac/").records
    assert [choice.label for choice in offered] == ["AC/DC"]
    assert [(i.table, i.field, i.total) for i in chinook.linked("Artist", found)] == [
        ("Album", "ArtistId", 2)
    ]
    assert chinook.window(Query("PlaylistTrack"), 8000, 5).total == 8715
    employee = chinook.window(Query("Employee"), 1, 1).records[0]
    assert employee.labels["ReportsTo"] == "Andrew Adams"


def test_search_everywhere_names_table_field_and_place(chinook: Database) -> None:
    found = {answer.table: answer for answer in chinook.search("accept")}
    assert set(found) == {"Album", "Artist"}
    (artist,) = found["Artist"].hits
    (place,) = artist.places
    assert (artist.title, place.field, place.excerpt) == ("Accept", "Name", "Accept")
    assert [piece.found for piece in place.pieces] == [True]


@pytest.mark.parametrize("op", [Op.IS, Op.IS_NOT, Op.GT, Op.LTE])
def test_a_number_is_not_compared_with_nonsense(foreign: Foreign, op: Op) -> None:
    database = foreign(
        "CREATE TABLE t (n INTEGER, a TEXT, odd DECIMAL)",
        "INSERT INTO t VALUES (1, 'x', 'n/a')",
    )
    with pytest.raises(FilterUnfit, match="“zz” is not a number"):
        database.check_filters(Query("t", filters=(Filter("a", op, "zz"), Filter("n", op, "zz"))))
    for fine in (Filter("n", op, "1.5"), Filter("n", op, " -7 "), Filter("a", op, "zz")):
        database.check_filters(Query("t", filters=(fine,)))
    database.check_filters(Query("t", filters=(Filter("n", Op.CONTAINS, "z"),)))


def test_a_text_that_stands_in_a_number_field_can_be_asked_for(foreign: Foreign) -> None:
    database = foreign("CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1), ('n/a')")
    database.check_filters(Query("t", filters=(Filter("n", Op.IS, "N/A"),)))
    with pytest.raises(FilterUnfit):
        database.check_filters(Query("t", filters=(Filter("n", Op.IS, "zz"),)))


def test_a_link_is_compared_by_name(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE t (c INTEGER REFERENCES city)",
    )
    database.check_filters(Query("t", filters=(Filter("c", Op.IS, "Basel"),)))


@pytest.fixture
def many(foreign: Foreign) -> Database:
    """So many that a view of them is not known at once: 30,000, of which every third is odd."""
    return foreign(
        "CREATE TABLE m (id INTEGER PRIMARY KEY, name TEXT, odd BOOLEAN)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
        " INSERT INTO m SELECT i, 'name ' || (i * 7919 % 30011), i % 3 = 0 FROM n",
    )


@pytest.mark.parametrize(
    "query",
    [
        Query("m", sort=(Sort("name"),)),
        Query("m", sort=(Sort("name", True),)),
        Query("m", filters=(Filter("odd", Op.IS, "yes"),)),
        Query("m", sort=(Sort("odd"), Sort("name")), search="name 1"),
    ],
)
def test_the_beginning_of_a_view_is_that_of_the_whole_view(many: Database, query: Query) -> None:
    early = many.beginning(query, 50)
    assert early is not None
    assert early.records == many.window(query, 0, 50).records


def test_a_beginning_knows_the_number_where_only_the_order_is_new(many: Database) -> None:
    by_name = (Sort("name"),)
    odd = (Filter("odd", Op.IS, "yes"),)
    early = many.beginning(Query("m", sort=by_name, filters=odd), 5)
    assert early is not None and early.total is None
    many.window(Query("m", filters=odd), 0, 5)
    early = many.beginning(Query("m", sort=by_name, filters=odd), 5)
    assert early is not None and early.total == 10_000


def test_no_beginning_is_given_of_what_is_known_as_soon(many: Database, foreign: Foreign) -> None:
    by_name = Query("m", sort=(Sort("name"),))
    assert many.beginning(Query("m"), 50) is None
    many.window(by_name, 0, 1)
    assert many.beginning(by_name, 50) is None
    raw(many.path, "UPDATE m SET name = 'A' WHERE id = 9")
    early = many.beginning(by_name, 50)
    assert early is not None and early.records[0].id == "9"
    few = foreign(*PEOPLE, name="few.db")
    assert few.beginning(Query("p", sort=(Sort("name"),)), 50) is None


def test_a_beginning_that_is_all_is_kept_as_the_view(
    many: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Query("m", filters=(Filter("name", Op.IS, "name 7919"),))
    assert many.beginning(few, 50) is None
    monkeypatch.setattr("myapp.store.viewing.build_list", None)
    assert [record.id for record in many.window(few, 0, 50).records] == ["1"]


def test_a_beginning_of_records_with_keys_of_texts(foreign: Foreign) -> None:
    keyed = foreign(
        "CREATE TABLE k (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 25000)"
        " INSERT INTO k SELECT 'a' || (i % 100), i FROM n",
    )
    for query in (Query("k", sort=(Sort("b", True),)), Query("k", search="2500")):
        early = keyed.beginning(query, 20)
        window = keyed.window(query, 0, 20)
        assert early is None or early.records == window.records
    assert window.total == 4


def test_what_is_out_of_date_is_gone_while_the_new_is_made(
    many: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lists of millions of records would lie in memory otherwise."""
    by_name = Query("m", sort=(Sort("name"),))
    many.window(by_name, 0, 1)
    raw(many.path, "UPDATE m SET name = 'A' WHERE id = 9")
    kept: list[int] = []

    def build(*given: Any) -> IdList:
        kept.append(len(many.views.lists))
        return build_list(*given)

    monkeypatch.setattr("myapp.store.viewing.build_list", build)
    assert many.window(by_name, 0, 1).records[0].id == "9"
    assert kept == [0]
