"""Write a generated table of ten mixed fields to CSV and Excel, beside others, in one run.

Usage: python benchmarks/export.py [--records 1000000] [--excel 100000]. Each way runs in a process
of its own; times are in seconds, growth is what its memory peaks above its start, in MB. The
`sqlite3` program is measured where it is installed, sqlite-web and Datasette where shell.py was
run before.
"""

import argparse
import csv
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from importing import FIELDS, generate, with_myapp
from served import are_installed, export_from_sqlite_web, stream_from_datasette

ROOT = Path(__file__).resolve().parent.parent


def make_database(folder: Path, records: int) -> Path:
    made = folder / f"made-{records}.csv"
    generate(made, records)
    target = made.with_suffix(".sqlite")
    with_myapp(made, target)
    made.unlink()
    return target


def with_myapp_csv(path: Path, target: Path) -> None:
    export(path, target, "csv")


def with_myapp_excel(path: Path, target: Path) -> None:
    export(path, target, "xlsx")


def export(path: Path, target: Path, format_: str) -> None:
    from myapp.exchange import ExportPlan, Format, run_export
    from myapp.store import Part, Query, open_database

    database = open_database(path)
    run_export(database, ExportPlan((Part(Query("t")),), Format(format_)), target)
    database.close()


def with_sqlite3_program(path: Path, target: Path) -> None:
    with target.open("wb") as file:
        command = ["sqlite3", "-csv", "-header", str(path), "SELECT * FROM t"]
        subprocess.run(command, stdout=file, check=True)


def with_csv_writer(path: Path, target: Path) -> None:
    connection = sqlite3.connect(path)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS.split(","))
        writer.writerows(connection.execute("SELECT * FROM t"))
    connection.close()


def with_xlsxwriter(path: Path, target: Path) -> None:
    import xlsxwriter

    connection = sqlite3.connect(path)
    book = xlsxwriter.Workbook(str(target), {"constant_memory": True})
    sheet = book.add_worksheet()
    for row, record in enumerate(connection.execute("SELECT * FROM t"), 1):
        for column, value in enumerate(record):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif value is not None:
                sheet.write_number(row, column, value)
    book.close()
    connection.close()


CSV_WAYS = {
    "sqlite3 -csv": with_sqlite3_program,
    "csv.writer over a cursor": with_csv_writer,
    "MyApp": with_myapp_csv,
    "sqlite-web": export_from_sqlite_web,
    "Datasette, streaming": stream_from_datasette,
}
SERVED = ("sqlite-web", "Datasette, streaming")
EXCEL_WAYS = {"XlsxWriter alone": with_xlsxwriter, "MyApp to Excel": with_myapp_excel}
WAYS = {**CSV_WAYS, **EXCEL_WAYS}


def measure(way: str, path: Path) -> tuple[float, float]:
    command = [sys.executable, __file__, "--way", way, "--file", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, growth = map(float, said.split())
    return seconds, growth


def peak_kb() -> int:
    """Of this process; getrusage would count what it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])  # type: ignore[index]


def run_one(way: str, path: Path) -> None:
    if way.startswith("MyApp"):
        import myapp.exchange.writing_excel  # noqa: F401  # not part of what grows
    target = path.with_name("out")
    before = peak_kb()
    began = time.perf_counter()
    served = WAYS[way](path, target) or [0]
    seconds = time.perf_counter() - began
    growth = peak_kb() - before
    if way == "sqlite3 -csv":
        growth = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(seconds, max(growth / 1024, *served))
    target.unlink()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--excel", type=int, default=100_000)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        run_one(arguments.way, arguments.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        for ways, records in ((CSV_WAYS, arguments.records), (EXCEL_WAYS, arguments.excel)):
            path = make_database(Path(folder), records)
            print(f"{records:,} records, {path.stat().st_size / 1e6:.0f} MB of SQLite")
            base = 0.0
            for way in ways:
                if way == "sqlite3 -csv" and shutil.which("sqlite3") is None:
                    print("sqlite3 is not installed")
                    continue
                if way in SERVED and not are_installed():
                    print(f"{way} is not installed; run shell.py")
                    continue
                seconds, growth = measure(way, path)
                base = base or seconds
                print(f"{way:26} {seconds:6.2f} s  {seconds / base:5.2f} x  {growth:6.0f} MB")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
