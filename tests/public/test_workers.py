"""Several processes of a real Gunicorn on one file: no lock is met, and no change lost."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.conftest import LIMIT, wait_until

from .serving import GUNICORN, ROOT, Person, Server, serving

pytest.importorskip("gunicorn")
pytestmark = pytest.mark.slow
WORKERS = 3


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, MYAPP_WORKERS=str(WORKERS)) as started:
        yield started


def write_together(
    server: Server, people: list[Person], each: int, disturb: Any = None
) -> tuple[list[str], list[int], list[float]]:
    """Every person adds records; gives the acknowledged ones, the statuses and the seconds."""
    acknowledged: list[str] = []
    statuses: list[int] = []
    seconds: list[float] = []

    def work(number: int, person: Person) -> None:
        for step in range(each):
            title = f"{number}-{step}"
            begun = time.perf_counter()
            try:
                status, _ = person.send("/tables/Books/records", {"values": {"Title": title}})
            except (OSError, http.client.HTTPException):
                status = 0
            seconds.append(time.perf_counter() - begun)
            statuses.append(status)
            if status == 200:
                acknowledged.append(title)
            # A killed process may leave this one unanswered as well.
            with suppress(OSError, http.client.HTTPException):
                person.get("/tables/Books/rows?start=0&count=50")

    threads = [
        threading.Thread(target=work, args=(number, person)) for number, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    if disturb is not None:
        wait_until(lambda: len(acknowledged) >= len(people) * 4, "the midst of it")
        disturb()
    for thread in threads:
        thread.join()
    return acknowledged, statuses, seconds


def titles(person: Person) -> list[str]:
    found: list[str] = []
    while True:
        _, text = person.get(f"/tables/Books/rows?start={len(found)}&count=500")
        rows = json.loads(text)
        found += [row["cells"][1] for row in rows["rows"]]
        if len(found) >= rows["total"]:
            return found


def test_no_change_is_lost_and_no_lock_met(server: Server) -> None:
    people = [server.person() for _ in range(12)]
    assert people[0].ask("POST", "/sample", {})[0] == 303
    acknowledged, statuses, seconds = write_together(server, people, 25)
    assert set(statuses) == {200}, statuses
    assert len(acknowledged) == 300
    assert sorted(titles(people[0])[12:]) == sorted(acknowledged)
    seconds.sort()
    print(f"median {seconds[150] * 1000:.0f} ms, p99 {seconds[297] * 1000:.0f} ms")
    asked = {line["process"] for line in server.log if line["event"] == "request"}
    assert len(asked) == WORKERS


def test_changed_here_is_seen_there(server: Server) -> None:
    """Whichever process answers: the record that was just saved is there, and the version too."""
    person = server.person()
    person.ask("POST", "/sample", {})
    for number in range(40):
        _, saved = person.send("/tables/Books/records", {"values": {"Title": f"new {number}"}})
        _, text = person.get("/tables/Books/rows?start=0&count=1&sort=%5B%22-Title%22%5D")
        rows = json.loads(text)
        assert rows["total"] == 13 + number
        assert rows["version"] == saved["version"]
    versions = {
        json.loads(person.get("/tables/Books/rows?start=0&count=1")[1])["version"]
        for _ in range(30)
    }
    assert len(versions) == 1


def test_conflicting_edits_are_caught_across_processes(server: Server) -> None:
    people = [server.person() for _ in range(6)]
    people[0].ask("POST", "/sample", {})
    counted = [0] * len(people)

    def count(number: int, person: Person) -> None:
        """Adds one to the pages, as somebody who saw them, until it was done ten times."""
        while counted[number] < 10:
            _, text = person.get("/tables/Books/rows?start=0&count=1")
            pages = json.loads(text)["rows"][0]["cells"][4]
            body = {"values": {"Pages": str(pages + 1)}, "was": {"Pages": pages}}
            status, answer = person.send("/tables/Books/records/1", body)
            assert status in (200, 409), answer
            counted[number] += status == 200

    threads = [threading.Thread(target=count, args=each) for each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _, text = people[0].get("/tables/Books/rows?start=0&count=1")
    assert json.loads(text)["rows"][0]["cells"][4] == 280 + 60


def test_killed_keeper_is_followed_by_another(server: Server) -> None:
    people = [server.person() for _ in range(6)]
    people[0].ask("POST", "/sample", {})
    before = server.keeper()
    acknowledged, statuses, _ = write_together(
        server, people, 25, lambda: os.kill(before, signal.SIGKILL)
    )
    wait_until(lambda: people[0].get("/tables/Books/rows?count=1") and server.keeper() != before)
    assert set(statuses) <= {200, 0, 502}
    assert len(acknowledged) > 100
    found = titles(people[0])
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))


def test_graceful_reload_loses_nothing(server: Server) -> None:
    people = [server.person() for _ in range(6)]
    people[0].ask("POST", "/sample", {})
    before = server.keeper()
    acknowledged, statuses, _ = write_together(
        server, people, 40, lambda: server.process.send_signal(signal.SIGHUP)
    )
    # A connection that was just made to a process that ends may be closed unanswered.
    assert set(statuses) <= {200, 0}, statuses
    assert statuses.count(0) <= 6
    assert sorted(titles(people[0])[12:]) == sorted(acknowledged)
    wait_until(lambda: people[0].ask("POST", "/undo", {})[0] == 303)
    assert server.keeper() != before


def test_import_and_export_are_found_from_every_process(server: Server) -> None:
    person = server.person()
    lines = "\n".join(f"{number},name {number}" for number in range(20_000))
    boundary = "b0undary"
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in (
            ("_token", "", person.token),
            ("file", '; filename="one.csv"', "id,name\n" + lines),
            ("file", '; filename="two.csv"', "id,name\n" + lines),
        )
    )
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    status, address = person.ask("POST", "/files", f"{body}--{boundary}--\r\n".encode(), **kind)
    assert status == 303, address
    assert person.ask("POST", f"{address}/start", {"offer": ["0", "1"]})[0] == 303
    wait_until(lambda: not json.loads(person.get(f"{address}/progress")[1])["running"])
    for table in ("one", "two"):
        for _ in range(6):
            assert json.loads(person.get(f"/tables/{table}/rows?count=1")[1])["total"] == 20_000
    status, made = person.ask("POST", "/export/start", {"table": "one", "format": "csv"})
    assert status == 303
    wait_until(lambda: not json.loads(person.get(f"{made}/progress")[1])["running"])
    for _ in range(6):
        status, text = person.get(f"{made}/file")
        assert status == 200 and text.count("\n") == 20_001


def test_restored_backup_is_seen_by_every_process(server: Server) -> None:
    person = server.person()
    person.ask("POST", "/sample", {})
    assert person.ask("POST", "/backups/make", {})[0] == 303
    page = person.get("/backups/")[1]
    name = page.partition('name="name" value="')[2].partition('"')[0]
    person.send("/tables/Books/records/delete", {"ids": ["1", "2", "3"]})
    view = "/tables/Books/rows?count=1&sort=%5B%22-Title%22%5D"
    for _ in range(9):
        assert json.loads(person.get(view)[1])["total"] == 9
    assert person.ask("POST", "/backups/restore", {"name": name})[0] == 303
    for _ in range(9):
        assert json.loads(person.get(view)[1])["total"] == 12


def test_what_another_program_changes_is_seen_by_every_process(server: Server) -> None:
    person = server.person()
    person.ask("POST", "/sample", {})
    view = "/tables/Books/rows?count=1&sort=%5B%22-Title%22%5D"
    for _ in range(9):
        assert json.loads(person.get(view)[1])["total"] == 12
    other = apsw.Connection(str(server.folder / "tables.sqlite"))
    other.execute("DELETE FROM Books WHERE id < 4")
    other.close()
    wait_until(lambda: [json.loads(person.get(view)[1])["total"] for _ in range(9)] == [9] * 9)


def test_tries_are_counted_for_all_processes_together(server: Server) -> None:
    statuses: list[int] = []

    def attack() -> None:
        person = Person(server.port)
        person.get("/sign-in")
        for _ in range(4):
            form = {"name": "Olga", "password": "wrong password"}
            statuses.append(person.ask("POST", "/sign-in", form)[0])

    threads = [threading.Thread(target=attack) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses.count(401), statuses.count(429)) == (8, 16)


def test_unsafe_settings_end_it_with_their_names(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *GUNICORN],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "MYAPP_PROXIES": "*"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 1
    for name in ("MYAPP_DATA", "MYAPP_SECRET", "MYAPP_ADDRESS", "MYAPP_PROXIES"):
        assert name in done.stderr
