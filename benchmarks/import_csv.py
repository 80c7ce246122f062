"""Import a generated CSV of ten mixed fields, beside csv.reader + executemany, in one run.

Usage: python benchmarks/import_csv.py [--records 1000000]. Each way runs in a process of its own;
times are in seconds, memory is the process's peak in MB.
"""

import argparse
import csv
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

FIELDS = "number,name,amount,ratio,active,born,seen,code,city,note"


def generate(path: Path, records: int) -> None:
    chance = random.Random(7)
    words = [f"word{n}" for n in range(500)]
    first = date(1950, 1, 1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS.split(","))
        for number in range(records):
            day = first + timedelta(chance.randrange(25_000))
            writer.writerow(
                (
                    number,
                    f"Name {number * 7919 % 1_000_003}",
                    chance.randrange(-(10**9), 10**9),
                    round(chance.random() * 1000, 6),
                    "yes" if number % 3 else "no",
                    day.isoformat(),
                    f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"
                    f" {number % 24:02}:{number % 60:02}:00",
                    f"{number % 10_000:05}",
                    "" if number % 100 == 0 else chance.choice(words),
                    " ".join(chance.choices(words, k=18)),
                )
            )


def with_myapp(path: Path, target: Path) -> None:
    from myapp.exchange import ImportPlan, PlannedColumn, read_preview, run_import
    from myapp.store import create_database

    database = create_database(target)
    found = read_preview(path, path.name)
    columns = tuple(PlannedColumn(each.name, each.kind) for each in found.columns)
    run_import(database, ImportPlan(path, path.name, found.options, "t", columns))
    database.close()


def with_executemany(path: Path, target: Path) -> None:
    connection = sqlite3.connect(target)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        names = next(reader)
        connection.execute(f"CREATE TABLE t ({', '.join(names)})")
        marks = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO t VALUES ({marks})", reader)
    connection.commit()
    connection.close()


WAYS = {"myapp": with_myapp, "csv.reader + executemany": with_executemany}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        began = time.perf_counter()
        WAYS[arguments.way](arguments.file, arguments.file.with_suffix(".sqlite"))
        seconds = time.perf_counter() - began
        print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        generate(path, arguments.records)
        print(f"{arguments.records:,} records, {path.stat().st_size / 1e6:.0f} MB")
        results = {}
        for way in WAYS:
            path.with_suffix(".sqlite").unlink(missing_ok=True)
            said = subprocess.run(
                [sys.executable, __file__, "--way", way, "--file", str(path)],
                capture_output=True,
                text=True,
                check=True,
            )
            results[way] = tuple(map(float, said.stdout.split()))
        base = results["csv.reader + executemany"]
        for way, (seconds, memory) in results.items():
            print(
                f"{way:26} {seconds:6.2f} s  {seconds / base[0]:5.2f} x"
                f"  {memory:6.0f} MB  {memory / base[1]:5.2f} x"
            )


if __name__ == "__main__":
    main()
