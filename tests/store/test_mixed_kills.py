"""Acknowledged means durable, whatever the change: SIGKILL at any point of mixed writes.

The changes are made up beforehand, with what the file must hold after each. A killed file must hold
what the last acknowledged change left, or what the one under way would have left, and nothing else.
"""

import collections
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.store import create_database, open_database

from .conftest import ROOT, raw
from .mixed_model import ID, ModelTable, Planner, State, Tables

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the writers are forks")
WRITER = Path(__file__).with_name("mixed_writer.py")
PLANNED = 8
"""Changes of a round; the kill comes in one of them, or just after it."""


@contextlib.contextmanager
def writers() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(WRITER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        process.communicate()


def killed_round(
    process: subprocess.Popen[str], path: Path, changes: list[list[object]], chance: random.Random
) -> int:
    """Kill a writer in the middle of `changes`; gives how many of them it acknowledged."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps({"path": str(path), "changes": changes}) + "\n")
    process.stdin.flush()
    pid = int(process.stdout.readline().removeprefix("pid "))
    made = 0
    try:
        assert process.stdout.readline() == "ready\n"
        for number in range(chance.randrange(PLANNED)):
            assert process.stdout.readline() == f"made {number}\n"
            made += 1
        # A change takes from a fifth of a millisecond to some twenty.
        time.sleep(chance.choice((0.001, 0.004, 0.015)) * chance.random())
    finally:
        os.kill(pid, signal.SIGKILL)
        rest = list(iter(process.stdout.readline, "over\n"))
    assert not any(line.startswith("failed") for line in rest), rest
    return made + len(rest)


def held(path: Path) -> Tables:
    """What the file holds, as the program reads its fields and SQLite its records."""
    found = {}
    database = open_database(path)
    try:
        tables = database.tables()
    finally:
        database.close()
    for table in tables:
        fields = tuple((f.name, str(f.kind), f.required) for f in table.fields if f.name != "id")
        listed = ", ".join(f'"{name}"' for name, _, _ in fields)
        rows = raw(path, f'SELECT {listed} FROM "{table.name}"')
        names = [name for name, _, _ in fields]
        by_mark = {}
        for row in rows:
            values = dict(zip(names, row, strict=True))
            mark = str(values.pop("mark"))
            assert mark not in by_mark, f"{mark} is there twice"
            by_mark[mark] = values
        found[table.name] = ModelTable((ID, *fields), by_mark)
    return found


def judge(path: Path, before: State, after: State) -> State:
    """Which of the two the file is; neither fails."""
    tables = held(path)
    assert raw(path, "PRAGMA integrity_check") == [("ok",)]
    left = "SELECT name FROM sqlite_schema WHERE name GLOB '_myapp_staging*' OR name = '_myapp_old'"
    assert raw(path, left) == []
    if after.backups != before.backups:
        there = (path.parent / "backups" / after.backups[-1][0]).exists()
        assert tables == before.tables
        return after if there else before
    undone = raw(path, "SELECT count(*) FROM _myapp_history WHERE undone = 0")[0][0]
    for state in (before, after):
        if tables == state.tables and undone == len(state.undo):
            return state
    raise AssertionError(f"neither before nor after: {tables}, {undone} to undo")


def kill_rounds(folder: Path, seed: int, rounds: int, *, wal: bool) -> collections.Counter[str]:
    """Rounds on one file; gives how often which change was under way when the kill came."""
    folder.mkdir()
    path = folder / "killed.sqlite"
    create_database(path).close()
    if not wal:
        raw(path, "PRAGMA journal_mode = DELETE")
    planner, chance = Planner(f"plan {seed}"), random.Random(f"kill {seed}")
    hit: collections.Counter[str] = collections.Counter()
    state = State({})
    with writers() as process:
        for round_ in range(rounds):
            changes, states = [], [state]
            for _ in range(PLANNED):
                planned = planner if states[-1].tables else None
                change, after = (
                    planned.next(states[-1]) if planned else planner.create_table(states[-1])
                )
                changes.append(change)
                states.append(after)
            made = -1
            try:
                made = killed_round(process, path, changes, chance)
                state = judge(path, states[made], states[min(made + 1, PLANNED)])
                for name, _ in states[made].backups:
                    backup = path.parent / "backups" / name
                    assert backup.exists(), name
            except Exception as error:
                story = f"seed {seed}, round {round_}, wal {wal}, {made} made of {changes}"
                raise AssertionError(f"{error}: {story}") from error
            if made < PLANNED:
                hit[str(changes[made][0])] += 1
        # All of it can be taken back, and each backup is what it was made of.
        assert_way_back(path, state)
    return hit


def assert_way_back(path: Path, state: State) -> None:
    for name, then in state.backups:
        backup = path.parent / "backups" / name
        assert raw(backup, "PRAGMA integrity_check") == [("ok",)]
        assert held(backup) == then.tables
    for tables in reversed(state.undo):
        database = open_database(path)
        assert database.undo() is not None
        database.close()
        assert held(path) == tables


def test_a_file_killed_in_mixed_writes_holds_what_was_acknowledged(tmp_path: Path) -> None:
    hit = kill_rounds(tmp_path / "few", 1, 4, wal=True)
    assert hit.total() > 0


@pytest.mark.slow
def test_a_thousand_kills_in_mixed_writes_leave_no_half_change(tmp_path: Path) -> None:
    hit: collections.Counter[str] = collections.Counter()
    for seed in range(2, 46):
        hit += kill_rounds(tmp_path / str(seed), seed, 24, wal=seed % 3 > 0)
    # Each kind of change has been under way when a kill came, many a time.
    kinds = {"_".join(maker.__name__.split()) for _, maker in Planner("").kinds}
    assert len(hit) == len(kinds) and min(hit.values()) >= 5, hit
