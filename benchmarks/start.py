"""From start to the first page, and the memory then, beside a bare Flask + Waitress, in one run.

Usage: python benchmarks/start.py [--rounds 11]. Medians of all rounds; Linux alone.
"""

import argparse
import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def fetch(port: int, path: str, cookie: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    return answer.status, (answer.getheader("Set-Cookie") or "").partition(";")[0]


def bare(port: int) -> tuple[float, float, float]:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", BARE, str(port)])
    while True:
        try:
            assert fetch(port, "/")[0] == 200
            break
        except OSError:
            time.sleep(0.002)
    return finish(process, began)


def myapp(port: int) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "launcher.py"), "--no-browser", "--port", str(port)]
            + ["--data-folder", folder],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        cookie = fetch(port, link[link.index("/_desktop") :])[1]
        assert fetch(port, "/", cookie)[0] == 200
        return finish(process, began)


def finish(process: subprocess.Popen[str], began: float) -> tuple[float, float, float]:
    ready = time.perf_counter() - began
    memory = memory_mb(process.pid)
    ending = time.perf_counter()
    os.kill(process.pid, signal.SIGTERM)
    process.wait(10)
    if process.stdout is not None:
        process.stdout.close()
    return ready, memory, time.perf_counter() - ending


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    ways = {"bare Flask + Waitress": bare, "MyApp": myapp}
    results: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            results[name].append(way(31_000 + number))
    medians = {n: [statistics.median(c) for c in zip(*r, strict=True)] for n, r in results.items()}
    base = medians["bare Flask + Waitress"]
    for name, (ready, memory, end) in medians.items():
        print(
            f"{name:22} first page {ready * 1000:5.0f} ms ({ready / base[0]:.2f} x)"
            f"   memory {memory:4.0f} MB ({memory / base[1]:.2f} x)   end {end * 1000:4.0f} ms"
        )


if __name__ == "__main__":
    main()
