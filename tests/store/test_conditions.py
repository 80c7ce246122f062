"""Conditions in groups, "all of these" and "any of these": what they pick, how they are kept."""

import json
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myapp.store import (
    Condition,
    Database,
    DateUnfit,
    Filter,
    FilterGroup,
    FilterUnfit,
    Op,
    Query,
    SavedView,
    SaveView,
    TooManyConditions,
    Value,
    create_database,
    listed_conditions,
    read_conditions,
)

from .conftest import raw

Foreign = Callable[..., Database]
PEOPLE = (
    "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, born DATE)",
    "INSERT INTO p VALUES (1, 'Zoe', 9, '1970-05-01'), (2, 'Émile', 10, '1971-01-31'),"
    " (3, 'emma', NULL, NULL), (4, NULL, 12, '1970-12-31')",
)
YOUNG = Filter("age", Op.LT, "10")
NAMELESS = Filter("name", Op.EMPTY)
IN_1970 = Filter("born", Op.IS, "1970")


def ids(found: Database, *conditions: Condition) -> list[int]:
    window = found.window(Query("p", filters=conditions), 0, 1000)
    assert window.total == len(window.records)
    return [int(record.id) for record in window.records]


def any_of(*conditions: Condition) -> FilterGroup:
    return FilterGroup(conditions, any=True)


def all_of(*conditions: Condition) -> FilterGroup:
    return FilterGroup(conditions, any=False)


def test_any_of_these_picks_what_one_of_them_picks(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    assert ids(people, any_of(YOUNG, NAMELESS)) == [1, 4]
    assert ids(people, any_of(YOUNG, NAMELESS), IN_1970) == [1, 4]
    assert ids(people, any_of(all_of(YOUNG, IN_1970), Filter("name", Op.STARTS, "em"))) == [1, 3]
    assert ids(people, any_of(YOUNG), NAMELESS) == []


def test_groups_are_written_as_json_and_read_again() -> None:
    conditions = (YOUNG, any_of(NAMELESS, all_of(IN_1970, YOUNG)))
    listed = json.loads(json.dumps(listed_conditions(conditions)))
    assert listed == [
        ["age", "lt", "10"],
        {"any": [["name", "empty", ""], {"all": [["born", "is", "1970"], ["age", "lt", "10"]]}]},
    ]
    assert read_conditions(listed) == conditions


@pytest.mark.parametrize(
    "listed",
    [
        [{"any": []}],
        [{"none": [["a", "is", "1"]]}],
        [{}],
        [{"any": [["a", "is", "1"]], "all": []}],
        [{"any": {"a": 1}}],
        ["a"],
        {"any": [["a", "is", "1"]]},
        [{"any": [{"all": [{"any": [{"all": [{"any": [{"all": [["a", "is", "1"]]}]}]}]}]}]}],
    ],
)
def test_what_is_no_list_of_conditions_is_refused(listed: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        read_conditions(listed)


def test_more_conditions_than_a_view_takes_are_refused_in_words() -> None:
    with pytest.raises(TooManyConditions, match="at most 200"):
        read_conditions([{"any": [["a", "is", str(n)] for n in range(201)]}])


def test_as_many_conditions_as_a_view_takes_are_run(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    names = [Filter("name", Op.CONTAINS, f"né{n}") for n in range(199)]
    assert ids(people, any_of(*names, YOUNG)) == [1]


def test_nonsense_inside_a_group_is_told(foreign: Foreign) -> None:
    people = foreign(*PEOPLE)
    with pytest.raises(FilterUnfit, match="“old” is not a number"):
        people.check_filters(Query("p", filters=(any_of(Filter("age", Op.GT, "old")),)))


@pytest.mark.parametrize("text", ["tomorrow", "31.12.25", "1/2/2025", "12", "2026-"])
def test_what_is_no_date_is_told_and_what_begins_like_one_is_asked_for(
    foreign: Foreign, text: str
) -> None:
    people = foreign(*PEOPLE, "INSERT INTO p (born) VALUES ('1.2.2025')")
    with pytest.raises(DateUnfit, match="Write it like 2026, 2026-03 or 2026-03-31"):
        people.check_filters(Query("p", filters=(any_of(Filter("born", Op.LT, text)),)))
    for fine in ("1970", "1970-05", "1970-05-01", "1970-05-01 14:30", "1970/5", "31.12.1970"):
        people.check_filters(Query("p", filters=(Filter("born", Op.GTE, fine),)))
    people.check_filters(Query("p", filters=(Filter("born", Op.IS, "1.2.2025"),)))
    people.check_filters(Query("p", filters=(Filter("born", Op.CONTAINS, text),)))


DAYS = ("2024-01-04", "2024-01-05", "2024-10-05", "2024/01/05", "5.1.2024")


@pytest.mark.parametrize(
    ("op", "text", "found"),
    [
        (Op.IS, "2024-1-5", [2]),
        (Op.IS, "2024/01/05", [2, 4]),
        (Op.IS, "5.1.2024", [2, 5]),
        (Op.GTE, "2024-1-5", [2, 3, 4, 5]),
        (Op.GTE, "2024/1/5", [2, 3, 4, 5]),
        (Op.LT, "5.1.2024", [1]),
        (Op.LTE, "2024/1", [1, 2, 4]),
        (Op.IS, "2024-1", [1, 2]),
    ],
)
def test_a_day_is_asked_for_as_people_write_it(
    foreign: Foreign, op: Op, text: str, found: list[int]
) -> None:
    rows = ", ".join(f"({n}, '{day}')" for n, day in enumerate(DAYS, 1))
    days = foreign(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, born DATE)", f"INSERT INTO p VALUES {rows}"
    )
    days.check_filters(Query("p", filters=(Filter("born", op, text),)))
    assert ids(days, Filter("born", op, text)) == found


def test_a_number_is_asked_for_as_people_write_it(foreign: Foreign) -> None:
    shop = foreign(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, price MONEY, weight REAL)",
        "INSERT INTO p VALUES (1, 1234.5, 1.5), (2, 2, 2.5)",
    )
    for condition in (Filter("price", Op.IS, "1.234,50 €"), Filter("weight", Op.LTE, "1,5")):
        shop.check_filters(Query("p", filters=(condition,)))
        assert ids(shop, condition) == [1]


def test_a_saved_view_keeps_its_groups_and_follows_a_fields_name(foreign: Foreign) -> None:
    from myapp.store import DropField, RenameField

    people = foreign(*PEOPLE)
    view = SavedView("v", filters=(any_of(NAMELESS, all_of(YOUNG, IN_1970)),))
    people.apply(SaveView("p", view))
    assert people.saved_views("p") == (view,)
    people.apply(RenameField("p", "age", "years"))
    (renamed,) = people.saved_views("p")
    assert renamed.filters == (any_of(NAMELESS, all_of(Filter("years", Op.LT, "10"), IN_1970)),)
    people.apply(DropField("p", "born"))
    people.apply(DropField("p", "years"))
    (rest,) = people.saved_views("p")
    assert rest.filters == (any_of(NAMELESS),)


def test_a_list_follows_changes_only_where_its_groups_do_not_read_them(foreign: Foreign) -> None:
    from myapp.store import UpdateRecord

    people = foreign(*PEOPLE)
    grouped = any_of(YOUNG, NAMELESS)
    assert ids(people, grouped) == [1, 4]
    people.apply(UpdateRecord("p", "2", {"age": "3"}))
    assert ids(people, grouped) == [1, 2, 4]


# --- whatever is asked, a plain judgement in Python picks the same

TEXTS = ("", "Émile", "émile", "EMILE", "Zoë", "zoe", "50%", "a_b", "x\\y", " Oslo", "10", "Straße")
NUMBERS = (None, 0, -3, 9, 10, 2.5, 1e10, "old", "")
DATES = (None, "", "1970-05-01", "1970-12-31", "1971-01-01", "2000-02-29", "2000-02")
ASKED_TEXTS = ("é", "ém", "Zoë", "ZOE", "%", "_", "\\", "oslo", "10", "emile", "stra")
ASKED_NUMBERS = ("0", "9", "-3", "2.5", "10")
ASKED_DATES = ("1970", "1970-05", "1970-12-31", "2000-02-29", "2000")
FIELDS = ("name", "age", "born")
EVERY = (Op.IS, Op.IS_NOT, Op.EMPTY, Op.NOT_EMPTY)
COMPARED = (Op.LT, Op.LTE, Op.GT, Op.GTE)

filters = st.one_of(
    st.builds(
        Filter,
        st.just("name"),
        st.sampled_from((*EVERY, Op.CONTAINS, Op.STARTS)),
        st.sampled_from(ASKED_TEXTS),
    ),
    st.builds(
        Filter, st.just("age"), st.sampled_from((*EVERY, *COMPARED)), st.sampled_from(ASKED_NUMBERS)
    ),
    st.builds(
        Filter, st.just("born"), st.sampled_from((*EVERY, *COMPARED)), st.sampled_from(ASKED_DATES)
    ),
)
conditions = st.recursive(
    filters,
    lambda inner: st.builds(
        FilterGroup, st.lists(inner, min_size=1, max_size=4).map(tuple), st.booleans()
    ),
    max_leaves=8,
)


def ascii_lower(text: str) -> str:
    """As SQLite folds case when it compares: A to Z alone."""
    return "".join(each.lower() if each.isascii() else each for each in text)


def fits(condition: Condition, record: dict[str, Value]) -> bool:
    if isinstance(condition, FilterGroup):
        judged = [fits(each, record) for each in condition.of]
        return any(judged) if condition.any else all(judged)
    value, asked = record[condition.field], condition.value
    if condition.op is Op.EMPTY:
        return value in (None, "")
    if condition.op is Op.NOT_EMPTY:
        return value not in (None, "")
    if condition.op is Op.IS_NOT:
        return not fits(condition._replace(op=Op.IS), record)
    if condition.field == "age":
        return isinstance(value, int | float) and compared(condition.op, value, float(asked))
    if not isinstance(value, str):
        return False
    if condition.field == "born":
        return value != "" and compared(condition.op, value[: len(asked)], asked)
    if condition.op is Op.IS:
        return ascii_lower(value) == ascii_lower(asked)
    ways = {asked, asked.lower(), asked.upper(), asked.title()}
    place = str.startswith if condition.op is Op.STARTS else str.__contains__
    return any(place(ascii_lower(value), ascii_lower(way)) for way in ways)


def compared(op: Op, value: float | str, asked: float | str) -> bool:
    less, same = value < asked, value == asked  # type: ignore[operator]
    return {Op.IS: same, Op.LT: less, Op.LTE: less or same, Op.GT: not (less or same)}.get(
        op, not less
    )


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One record of every mixture of a text, a number and a date."""
    path = tmp_path_factory.mktemp("conditions") / "everybody.sqlite"
    database = create_database(path)
    raw(
        path,
        "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT, age NUMERIC, born DATE)",
        *(
            f"INSERT INTO p (name, age, born) VALUES ({', '.join(map(literal, record))})"
            for record in mixtures()
        ),
    )
    yield database
    database.close()


def mixtures() -> list[tuple[Value, ...]]:
    texts = (None, *TEXTS, unicodedata.normalize("NFD", "é"))
    mixed = [(text, number, None) for text in texts for number in NUMBERS]
    return [(*each[:2], DATES[n % len(DATES)]) for n, each in enumerate(mixed)]


def literal(value: Value) -> str:
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


@given(st.lists(conditions, max_size=3).map(tuple))
@settings(deadline=None)
def test_nested_conditions_pick_what_a_plain_judgement_picks(
    everybody: Database, asked: tuple[Condition, ...]
) -> None:
    records = [dict(zip(FIELDS, each, strict=True)) for each in mixtures()]
    expected = [
        n for n, record in enumerate(records, 1) if all(fits(each, record) for each in asked)
    ]
    assert ids(everybody, *asked) == expected
    assert read_conditions(listed_conditions(asked)) == asked
