"""What a link field offers, what a link shows, and the other side of it."""

from collections.abc import Callable

from myapp.store import Choice, Database, Query

Foreign = Callable[..., Database]
SHOP = (
    "CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO city VALUES (1, 'Zürich'), (2, 'Basel')",
    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, team TEXT, city REFERENCES city,"
    " active BOOLEAN, photo BLOB)",
    "INSERT INTO person VALUES (1, 'Anna Meier', 'Red', 1, 1, NULL),"
    " (2, 'Anna Meier', 'Red', 2, 1, x'00'), (3, 'ANNA MEIER', 'Red', NULL, 0, NULL),"
    " (4, 'José', 'Red', 1, 1, NULL), (5, '', 'Red', 1, 1, NULL), (6, NULL, NULL, NULL, 1, NULL),"
    " (7, 'Joanna', 'Red', 1, 1, NULL)",
    "CREATE TABLE visit (id INTEGER PRIMARY KEY, who REFERENCES person, at DATE)",
    "INSERT INTO visit VALUES (1, 5, NULL), (2, 6, NULL), (3, 4, NULL), (4, 6, NULL)",
)


def offered(database: Database, text: str, limit: int = 20) -> list[Choice]:
    return list(database.choices("visit", "who", text, limit).records)


def test_records_of_one_name_are_told_apart_by_key_and_by_values_that_differ(
    foreign: Foreign,
) -> None:
    assert offered(foreign(*SHOP), "meier") == [
        Choice(1, "Anna Meier", "1 · Zürich · active: yes"),
        Choice(2, "Anna Meier", "2 · Basel · active: yes"),
        Choice(3, "ANNA MEIER", "3 · Red · active: no"),
    ]


def test_a_name_of_its_own_needs_nothing_beside_it(foreign: Foreign) -> None:
    assert offered(foreign(*SHOP), "jose") == [Choice(4, "José")]


def test_the_name_typed_in_full_comes_first_then_those_that_begin_so(foreign: Foreign) -> None:
    database = foreign(*SHOP)
    assert [each.label for each in offered(database, "ANN")] == [
        "Anna Meier",
        "Anna Meier",
        "ANNA MEIER",
        "Joanna",
    ]
    assert [each.value for each in offered(database, "ANNA MEIER")] == [3, 1, 2]


def test_there_may_be_more_than_are_offered(foreign: Foreign) -> None:
    database = foreign(*SHOP)
    assert database.choices("visit", "who", "", 3).more
    assert not database.choices("visit", "who", "", 7).more
    # The third of the name is not among them, and still tells that they need telling apart.
    assert offered(database, "meier", 1)[0].detail


def test_a_record_without_a_name_is_offered_and_shown_by_its_key(foreign: Foreign) -> None:
    database = foreign(*SHOP)
    assert [each.label for each in offered(database, "")][-2:] == ["#5", "#6"]
    assert [each.label for each in offered(database, "#6")] == ["#6"]
    shown = database.window(Query("visit"), 0, 10).records
    assert [dict(each.labels) for each in shown] == [
        {"who": "#5"},
        {"who": "#6"},
        {"who": "José"},
        {"who": "#6"},
    ]
    assert database.named("visit", "who", "#6") == 6
    groups = {each.label: each.filter for each in database.groups(Query("visit"), "who").groups}
    condition = groups["#6"]
    assert condition is not None
    assert database.count(Query("visit", filters=(condition,))) == 2


def test_the_other_side_names_records_that_have_no_title(foreign: Foreign) -> None:
    (visits,) = foreign(*SHOP).linked("person", "6")
    assert visits.first == (("2", ""), ("4", ""))


def test_links_of_a_file_in_utf_16_show_their_names(foreign: Foreign) -> None:
    database = foreign("PRAGMA encoding = 'UTF-16'", *SHOP)
    assert [each.label for each in offered(database, "jose")] == ["José"]
    assert database.record("visit", "3").labels == {"who": "José"}
    assert offered(database, "meier")[0].detail == "1 · Zürich · active: yes"
    assert database.named("visit", "who", "JOSE") == 4
