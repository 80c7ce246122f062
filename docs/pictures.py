"""Makes the pictures of sharing.md and shell.md anew: python -m docs.pictures, on Linux.

Takes Chromium, Xvfb, openbox and ImageMagick, and a private network.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.conftest import Program, command, end_program, port_of_our_own
from tests.desktop.network.shared import Owner, start_shared
from tests.journeys.conftest import FLAGS, find_chromium

HERE = Path(__file__).parent
SCREEN = (1240, 600)
"""Points of the screen that the window is shown on."""


def keep(raw: Path, name: str) -> None:
    """With few colours, which pages have, and nothing of the machine that made it."""
    given = ["-strip", "+dither", "-colors", "64", "-define", "png:compression-level=9"]
    subprocess.run(["convert", raw, *given, f"PNG8:{HERE / name}"], check=True)


def draw_sharing(program: Program, owner: Owner, folder: Path) -> None:
    phone = owner.let_in("Anna’s phone", "editor")
    owner.let_in("Till", "viewer")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)

        def page_at(origin: str, cookie: str, path: str, width: int, height: int) -> Page:
            context = browser.new_context(viewport={"width": width, "height": height})
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": origin}])
            page = context.new_page()
            page.goto(f"{origin}{path}")
            page.wait_for_timeout(500)
            return page

        held = page_at(owner.origin, phone.cookie, "/tables/Books", 390, 700)
        held.screenshot(path=folder / "phone.png")
        owner.device().join(owner.code, "Kitchen tablet")
        share = page_at(program.origin, program.cookie, "/_desktop/share", 780, 935)
        share.screenshot(path=folder / "share.png")
        browser.close()
    keep(folder / "phone.png", "sharing-phone.png")
    keep(folder / "share.png", "sharing-share.png")


def draw_window(data: Path, folder: Path) -> None:
    """As a window manager frames it; as root Chromium would tell that its sandbox is off."""
    (folder / "bin").mkdir()
    browser = folder / "bin" / "microsoft-edge"
    port = port_of_our_own()
    flags = f"--test-type --remote-debugging-port={port}"
    browser.write_text(
        f'#!/bin/sh\nPATH={os.environ["PATH"]}\nexec {find_chromium()} {flags} "$@"\n'
    )
    browser.chmod(0o700)
    reading, writing = os.pipe()
    screen = f"{SCREEN[0]}x{SCREEN[1]}x24"
    started = [
        subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp"],
            pass_fds=[writing],
        )
    ]
    number = os.read(reading, 20).decode().strip()
    shown = {**os.environ, "DISPLAY": f":{number}", "HOME": str(folder)}
    try:
        started.append(subprocess.Popen(["openbox"], env=shown))
        path = f"{folder / 'bin'}:{os.environ['PATH']}"
        start = [*command(), "--window", "--port", "0", "--data-folder", str(data)]
        started.append(subprocess.Popen(start, env={**shown, "PATH": path}))
        time.sleep(8)
        with sync_playwright() as playwright:
            driven = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            (page,) = driven.contexts[0].pages
            page.goto(page.url.partition("?")[0] + "tables/Books")
            page.wait_for_timeout(1_000)
        subprocess.run(["import", "-window", "root", folder / "root.png"], env=shown, check=True)
        trimmed = ["-bordercolor", "black", "-border", "1", "-trim", "+repage"]
        subprocess.run(["convert", folder / "root.png", *trimmed, folder / "w.png"], check=True)
    finally:
        for each in reversed(started):
            each.terminate()
            each.wait(10)
    keep(folder / "w.png", "shell-window.png")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program, owner = start_shared(folder / "data")
        try:
            program.post("/sample")
            draw_sharing(program, owner, folder)
        finally:
            end_program(program)
        draw_window(folder / "data", folder)


if __name__ == "__main__":
    main()
