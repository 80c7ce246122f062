"""Measure the grid on generated tables: first records, scrolling, the middle, the end.

    python benchmarks/grid/measure.py [records ...]     (default: 1000000 5000000)

Starts the real program with a data folder of its own and drives a headless Chromium.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = (
    os.environ.get("MYAPP_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SQL = """
CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO city VALUES (1, 'Basel'), (2, 'Oslo'), (3, 'Lima');
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, city INTEGER REFERENCES city (id),
  born DATE, height DECIMAL, active BOOLEAN, points INTEGER, note TEXT, mail TEXT, phone TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {records})
INSERT INTO person SELECT i, 'Person ' || i, i % 3 + 1, date('1950-01-01', '+' || i % 25000 ||
  ' days'), i % 1000 / 7.0, i % 2, i * 7919 % 1000003, 'A note on person ' || i,
  'p' || i || '@example.org', '+41 ' || i FROM n;
"""
# Seconds from the deed until the record stands there, counted inside the page, frame by frame.
UNTIL_SHOWN = """([deed, row]) => new Promise((done) => {
  const started = performance.now();
  const view = document.querySelector('.grid-scroller');
  if (deed === 'middle') view.scrollTop = (view.scrollHeight - view.clientHeight) / 2;
  if (deed === 'end') view.scrollTop = view.scrollHeight;
  const shown = () => deed === 'end'
    ? document.querySelector(`.grid-row[aria-rowindex="${row}"]:not(.loading)`)
    : [...document.querySelectorAll('.grid-row:not(.loading)')]
        .some((each) => Math.abs(each.ariaRowIndex - row) < row / 100);
  const look = () => shown() ? done((performance.now() - started).toFixed(0) + ' ms')
    : performance.now() - started > 9000 ? done('not reached') : requestAnimationFrame(look);
  requestAnimationFrame(look);
})"""
FRAMES = """async () => {
  const view = document.querySelector('.grid-scroller');
  const frames = [];
  let before = performance.now();
  for (let count = 0; count < 300; count += 1) {
    view.scrollTop += 90;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - before);
    before = now;
  }
  frames.sort((a, b) => a - b);
  return [150, 285, 299].map((at) => frames[at].toFixed(1)).join(' / ') + ' ms';
}"""


@contextlib.contextmanager
def running(file: Path, folder: Path) -> Iterator[str]:
    """The program with `file` open; gives its entry link."""
    command = [sys.executable, str(ROOT / "launcher.py"), "--no-browser", "--stay", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--data-folder", str(folder), str(file)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield next(line.strip() for line in process.stdout if "/_desktop/enter" in line)
    finally:
        process.terminate()
        process.wait(20)


def measure(page: Page, link: str, records: int) -> dict[str, str]:
    page.goto(link)
    origin = link.split("/_desktop")[0]
    page.goto(f"{origin}/tables/person")
    page.locator("#cell-0-1 .grid-text").wait_for()
    loaded = []
    for _ in range(5):
        page.goto("about:blank")
        page.goto(f"{origin}/tables/person", wait_until="commit")
        page.locator("#cell-0-1 .grid-text").wait_for()
        loaded.append(page.evaluate("() => performance.now()"))
    found = {"first records (median of 5)": f"{sorted(loaded)[2]:.0f} ms"}
    found["frames while scrolling 27,000 px, median / 95 % / longest"] = page.evaluate(FRAMES)
    found["middle by the scrollbar"] = page.evaluate(UNTIL_SHOWN, ["middle", records // 2])
    page.wait_for_timeout(500)
    here = "() => +document.elementFromPoint(600, 400).closest('.grid-row').ariaRowIndex"
    before = page.evaluate(here)
    page.mouse.move(600, 400)
    page.mouse.wheel(0, 340)
    page.wait_for_timeout(500)
    found["records per 340 px of the wheel (10 fit)"] = str(page.evaluate(here) - before)
    found["end by the scrollbar"] = page.evaluate(UNTIL_SHOWN, ["end", records + 1])
    page.evaluate("() => { document.querySelector('.grid-scroller').scrollTop = 0; }")
    page.wait_for_timeout(300)
    page.locator("#cell-0-0").click()
    page.keyboard.press("Control+End")
    found["end by Ctrl+End"] = page.evaluate(UNTIL_SHOWN, ["end", records + 1])
    heap = page.evaluate("() => performance.memory.usedJSHeapSize / 1e6")
    found["JavaScript heap"] = f"{heap:.0f} MB"
    found["elements"] = str(page.evaluate("() => document.querySelectorAll('*').length"))
    return found


def main() -> None:
    sizes = [int(each) for each in sys.argv[1:]] or [1_000_000, 5_000_000]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for records in sizes:
            file = Path(folder, f"{records}.sqlite")
            connection = sqlite3.connect(file)
            connection.executescript(SQL.format(records=records))
            connection.close()
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            with running(file, Path(folder, f"data-{records}")) as link:
                print(f"\n{records:,} records, 10 fields")
                for name, value in measure(page, link, records).items():
                    print(f"  {name}: {value}")
            page.close()
            file.unlink()
        browser.close()


if __name__ == "__main__":
    main()
