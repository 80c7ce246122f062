"""sqlite-web and Datasette as ways to import and export: started, spoken to over HTTP, ended.

They are installed from PyPI into the environment that shell.py keeps.
"""

import contextlib
import http.client
import re
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PEERS = Path.home() / ".cache" / "shell-benchmark"
PYTHON = PEERS / "bin" / "python"
BOUNDARY = "----benchmark"


def are_installed() -> bool:
    return (PEERS / "done").exists()


@contextmanager
def served(*arguments: str) -> Iterator[tuple[int, list[float]]]:
    """A server's port, and a list that gets its highest memory in MB at the end."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
    command = [str(PYTHON), "-m", *(each.format(port=port) for each in arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory: list[float] = []
    try:
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.01)
        yield port, memory
        status = Path(f"/proc/{process.pid}/status").read_text()
        memory.append(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024)  # type: ignore[index]
    finally:
        process.terminate()
        process.wait()


def ask(port: int, path: str, target: Path, form: dict[str, str] | None = None) -> None:
    """Fetch `path` into the file `target`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
    if form is None:
        connection.request("GET", path)
    else:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urllib.parse.urlencode(form), kind)
    answer = connection.getresponse()
    assert answer.status == 200, (path, answer.status)
    with target.open("wb") as file:
        shutil.copyfileobj(answer, file, 1 << 20)
    connection.close()


def upload_to_sqlite_web(path: Path, target: Path) -> list[float]:
    """Into a table with the same fields, since sqlite-web imports into one that is there."""
    with path.open(encoding="utf-8") as file:
        names = next(file).strip()
    with contextlib.closing(sqlite3.connect(target)) as database:
        database.execute(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {names})")
    head = (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=file; filename=made.csv\r\n"
        "Content-Type: text/csv\r\n\r\n"
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    with served("sqlite_web.sqlite_web", "-x", "-p", "{port}", str(target)) as (port, memory):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
        connection.putrequest("POST", "/t/import/")
        connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        connection.putheader("Content-Length", str(len(head) + path.stat().st_size + len(tail)))
        connection.endheaders(head)
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                connection.send(piece)
        connection.send(tail)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 302, answer.status
        connection.close()
    return memory


def export_from_sqlite_web(path: Path, target: Path) -> list[float]:
    with served("sqlite_web.sqlite_web", "-x", "-p", "{port}", str(path)) as (port, memory):
        form = {"sql": 'SELECT * FROM "t"', "export_csv": "1"}
        ask(port, "/t/query/", target, form)
    return memory


def stream_from_datasette(path: Path, target: Path) -> list[float]:
    unlimited = ("--setting", "max_csv_mb", "0", "--setting", "sql_time_limit_ms", "900000")
    with served("datasette", "serve", "-p", "{port}", *unlimited, str(path)) as (port, memory):
        ask(port, f"/{path.stem}/t.csv?_stream=1&_size=max", target)
    return memory
