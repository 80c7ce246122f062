"""The one-file executable beside a bare Flask + Waitress frozen the same way, in one run.

Usage: python benchmarks/frozen.py [--rounds 11]. Builds both; medians, warm cache; Linux alone.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from start import BARE, ROOT, fetch, memory_mb

FREEZE = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]


def build(folder: Path) -> dict[str, Path]:
    source = folder / "bare.py"
    source.write_text(BARE, encoding="utf-8")
    places = ["--distpath", str(folder / "dist"), "--workpath", str(folder / "build")]
    subprocess.run(
        [*FREEZE, *places, "--onefile", "--specpath", str(folder), str(source)], check=True
    )
    subprocess.run([*FREEZE, *places, str(ROOT / "myapp.spec")], check=True)
    return {"bare Flask + Waitress": folder / "dist" / "bare", "MyApp": folder / "dist" / "myapp"}


def serving_child(pid: int) -> int:
    """A one-file program unpacks in one process and serves in its child."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid


def once(program: Path, port: int, folder: Path) -> tuple[float, float]:
    """Seconds to the first page and megabytes then."""
    ours = program.name == "myapp"
    arguments = ["--no-browser", "--port", str(port), "--data-folder", str(folder)]
    command = [str(program), *(arguments if ours else [str(port)])]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            cookie = ""
            if ours:
                assert process.stdout is not None
                link = process.stdout.readline().strip()
                cookie = fetch(port, link[link.index("/_desktop") :])[1]
            while True:
                try:
                    assert fetch(port, "/", cookie)[0] == 200
                    break
                except OSError:
                    time.sleep(0.002)
            seconds = time.perf_counter() - began
            return seconds, memory_mb(serving_child(process.pid))
        finally:
            os.kill(process.pid, signal.SIGTERM)
            process.wait(10)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = build(folder)
        results: dict[str, list[tuple[float, float]]] = {each: [] for each in programs}
        for number in range(rounds):
            for each, program in programs.items():
                results[each].append(once(program, 31_100 + number, folder / f"data {number}"))
        base_size, base_ready = 0.0, 0.0
        for each, program in programs.items():
            size = program.stat().st_size / 1e6
            ready, memory = (statistics.median(c) for c in zip(*results[each], strict=True))
            base_size, base_ready = base_size or size, base_ready or ready
            print(
                f"{each:22} {size:5.1f} MB ({size / base_size:.2f} x)"
                f"   first page {ready * 1000:4.0f} ms ({ready / base_ready:.2f} x)"
                f"   memory {memory:3.0f} MB"
            )


if __name__ == "__main__":
    main()
