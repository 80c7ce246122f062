"""What all rooms' tests share: the real data, where it is there, and a running program."""

import contextlib
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

# The same examples each time, so that a failure is the change's: few in the everyday tests, many in
# the gate ("many"). "explore" takes others each time. How long one takes is the machine's affair.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
PATIENT = settings.get_profile("patient")
settings.register_profile("steady", PATIENT, derandomize=True, max_examples=25)
settings.register_profile("many", PATIENT, derandomize=True, max_examples=150)
settings.register_profile("explore", PATIENT, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
LIMIT = 60.0
"""Seconds. What a test waits for is there long before, and counts for nothing then: a limit is only
there against hanging, on a machine that is busy with something else."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.property)


@pytest.fixture
def shared_data() -> Path:
    """Real files, kept outside the project."""
    if not SHARED.is_dir():
        pytest.skip("the folder with the real data is not here")
    return SHARED


def wait_until(holds: Callable[[], object], what: str = "it") -> None:
    """Ask until it holds; an address that nobody answers at holds nothing yet."""
    until = time.monotonic() + LIMIT
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if holds():
                return
        assert time.monotonic() < until, f"{what} never came"
        time.sleep(0.02)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine an answer may take longer than a page waits for it."""
    from myapp.web import folder_page, folders, home, work

    monkeypatch.setattr(work, "WORTH_WAITING", LIMIT)
    monkeypatch.setattr(work, "CANCELLED_BY_THEN", LIMIT)
    monkeypatch.setattr(home, "LONGEST_COUNT", LIMIT)
    monkeypatch.setattr(folder_page, "LONGEST", LIMIT)
    monkeypatch.setattr(folder_page, "LONGEST_FOR_PLACES", LIMIT)
    given = folders.read_folder.__kwdefaults__
    monkeypatch.setitem(given, "longest_look", LIMIT)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Program:
    """A started program, spoken to over its real port."""

    process: subprocess.Popen[str]
    link: str
    data: Path
    cookie: str = ""
    token: str = ""
    said: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return urllib.parse.urlsplit(self.link).port or 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)
        finally:
            connection.close()

    def enter(self) -> None:
        """Use the entry link once, and read a page's token."""
        split = urllib.parse.urlsplit(self.link)
        entered = self.ask("GET", f"{split.path}?{split.query}")
        assert entered.status == 303
        self.cookie = entered.headers["set-cookie"].partition(";")[0]
        page = self.ask("GET", "/", headers={"Cookie": self.cookie})
        found = re.search(r'desktop-token" content="([^"]+)"', page.text)
        self.token = found[1] if found else ""

    def get(self, path: str) -> Answer:
        return self.ask("GET", path, headers={"Cookie": self.cookie, "Accept": "text/html"})

    def post(self, path: str, form: dict[str, str] | None = None) -> Answer:
        body = urllib.parse.urlencode({**(form or {}), "_token": self.token})
        headers = {
            "Cookie": self.cookie,
            "Origin": self.origin,
            "Accept": "text/html",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self.ask("POST", path, body, headers)


RESERVED: list[socket.socket] = []
"""That a port of TCP is taken, other processes of these tests see by a port of UDP beside it. A
server of HTTP/3 takes that of the same number."""


def port_of_our_own() -> int:
    """One that no other test's program takes while ours is started anew: below those that the
    system gives out by itself, and reserved until the tests end."""
    for _ in range(100):
        port = random.randrange(23_000, 27_000)
        mark = socket.socket(type=socket.SOCK_DGRAM)
        with contextlib.suppress(OSError):
            mark.bind(("127.0.0.1", port - 4_000))
            socket.create_server(("127.0.0.1", port)).close()
            RESERVED.append(mark)
            return port
        mark.close()
    raise AssertionError("no port is free")


def command() -> list[str]:
    """The launcher; or a built program, where the environment names one in MYAPP_PROGRAM."""
    built = os.environ.get("MYAPP_PROGRAM")
    return [built] if built else [sys.executable, str(ROOT / "launcher.py")]


def start_program(data: Path, *arguments: str) -> Program:
    """Start it with its own data folder and wait for the entry link."""
    process = subprocess.Popen(
        [*command(), "--no-browser", "--data-folder", str(data), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line.strip())
        if "/_desktop/enter" in line:
            return Program(process, line.strip(), data, said=said)
    raise AssertionError(f"the program ended with {process.wait()}: {said}")


def end_program(program: Program) -> None:
    if program.process.poll() is None:
        program.process.send_signal(signal.SIGTERM)
        try:
            program.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            program.process.kill()
            program.process.wait()
            raise
    if program.process.stdout is not None:
        program.process.stdout.close()


@contextlib.contextmanager
def running_program(data: Path) -> Iterator[Program]:
    """One that stays, with its session open."""
    started = start_program(data, "--port", "0", "--stay")
    try:
        started.enter()
        yield started
    finally:
        end_program(started)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with running_program(tmp_path / "data") as started:
        yield started
