"""A field gets another type and other rules: what would not fit is told first, nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from myapp.store import (
    AddField,
    CannotUndo,
    Change,
    ChangeField,
    CreateTable,
    Database,
    DeleteRecords,
    DropField,
    DropTable,
    InsertRecord,
    Kind,
    Limits,
    MoveField,
    NewField,
    RenameField,
    RenameTable,
    RuleBroken,
    StoreError,
    UpdateRecord,
    Value,
    open_database,
)
from myapp.store.fitting import Fit, fit_functions, fit_sql, fitted

from .conftest import everything, raw

Foreign = Callable[..., Database]
GOODS = (
    "CREATE TABLE goods (id INTEGER PRIMARY KEY, price TEXT, day DATETIME, done BOOLEAN, code TEXT"
    " COLLATE NOCASE, n INTEGER DEFAULT 3, o REAL)",
    "INSERT INTO goods VALUES (1, '1.5', '2026-03-31 00:00:00', 1, 'a', 1, 2.0),"
    " (2, 'two', '2026-03-31 14:30:00', 0, 'A', NULL, 2.5), (5, NULL, NULL, NULL, NULL, 7, NULL)",
)


@pytest.mark.parametrize(
    ("old", "new", "value", "becomes"),
    [
        (Kind.TEXT, Kind.INTEGER, " 12 ", 12),
        (Kind.TEXT, Kind.DECIMAL, "1.50", 1.5),
        (Kind.TEXT, Kind.BOOLEAN, "yes", 1),
        (Kind.TEXT, Kind.DATE, "2026-03-31", "2026-03-31"),
        (Kind.INTEGER, Kind.TEXT, 12, "12"),
        (Kind.DECIMAL, Kind.TEXT, 0.1, "0.1"),
        (Kind.BOOLEAN, Kind.TEXT, 1, "yes"),
        (Kind.INTEGER, Kind.BOOLEAN, 1, 1),
        (Kind.DECIMAL, Kind.INTEGER, 3.0, 3),
        (Kind.INTEGER, Kind.DECIMAL, 3, 3),
        (Kind.DATE, Kind.DATETIME, "2026-03-31", "2026-03-31 00:00:00"),
        (Kind.DATETIME, Kind.DATE, "2026-03-31 00:00:00", "2026-03-31"),
        (Kind.TEXT, Kind.INTEGER, "", None),
        (Kind.TEXT, Kind.ANY, b"\0", b"\0"),
    ],
)
def test_a_value_takes_the_form_of_its_new_type(
    old: Kind, new: Kind, value: Value, becomes: Value
) -> None:
    got = fitted("f", Fit(old, new), value)
    assert (got, type(got)) == (becomes, type(becomes))


values = st.one_of(
    st.none(),
    st.text(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=3),
    st.integers().map(str),
    st.sampled_from(["007", "-0", "+1", " 1", "1 ", "1e3", "9" * 18, "9" * 19, "1.0", "-", "1\0"]),
)


LIMITS = (Limits(), Limits(("yes", "1", "Ünï")), Limits((), 0, 7), Limits((), "2026-01-01"))


@given(
    st.sampled_from(list(Kind)),
    st.sampled_from(list(Kind)),
    st.sampled_from(LIMITS),
    st.lists(values, max_size=20),
)
def test_the_quick_way_in_sql_says_the_same_as_the_careful_one(
    old: Kind, new: Kind, limits: Limits, given: list[Value]
) -> None:
    chosen, dates = new in (Kind.CHOICE, Kind.CHOICES), new in (Kind.DATE, Kind.DATETIME)
    assume(old is not new or limits != Limits())
    assume(limits == Limits() or chosen == bool(limits.choices))
    assume(limits.smallest is None or dates == isinstance(limits.smallest, str))
    how = Fit(old, new, limits)
    connection = apsw.Connection(":memory:")
    fit_functions(connection, "f", how)
    fits, fit = fit_sql("t.v", how)
    connection.execute("CREATE TABLE t (v)")
    connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in given])
    found = connection.execute(
        f"SELECT {fits}, {fit}, myapp_fits(v), myapp_fit(v) FROM t WHERE v IS NOT NULL"
    ).fetchall()
    for quick_fits, quick, careful_fits, careful in found:
        assert (quick_fits, quick, type(quick)) == (careful_fits, careful, type(careful))
    connection.close()


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        (Kind.TEXT, Kind.INTEGER, "1.5"),
        (Kind.DECIMAL, Kind.INTEGER, 1.5),
        (Kind.DECIMAL, Kind.INTEGER, 1e300),
        (Kind.INTEGER, Kind.BOOLEAN, 2),
        (Kind.INTEGER, Kind.DATE, 2026),
        (Kind.DATETIME, Kind.DATE, "2026-03-31 14:30:00"),
        (Kind.TEXT, Kind.DATE, "31.3.2026"),
        (Kind.ANY, Kind.TEXT, b"\0"),
        (Kind.DECIMAL, Kind.TEXT, b"x"),
    ],
)
def test_a_value_that_would_lose_something_does_not_fit(old: Kind, new: Kind, value: Value) -> None:
    with pytest.raises(StoreError):
        fitted("f", Fit(old, new), value)


@pytest.mark.parametrize(
    ("change", "field", "values"),
    [
        (
            ChangeField("goods", "price", Kind.DECIMAL, misfits="empty"),
            "price DECIMAL",
            [1.5, None, None],
        ),
        (ChangeField("goods", "day", Kind.TEXT), "day TEXT", None),
        (ChangeField("goods", "done", Kind.TEXT), "done TEXT", ["yes", "no", None]),
        (
            ChangeField("goods", "n", required=True, default="4", fill=True),
            "n INTEGER NOT NULL DEFAULT 4",
            [1, 4, 7],
        ),
        (ChangeField("goods", "n", default=""), "n INTEGER", None),
        (ChangeField("goods", "n", Kind.TEXT), "n TEXT DEFAULT '3'", ["1", None, "7"]),
        (ChangeField("goods", "price", unique=True), "price TEXT UNIQUE", None),
        (
            ChangeField("goods", "day", default="now"),
            "day DATETIME DEFAULT (datetime('now', 'localtime'))",
            None,
        ),
        (ChangeField("goods", "done", default="no"), "done BOOLEAN DEFAULT 0", None),
        (
            ChangeField("goods", "code", default="it's", required=False),
            "code TEXT DEFAULT 'it''s' COLLATE NOCASE",
            None,
        ),
    ],
    ids=lambda each: str(each)[:60],
)
def test_a_changed_field_is_undone_and_done_again(
    foreign: Foreign, change: ChangeField, field: str, values: list[Value] | None
) -> None:
    database = foreign(*GOODS)
    before = everything(database.path)
    kept = raw(database.path, f"SELECT {change.field} FROM goods ORDER BY id")
    database.apply(change)
    ((sql,),) = raw(database.path, "SELECT sql FROM sqlite_schema WHERE name = 'goods'")
    assert f"  {field},\n" in str(sql)
    found = raw(database.path, f"SELECT {change.field} FROM goods ORDER BY id")
    assert found == (kept if values is None else [(value,) for value in values])
    after = everything(database.path)
    for state, step in ((before, "undo"), (after, "redo"), (before, "undo")):
        database.close()
        database = open_database(database.path)
        assert getattr(database, step)() is not None
        assert everything(database.path) == state
    database.close()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            ChangeField("goods", "price", Kind.DECIMAL),
            "A value of “price” does not fit the new type: “two” in record 2.",
        ),
        (ChangeField("goods", "day", Kind.DATE), "“2026-03-31 14:30:00” in record 2"),
        (ChangeField("goods", "o", Kind.INTEGER), "“2.5” in record 2"),
        (
            ChangeField("goods", "price", required=True),
            "“price” cannot be required: it would be empty in record 5",
        ),
        (
            ChangeField("goods", "code", unique=True),
            "“code” cannot be unique: “a” stands in record 1 and record 2",
        ),
        (ChangeField("goods", "price", Kind.DECIMAL, True, misfits="empty"), "empty in record 2"),
        (ChangeField("goods", "n", default="many"), "“many” is not a whole number"),
        (ChangeField("goods", "id", Kind.TEXT), "it numbers the records"),
        (ChangeField("s", "a", Kind.DATE), "STRICT"),
        (ChangeField("s", "b", unique=False), "Links of “linked” would not find"),
        (ChangeField("linked", "b", Kind.INTEGER), "Links of “linked” would not find"),
        (ChangeField("s", "c", Kind.INTEGER), "rule of the table does not allow this"),
    ],
    ids=lambda each: str(each)[:60],
)
def test_a_change_that_the_records_do_not_allow_is_refused_with_one_of_them(
    foreign: Foreign, change: ChangeField, sentence: str
) -> None:
    database = foreign(
        *GOODS,
        "CREATE TABLE s (a TEXT, b TEXT, c TEXT CHECK (typeof(c) = 'text')) STRICT",
        "CREATE UNIQUE INDEX one ON s (b)",
        "CREATE TABLE linked (b TEXT REFERENCES s (b))",
        "INSERT INTO s VALUES ('1', '01', '1')",
        "INSERT INTO linked VALUES ('01')",
    )
    before = everything(database.path)
    with pytest.raises(StoreError, match=sentence.replace("(", r"\(")):
        database.apply(change)
    assert everything(database.path) == before
    assert database.next_undo() is None


def test_the_new_rules_hold_and_are_told_in_words(foreign: Foreign) -> None:
    database = foreign(*GOODS)
    database.apply(ChangeField("goods", "price", unique=True))
    database.apply(ChangeField("goods", "n", required=True, fill=True))
    with pytest.raises(RuleBroken, match="same “price” already"):
        database.apply(InsertRecord("goods", {"price": "two"}))
    made = database.apply(InsertRecord("goods", {"price": "three"}))
    assert database.record("goods", made.id or "").values[5] == 3
    with pytest.raises(RuleBroken, match="“n” must not be empty"):
        database.apply(UpdateRecord("goods", "1", {"n": ""}))


def test_a_unique_index_of_another_program_goes_with_the_rule(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a TEXT, b TEXT UNIQUE, c, UNIQUE (c))",
        "CREATE UNIQUE INDEX one ON t (a)",
        "CREATE UNIQUE INDEX two ON t (a, b)",
    )
    before = everything(database.path)
    assert [rules.unique for rules in database.fields("t")] == [True, True, True]
    for field in "abc":
        database.apply(ChangeField("t", field, unique=False))
    assert [rules.unique for rules in database.fields("t")] == [False, False, False]
    assert raw(database.path, "SELECT name FROM sqlite_schema WHERE name = 'two'") == [("two",)]
    for _ in "abc":
        database.undo()
    assert everything(database.path) == before


def test_undo_refuses_to_write_over_what_another_program_wrote(foreign: Foreign) -> None:
    database = foreign(*GOODS)
    database.apply(ChangeField("goods", "price", Kind.DECIMAL, misfits="empty"))
    raw(database.path, "UPDATE goods SET price = 22 WHERE id = 2")
    with pytest.raises(CannotUndo):
        database.undo()
    assert raw(database.path, "SELECT price FROM goods WHERE id = 2") == [(22,)]


def test_what_would_be_lost_is_told_first(foreign: Foreign) -> None:
    database = foreign(*GOODS, "CREATE INDEX by_price ON goods (price, n)")
    loss = database.field_loss("goods", "price")
    assert (loss.values, loss.records, loss.indexes, loss.blocked) == (2, 3, ("by_price",), None)
    assert "numbers the records" in (database.field_loss("goods", "id").blocked or "")
    assert database.misfits("goods", "price", Kind.DECIMAL) == (1, "“two” in record 2")
    assert database.misfits("goods", "code", Kind.TEXT) == (0, None)


def test_a_default_is_shown_as_it_was_typed(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (a TEXT DEFAULT 'x ''y''', b BOOL DEFAULT 1, c INT DEFAULT -5,"
        ' d DATE DEFAULT CURRENT_DATE, e DEFAULT (1 + 2), f DEFAULT NULL, g TEXT DEFAULT "dq")'
    )
    shown = [rules.default for rules in database.fields("t")]
    assert shown == ["x 'y'", "yes", "-5", "CURRENT_DATE", "1 + 2", "", "dq"]
    for rules in database.fields("t"):
        database.apply(ChangeField("t", rules.field.name, default=rules.default))
    assert database.next_undo() is None
    database.apply(ChangeField("t", "d", default="today"))
    assert database.fields("t")[3].default == "today"
    (before,) = raw(database.path, "SELECT date('now', 'localtime')")
    raw(database.path, "INSERT INTO t DEFAULT VALUES")
    # Midnight may come between.
    made, after = raw(database.path, "SELECT d, date('now', 'localtime') FROM t")[0]
    assert made in (*before, after)


kinds = st.sampled_from([each for each in Kind if each is not Kind.BLOB])
fields = st.sampled_from(["a", "b c", "n", "link", "new"])
tables = st.sampled_from(["t", "u"])
texts = st.sampled_from(["", "x", "1", "2.5", "yes", "2026-01-01", "Ünï"])
ids = st.integers(1, 4).map(str)
maybe = st.sampled_from([None, True, False])
limits = st.sampled_from(
    [
        Limits(),
        Limits(("yes", "x", "1")),
        Limits(("1", "on", "x")),
        Limits((), 1, 7),
        Limits((), None, 2.5),
        Limits((), "2026-01-01", None),
    ]
)
colours = st.lists(st.sampled_from(["red", "grey", "none"]), max_size=3).map(tuple)
currencies = st.sampled_from(["", "€"])
new_fields = st.builds(
    NewField,
    st.just("new"),
    kinds,
    limits=limits,
    colours=colours,
    currency=currencies,
)
changes = st.one_of(
    st.builds(DropField, tables, fields),
    st.builds(MoveField, tables, fields, st.integers(0, 5)),
    st.builds(
        ChangeField,
        tables,
        fields,
        st.none() | kinds,
        maybe,
        maybe,
        st.none() | texts,
        st.sampled_from(["refuse", "empty"]),
        st.booleans(),
        st.none() | limits,
        st.sampled_from([(), (("yes", "on"),)]),
        st.none() | colours,
        st.none() | currencies,
    ),
    st.builds(AddField, tables, new_fields),
    st.builds(RenameField, tables, fields, fields),
    st.builds(RenameTable, tables, tables),
    st.builds(DropTable, tables),
    st.builds(CreateTable, tables, st.tuples(new_fields)),
    st.builds(InsertRecord, tables, st.dictionaries(fields, texts, max_size=3)),
    st.builds(UpdateRecord, tables, ids, st.dictionaries(fields, texts, min_size=1, max_size=2)),
    st.builds(DeleteRecords, tables, st.lists(ids, max_size=2).map(tuple)),
)


def whole(path: Path) -> list[tuple[object, ...]]:
    """Also what is known of fields that are in sight."""
    sql = "SELECT 1 FROM sqlite_schema WHERE name = '_myapp_fields'"
    shown = "SELECT * FROM _myapp_fields WHERE table_name NOT LIKE '\\_myapp%' ESCAPE '\\'"
    return everything(path) + (raw(path, shown) if raw(path, sql) else [])


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(changes, max_size=14))
def test_undoing_every_change_gives_the_file_its_exact_content_back(
    tmp_path_factory: pytest.TempPathFactory, made: list[Change]
) -> None:
    path = tmp_path_factory.mktemp("undo") / "t.db"
    raw(
        path,
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE)",
        "CREATE TABLE t (a TEXT NOT NULL DEFAULT 'x', id INTEGER PRIMARY KEY AUTOINCREMENT,"
        ' "b c" DECIMAL UNIQUE, n INT CHECK (n < 99), link TEXT REFERENCES p (code)'
        " ON DELETE SET NULL, g AS (n + 1))",
        'CREATE INDEX by_n ON t (n, "b c")',
        "CREATE TRIGGER told AFTER UPDATE ON t BEGIN UPDATE p SET code = code; END",
        "CREATE VIEW seen AS SELECT id, n FROM t",
        "INSERT INTO p VALUES (1, '1'), (2, 'yes')",
        "INSERT INTO t (a, id, \"b c\", n, link) VALUES ('1', 1, 2.5, 1, '1'),"
        " ('2026-01-01', 2, 'odd', NULL, 'yes'), (x'00', 4, NULL, 7, NULL)",
    )
    database = open_database(path)
    states = [whole(path)]
    for change in made:
        before = whole(path)
        told = database.next_undo()
        try:
            database.apply(change)
        except StoreError:
            assert whole(path) == before
            continue
        if database.next_undo() != told or whole(path) != before:
            states.append(whole(path))
    assert raw(path, "PRAGMA foreign_key_check") == []
    final = whole(path)
    undone = 0
    while database.undo() is not None:
        undone += 1
    assert whole(path) == states[0]
    for _ in range(undone):
        assert database.redo() is not None
    assert whole(path) == final
    assert raw(path, "PRAGMA integrity_check") == [("ok",)]
    database.close()


def test_a_table_of_ours_has_the_rules_that_its_fields_were_given(own: Database) -> None:
    fields = (
        NewField("email", Kind.TEXT, required=True, unique=True),
        NewField("n", Kind.INTEGER, default="7"),
        NewField("day", Kind.DATE, default="today"),
    )
    own.apply(CreateTable("t", fields))
    shown = [(each.required, each.unique, each.default) for each in own.fields("t")[1:]]
    assert shown == [(True, True, ""), (False, False, "7"), (False, False, "today")]
    with pytest.raises(RuleBroken, match="“email” must not be empty"):
        own.apply(InsertRecord("t", {}))
