"""When the program ends by itself, with real pages of a real Chromium."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Program, end_program, start_program

from .conftest import FLAGS, find_chromium

pytestmark = pytest.mark.journey
FOREIGN = str(Path(__file__).parent.parent / "desktop" / "foreign" / "shop.py")
GRACE = 5
VISIBLE = 120
Start = Callable[..., Program]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started = []

    def begin(*arguments: str) -> Program:
        program = start_program(tmp_path / "data", "--port", "0", *arguments)
        started.append(program)
        return program

    yield begin
    for each in started:
        end_program(each)


def runs_for(program: Program, seconds: float) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.process.wait(seconds)
    return program.process.poll() is None


def enter(browser: Browser, program: Program) -> Page:
    page = browser.new_context().new_page()
    page.goto(program.link)
    page.wait_for_timeout(300)
    return page


def close(page: Page) -> None:
    page.close(run_before_unload=True)


@pytest.mark.slow
@pytest.mark.skipif(
    "MYAPP_PROGRAM" in os.environ, reason="a built program holds one application only"
)
def test_a_strangers_application_ends_with_its_last_page(browser: Browser, start: Start) -> None:
    """Its policy allows no scripts at all, and its entry page is its own 404."""
    program = start("--app", FOREIGN)
    page = enter(browser, program)
    page.goto(f"{program.origin}/shop/goods/")
    page.wait_for_timeout(500)
    assert runs_for(program, GRACE + 3)
    close(page)
    assert program.process.wait(GRACE + 25) == 0
    page.context.close()


@pytest.mark.slow
def test_walking_about_reloading_and_a_second_tab_never_end_it(
    browser: Browser, start: Start
) -> None:
    program = start()
    page = enter(browser, program)
    for _ in range(4):
        page.goto(f"{program.origin}/new-table")
        page.reload()
        page.go_back()
    second = page.context.new_page()
    second.goto(program.origin)
    second.wait_for_timeout(300)
    close(page)
    assert runs_for(program, GRACE + 3)
    close(second)
    assert program.process.wait(GRACE + 25) == 0
    second.context.close()


def test_a_page_under_a_print_dialog_says_beforehand_that_it_may_be_silent(
    browser: Browser, start: Start
) -> None:
    page = enter(browser, start())
    with page.expect_request(lambda asked: (asked.post_data or "").startswith("hidden ")):
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    with page.expect_request(lambda asked: (asked.post_data or "").startswith("ping ")):
        page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.context.close()


@pytest.mark.slow
def test_a_frozen_page_keeps_it_alive_and_speaks_again_when_it_is_looked_at(
    browser: Browser, start: Start
) -> None:
    program = start()
    page = enter(browser, program)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    assert runs_for(program, VISIBLE + GRACE + 10)
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    page.goto(f"{program.origin}/new-table")
    assert page.get_by_role("heading", name="New table").is_visible()
    page.context.close()


@pytest.mark.slow
def test_a_killed_browser_does_not_leave_it_behind(start: Start, tmp_path: Path) -> None:
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium was found")
    program = start()
    killed = subprocess.Popen(
        [found, *FLAGS, "--headless=new", f"--user-data-dir={tmp_path / 'profile'}", program.link],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert runs_for(program, 8)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    began = time.monotonic()
    assert program.process.wait(VISIBLE + GRACE + 15) == 0
    assert time.monotonic() - began > VISIBLE / 2


@pytest.mark.slow
def test_fifty_tabs_at_once_leave_it_quick(browser: Browser, start: Start) -> None:
    program = start()
    first = enter(browser, program)
    cookie = first.context.cookies()[0]
    program.cookie = f"{cookie['name']}={cookie['value']}"
    pages = [first.context.new_page() for _ in range(50)]
    for page in pages:
        page.evaluate("address => { location = address }", program.origin)
    for page in pages:
        page.wait_for_url(f"{program.origin}/**", wait_until="load")
    began = time.monotonic()
    assert program.get("/").status == 200
    assert time.monotonic() - began < 5
    for page in [first, *pages]:
        close(page)
    assert program.process.wait(GRACE + 25) == 0
    first.context.close()
