"""Throw damaged and made-up files of every format at the importer, for as long as is asked.

Usage: python -m tests.exchange.fuzz_import [--seconds 600] [--seed 1]. Prints how many files were
read and refused; ends with 1 where a file gave anything but a table or a sentence, took longer than
it may, or where memory grew from the first quarter of the time to the last.
"""

import argparse
import io
import json
import random
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from pathlib import Path

import apsw
import xlsxwriter

from myapp.exchange import (
    ImportPlan,
    PlannedColumn,
    ReadOptions,
    find_parts,
    read_preview,
    run_import,
)
from myapp.store import AppError, create_database

LONGEST_SECONDS = 5.0  # of the processor
MOST_GROWTH_MB = 40
PIECES = (
    *(b",", b";", b"\t", b"|", b'"', b'""', b"'", b"\\", b"\n", b"\r", b"\r\n", b"\0", b" "),
    *(b"{", b"}", b"[", b"]", b":", b"null", b"true", b"1e999", b"-", b".", b"0x1", b"NaN"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x80", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80"),
    *(b"2026-01-31", b"31/12/2026", b"1,234.50", b"007", b"1E5", b"NULL", b"yes", b"sep=;"),
    *(b"<table>", b"<td>", b"</table>", b"<tr>", b'colspan="9999"', b"<!--", b"&#0;", b"# x"),
    *(b"9" * 40, b"[" * 200, b'{"a":' * 50, b"x" * 3000),
)


def seeds() -> dict[str, bytes]:
    """A small, sound file of every format."""
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("One")
        for row in range(12):
            sheet.write_row(row, 0, [f"name {row}", row, row / 3, row % 2 == 0, "é"])
        workbook.add_worksheet("Two").write_row(0, 0, ["a", "b"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.csv", "a,b\n1,x\n2,y\n")
        archive.writestr("two.json", '[{"a": 1}]')
    records = [
        {"n": n, "t": f"text {n}", "deep": {"x": [1, n]}, "d": "2026-01-31"} for n in range(9)
    ]
    connection = apsw.Connection(":memory:")
    connection.execute(
        "CREATE TABLE t (a INTEGER, b TEXT, c BLOB); INSERT INTO t VALUES (1, 'x', x'00')"
    )
    return {
        "a.csv": b"name,age,since\n"
        + b"".join(b"P%d,%d,2026-01-%02d\n" % (n, n, n + 1) for n in range(20)),
        "b.csv": 'a;b\n"x;y";"1,5"\n"two\nlines";2\n'.encode("utf-16"),
        "c.json": json.dumps(records).encode(),
        "d.ndjson": b"\n".join(json.dumps(each).encode() for each in records),
        "e.json": json.dumps({"users": records, "meta": 1}).encode(),
        "f.html": b"<html><table><caption>C</caption><tr><th>a<th>b<tr><td>1<td>2</table></html>",
        "g.xlsx": book.getvalue(),
        "h.zip": packed.getvalue(),
        "i.sqlite": connection.serialize("main") or b"",
    }


def damaged(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(made) + 1)
        way = chance.randrange(6)
        if way == 0:
            made[at:at] = chance.choice(PIECES)
        elif way == 1:
            del made[at : at + chance.randrange(1, 60)]
        elif way == 2 and made:
            made[min(at, len(made) - 1)] = chance.randrange(256)
        elif way == 3:
            end = at + chance.randrange(1, 200)
            made[at:at] = made[at:end] * chance.randrange(1, 4)
        elif way == 4:
            del made[at:]
        else:
            made[at : at + 4] = chance.randbytes(chance.randrange(6))
    return bytes(made)


def bring_in(path: Path, folder: Path, chance: random.Random) -> str:
    """Gives what happened: the refusal's name, or "table"."""
    try:
        parts = find_parts(path, path.name)
        part = chance.choice(parts)
        options = ReadOptions(
            flatten=chance.random() < 0.3, header=chance.choice([None, True, False])
        )
        found = read_preview(path, path.name, options, part, alone=len(parts) == 1)
        columns = tuple(
            PlannedColumn(
                each.name,
                chance.choice([each.kind, each.kind, *type(each.kind)]),
                when_misfit=chance.choice(["ask", "text", "empty", "skip"]),
            )
            for each in found.columns
        )
        for leftover in folder.glob("target*"):
            leftover.unlink()
        database = create_database(folder / "target.sqlite")
        try:
            plan = ImportPlan(path, path.name, found.options, "t", columns, found.part)
            run_import(database, plan)
        finally:
            tables = database.tables()
            database.close()
        assert len(tables) == 1
    except AppError as error:
        assert error.sentence.endswith((".", "?")), error.sentence
        return type(error).__name__
    return "table"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    sound = seeds()
    began = time.monotonic()
    counted: Counter[str] = Counter()
    early = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while (spent := time.monotonic() - began) < given.seconds:
            if spent < given.seconds / 4:
                early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            kind = chance.choice(list(sound))
            content = damaged(sound[kind], chance)
            path = folder / kind
            path.write_bytes(content)
            start = time.process_time()
            try:
                counted[bring_in(path, folder, chance)] += 1
            except BaseException:
                traceback.print_exc()
                print(f"{kind}: {content[:600]!r}")
                return 1
            if time.process_time() - start > LONGEST_SECONDS:
                print(f"{kind} took {time.process_time() - start:.1f} s: {content[:600]!r}")
                return 1
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early) / 1024
    print(f"{sum(counted.values()):,} files in {given.seconds:.0f} s, growth {growth:.0f} MB")
    print(", ".join(f"{name} {count:,}" for name, count in counted.most_common()))
    return int(growth > MOST_GROWTH_MB)


if __name__ == "__main__":
    sys.exit(main())
