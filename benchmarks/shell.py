"""The shell beside its peers, in one run: start, second start, idle memory, end. Linux alone.

Usage: python benchmarks/shell.py [--rounds 7] [--peers FOLDER]. The peers are installed from PyPI
into an environment in FOLDER (kept for the next run). Medians; memory is the proportional set size
of all the processes, two seconds after the first page.

bare         Flask + Waitress, one route
sqlite-web   sqlite_web FILE
Datasette    datasette serve FILE
Jupyter      jupyter server
flaskwebgui  FlaskUI around the bare application; its browser is a program that only waits, so
             that no browser's own time is counted
pywebview    the bare application in a Qt window that is drawn off the screen
"""

import argparse
import contextlib
import http.client
import os
import re
import select
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["flask", "waitress", "sqlite-web", "datasette", "jupyter-server"]
PACKAGES += ["pywebview[qt]"]
PACKAGES += ["flaskwebgui" if sys.version_info >= (3, 12) else "flaskwebgui==1.1.4"]
BARE = """
import sys
from flask import Flask
from waitress import serve
app = Flask(__name__)
@app.get("/")
def hello():
    return "hello"
serve(app, host="127.0.0.1", port=int(sys.argv[1]))
"""
FLASKWEBGUI = """
import sys
from flask import Flask
from flaskwebgui import FlaskUI
app = Flask(__name__)
@app.get("/")
def hello():
    return "hello"
FlaskUI(app=app, server="flask", port=int(sys.argv[1]), browser_path=sys.argv[2]).run()
"""
PYWEBVIEW = """
import sys
import webview
from flask import Flask
app = Flask(__name__)
@app.get("/")
def hello():
    return "hello"
webview.create_window("hello", app, http_port=int(sys.argv[1]))
webview.start(gui="qt")
"""
OFF_SCREEN = {
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
    "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox",
}


@dataclass
class Peer:
    """How to start one on a port, and which page to ask it for."""

    name: str
    command: Callable[[int], list[str]]
    path: str = "/"
    entered: bool = False
    """Whether it prints a link that has to be opened first."""
    seconds: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    end: list[float] = field(default_factory=list)
    second_code: int | None = None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
        return port


def fetch(port: int, path: str, cookie: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        return answer.status, (answer.getheader("Set-Cookie") or "").partition(";")[0]
    finally:
        connection.close()


def tree(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                found += tree(int(child))
    return found


def memory_mb(pid: int) -> float:
    total = 0
    for each in tree(pid):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]
    return total / 1024


def measure(peer: Peer) -> None:
    port = free_port()
    command = peer.command(port)
    began = time.perf_counter()
    process = start(command)
    if peer.entered:
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        cookie = fetch(port, link[link.index("/_desktop") :])[1]
        assert fetch(port, peer.path, cookie)[0] == 200
    else:
        wait_for_page(port, peer.path, process)
    peer.seconds.append(time.perf_counter() - began)
    time.sleep(2)
    peer.memory.append(memory_mb(process.pid))
    began = time.perf_counter()
    second = start(command)
    if has_ended(second, 8):
        peer.second.append(time.perf_counter() - began)
        peer.second_code = second.wait()
    else:
        end(second)
    began = time.perf_counter()
    end(process)
    peer.end.append(time.perf_counter() - began)


def start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd="/",
        env={**os.environ, **OFF_SCREEN},
    )


def wait_for_page(port: int, path: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, process.args
        with contextlib.suppress(OSError, http.client.HTTPException):
            if fetch(port, path)[0] == 200:
                return
        time.sleep(0.002)
    raise TimeoutError(process.args)


def has_ended(process: subprocess.Popen[str], seconds: float) -> bool:
    """Told at once; Popen.wait with a time looks every 50 ms only."""
    handle = os.pidfd_open(process.pid)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def end(process: subprocess.Popen[str]) -> None:
    children = tree(process.pid)[1:]
    process.send_signal(signal.SIGTERM)
    if not has_ended(process, 15):
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
    for each in children:
        with contextlib.suppress(OSError):
            os.kill(each, signal.SIGKILL)


def install(folder: Path) -> Path:
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True)
        (folder / "done").touch()
    return python


def peers(python: Path, folder: Path) -> list[Peer]:
    database = folder / "things.sqlite"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)")
    connection.close()
    waits = folder / "browser"
    waits.write_text("#!/bin/sh\nexec sleep 600\n")
    waits.chmod(0o755)
    data = folder / "data"
    hello = folder / "hello.py"
    hello.write_text(BARE.partition("serve(app")[0].replace("import sys", ""))

    def module(name: str, *more: str) -> Callable[[int], list[str]]:
        return lambda port: [str(python), "-m", name, *(each.format(port=port) for each in more)]

    return [
        Peer("bare", lambda port: [sys.executable, "-c", BARE, str(port)]),
        Peer(
            "MyApp",
            lambda port: (
                [sys.executable, str(ROOT / "launcher.py"), "--no-browser"]
                + ["--port", str(port), "--data-folder", str(data)]
            ),
            entered=True,
        ),
        Peer(
            "the shell, hosting bare",
            lambda port: (
                [sys.executable, str(ROOT / "launcher.py"), "--no-browser"]
                + ["--app", str(hello), "--port", str(port), "--data-folder", str(folder / "hello")]
            ),
            entered=True,
        ),
        Peer("sqlite-web", module("sqlite_web.sqlite_web", "-x", "-p", "{port}", str(database))),
        Peer("Datasette", module("datasette", "serve", "-p", "{port}", str(database))),
        Peer(
            "Jupyter Server",
            module("jupyter_server", "--no-browser", "--allow-root", "--port={port}"),
            path="/api",
        ),
        Peer(
            "flaskwebgui",
            lambda port: [str(python), "-c", FLASKWEBGUI, str(port), str(waits)],
        ),
        Peer("pywebview", lambda port: [str(python), "-c", PYWEBVIEW, str(port)]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", type=Path, default=Path.home() / ".cache" / "shell-benchmark")
    arguments = parser.parse_args()
    python = install(arguments.peers)
    with tempfile.TemporaryDirectory() as folder:
        measured = peers(python, Path(folder))
        for _ in range(arguments.rounds):
            for peer in list(measured):
                try:
                    measure(peer)
                except (AssertionError, TimeoutError) as error:
                    print(f"{peer.name} could not be measured: {error}", file=sys.stderr)
                    measured.remove(peer)
    base = measured[0]
    print("| | first page | second start, to its end | memory, idle | end |")
    print("|---|---|---|---|---|")
    for peer in measured:
        started, memory = statistics.median(peer.seconds), statistics.median(peer.memory)
        second = "goes on"
        if peer.second:
            took = statistics.median(peer.second)
            ratio = took / statistics.median(base.seconds)
            second = f"{took * 1000:.0f} ms ({ratio:.2f} x), exit {peer.second_code}"
        print(
            f"| {peer.name} | {started * 1000:.0f} ms"
            f" ({started / statistics.median(base.seconds):.2f} x) | {second}"
            f" | {memory:.0f} MB ({memory / statistics.median(base.memory):.2f} x)"
            f" | {statistics.median(peer.end) * 1000:.0f} ms |"
        )


if __name__ == "__main__":
    main()
