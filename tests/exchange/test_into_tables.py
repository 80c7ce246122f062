"""Records added to a table that is there, or updating it by a key: all, and undone at once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from myapp.exchange import (
    Cancelled,
    ImportPlan,
    ImportResult,
    MisfitsFound,
    PlannedColumn,
    Progress,
    matched,
    plan_new,
    read_preview,
    run_import,
)
from myapp.store import (
    CreateTable,
    Database,
    InsertRecord,
    KeyRepeated,
    Kind,
    Limits,
    NewField,
    Query,
    RuleBroken,
    StoreError,
    TableReadOnly,
    create_database,
    open_database,
)

from .test_csv import write


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "test.sqlite"
    create_database(path).close()
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE town (code TEXT PRIMARY KEY, name TEXT NOT NULL,"
        " people INTEGER CHECK (people > 0));"
        "INSERT INTO town VALUES ('K', 'Köln', 1000), ('B', 'Bonn', 300);"
        "CREATE TABLE log (text TEXT);"
        "CREATE TRIGGER note AFTER UPDATE ON town BEGIN INSERT INTO log VALUES (new.name); END;"
        "CREATE TABLE pair (a TEXT, b TEXT, v INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;"
        "INSERT INTO pair VALUES ('x', 'y', 1);"
        "CREATE VIEW names AS SELECT name FROM town;"
    )
    connection.close()
    opened = open_database(path)
    yield opened
    opened.close()


def towns(database: Database) -> list[tuple[object, ...]]:
    return [record.values for record in database.window(Query("town"), 0, 100).records]


def bring_in(
    database: Database,
    path: Path,
    table: str,
    mode: str = "append",
    key: tuple[str, ...] = (),
    misfit: str = "ask",
) -> ImportResult:
    found = read_preview(path, path.name)
    fields = {field.name: field for field in database.table(table).fields}
    columns = tuple(
        PlannedColumn(each.name, fields[each.name].kind, when_misfit=misfit)  # type: ignore[arg-type]
        for each in found.columns
    )
    plan = ImportPlan(
        path,
        path.name,
        found.options,
        table,
        columns,
        found.part,
        mode,  # type: ignore[arg-type]
        key,
    )
    return run_import(database, plan)


def test_records_are_added_and_undone_at_once(database: Database, tmp_path: Path) -> None:
    before = towns(database)
    result = bring_in(
        database, write(tmp_path, "code,name,people\nA,Aachen,250\nD,Düren,90\n"), "town"
    )
    assert (result.records, result.updated) == (2, 0)
    assert ("A", "Aachen", 250) in towns(database)
    undone = database.undo()
    assert undone is not None
    assert undone.sentence == "Add 2 records to town"
    assert towns(database) == before
    database.redo()
    assert len(towns(database)) == 4


def test_records_are_updated_by_their_key_and_new_ones_added(
    database: Database, tmp_path: Path
) -> None:
    before = towns(database)
    path = write(tmp_path, "code,name,people\nK,Köln am Rhein,1084\nA,Aachen,250\n")
    result = bring_in(database, path, "town", "update", ("code",))
    assert (result.records, result.updated) == (2, 1)
    assert sorted(towns(database)) == [
        ("A", "Aachen", 250), ("B", "Bonn", 300), ("K", "Köln am Rhein", 1084)
    ]  # fmt: skip
    assert database.count(Query("log")) == 1
    database.undo()
    assert towns(database) == before
    assert database.count(Query("log")) == 0


def test_a_key_of_two_fields_finds_records_without_rowids(
    database: Database, tmp_path: Path
) -> None:
    path = write(tmp_path, "a,b,v\nx,y,7\nx,z,8\n")
    result = bring_in(database, path, "pair", "update", ("a", "b"))
    assert (result.records, result.updated) == (2, 1)
    found = [record.values for record in database.window(Query("pair"), 0, 9).records]
    assert found == [("x", "y", 7), ("x", "z", 8)]
    database.undo()
    assert database.count(Query("pair")) == 1


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        ("code,name,people\nA,Aachen,5\nK,again,5\n", RuleBroken, "same “code”"),
        ("code,name,people\nA,,5\n", RuleBroken, "“name” must not be empty"),
        ("code,name,people\nA,x,-5\n", RuleBroken, "does not allow"),
        ("name,people\nx,5\n", RuleBroken, "“code” tells records apart"),
    ],
    ids=["repeated", "empty", "out of range", "no key"],
)
def test_what_breaks_a_rule_leaves_everything_as_it_was(
    database: Database, tmp_path: Path, content: str, error: type[StoreError], words: str
) -> None:
    before = towns(database)
    with pytest.raises(error, match=words):
        bring_in(database, write(tmp_path, content), "town")
    assert towns(database) == before
    assert database.next_undo() is None
    assert [table.name for table in database.tables()] == ["log", "names", "pair", "town"]


def test_a_key_twice_in_the_file_is_refused(database: Database, tmp_path: Path) -> None:
    path = write(tmp_path, "code,name\nK,a\nK,b\n")
    with pytest.raises(KeyRepeated, match="“K”"):
        bring_in(database, path, "town", "update", ("code",))
    assert ("K", "Köln", 1000) in towns(database)


def test_a_view_takes_no_records(database: Database, tmp_path: Path) -> None:
    with pytest.raises(TableReadOnly):
        bring_in(database, write(tmp_path, "name\nx\n"), "names")


def test_many_records_are_undone_and_done_again_as_one_change(
    database: Database, tmp_path: Path
) -> None:
    database.apply(InsertRecord("town", {"code": "A", "name": "Aachen"}))
    rows = "".join(f"c{n},Town {n},{n + 1}\n" for n in range(45_000))
    seen: list[Progress] = []
    path = write(tmp_path, "code,name,people\n" + rows)
    found = read_preview(path, path.name)
    columns = tuple(PlannedColumn(each.name, each.kind) for each in found.columns)
    plan = ImportPlan(path, path.name, found.options, "town", columns, found.part, "append")
    run_import(database, plan, seen.append)
    adding = [each.records for each in seen if each.adding]
    assert adding == sorted(adding)
    assert len(adding) > 3
    assert adding[-1] == 45_000
    assert database.count(Query("town")) == 45_003
    database.undo()
    assert database.count(Query("town")) == 3
    database.undo()
    assert database.count(Query("town")) == 2
    database.redo()
    database.redo()
    assert database.count(Query("town")) == 45_003
    assert database.redo() is None


MISFITS = "code,name,people\nA,Aachen,many\nD,Düren,90\nE,Essen,few\n"


def test_what_does_not_fit_is_asked_before_anything_is_visible(
    database: Database, tmp_path: Path
) -> None:
    before = towns(database)
    with pytest.raises(MisfitsFound) as raised:
        bring_in(database, write(tmp_path, MISFITS), "town")
    (misfit,) = raised.value.misfits
    assert (misfit.field, misfit.count, misfit.lines) == (
        "people", 2, ((2, "many"), (4, "few"))
    )  # fmt: skip
    assert towns(database) == before


@pytest.mark.parametrize(
    ("choice", "expected", "skipped"),
    [
        ("empty", [("A", None), ("D", 90), ("E", None)], 0),
        ("skip", [("D", 90)], 2),
    ],
)
def test_misfits_are_left_empty_or_their_records_left_out(
    database: Database,
    tmp_path: Path,
    choice: str,
    expected: list[tuple[object, ...]],
    skipped: int,
) -> None:
    result = bring_in(database, write(tmp_path, MISFITS), "town", misfit=choice)
    came = [(code, people) for code, _, people in towns(database) if code not in ("K", "B")]
    assert (sorted(came, key=str), result.skipped) == (expected, skipped)


def test_a_cancelled_update_leaves_everything_as_it_was(database: Database, tmp_path: Path) -> None:
    rows = "".join(f"c{n},Town {n},{n + 1}\n" for n in range(45_000))
    path = write(tmp_path, "code,name,people\nK,changed,1\n" + rows)
    found = read_preview(path, path.name)
    columns = tuple(PlannedColumn(each.name, each.kind) for each in found.columns)
    plan = ImportPlan(
        path, path.name, found.options, "town", columns, found.part, "update", ("code",)
    )
    seen: list[Progress] = []
    with pytest.raises(Cancelled, match="cancelled"):
        run_import(database, plan, seen.append, lambda: any(each.adding for each in seen))
    assert sorted(towns(database)) == [("B", "Bonn", 300), ("K", "Köln", 1000)]
    assert database.next_undo() is None


@pytest.fixture
def kinds(tmp_path: Path) -> Iterator[Database]:
    opened = create_database(tmp_path / "kinds.sqlite")
    fields = (
        NewField("who", Kind.EMAIL),
        NewField("status", Kind.CHOICE, limits=Limits(("Open", "Done"))),
        NewField("tags", Kind.CHOICES, limits=Limits(("a", "b"))),
        NewField("cost", Kind.MONEY),
        NewField("rating", Kind.INTEGER, limits=Limits((), 1, 5)),
    )
    opened.apply(CreateTable("t", fields))
    yield opened
    opened.close()


def into(
    database: Database, path: Path, misfit: str = "ask"
) -> tuple[ImportResult, list[tuple[object, ...]]]:
    found = read_preview(path, path.name)
    plan = plan_new(database, path, path.name, found, misfit)  # type: ignore[arg-type]
    table = database.table("t")
    columns = tuple(matched(each, table) for each in plan.columns)
    result = run_import(database, replace(plan, table="t", mode="append", columns=columns))
    return result, [record.values[1:] for record in database.window(Query("t"), 0, 9).records]


def test_a_file_comes_into_choices_money_and_ranges(kinds: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "who;status;tags;cost;rating\nann@x.org;open;b,a;1.234,50;5\n;DONE;;7;\n",
    )
    assert into(kinds, path)[1] == [
        ("ann@x.org", "Open", '["a","b"]', 1234.5, 5),
        (None, "Done", None, 7, None),
    ]


@pytest.mark.parametrize("misfit", ["ask", "text"])
def test_what_a_field_does_not_take_is_asked_about(
    kinds: Database, tmp_path: Path, misfit: str
) -> None:
    path = write(tmp_path, "who,status,tags,cost,rating\nann,Lost,c,1.005,6\na@b.c,Open,a,1.05,1\n")
    with pytest.raises(MisfitsFound) as asked:
        into(kinds, path, misfit)
    told = {each.field: (each.count, each.example) for each in asked.value.misfits}
    assert told == {
        "who": (1, "ann"), "status": (1, "Lost"), "tags": (1, "c"),
        "cost": (1, "1.005"), "rating": (1, "6"),
    }  # fmt: skip
    assert into(kinds, path, "empty")[1] == [(None,) * 5, ("a@b.c", "Open", '["a"]', 1.05, 1)]
    kinds.undo()
    assert into(kinds, path, "skip")[1] == [("a@b.c", "Open", '["a"]', 1.05, 1)]


def test_a_new_field_of_addresses_stays_text_where_some_are_none(
    kinds: Database, tmp_path: Path
) -> None:
    path = write(tmp_path, "mail,price\nann@x.org,1.50\nnobody,2.125\n")
    found = read_preview(path, path.name)
    plan = plan_new(kinds, path, path.name, found)
    mail, price = plan.columns
    plan = replace(
        plan, table="new", columns=(replace(mail, kind=Kind.EMAIL), replace(price, kind=Kind.MONEY))
    )
    result = run_import(kinds, plan)
    assert [each.kind for each in kinds.table("new").fields[1:]] == [Kind.TEXT, Kind.TEXT]
    assert "values that do not fit the type" in result.remarks[0]
    records = kinds.window(Query("new"), 0, 9).records
    assert [record.values[1:] for record in records] == [("ann@x.org", "1.50"), ("nobody", "2.125")]
