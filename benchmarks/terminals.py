"""Terminals that read and write over the network at once: what they wait, and whether all is kept.

Usage: python benchmarks/terminals.py [--terminals 50] [--seconds 600] [--records 100000]

Each terminal is a device of its own that joined as an editor. In a turn of about a second it looks
at a window of a table and adds a record; in every fifth it counts one up in a record that all of
them share, where it was not changed since they read it; a page's question for changes comes beside
it. At the end every record that was acknowledged must be there, and the shared number be the sum.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conftest import Program, end_program
from tests.desktop.network.shared import Device, Owner, start_shared

TURN = 1.0
ASKED_EVERY = 1.2
COUNTED_EVERY = 5
"""Turns: fifty who all want the same record at once would only tell how conflicts are told."""


@dataclass
class Tally:
    """`waits` are seconds, by what was asked for."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    added: set[str] = field(default_factory=set)
    counted: int = 0
    failures: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Of all waits, in milliseconds."""
        return (
            sorted([each for waits in self.waits.values() for each in waits])[
                int(share * self.requests) - 1
            ]
            * 1000
        )

    @property
    def requests(self) -> int:
        return sum(map(len, self.waits.values()))


class Line:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, device: Device, tally: Tally) -> None:
        self.device, self.tally = device, tally
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(
        self, what: str, method: str, path: str, told: object = None
    ) -> tuple[int, bytes]:
        host, _, port = self.device.host.partition(":")
        if self.writer is None or self.reader is None:
            self.reader, self.writer = await asyncio.open_connection(host, int(port))
        body = b"" if told is None else json.dumps(told).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.device.host}\r\nCookie: {self.device.cookie}"
            f"\r\nAccept: application/json\r\n"
        )
        if method == "POST":
            head += (
                f"Origin: {self.device.origin}\r\nX-Desktop-Token: {self.device.token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            )
        began = time.perf_counter()
        self.writer.write(f"{head}\r\n".encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        lines = answer.decode("latin-1").lower().split("\r\n")
        length = next(int(each[15:]) for each in lines if each.startswith("content-length:"))
        content = await self.reader.readexactly(length)
        self.tally.waits.setdefault(what, []).append(time.perf_counter() - began)
        status = int(lines[0].split()[1])
        self.tally.statuses[what, status] += 1
        if status not in (200, 409):
            self.tally.failures.append(f"{what}: {status} {content[:200]!r}")
        return status, content

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


async def work(device: Device, number: int, records: int, end: float, tally: Tally) -> None:
    line = Line(device, tally)
    turn = 0
    await asyncio.sleep(random.random() * TURN)
    while time.monotonic() < end:
        began = time.monotonic()
        start = random.randrange(max(1, records - 100))
        await line.ask("read", "GET", f"/tables/Sales/rows?start={start}&count=100")
        name = f"terminal {number}, turn {turn}"
        status, _ = await line.ask(
            "add", "POST", "/tables/Sales/records", {"values": {"What": name}}
        )
        if status == 200:
            tally.added.add(name)
        if turn % COUNTED_EVERY == 0:
            await count_up(line, tally)
        turn += 1
        await asyncio.sleep(max(0.0, TURN * random.uniform(0.8, 1.2) - (time.monotonic() - began)))
    line.close()


async def count_up(line: Line, tally: Tally) -> None:
    """Read, and write if nobody wrote meanwhile; otherwise read again, as a person does."""
    for _ in range(100):
        _, content = await line.ask("read one", "GET", "/tables/Counter/rows?start=0&count=1")
        now = json.loads(content)["rows"][0]["cells"][1]
        told = {"values": {"Number": str(now + 1)}, "was": {"Number": now}}
        status, _ = await line.ask("count up", "POST", "/tables/Counter/records/1", told)
        if status == 200:
            tally.counted += 1
            return
        await asyncio.sleep(random.uniform(0.1, 0.4))


async def watch(device: Device, end: float, tally: Tally) -> None:
    line = Line(device, tally)
    await asyncio.sleep(random.random() * ASKED_EVERY)
    while time.monotonic() < end:
        await line.ask("changes", "GET", "/changes")
        await asyncio.sleep(ASKED_EVERY)
    line.close()


async def run_all(devices: list[Device], records: int, seconds: float) -> Tally:
    tally, end = Tally(), time.monotonic() + seconds
    await asyncio.gather(
        *(work(each, number, records, end, tally) for number, each in enumerate(devices)),
        *(watch(each, end, tally) for each in devices),
    )
    return tally


def prepare(folder: Path, records: int) -> None:
    with sqlite3.connect(folder / "MyApp.sqlite") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE Sales (id INTEGER PRIMARY KEY, What TEXT, Price REAL)")
        connection.executemany(
            "INSERT INTO Sales (What, Price) VALUES (?, ?)",
            ((f"item {n}", n / 100) for n in range(records)),
        )
        connection.execute("CREATE TABLE Counter (id INTEGER PRIMARY KEY, Number INTEGER)")
        connection.execute("INSERT INTO Counter VALUES (1, 0)")
    connection.close()


def missing(program: Program, tally: Tally) -> list[str]:
    """What was acknowledged and is not there; empty where all is kept."""
    with sqlite3.connect(program.data / "MyApp.sqlite") as connection:
        kept = {what for (what,) in connection.execute("SELECT What FROM Sales")}
        number = connection.execute("SELECT Number FROM Counter").fetchone()[0]
    connection.close()
    lost = sorted(tally.added - kept)
    return lost + ([f"{tally.counted} counted, {number} kept"] if number != tally.counted else [])


def measure(folder: Path, terminals: int, seconds: float, records: int) -> tuple[Tally, list[str]]:
    prepare(folder, records)
    program, owner = start_shared(folder)
    try:
        devices = [let_in(owner, f"Terminal {number}") for number in range(terminals)]
        tally = asyncio.run(run_all(devices, records, seconds))
        return tally, missing(program, tally)
    finally:
        end_program(program)


def let_in(owner: Owner, name: str) -> Device:
    return owner.let_in(name, "editor")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--terminals", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--records", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tally, lost = measure(Path(folder), given.terminals, given.seconds, given.records)
    print(f"{given.terminals} terminals, {given.seconds:g} s, {given.records:,} records")
    for what, waits in tally.waits.items():
        waits.sort()
        slow = waits[int(0.99 * len(waits)) - 1]
        told = (statistics.median(waits), slow, waits[-1])
        median, p99, most = (f"{each * 1000:6.1f} ms" for each in told)
        print(f"{what:9} {len(waits):7,} requests  median {median}  p99 {p99}  most {most}")
    print(f"all: {tally.requests:,} requests, p99 {tally.percentile(0.99):.1f} ms")
    conflicts = tally.statuses["count up", 409]
    print(f"added {len(tally.added):,}, counted up {tally.counted:,} with {conflicts:,} conflicts")
    print(f"refused otherwise: {len(tally.failures)} {tally.failures[:3]}")
    print(f"lost: {len(lost)} {lost[:3]}")
    sys.exit(bool(lost or tally.failures))


if __name__ == "__main__":
    main()
