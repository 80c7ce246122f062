"""The frozen program beside a bare Flask + Waitress hello world frozen the same way, in one run.

Usage: python benchmarks/frozen.py [--rounds 5], in an environment with the dev extra. Sizes in MB;
start is from the command to the first page with status 200, in milliseconds: cold, with the
system's file cache emptied where that is allowed, and the median of the warm ones; memory is what
all its processes keep for themselves when idle, in MB.
"""

import argparse
import contextlib
import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARE = """
import flask, sys, waitress
app = flask.Flask(__name__)
@app.get("/")
def hello():
    return "hello"
server = waitress.create_server(app, host="127.0.0.1", port=0)
print(f"http://127.0.0.1:{server.effective_port}/", flush=True)
server.run()
"""


def freeze(script: Path, target: Path, *options: str) -> None:
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += [
        *options,
        "--distpath",
        str(target),
        "--workpath",
        str(target / "work"),
        str(script),
    ]
    subprocess.run(command, check=True, cwd=target)


def build(folder: Path) -> dict[str, Path]:
    bare = folder / "bare.py"
    bare.write_text(BARE, encoding="utf-8")
    freeze(bare, folder, "--onefile")
    freeze(ROOT / "myapp.spec", folder)
    apart = folder / "apart"
    apart.mkdir()
    os.environ["BUILD_KIND"] = "onedir"
    freeze(ROOT / "myapp.spec", apart)
    del os.environ["BUILD_KIND"]
    return {
        "bare, one file": folder / "bare",
        "MyApp, one file": folder / "myapp",
        "MyApp, a folder": apart / "myapp" / "myapp",
    }


def first_page(link: str) -> None:
    split = urllib.parse.urlsplit(link)
    path, cookie = f"{split.path}?{split.query}", ""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", split.port or 0, timeout=20)
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status == 200:
            return
        assert answer.status == 303, answer.status
        path = answer.getheader("Location") or "/"
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]


def start(program: Path, folder: Path) -> tuple[float, float]:
    own = [] if program.name == "bare" else ["--no-browser", "--stay", "--data-folder", str(folder)]
    began = time.perf_counter()
    running = subprocess.Popen([str(program), *own], stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        first_page(running.stdout.readline().strip())
        seconds = time.perf_counter() - began
        time.sleep(0.5)
        return seconds * 1000, memory_of(running.pid)
    finally:
        running.terminate()
        running.communicate()


def memory_of(pid: int) -> float:
    """Proportional set size of a process and its children, from /proc."""
    total = 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, children)):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) / 1024
    return total


def empty_cache() -> None:
    os.sync()
    with contextlib.suppress(OSError):
        Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")


def size_of(program: Path) -> float:
    files = [program] if program.parent.name != program.name else program.parent.rglob("*")
    return sum(each.stat().st_size for each in files if each.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = build(folder)
        measured: dict[str, list[tuple[float, float]]] = {each: [] for each in programs}
        for number in range(given.rounds + 1):
            for each, program in programs.items():
                if number == 0:
                    empty_cache()
                measured[each].append(start(program, folder / "data"))
        base = None
        for each, program in programs.items():
            first, *warm = [milliseconds for milliseconds, _ in measured[each]]
            median = statistics.median(warm)
            memory = statistics.median(kept for _, kept in measured[each])
            found = (size_of(program), median, memory)
            base = base or found
            ratios = [value / other for value, other in zip(found, base, strict=True)]
            print(
                f"{each:16} {found[0]:5.1f} MB ({ratios[0]:.2f} x)   cold {first:4.0f} ms, warm"
                f" {median:4.0f} ms ({ratios[1]:.2f} x)"
                f"   memory {memory:4.1f} MB ({ratios[2]:.2f} x)"
            )
        shutil.rmtree(folder / "data", ignore_errors=True)


if __name__ == "__main__":
    main()
