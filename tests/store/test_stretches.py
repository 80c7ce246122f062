"""A change of very many records is written down in stretches, and is one step all the same."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from myapp.store import (
    BringBack,
    CannotUndo,
    Database,
    DeleteFound,
    FillField,
    Filter,
    InsertRecord,
    Kind,
    NewField,
    Op,
    Query,
    RuleBroken,
    Sort,
    UpdateRecord,
    UpdateRecords,
    acting_as,
    build_index,
    hearing,
    history,
    open_database,
    past,
    stretches,
    together,
    whole_views,
)
from myapp.store.changes import RecordValues

from .conftest import ROOT, contents, everything, raw

Foreign = Callable[..., Database]
ALL = Query("person")
PEOPLE = (
    "CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO city VALUES (1, 'Basel'), (2, 'Oslo'), (3, 'Rome')",
    # The first one's boss is the last one, the last one's the first.
    "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, city INTEGER REFERENCES city,"
    " boss INTEGER REFERENCES person, code INTEGER UNIQUE)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
    " INSERT INTO person SELECT i, 'Person ' || i, iif(i = 97, 3, i % 2 + 1), 101 - i, i FROM n",
)


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_views, "AT_ONCE", 7)
    monkeypatch.setattr(stretches, "MOST_NOTED", 3_000)


@pytest.fixture
def people(foreign: Foreign) -> Database:
    return foreign(*PEOPLE)


def entries(database: Database) -> int:
    counted = raw(database.path, "SELECT count(*) FROM _myapp_history")[0][0]
    assert isinstance(counted, int)
    return counted


def test_records_that_point_to_each_other_go_and_come_back_over_many_stretches(
    people: Database,
) -> None:
    before = contents(people.path)
    people.apply(DeleteFound(ALL, 100))
    assert entries(people) > 5
    assert [step.sentence for step in people.steps()] == ["Delete 100 records of person"]
    after = contents(people.path)
    for _ in range(2):
        people.undo()
        assert contents(people.path) == before
        assert people.next_undo() is None
        people.redo()
        assert contents(people.path) == after
        assert people.next_redo() is None


def test_values_change_and_come_back_over_many_stretches(people: Database) -> None:
    before = contents(people.path)
    people.apply(FillField("person", "name", "Ada", ALL, 100))
    after = contents(people.path)
    assert entries(people) > 5
    people.undo()
    assert contents(people.path) == before
    people.redo()
    assert contents(people.path) == after


def test_a_list_that_the_field_does_not_touch_is_not_computed_anew(people: Database) -> None:
    basel = Query("person", (Sort("code", True),), (Filter("city", Op.IS, "1"),))
    named = Query("person", (Sort("name"),))
    kept, _ = [people.window(each, 0, 1) and people.views.lists[each] for each in (basel, named)]
    people.apply(FillField("person", "name", "Ada", ALL, 100))
    assert people.views.lists[basel].ids is kept.ids
    assert people.views.lists[basel].version == people.version()
    assert named not in people.views.lists


def test_many_pasted_values_are_one_step(people: Database) -> None:
    before = contents(people.path)
    given = [RecordValues(str(n), {"name": f"New {n}", "boss": str(n)}) for n in range(1, 101)]
    given += [RecordValues(None, {"name": "More", "boss": "1"}) for _ in range(100)]
    people.apply(UpdateRecords("person", tuple(given)))
    assert entries(people) > 5
    people.undo()
    assert contents(people.path) == before


def test_an_import_whose_first_records_point_to_its_last_ones_is_undone(people: Database) -> None:
    before = contents(people.path)
    fields = [NewField("id", Kind.INTEGER), NewField("boss", Kind.INTEGER)]
    with people.stage("person", fields, mode="append") as staging:
        staging.append([(number, 501 - number) for number in range(200, 302)])
        staging.finish()
    after = contents(people.path)
    people.undo()
    assert contents(people.path) == before
    people.redo()
    assert contents(people.path) == after


@pytest.mark.parametrize("gone", ["DELETE FROM city WHERE id = 3", "DELETE FROM city WHERE id < 3"])
def test_records_come_back_whose_links_lead_nowhere_by_now(people: Database, gone: str) -> None:
    before = contents(people.path)["person"]
    people.apply(DeleteFound(ALL, 100))
    raw(people.path, gone)
    people.undo()
    assert contents(people.path)["person"] == before
    people.redo()
    assert people.count(ALL) == 0
    # From now on links are looked after again.
    with pytest.raises(RuleBroken):
        people.apply(InsertRecord("person", {"city": "99"}))


def test_an_import_is_not_taken_back_from_under_another_programs_links(people: Database) -> None:
    fields = [NewField("id", Kind.INTEGER), NewField("boss", Kind.INTEGER)]
    with people.stage("person", fields, mode="append") as staging:
        staging.append([(number, 501 - number) for number in range(200, 302)])
        staging.finish()
    raw(people.path, "INSERT INTO person (id, boss) VALUES (900, 250)")
    after = contents(people.path)
    with pytest.raises(CannotUndo):
        people.undo()
    assert contents(people.path) == after
    raw(people.path, "DELETE FROM person WHERE id = 900")
    people.undo()
    assert people.count(ALL) == 100


def test_a_record_that_another_program_changed_meanwhile_stops_all_of_it(people: Database) -> None:
    people.apply(FillField("person", "name", "Ada", ALL, 100))
    raw(people.path, "UPDATE person SET name = 'Eve' WHERE id = 2")
    before = contents(people.path)
    with pytest.raises(CannotUndo):
        people.undo()
    assert contents(people.path) == before


def test_it_is_stopped_anywhere_and_nothing_was_changed(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "PROGRESS_STEPS", 300)

    def stop_anywhere(step: Callable[[Callable[[int, int], None]], object]) -> int:
        before, told = everything(people.path), (people.next_undo(), people.next_redo())
        patience = ended = 0
        while True:
            left = patience

            def listen(_done: int, _total: int) -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    raise KeyError

            try:
                step(listen)
            except KeyError:
                assert everything(people.path) == before
                assert (people.next_undo(), people.next_redo()) == told
                ended, patience = ended + 1, patience * 3 // 2 + 1
            else:
                return ended

    assert stop_anywhere(lambda told: people.apply(DeleteFound(ALL, 100), told)) > 5
    assert stop_anywhere(people.undo) > 5
    assert stop_anywhere(people.redo) > 5
    assert people.count(ALL) == 0


def test_an_undo_of_many_stretches_tells_how_many_of_all_are_done(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "PROGRESS_STEPS", 40)
    people.apply(DeleteFound(ALL, 100))
    heard: list[tuple[int, int]] = []
    people.undo(lambda done, total: heard.append((done, total)))
    done = [each for each, _ in heard]
    assert done == sorted(done)
    assert 90 < done[-1] <= 100
    assert 90 < heard[-1][1] < 110


def test_full_text_tables_and_search_stay_true(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = foreign(
        *PEOPLE,
        "CREATE TABLE log (id INTEGER PRIMARY KEY, said TEXT)",
        "CREATE VIRTUAL TABLE f USING fts5(name, content='person', content_rowid='id')",
        "INSERT INTO f (f) VALUES ('rebuild')",
        "CREATE TRIGGER ad AFTER DELETE ON person BEGIN"
        " INSERT INTO f(f, rowid, name) VALUES ('delete', old.id, old.name); END",
        "CREATE TRIGGER ai AFTER INSERT ON person BEGIN"
        " INSERT INTO f(rowid, name) VALUES (new.id, new.name); END",
        # Some stretches have triggers that did more, and some have not.
        "CREATE TRIGGER late AFTER DELETE ON person WHEN old.id BETWEEN 40 AND 60 BEGIN"
        " INSERT INTO log (said) VALUES (old.name); END",
    )
    build_index(database, "person", lambda _: None)
    made: list[list[str]] = []
    make_anew = together.make_anew
    monkeypatch.setattr(
        together, "make_anew", lambda c, names: make_anew(c, made.append([*names]) or names)
    )
    for _ in range(2):
        database.apply(DeleteFound(ALL, 100))
        assert raw(database.path, "SELECT count(*) FROM f WHERE f MATCH 'person'") == [(0,)]
        database.undo()
        assert made == [["f"]], "once, whatever the number of stretches"
        made.clear()
        raw(database.path, "INSERT INTO f(f, rank) VALUES ('integrity-check', 1)")
        assert raw(database.path, "SELECT count(*) FROM f WHERE f MATCH 'person'") == [(100,)]
        assert database.window(Query("person", search="person 77"), 0, 1).total == 2
        assert raw(database.path, "SELECT count(*) FROM log") == [(0,)]


def test_a_records_past_leads_through_a_step_of_many_stretches(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "PIECE", 11)
    people.apply(FillField("person", "name", "Ada", ALL, 100))
    people.apply(DeleteFound(ALL, 100))
    for id_ in ("1", "50", "100"):
        events = people.past("person", id_).events
        assert [each.what for each in events] == ["deleted", "changed"]
        assert events[1].fields[0][1:3] == (f"Person {id_}", "Ada")
        assert events[0].step.whole == people.steps()[0].id


def test_all_or_one_of_very_many_deleted_records_come_back(people: Database) -> None:
    everybody = contents(people.path)
    people.apply(DeleteFound(ALL, 100))
    people.apply(InsertRecord("city", {"name": "Bonn"}))
    raw(people.path, "INSERT INTO person VALUES (12, 'Twelve', 1, 12, 1200)")
    before = contents(people.path)
    listed, place = [], None
    while True:
        page = people.deleted("person", place)
        listed += page.records
        place = page.next
        if place is None:
            break
    assert len({each.fields[0][1] for each in listed}) == len(listed) == 100
    assert len({each.step.whole for each in listed}) == 1
    assert len({each.step.id for each in listed}) > 5
    own_boss = people.apply(UpdateRecord("person", "12", {"name": "Twelve!"}))
    assert own_boss.id == "12"
    people.undo()
    applied = people.apply(BringBack("person", listed[0].step.whole))
    assert (applied.records, applied.ids, people.count(ALL)) == (100, (), 101)
    assert people.deleted("person").records == ()
    assert people.steps()[0].sentence == "Bring back 100 deleted records of person"
    assert raw(people.path, "SELECT name FROM person WHERE id = 101") == [("Person 12",)]
    raw(people.path, "SELECT 1")
    people.undo()
    assert contents(people.path) == before
    raw(people.path, "DELETE FROM person", "DELETE FROM city WHERE name = 'Bonn'")
    people.apply(BringBack("person", listed[0].step.whole))
    assert contents(people.path) == everybody


def test_one_of_very_many_comes_back_and_the_others_after_it(foreign: Foreign) -> None:
    people = foreign(*PEOPLE, "UPDATE person SET boss = NULL")
    before = contents(people.path)
    people.apply(DeleteFound(ALL, 100))
    one = next(each for each in people.deleted("person").records if each.title == "Person 93")
    applied = people.apply(BringBack("person", one.step.id, one.number))
    assert (applied.id, applied.records) == ("93", 1)
    assert "Person 93" not in {each.title for each in people.deleted("person").records}
    assert people.apply(BringBack("person", one.step.whole)).records == 99
    assert contents(people.path) == before


def test_bringing_all_back_may_outgrow_the_history_that_they_come_from(people: Database) -> None:
    before = contents(people.path)
    people.apply(DeleteFound(ALL, 100))
    people.limit_history(people.history_cost().bytes * 5 // 4)
    people.apply(BringBack("person", people.steps()[0].id))
    assert contents(people.path) == before
    assert [step.sentence for step in people.steps()] == [
        "Bring back 100 deleted records of person"
    ]


def test_the_newest_step_stays_whole_and_older_ones_go_whole(
    people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT_ENTRIES", 4)
    before = contents(people.path)
    people.apply(UpdateRecord("person", "1", {"name": "x"}))
    people.undo()
    people.apply(UpdateRecord("city", "1", {"name": "Basle"}))
    people.undo()
    people.apply(FillField("person", "name", "Ada", ALL, 100))
    people.apply(DeleteFound(ALL, 100))
    assert entries(people) > 4
    assert [step.sentence for step in people.steps()] == ["Delete 100 records of person"]
    people.undo()
    people.redo()
    people.undo()
    people.apply(UpdateRecord("city", "1", {"name": "Basle"}))
    assert entries(people) == 1
    people.undo()
    assert raw(people.path, "SELECT count(*) FROM person WHERE name = 'Ada'") == [(100,)]
    assert contents(people.path)["city"] == before["city"]


def test_a_lower_limit_forgets_all_stretches_of_a_step(people: Database) -> None:
    people.limit_history(1_000)
    people.apply(FillField("person", "name", "Ada", ALL, 100))
    assert entries(people) > 5
    people.apply(UpdateRecord("person", "1", {"name": "y" * 20_000}))
    assert entries(people) == 1


def test_who_made_it_and_who_took_it_back_stand_with_the_whole_step(people: Database) -> None:
    with acting_as("Ann"):
        people.apply(DeleteFound(ALL, 100))
    with acting_as("Bob"):
        people.undo()
    assert raw(people.path, "SELECT DISTINCT who, undone_by FROM _myapp_history") == [
        ("Ann", "Bob")
    ]
    with acting_as("Bob"):
        people.redo(only_of="Ann")
    assert people.count(ALL) == 0


def test_few_large_records_are_a_stretch_as_well(
    foreign: Foreign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "MOST_NOTED", 400_000)
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, photo BLOB)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
        " INSERT INTO t SELECT i, 'x', randomblob(20000) FROM n",
    )
    before = contents(database.path)
    database.apply(DeleteFound(Query("t"), 60))
    sizes = raw(database.path, "SELECT max(length(changeset)) FROM _myapp_history")
    assert sizes < [(600_000,)]
    database.undo()
    assert contents(database.path) == before


def test_what_cascades_takes_along_comes_back_over_many_stretches(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE p (id INTEGER PRIMARY KEY, up INTEGER REFERENCES p ON DELETE CASCADE)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE SET NULL)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
        " INSERT INTO p SELECT i, iif(i % 10, i + 1, NULL) FROM n",
        "INSERT INTO c SELECT id, id FROM p",
    )
    before = contents(database.path)
    database.apply(DeleteFound(Query("p"), 100))
    after = contents(database.path)
    assert entries(database) > 3
    database.undo()
    assert contents(database.path) == before
    database.redo()
    assert contents(database.path) == after
    database.undo()
    assert contents(database.path) == before


# --- killed in the middle

KILLED = """
import os, signal, sys
from pathlib import Path
from myapp.store import DeleteFound, Query, hearing, open_database, stretches, whole_views
whole_views.AT_ONCE, stretches.MOST_NOTED, hearing.PROGRESS_STEPS = 7, 3_000, 300
database = open_database(Path(sys.argv[1]))
left = int(sys.argv[2])
def told(done, total):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
{step}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("step", ["apply(DeleteFound(Query('person'), 100), told)", "undo(told)"])
def test_killed_in_the_middle_it_was_never_begun(people: Database, step: str) -> None:
    if step.startswith("undo"):
        people.apply(DeleteFound(ALL, 100))
    before, undo = everything(people.path), people.next_undo()
    people.close()
    script = KILLED.format(step=f"database.{step}")
    ended = subprocess.run(
        [sys.executable, "-c", script, str(people.path), "9"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    database = open_database(people.path)
    try:
        assert everything(people.path) == before
        assert database.next_undo() == undo
        assert raw(people.path, "PRAGMA integrity_check") == [("ok",)]
    finally:
        database.close()


LOOPING = """
import sys
from pathlib import Path
from myapp.store import DeleteFound, Query, open_database, stretches, whole_views
whole_views.AT_ONCE, stretches.MOST_NOTED = 70, 30_000
database = open_database(Path(sys.argv[1]))
if database.next_undo():
    database.undo()
print("ready", flush=True)
while True:
    for step in (lambda: database.apply(DeleteFound(Query("t"), 3_000)), database.undo,
                 database.redo, database.undo):
        step()
        print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killed_at_any_moment_all_are_there_or_none(foreign: Foreign) -> None:
    database = foreign(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, up INTEGER REFERENCES t)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO t SELECT i, hex(randomblob(30)), 3001 - i FROM n",
    )
    path: Path = database.path
    full = contents(path)
    database.close()
    chance, seen = random.Random(5), set()
    for _ in range(60):
        with subprocess.Popen(
            [sys.executable, "-c", LOOPING, str(path)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as loop:
            assert loop.stdout is not None
            assert loop.stdout.readline() == b"ready\n"
            for _ in range(chance.randrange(4)):
                assert loop.stdout.readline() == b"done\n"
            # A step takes some ten milliseconds, and longer on a busy machine.
            time.sleep(chance.uniform(0, 0.05))
            loop.kill()
        database = open_database(path)
        count = database.count(Query("t"))
        seen.add((count, database.next_undo() is not None))
        assert (count, database.next_undo()) in (
            (0, "Delete 3,000 records of t"),
            (3_000, None),
        )
        if count:
            assert contents(path) == full
        database.close()
        assert raw(path, "PRAGMA integrity_check") == [("ok",)]
    assert len(seen) == 2
