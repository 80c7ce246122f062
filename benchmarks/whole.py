"""All records of a large table in one step: deleted, given one value, taken back, made again.

Usage: python benchmarks/whole.py [--records 1000000] [--back]. Makes a table of ten fields and 200
bytes a record (or copies --file FILE), has the program do each over HTTP as the grid does, and
prints the seconds until it is done and the highest memory of the program meanwhile. With --back all
deleted records are also brought back, as the page of the deleted records does. Linux alone.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from data import make_file

from tests.conftest import Program, end_program, start_program

TABLE = "/tables/people"


def send(program: Program, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A step's outcome, however long it takes."""
    headers = {
        "Cookie": program.cookie,
        "Origin": program.origin,
        "X-Desktop-Token": program.token,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    answer = program.ask("POST", path, json.dumps(body), headers)
    while answer.status == 202:
        work = json.loads(answer.text)["work"]
        time.sleep(0.05)
        while json.loads(program.ask("GET", work["progress"], headers=headers).text)["running"]:
            time.sleep(0.05)
        answer = program.ask("GET", work["outcome"], headers=headers)
    assert answer.status < 400, answer.text[:300]
    return dict(json.loads(answer.text)) if answer.text.startswith("{") else {}


def highest(program: Program) -> float:
    """MB since the last time that it was asked."""
    folder = Path(f"/proc/{program.process.pid}")
    found = re.search(r"VmHWM:\s+(\d+)", (folder / "status").read_text())
    assert found is not None
    (folder / "clear_refs").write_text("5")
    return int(found[1]) / 1024


def bring_back(program: Program) -> dict[str, Any]:
    page = program.get(f"{TABLE}/deleted").text
    step = re.search(r'name="step" value="(\d+)">\s*<button', page)
    assert step is not None
    headers = {
        "Cookie": program.cookie,
        "Origin": program.origin,
        "X-Desktop-Token": program.token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = program.ask("POST", f"{TABLE}/deleted/bring-back", f"step={step[1]}", headers)
    assert answer.status == 303, answer.text[:300]
    place = answer.headers["location"]
    while "/work/" in place:
        time.sleep(0.2)
        answer = program.ask("GET", f"{place}/progress", headers=headers)
        if not json.loads(answer.text)["running"]:
            break
    return {}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--back", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.db"
        if asked.file:
            shutil.copyfile(asked.file, path)
        else:
            make_file(path, asked.records)
        whole = {"view": "", "count": asked.records}
        undo, redo = ("/undo", {}), ("/redo", {})
        steps: list[tuple[str, tuple[str, dict[str, Any]]]] = [
            (
                "one value in a field",
                (f"{TABLE}/records/fill", whole | {"field": "note", "text": "x"}),
            ),
            ("undo", undo),
            ("redo", redo),
            ("undo", undo),
            ("delete", (f"{TABLE}/records/delete-view", whole)),
            ("undo", undo),
            ("redo", redo),
        ]
        program = start_program(Path(folder) / "data", "--port", "0", "--stay", str(path))
        try:
            program.enter()
            program.get(TABLE)
            print(f"{asked.records:,} records; before: {highest(program):.0f} MB")
            for name, (address, body) in steps:
                started = time.perf_counter()
                send(program, address, body)
                seconds = time.perf_counter() - started
                print(f"{name}: {seconds:.1f} s, {highest(program):.0f} MB", flush=True)
            if asked.back:
                started = time.perf_counter()
                bring_back(program)
                seconds = time.perf_counter() - started
                print(f"bring back: {seconds:.1f} s, {highest(program):.0f} MB", flush=True)
        finally:
            end_program(program)


if __name__ == "__main__":
    main()
