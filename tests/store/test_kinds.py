"""Money, choices, addresses and ranges: rules of the file, told in words, undone like the rest."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from myapp.store import (
    AddField,
    ChangeField,
    CreateTable,
    Database,
    DropField,
    DropTable,
    InsertRecord,
    Kind,
    Limits,
    MoveField,
    NewField,
    Query,
    RenameField,
    RenameTable,
    RuleBroken,
    StoreError,
    UpdateRecord,
    ValueDoesNotFit,
    ValuesDoNotFit,
    open_database,
)
from myapp.store.field_settings import usual_colour

from .conftest import everything, raw

Foreign = Callable[..., Database]
STATUS = Limits(("Open", "Done", "It's late"))
TAGS = Limits(("red", "green", "dark blue"))


@pytest.fixture
def tasks(own: Database) -> Database:
    fields = (
        NewField("Task", Kind.TEXT),
        NewField("Status", Kind.CHOICE, limits=STATUS, default="Open"),
        NewField("Tags", Kind.CHOICES, limits=TAGS, colours=("red", "green", "blue")),
        NewField("Cost", Kind.MONEY, currency="€"),
        NewField("Rating", Kind.INTEGER, limits=Limits((), 1, 5)),
        NewField("Due", Kind.DATE, limits=Limits((), "2020-01-01", None)),
        NewField("Page", Kind.WEB),
        NewField("Mail", Kind.EMAIL),
        NewField("Phone", Kind.PHONE),
        NewField("Notes", Kind.LONG),
    )
    own.apply(CreateTable("Tasks", fields))
    return own


def add(database: Database, **values: str) -> dict[str, object]:
    applied = database.apply(InsertRecord("Tasks", values))
    record = database.record("Tasks", applied.id or "")
    return dict(zip((f.name for f in database.table("Tasks").fields), record.values, strict=True))


def test_the_kinds_are_read_from_the_tables_own_sql_without_our_table(tasks: Database) -> None:
    kinds = [field.kind for field in tasks.table("Tasks").fields][1:]
    assert kinds == [
        *(Kind.TEXT, Kind.CHOICE, Kind.CHOICES, Kind.MONEY, Kind.INTEGER, Kind.DATE),
        *(Kind.WEB, Kind.EMAIL, Kind.PHONE, Kind.LONG),
    ]
    before = tasks.table("Tasks")
    assert (before.field("Status").limits, before.field("Tags").limits) == (STATUS, TAGS)
    assert before.field("Cost").currency == "€"
    assert before.field("Tags").colours == ("red", "green", "blue")
    raw(tasks.path, "DROP TABLE _myapp_fields")
    after = tasks.table("Tasks")
    assert [field.kind for field in after.fields][1:] == kinds
    assert after.field("Rating").limits == Limits((), 1, 5)
    assert after.field("Due").limits == Limits((), "2020-01-01", None)
    assert after.field("Tags").colours == tuple(map(usual_colour, range(3)))


def test_what_is_typed_becomes_one_form_of_it(tasks: Database) -> None:
    found = add(
        tasks,
        Status="done",
        Tags=" dark BLUE, red,red",
        Cost="€ 1,234.5",
        Rating="3",
        Page="example.org/x",
        Mail=" ann@example.org ",
        Phone="+49 30 1",
        Notes="a\n",
    )
    assert found["Status"] == "Done"
    assert found["Tags"] == '["red","dark blue"]'
    assert found["Cost"] == 1234.5
    assert found["Page"] == "https://example.org/x"
    assert (found["Mail"], found["Phone"], found["Notes"]) == ("ann@example.org", "+49 30 1", "a\n")


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("Status", "Opn", "“Opn” does not fit: “Status” can be Open, Done or It's late."),
        ("Tags", "red, blu", "“blu” does not fit: “Tags” can be red, green or dark blue (also"),
        ("Rating", "6", "“6” does not fit: “Rating” can be from 1 to 5."),
        ("Due", "2019-12-31", "“Due” can be 2020-01-01 or later."),
        ("Cost", "0.005", "whole cents"),
        ("Cost", "1e30", "an amount of money like 12.50"),
        ("Cost", "10000000000000", "an amount below"),
        ("Page", "javascript:alert(1)", "a web address like https://example.org"),
        ("Mail", "ann at example", "an e-mail address like"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    tasks: Database, field: str, text: str, words: str
) -> None:
    with pytest.raises(ValueDoesNotFit) as refused:
        add(tasks, **{field: text})
    assert words in refused.value.sentence


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Status", "Opn"),
        ("Tags", '["green","red"]'),
        ("Tags", '["red","red"]'),
        ("Tags", '["red", "green"]'),
        ("Tags", '["red","blu"]'),
        ("Tags", "red"),
        ("Tags", '["red'),
        ("Cost", 1.005),
        ("Cost", "much"),
        ("Rating", 0),
        ("Due", "2019-12-31"),
        ("Page", "javascript:alert(1)"),
        ("Mail", "ann"),
    ],
)
def test_the_file_itself_refuses_it_from_other_programs(
    tasks: Database, field: str, value: object
) -> None:
    connection = apsw.Connection(str(tasks.path))
    with pytest.raises(apsw.ConstraintError, match="CHECK"):
        connection.execute(f"INSERT INTO Tasks ({field}) VALUES (?)", (value,))
    connection.close()


def test_every_set_of_choices_passes_the_check_in_its_one_order(own: Database) -> None:
    names = ("a", "a b", "]", "[", "'", "b")
    own.apply(CreateTable("Tasks", (NewField("T", Kind.CHOICES, limits=Limits(names)),)))
    for number in range(2 ** len(names)):
        some = [each for place, each in enumerate(names) if number >> place & 1]
        expected = "[" + ",".join(f'"{each}"' for each in some) + "]" if some else None
        assert add(own, T=", ".join(reversed(some)))["T"] == expected


def test_a_trigger_that_breaks_a_rule_is_told_in_words(tasks: Database) -> None:
    raw(
        tasks.path,
        "CREATE TRIGGER worse AFTER INSERT ON Tasks BEGIN"
        " UPDATE Tasks SET Status = 'Lost' WHERE id = new.id; END",
    )
    with pytest.raises(RuleBroken) as refused:
        add(tasks, Task="x")
    assert refused.value.sentence.startswith("“Status” can be Open, Done or It's late.")
    assert refused.value.field == "Status"


def test_money_adds_up_to_the_cent(own: Database) -> None:
    own.apply(CreateTable("Tasks", (NewField("Who", Kind.TEXT), NewField("Cost", Kind.MONEY))))
    raw(
        own.path,
        "INSERT INTO Tasks (Who, Cost) WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT i % 2, 0.1 FROM n",
        "INSERT INTO Tasks (Who, Cost) VALUES (1, 9999999999999.99), (0, -0.01)",
    )
    found = own.groups(Query("Tasks"), "Who", (), "value")
    assert [str(group.sums[0]) for group in found.groups] == ["499.89", "10000000000499.99"]
    assert str(found.sums[0]) == "10000000000999.88"


def test_choices_sort_in_their_own_order_and_are_found_one_by_one(tasks: Database) -> None:
    from myapp.store import Filter, Op, Sort

    for status, tags in (("It's late", "red"), ("Open", "red, green"), ("Done", "")):
        add(tasks, Status=status, Tags=tags)

    def found(query: Query) -> list[object]:
        return [record.values[2] for record in tasks.window(query, 0, 9).records]

    assert found(Query("Tasks", (Sort("Status"),))) == ["Open", "Done", "It's late"]
    red = Filter("Tags", Op.IS, "RED")
    assert found(Query("Tasks", (), (red,))) == ["It's late", "Open"]
    assert found(Query("Tasks", (), (red._replace(op=Op.IS_NOT),))) == ["Done"]


# --- foreign files


def test_a_foreign_files_rules_are_understood_and_nothing_is_written(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, size varchar(9) CONSTRAINT s CHECK"
        " ( SIZE in ('S', 'M') ) NOT NULL, age INT CHECK (age BETWEEN -1 AND 120),"
        " n REAL CHECK ([n] <= 2.5), odd INT CHECK (odd % 2), w TEXT CHECK (w IN ('a', w)))",
        "INSERT INTO t (size) VALUES ('S')",
    )
    before = database.path.read_bytes()
    table = database.table("t")
    assert [(f.kind, f.limits) for f in table.fields[1:]] == [
        (Kind.CHOICE, Limits(("S", "M"))),
        (Kind.INTEGER, Limits((), -1, 120)),
        (Kind.DECIMAL, Limits((), None, 2.5)),
        (Kind.INTEGER, Limits()),
        (Kind.TEXT, Limits()),
    ]
    assert database.path.read_bytes() == before
    assert everything(database.path)[0][2]
    changed = everything(database.path)
    database.apply(ChangeField("t", "size", limits=Limits(("S", "M", "L"))))
    (sql,) = raw(database.path, "SELECT sql FROM sqlite_schema WHERE name = 't'")[0]
    assert "varchar(9) CHECK (\"size\" IN ('S', 'M', 'L')) NOT NULL" in str(sql)
    assert "_myapp_fields" not in str(raw(database.path, "SELECT name FROM sqlite_schema"))
    database.undo()
    assert everything(database.path) == changed


# --- changing a field


def test_a_text_becomes_a_choice_of_what_is_there(own: Database) -> None:
    own.apply(CreateTable("Tasks", (NewField("Status", Kind.TEXT),)))
    for text in ("open", "Open", "done"):
        add(own, Status=text)
    before = everything(own.path)
    own.apply(ChangeField("Tasks", "Status", Kind.CHOICE))
    field = own.table("Tasks").field("Status")
    assert (field.kind, field.limits.choices) == (Kind.CHOICE, ("done", "open"))
    assert [r.values[1] for r in own.window(Query("Tasks"), 0, 9).records] == [
        "open",
        "open",
        "done",
    ]
    own.undo()
    assert everything(own.path) == before


def test_choices_are_renamed_with_their_records_and_keep_their_colours(tasks: Database) -> None:
    add(tasks, Status="Open", Tags="red, green")
    before = everything(tasks.path)
    tasks.apply(
        ChangeField(
            "Tasks",
            "Tags",
            limits=Limits(("green", "crimson", "new")),
            renamed=(("red", "crimson"),),
        )
    )
    field = tasks.table("Tasks").field("Tags")
    assert tasks.record("Tasks", "1").values[3] == '["green","crimson"]'
    assert field.colours[:2] == ("green", "red")
    tasks.undo()
    assert everything(tasks.path) == before
    assert tasks.table("Tasks").field("Tags").colours == ("red", "green", "blue")
    tasks.redo()
    assert tasks.record("Tasks", "1").values[3] == '["green","crimson"]'
    assert tasks.table("Tasks").field("Tags").colours[:2] == ("green", "red")


def test_what_a_narrower_rule_would_refuse_is_counted_first(tasks: Database) -> None:
    for rating, status in (("1", "Open"), ("5", "Done"), ("4", "Done")):
        add(tasks, Rating=rating, Status=status)
    narrower = ChangeField("Tasks", "Rating", limits=Limits((), 1, 3))
    with pytest.raises(ValuesDoNotFit) as refused:
        tasks.apply(narrower)
    assert "2 values of “Rating” do not fit the new rules, such as “5” in record 2" in str(
        refused.value
    )
    tasks.apply(narrower._replace(misfits="empty"))
    assert [r.values[5] for r in tasks.window(Query("Tasks"), 0, 9).records] == [1, None, None]
    tasks.undo()
    assert [r.values[5] for r in tasks.window(Query("Tasks"), 0, 9).records] == [1, 5, 4]
    with pytest.raises(ValuesDoNotFit, match="“Status” can be Open or It's late"):
        tasks.apply(ChangeField("Tasks", "Status", limits=Limits(("Open", "It's late"))))


def test_a_default_that_the_new_choices_lack_is_refused(tasks: Database) -> None:
    with pytest.raises(ValueDoesNotFit, match="“Open” does not fit"):
        tasks.apply(ChangeField("Tasks", "Status", limits=Limits(("Done", "It's late"))))


@pytest.mark.parametrize(
    ("kind", "choices", "words"),
    [
        (Kind.CHOICE, (), "Say which choices"),
        (Kind.CHOICE, ("a", "A"), "is there twice"),
        (Kind.CHOICES, ("a,b",), "no commas"),
        (Kind.CHOICES, ('a"b',), "no commas"),
        (Kind.CHOICE, ("x" * 101,), "longer than"),
        (Kind.CHOICE, tuple(map(str, range(201))), "up to 200"),
    ],
)
def test_choices_that_cannot_be_are_refused(
    own: Database, kind: Kind, choices: tuple[str, ...], words: str
) -> None:
    with pytest.raises(RuleBroken, match=words):
        own.apply(CreateTable("Tasks", (NewField("T", kind, limits=Limits(choices)),)))
    assert own.tables() == ()


def test_a_field_called_like_a_choice_of_another_can_go(tasks: Database) -> None:
    tasks.apply(AddField("Tasks", NewField("Done", Kind.BOOLEAN)))
    tasks.apply(DropField("Tasks", "Done"))
    assert "Done" not in [field.name for field in tasks.table("Tasks").fields]


# --- settings go where their field goes


def settings(database: Database) -> list[tuple[object, ...]]:
    there = raw(database.path, "SELECT 1 FROM sqlite_schema WHERE name = '_myapp_fields'")
    return raw(database.path, "SELECT * FROM _myapp_fields") if there else []


def test_settings_follow_names_drops_and_what_brings_them_back(tasks: Database) -> None:
    whole = settings(tasks)
    assert len(whole) == 2
    for change, there in (
        (RenameField("Tasks", "Cost", "Price"), "Price"),
        (MoveField("Tasks", "Price", 1), "Price"),
        (RenameTable("Tasks", "Work"), "Price"),
    ):
        tasks.apply(change)
        table = tasks.tables()[0]
        assert table.field(there).currency == "€"
    tasks.apply(DropField("Work", "Price"))
    assert len(settings(tasks)) == 1
    tasks.apply(DropTable("Work"))
    tasks.apply(CreateTable("Work", (NewField("Price", Kind.MONEY), NewField("Tags", Kind.TEXT))))
    assert tasks.table("Work").field("Price").currency == ""
    for _ in range(6):
        tasks.undo()
    assert settings(tasks) == whole
    assert tasks.table("Tasks").field("Cost").currency == "€"
    for _ in range(4):
        tasks.redo()
    assert len(settings(tasks)) == 1
    tasks.undo()
    assert tasks.table("Work").field("Price").currency == "€"


def test_settings_alone_are_a_change_that_rewrites_no_record(tasks: Database) -> None:
    add(tasks, Cost="5")
    before = everything(tasks.path), settings(tasks)
    tasks.apply(ChangeField("Tasks", "Cost", currency="CHF"))
    tasks.apply(ChangeField("Tasks", "Status", colours=("pink", "grey", "teal")))
    table = tasks.table("Tasks")
    assert (table.field("Cost").currency, table.field("Status").colours[0]) == ("CHF", "pink")
    assert everything(tasks.path) == before[0]
    tasks.undo()
    tasks.undo()
    assert (everything(tasks.path), settings(tasks)) == before
    assert tasks.table("Tasks").field("Cost").currency == "€"
    tasks.redo()
    assert tasks.table("Tasks").field("Cost").currency == "CHF"


def test_a_backup_brings_the_settings_of_its_day(tasks: Database, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    raw(tasks.path, f"VACUUM INTO '{copy}'")
    tasks.apply(ChangeField("Tasks", "Cost", currency="CHF"))
    with_copy = open_database(copy)
    assert with_copy.table("Tasks").field("Cost").currency == "€"
    with_copy.close()
    tasks.restore(copy)
    assert tasks.table("Tasks").field("Cost").currency == "€"


def test_an_added_field_comes_and_goes_with_its_rules(own: Database) -> None:
    own.apply(CreateTable("Tasks", (NewField("Task", Kind.TEXT),)))
    before = everything(own.path)
    field = NewField("Status", Kind.CHOICE, limits=STATUS, colours=("pink", "pink", "pink"))
    own.apply(AddField("Tasks", field))
    with pytest.raises(ValueDoesNotFit):
        add(own, Status="x")
    assert own.table("Tasks").field("Status").colours == ("pink",) * 3
    own.undo()
    assert (everything(own.path), settings(own)) == (before, [])
    own.redo()
    assert own.table("Tasks").field("Status").colours == ("pink",) * 3


def test_a_strict_table_takes_choices_and_refuses_what_it_cannot_declare(foreign: Foreign) -> None:
    database = foreign("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT) STRICT")
    database.apply(ChangeField("t", "a", Kind.CHOICE, limits=Limits(("x", "y"))))
    database.apply(InsertRecord("t", {"a": "x"}))
    with pytest.raises(StoreError, match="STRICT"):
        database.apply(ChangeField("t", "a", Kind.EMAIL))
    with pytest.raises(ValueDoesNotFit):
        database.apply(UpdateRecord("t", "1", {"a": "z"}))
