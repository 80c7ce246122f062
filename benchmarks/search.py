"""Search a generated table of ten fields and 200 bytes a record over HTTP, scanned and indexed.

Usage: python benchmarks/search.py [--records 1000000] [--rounds 7]. Starts the program, makes the
index through its page, and prints the median of each search until its last byte, in milliseconds.
"""

import argparse
import http.client
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import apsw

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conftest import Program, end_program, start_program

FIELDS = ("first", "last", "street", "city", "email", "born", "amount", "note", "status")


def make_words(chance: random.Random) -> list[str]:
    """40,000 made-up words, the commonest first; every fiftieth has an accent."""
    syllables = [a + b for a in "bcdfghklmnprstvw" for b in "aeiou"]
    made: dict[str, None] = {}
    while len(made) < 40_000:
        made["".join(chance.choices(syllables, k=chance.choice((2, 2, 3, 3, 4))))] = None
    return [w.replace("e", "é") if n % 50 == 0 else w for n, w in enumerate(made)]


def records(chance: random.Random, words: list[str], count: int) -> Iterator[tuple[object, ...]]:
    weights = list(itertools.accumulate(1 / (n + 10) for n in range(len(words))))
    for n in range(count):
        first, last, street, city, *note = chance.choices(words, cum_weights=weights, k=18)
        yield (
            first.title(),
            last.title(),
            f"{street.title()} street {chance.randrange(200)}",
            city.title(),
            f"{first}.{last}{n % 997}@{city}.example",
            f"19{chance.randrange(100):02}-{chance.randrange(1, 13):02}-01",
            chance.randrange(10**6) / 100,
            " ".join(note),
            chance.choice(("open", "closed", "waiting")),
        )


def make_file(path: Path, count: int) -> list[str]:
    chance = random.Random(1)
    words = make_words(chance)
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"CREATE TABLE people (id INTEGER PRIMARY KEY, {', '.join(FIELDS)})")
    connection.execute("BEGIN")
    marks = ", ".join("?" * len(FIELDS))
    connection.executemany(
        f"INSERT INTO people ({', '.join(FIELDS)}) VALUES ({marks})", records(chance, words, count)
    )
    connection.execute("COMMIT")
    connection.close()
    return words


def ask(program: Program, text: str, rounds: int) -> float:
    took = []
    connection = http.client.HTTPConnection("127.0.0.1", program.port)
    for _ in range(rounds):
        began = time.perf_counter()
        address = f"/search?q={urllib.parse.quote(text)}"
        connection.request("GET", address, headers={"Cookie": program.cookie})
        connection.getresponse().read()
        took.append(time.perf_counter() - began)
    connection.close()
    return statistics.median(took) * 1000


def build(program: Program) -> float:
    began = time.perf_counter()
    made = program.post("/search/indexes/make", {"table": "people", "q": ""})
    address = f"{made.headers['location']}/progress"
    while json.loads(program.get(address).text)["running"]:
        time.sleep(0.2)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.sqlite"
        words = make_file(path, options.records)
        common, other, rare = words[0], words[1], words[-7]
        searches = {
            "a common word": common,
            "two common words": f"{common} {other}",
            "a rare word": rare,
            "no such word": "zzzz",
            "a number": str(options.records // 2),
            "one letter": "b",
            "three letters": common[:3],
            "the beginning of a word in every record": "exam",
            "common words that never meet": "open closed",
        }
        size = path.stat().st_size
        program = start_program(Path(folder) / "data", "--port", "0", "--stay", str(path))
        try:
            program.enter()
            scanned = {name: ask(program, text, 3) for name, text in searches.items()}
            seconds = build(program)
            indexed = {name: ask(program, text, options.rounds) for name, text in searches.items()}
        finally:
            end_program(program)
        grown = path.stat().st_size - size
        print(f"{options.records:,} records, {size / 1e6:.0f} MB; index {grown / 1e6:.0f} MB,")
        print(f"built in {seconds:.1f} s\n\n| | scanned, ms | indexed, ms |\n|---|---|---|")
        for name in searches:
            print(f"| {name} | {scanned[name]:.1f} | {indexed[name]:.1f} |")


if __name__ == "__main__":
    main()
