"""Large tables in the browser: MyApp beside sqlite-web, Datasette and Flask-Admin, in one run.

Usage: python benchmarks/data.py [--records 1000000] [--rounds 5] [--only MyApp ...]. Makes a table
of ten fields and 200 bytes a record (or takes --file FILE, and changes it), serves it by each in
turn, and prints the median time until an answer's last byte, in milliseconds, and each server's
highest memory; beside them SQLite alone, through the same driver as MyApp's. In brackets stands the
processor time that the server took for one answer: it says more where others use the machine.

What is asked for a first time is asked after another program has changed a record, so that nothing
that was found before counts. Windows are of 100 records; the first one of a view is asked for as
the grid does, before all of the view is known. The peers are installed from PyPI into an
environment in ~/.cache/data-benchmark, which is kept. Linux alone.
"""

import argparse
import http.client
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import venv
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import apsw

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from search import FIELDS, make_words, records

from tests.conftest import end_program, start_program

PEERS = Path.home() / ".cache" / "data-benchmark"
PYTHON = PEERS / "bin" / "python"
PACKAGES = ["sqlite-web", "datasette", "flask-admin", "flask-sqlalchemy", "waitress"]
TYPES = {"born": "DATE", "amount": "REAL"}
WINDOW = 100
SHORT = 0.03
LONG = 3.0
"""Seconds. What takes longer is asked twice at most, or once; what is quick ten times as often."""

FLASK_ADMIN = f"""
import sys
from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy
from waitress import serve
app = Flask(__name__)
app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI="sqlite:///" + sys.argv[2])
db = SQLAlchemy(app)
class People(db.Model):
    __tablename__ = "people"
    id = db.Column(db.Integer, primary_key=True)
class View(ModelView):
    page_size = {WINDOW}
    can_view_details = True
    column_filters = ["note"]
    column_searchable_list = ["note"]
for name in {FIELDS!r}:
    kind = db.Float if name == "amount" else db.Text
    setattr(People, name, db.Column(kind))
Admin(app).add_view(View(People, db))
serve(app, host="127.0.0.1", port=int(sys.argv[1]))
"""

Ask = Callable[[], object]


class Cost(NamedTuple):
    """Milliseconds until the answer, and of the processor."""

    wall: float
    used: float


FIRST, AGAIN = "first time", "again"


class Question(dict[str, Ask]):
    """What one server is asked, by the names of TOLD; what it cannot do is left out."""


TOLD = {
    "first page": AGAIN,
    "window at 90 %, in key order": AGAIN,
    "sorted by a text, first window": FIRST,
    "sorted by a text, all in order": FIRST,
    "the same again": AGAIN,
    "sorted, window at 90 %": FIRST,
    "the same again, at 90 %": AGAIN,
    "contains, many hits": FIRST,
    "contains, many hits, all counted": FIRST,
    "contains, few hits": FIRST,
    "words, no index": FIRST,
    "words, indexed": FIRST,
    "grouped, with sums": FIRST,
    "one record": AGAIN,
    "one edit": AGAIN,
}


class Web:
    """One kept connection to a server."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
        self.headers = headers or {}

    def get(self, path: str, **given: object) -> bytes:
        query = f"?{urllib.parse.urlencode(given)}" if given else ""
        return self.send("GET", path + query)

    def post(self, path: str, **form: object) -> bytes:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urllib.parse.urlencode(form), kind)

    def send(
        self, method: str, path: str, body: str | None = None, more: dict[str, str] | None = None
    ) -> bytes:
        headers = {**self.headers, **(more or {})}
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except ConnectionError:
            # A server closes what nobody spoke over for long, as while an index was built.
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status in (200, 302, 303), (path, answer.status, content[:300])
        return content


def make_file(path: Path, count: int) -> None:
    chance = random.Random(1)
    words = make_words(chance)
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        fields = ", ".join(f"{name} {TYPES.get(name, 'TEXT')}" for name in FIELDS)
        connection.execute(f"CREATE TABLE people (id INTEGER PRIMARY KEY, {fields})")
        marks = ", ".join("?" * len(FIELDS))
        with connection:
            connection.executemany(
                f"INSERT INTO people ({', '.join(FIELDS)}) VALUES ({marks})",
                records(chance, words, count),
            )


class Table:
    """The generated table, and the words to look for in it."""

    def __init__(self, path: Path) -> None:
        words = make_words(random.Random(1))
        self.path, self.many, self.few = path, words[1], words[-7]
        with closing(apsw.Connection(str(path))) as connection:
            ((self.count,),) = connection.execute("SELECT count(*) FROM people")
        self.deep = self.count * 9 // 10
        self.middle = self.count // 2
        self.turn = 0

    def disturb(self) -> None:
        """As another program, so that whatever was computed is not believed any more."""
        self.turn += 1
        with closing(apsw.Connection(str(self.path))) as connection:
            connection.set_busy_timeout(60_000)
            # The same values once more would be no change: SQLite writes nothing then.
            sql = "UPDATE people SET amount = ? WHERE id = ?"
            connection.execute(sql, (time.time(), self.count - self.turn))


def myapp(table: Table) -> Iterator[tuple[int, Question]]:
    with tempfile.TemporaryDirectory() as folder:
        program = start_program(Path(folder), "--port", "0", "--stay", str(table.path))
        try:
            program.enter()
            cookie = {"Cookie": program.cookie, "Origin": program.origin}
            web = Web(program.port, {**cookie, "X-Desktop-Token": program.token})
            rows, sort = "/tables/people/rows", json.dumps(["last"])

            def window(start: int = 0, **given: object) -> bytes:
                return web.get(rows, start=start, count=WINDOW, **given)

            def page() -> bytes:
                return web.get("/tables/people") + window()

            def contains(word: str, **given: object) -> bytes:
                return window(filter=json.dumps([["note", "contains", word]]), **given)

            def edit() -> bytes:
                table.turn += 1
                body = json.dumps({"values": {"note": f"edited {table.turn}"}})
                kind = {"Content-Type": "application/json"}
                return web.send("POST", f"/tables/people/records/{table.middle}", body, kind)

            yield (
                program.process.pid,
                Question(
                    {
                        "first page": page,
                        "window at 90 %, in key order": lambda: window(table.deep),
                        "sorted by a text, first window": lambda: window(sort=sort, early=1),
                        "sorted by a text, all in order": lambda: window(sort=sort),
                        "the same again": lambda: window(sort=sort, early=1),
                        "sorted, window at 90 %": lambda: window(table.deep, sort=sort),
                        "the same again, at 90 %": lambda: window(table.deep, sort=sort),
                        "contains, many hits": lambda: contains(table.many, early=1),
                        "contains, many hits, all counted": lambda: contains(table.many),
                        "contains, few hits": lambda: contains(table.few, early=1),
                        "words, no index": lambda: web.get("/search", q=table.few),
                        "grouped, with sums": lambda: web.get("/tables/people", group="status"),
                        "one record": lambda: web.get(f"/tables/people/records/{table.middle}"),
                        "one edit": edit,
                    }
                ),
            )
            made = program.post("/search/indexes/make", {"table": "people", "q": ""})
            address = f"{made.headers['location']}/progress"
            while json.loads(program.get(address).text)["running"]:
                time.sleep(0.2)
            word = f"{table.many} {table.few}"
            yield (
                program.process.pid,
                Question({"words, indexed": lambda: web.get("/search", q=word)}),
            )
        finally:
            end_program(program)


def sqlite_web(table: Table) -> Iterator[tuple[int, Question]]:
    more = ("-x", "-q", "-R", str(WINDOW), "-p", "{port}", str(table.path))
    with served("-m", "sqlite_web.sqlite_web", *more) as (pid, web):
        content, deep = "/people/content/", table.deep // WINDOW + 1
        found = re.search(rb'/people/row/([^/"]+)/', web.get(content, page=table.middle // WINDOW))
        assert found is not None
        key = found[1].decode()

        def ask(sql: str) -> bytes:
            return web.post("/people/query/", sql=sql)

        def contains(word: str) -> bytes:
            return ask(f"SELECT * FROM people WHERE note LIKE '%{word}%' LIMIT {WINDOW}")

        def edit() -> bytes:
            table.turn += 1
            return web.post(f"/people/update/{key}/", note=f"edited {table.turn}")

        yield (
            pid,
            Question(
                {
                    "first page": lambda: web.get(content),
                    "window at 90 %, in key order": lambda: web.get(content, page=deep),
                    "sorted by a text, first window": lambda: web.get(content, ordering=3),
                    "the same again": lambda: web.get(content, ordering=3),
                    "sorted, window at 90 %": lambda: web.get(content, ordering=3, page=deep),
                    "the same again, at 90 %": lambda: web.get(content, ordering=3, page=deep),
                    "contains, many hits": lambda: contains(table.many),
                    "contains, few hits": lambda: contains(table.few),
                    "grouped, with sums": lambda: ask(GROUPED),
                    "one record": lambda: web.get(f"/people/row/{key}/"),
                    "one edit": edit,
                }
            ),
        )


GROUPED = "SELECT status, count(*), sum(amount) FROM people GROUP BY status"


def datasette(table: Table) -> Iterator[tuple[int, Question]]:
    """By key or value and key, in place of a position; it changes nothing."""
    unlimited = ("--setting", "sql_time_limit_ms", "900000", "--setting", "suggest_facets", "off")
    command = ("-m", "datasette", "serve", "-p", "{port}", *unlimited, str(table.path))
    with served(*command) as (pid, web):
        base = f"/{table.path.stem}"
        with closing(apsw.Connection(str(table.path))) as connection:
            sql = "SELECT last, id FROM people ORDER BY last, id LIMIT 1 OFFSET ?"
            ((last, key),) = connection.execute(sql, (table.deep,))

        def rows(**given: object) -> bytes:
            return web.get(f"{base}/people", _size=WINDOW, **given)

        def ask(sql: str) -> bytes:
            return web.get(base, sql=sql)

        after = f"{last},{key}"
        yield (
            pid,
            Question(
                {
                    "first page": rows,
                    "window at 90 %, in key order": lambda: rows(_next=table.deep),
                    "sorted by a text, first window": lambda: rows(_sort="last"),
                    "the same again": lambda: rows(_sort="last"),
                    "sorted, window at 90 %": lambda: rows(_sort="last", _next=after),
                    "the same again, at 90 %": lambda: rows(_sort="last", _next=after),
                    "contains, many hits": lambda: rows(note__contains=table.many),
                    "contains, few hits": lambda: rows(note__contains=table.few),
                    "grouped, with sums": lambda: ask(GROUPED),
                    "one record": lambda: web.get(f"{base}/people/{table.middle}"),
                }
            ),
        )


def flask_admin(table: Table) -> Iterator[tuple[int, Question]]:
    with served("-c", FLASK_ADMIN, "{port}", str(table.path)) as (pid, web):
        deep = table.deep // WINDOW
        columns = web.get("/admin/people/").decode()
        assert "/admin/people/details/" in columns
        number = next(n for n in range(12) if f"sort={n}" in columns and column_is_last(columns, n))

        def rows(**given: object) -> bytes:
            return web.get("/admin/people/", **given)

        def edit() -> bytes:
            table.turn += 1
            with closing(apsw.Connection(str(table.path))) as connection:
                sql = f"SELECT {', '.join(FIELDS)} FROM people WHERE id = ?"
                (row,) = connection.execute(sql, (table.middle,))
            form = {**dict(zip(FIELDS, row, strict=True)), "note": f"edited {table.turn}"}
            return web.post(f"/admin/people/edit/?id={table.middle}", **form)

        yield (
            pid,
            Question(
                {
                    "first page": rows,
                    "window at 90 %, in key order": lambda: rows(page=deep),
                    "sorted by a text, first window": lambda: rows(sort=number),
                    "the same again": lambda: rows(sort=number),
                    "sorted, window at 90 %": lambda: rows(sort=number, page=deep),
                    "the same again, at 90 %": lambda: rows(sort=number, page=deep),
                    "contains, many hits": lambda: rows(flt0_0=table.many),
                    "contains, few hits": lambda: rows(flt0_0=table.few),
                    "one record": lambda: web.get("/admin/people/details/", id=table.middle),
                    "one edit": edit,
                }
            ),
        )


def column_is_last(page: str, number: int) -> bool:
    found = re.search(rf"sort={number}[^>]*>\s*([^<]+?)\s*<", page)
    return found is not None and found[1].strip() == "Last"


def alone(table: Table) -> Iterator[tuple[int, Question]]:
    """SQLite itself, in this process."""
    connection = apsw.Connection(str(table.path))
    connection.set_busy_timeout(60_000)
    connection.execute("PRAGMA cache_size = -8000; PRAGMA synchronous = FULL")

    def all_of(sql: str, *values: object) -> object:
        return list(connection.execute(sql, values))  # type: ignore[arg-type]

    def contains(word: str) -> object:
        sql = f"SELECT * FROM people WHERE note LIKE ? LIMIT {WINDOW}"
        counted = "SELECT count(*) FROM people WHERE note LIKE ?"
        return all_of(sql, f"%{word}%"), all_of(counted, f"%{word}%")

    def edit() -> object:
        table.turn += 1
        sql = "UPDATE people SET note = ? WHERE id = ?"
        return all_of(sql, f"edited {table.turn}", table.middle)

    window = f"SELECT * FROM people ORDER BY {{}} LIMIT {WINDOW} OFFSET ?"
    by_key, by_text = window.format("id"), window.format("last, id")
    yield (
        0,
        Question(
            {
                "first page": lambda: all_of(by_key, 0),
                "window at 90 %, in key order": lambda: all_of(by_key, table.deep),
                "sorted by a text, first window": lambda: all_of(by_text, 0),
                "the same again": lambda: all_of(by_text, 0),
                "sorted, window at 90 %": lambda: all_of(by_text, table.deep),
                "the same again, at 90 %": lambda: all_of(by_text, table.deep),
                "contains, many hits": lambda: contains(table.many),
                "contains, few hits": lambda: contains(table.few),
                "grouped, with sums": lambda: all_of(GROUPED),
                "one record": lambda: all_of("SELECT * FROM people WHERE id = ?", table.middle),
                "one edit": edit,
                "ids in order of a text": lambda: sum(
                    1 for _ in connection.execute("SELECT id FROM people ORDER BY last, id")
                ),
            }
        ),
    )
    connection.close()


HOUSES = {
    "SQLite alone": alone,
    "Datasette": datasette,
    "sqlite-web": sqlite_web,
    "Flask-Admin": flask_admin,
    "MyApp": myapp,
}


@contextmanager
def served(*arguments: str) -> Iterator[tuple[int, Web]]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
    command = [str(PYTHON), *(each.replace("{port}", str(port)) for each in arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            assert process.poll() is None, command
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.02)
        yield process.pid, Web(port)
    finally:
        process.terminate()
        process.wait()


def highest_memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def took(ask: Ask, rounds: int, before: Callable[[], None], pid: int) -> Cost:
    seconds: list[float] = []
    used = 0.0
    while len(seconds) < rounds:
        before()
        used_before = processor_time(pid)
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
        used += processor_time(pid) - used_before
        if len(seconds) == 1:
            rounds = min(rounds, 1 if seconds[0] > 3 * LONG else 2) if seconds[0] > LONG else rounds
            rounds = rounds * 10 if seconds[0] < SHORT else rounds
    return Cost(statistics.median(seconds) * 1000, used / len(seconds) * 1000)


def processor_time(pid: int) -> float:
    """Seconds, of all threads, also of those that ended; the kernel gives hundredths."""
    if not pid:
        return time.process_time()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name: str, table: Table, rounds: int) -> dict[str, str]:
    found: dict[str, str] = {}
    wall = 0.0
    for pid, questions in HOUSES[name](table):
        for told, ask in questions.items():
            fresh = TOLD.get(told, FIRST) is FIRST
            if not fresh and wall < LONG * 1000:
                ask()
            cost = took(ask, rounds, table.disturb if fresh else lambda: None, pid)
            wall = cost.wall
            found[told] = f"{cost.wall:,.1f} ({cost.used:,.1f})"
            print(f"{name}: {told}: {found[told]}", file=sys.stderr)
        if pid:
            found["highest memory, MB"] = f"{highest_memory(pid):.0f}"
    return found


def install() -> None:
    if not (PEERS / "done").exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", *PACKAGES], check=True)
        (PEERS / "done").touch()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--only", nargs="+", choices=HOUSES, default=list(HOUSES))
    options = parser.parse_args()
    install()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder) / "people.sqlite"
        if options.file is None:
            make_file(path, options.records)
        table = Table(path)
        found = {name: measure(name, table, options.rounds) for name in options.only}
        print(f"{table.count:,} records, {path.stat().st_size / 1e6:,.0f} MB\n")
    print(f"| | {' | '.join(found)} |\n|---|{'---|' * len(found)}")
    for told in dict.fromkeys([*TOLD, *(each for house in found.values() for each in house)]):
        print(f"| {told} | {' | '.join(house.get(told, '') for house in found.values())} |")


if __name__ == "__main__":
    main()
