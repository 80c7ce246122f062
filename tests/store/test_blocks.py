"""A whole table's lines, made many at a time, are those that are made one by one."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from myapp.store import CsvLines, Guard, JsonLines, Part, Query, ReadStopped, open_database
from myapp.store.lines import Lines

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, amount REAL, active BOOLEAN, raw BLOB)"


def made(path: Path, rows: list[tuple[object, ...]], schema: str = TABLE) -> Path:
    with sqlite3.connect(path) as connection:
        connection.executescript(schema)
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
    connection.close()
    return path


def both_ways(path: Path, lines: Callable[[], Lines]) -> tuple[bytes, bytes, int, int]:
    """The lines of all records in blocks, and singly, and how many records each counted."""
    database = open_database(path)
    part = Part(Query("t"))
    with database.snapshot() as snapshot:
        assert snapshot.is_whole(part)
        blocks = list(snapshot.lines(part, lines()))
        singly = list(snapshot.single_lines(part, lines()))
    database.close()
    return (
        b"".join(text for _, text in blocks),
        b"".join(text for _, text in singly),
        sum(count for count, _ in blocks),
        sum(count for count, _ in singly),
    )


def mixed(count: int, *, low: int, step: int) -> list[tuple[object, ...]]:
    chance = random.Random(5)
    texts = ["=1+1", "plain", "", None, 'a "quoted", one', "two\nlines", "ä ö ü", "+41 44"]
    return [
        (
            low + number * step + chance.randrange(step),
            chance.choice(texts),
            chance.choice([None, 1.5, -2.0, 1e300, 7]),
            chance.choice([0, 1, None, "perhaps"]),
            chance.choice([None, b"", b"\0\xff"]),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("lines", [CsvLines, JsonLines, lambda: CsvLines(guard=Guard())])
def test_blocks_are_the_records_in_their_order(tmp_path: Path, lines: Callable[[], Lines]) -> None:
    path = made(tmp_path / "a.sqlite", mixed(30_000, low=-(10**15), step=10**11))
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE INDEX by_name ON t (name, amount, active, raw)")
    blocks, singly, count, counted = both_ways(path, lines)
    assert blocks == singly
    assert (count, counted) == (30_000, 30_000)


def test_records_far_larger_than_those_before_come_one_by_one(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [(n, "small", 1.0, 1, None) for n in range(20_000)]
    rows += [(n, "x" * 60_000, 1.0, 1, None) for n in range(20_000, 20_600)]
    rows += [(n, "=small", 1.0, 1, None) for n in range(20_600, 24_000)]
    guard = Guard()
    path = made(tmp_path / "a.sqlite", rows)
    blocks, singly, count, counted = both_ways(path, lambda: CsvLines(guard=guard))
    assert blocks == singly
    assert (count, counted) == (24_000, 24_000)
    assert guard.count == 2 * 3_400


def test_the_lowest_and_the_highest_rowid_come_too(tmp_path: Path) -> None:
    rows = [(n, "x", 1.0, 1, None) for n in (-(2**63), 2**63 - 1, *range(6_000))]
    path = made(tmp_path / "a.sqlite", rows)
    database = open_database(path)
    with database.snapshot() as snapshot:
        lines = b"".join(text for _, text in snapshot.lines(Part(Query("t")), CsvLines()))
    database.close()
    assert lines.startswith(b"-9223372036854775808,")
    assert lines.count(b"\r\n") == 6_002
    assert lines.split(b"\r\n")[-2].startswith(b"9223372036854775807,")


def test_what_is_written_meanwhile_is_in_no_block(tmp_path: Path) -> None:
    path = made(tmp_path / "a.sqlite", mixed(20_000, low=0, step=1))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    database = open_database(path)
    with database.snapshot() as snapshot:
        lines = snapshot.lines(Part(Query("t")), CsvLines())
        count, text = next(lines)
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE t SET name = 'changed'")
        connection.close()
        for more, rest in lines:
            count, text = count + more, text + rest
    database.close()
    assert count == 20_000
    assert b"changed" not in text


def test_a_stopped_reading_leaves_no_thread_behind(tmp_path: Path) -> None:
    import threading

    path = made(tmp_path / "a.sqlite", mixed(60_000, low=0, step=1))
    database = open_database(path)
    before = threading.active_count()
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 20

    with pytest.raises(ReadStopped), database.snapshot(stopped) as snapshot:
        for _ in range(50):
            list(snapshot.lines(Part(Query("t")), CsvLines()))
    database.close()
    assert threading.active_count() == before
