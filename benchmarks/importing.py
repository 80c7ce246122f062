"""Import a generated CSV, and an Excel workbook, of ten mixed fields, beside others, in one run.

Usage: python benchmarks/importing.py [--records 1000000] [--excel 100000]. Each way runs in a
process of its own; times are in seconds, growth is what its memory peaks above its start, in MB.
The `sqlite3` program and sqlite-utils are measured where they are installed, sqlite-web where
shell.py was run before.
"""

import argparse
import csv
import importlib.util
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from served import are_installed, upload_to_sqlite_web

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
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
    run_import(database, ImportPlan(path, path.name, found.options, "t", columns, found.part))
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


def with_sqlite3_program(path: Path, target: Path) -> None:
    commands = [".mode csv", f".import {path} t"]
    subprocess.run(["sqlite3", str(target), *commands], check=True)


def with_sqlite_utils(path: Path, target: Path) -> None:
    program = Path(sys.executable).with_name("sqlite-utils")
    command = [str(program), "insert", str(target), "t", str(path), "--csv"]
    subprocess.run([*command, "--silent"], check=True)


def export_to_excel(path: Path, records: int) -> Path:
    """The first records, with dates as Excel keeps them."""
    from myapp.exchange import ExportPlan, Format, run_export
    from myapp.store import Part, Query, open_database

    beginning, made = path.with_name("beginning.csv"), path.with_name("beginning.sqlite")
    generate(beginning, records)
    with_myapp(beginning, made)
    database = open_database(made)
    target = path.with_suffix(".xlsx")
    run_export(database, ExportPlan((Part(Query("t")),), Format.EXCEL), target)
    database.close()
    return target


def with_calamine(path: Path, target: Path) -> None:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    book.get_sheet_by_name(book.sheet_names[0]).to_python()


def with_calamine_and_executemany(path: Path, target: Path) -> None:
    from python_calamine import CalamineWorkbook

    connection = sqlite3.connect(target)
    connection.execute("PRAGMA journal_mode = WAL")
    book = CalamineWorkbook.from_path(path)
    rows = book.get_sheet_by_name(book.sheet_names[0]).iter_rows()
    names = next(rows)
    connection.execute(f"CREATE TABLE t ({', '.join(map(str, names))})")
    marks = ", ".join("?" * len(names))
    connection.executemany(
        f"INSERT INTO t VALUES ({marks})",
        ([str(cell) if isinstance(cell, date) else cell for cell in row] for row in rows),
    )
    connection.commit()
    connection.close()


CSV_WAYS = {
    "sqlite3 .import": with_sqlite3_program,
    "myapp": with_myapp,
    "csv.reader + executemany": with_executemany,
    "sqlite-utils insert": with_sqlite_utils,
    "sqlite-web, upload": upload_to_sqlite_web,
}
EXCEL_WAYS = {
    "python-calamine, reading": with_calamine,
    "myapp, from Excel": with_myapp,
    "calamine + executemany": with_calamine_and_executemany,
}
WAYS = {**CSV_WAYS, **EXCEL_WAYS}


def available() -> list[str]:
    found = list(CSV_WAYS)
    if shutil.which("sqlite3") is None:
        found.remove("sqlite3 .import")
    if importlib.util.find_spec("sqlite_utils") is None:
        found.remove("sqlite-utils insert")
    if not are_installed():
        found.remove("sqlite-web, upload")
    return found


def measure(way: str, path: Path) -> None:
    """In a process of its own: prints seconds, and how much its memory or its child's grew."""
    from myapp.exchange import run_import  # noqa: F401  what is loaded does not count as growth

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    served = WAYS[way](path, path.with_suffix(".sqlite")) or [0]
    seconds = time.perf_counter() - began
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(seconds, max(own / 1024, child / 1024, *served))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--excel", type=int, default=100_000)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        measure(arguments.way, arguments.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        generate(path, arguments.records)
        compare(path, available(), arguments.records)
        compare(export_to_excel(path, arguments.excel), list(EXCEL_WAYS), arguments.excel)


def compare(path: Path, ways: list[str], records: int) -> None:
    # What was just written must not be on its way to the disk while others are measured.
    os.sync()
    print(f"{records:,} records, {path.stat().st_size / 1e6:.0f} MB of {path.suffix}")
    results = {}
    for way in ways:
        for suffix in (".sqlite", ".sqlite-wal", ".sqlite-shm"):
            path.with_suffix(suffix).unlink(missing_ok=True)
        said = subprocess.run(
            [sys.executable, __file__, "--way", way, "--file", str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        os.sync()
        results[way] = tuple(map(float, said.stdout.split()))
    base = next(iter(results.values()))
    for way, (seconds, memory) in results.items():
        print(f"{way:26} {seconds:6.2f} s  {seconds / base[0]:5.2f} x  growth {memory:4.0f} MB")


if __name__ == "__main__":
    main()
