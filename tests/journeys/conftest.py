"""A real Chromium, and pages in it that fail on any error of their own."""

import functools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright

from tests.conftest import Program

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HEADLESS = ("chromium-headless-shell", *NAMES)
"""The first is the same Chromium without what only a window needs, and takes half the time."""

EXPECTED = ("status of 4", "ERR_CONNECTION_REFUSED")
"""Chromium's own lines about a refusal, and about a program that has ended."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


ACTS = (
    "check",
    "clear",
    "click",
    "dblclick",
    "dispatch_event",
    "drag_to",
    "fill",
    "hover",
    "press",
    "press_sequentially",
    "select_option",
    "set_checked",
    "set_input_files",
    "tap",
    "uncheck",
)
LONGEST_MS = 20_000
"""What is expected of a page comes within this, on a busy machine too."""


def once_it_listens(act: Callable[..., Any]) -> Callable[..., Any]:
    """Playwright acts on a page that is still read, whose modules do not listen yet."""

    @functools.wraps(act)
    def wait_and_act(self: Locator, *args: Any, **options: Any) -> Any:
        self.page.wait_for_load_state("domcontentloaded")
        return act(self, *args, **options)

    return wait_and_act


def once_it_catches(route: Callable[..., None]) -> Callable[..., None]:
    """A busy page hears late that its requests are caught, and the next one may slip through."""

    @functools.wraps(route)
    def route_and_wait(self: Page, url: Any, handler: Any, **options: Any) -> None:
        route(self, url, handler, **options)
        if self.url.startswith("http"):
            route(self, "**/caught", lambda each: each.fulfill(status=204))
            while self.evaluate("async () => (await fetch('/caught')).status") != 204:
                pass
            self.unroute("**/caught")

    return route_and_wait


def find_chromium(names: Sequence[str] = NAMES) -> str | None:
    return os.environ.get("MYAPP_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for all: a second one cannot run beside it."""
    expect.set_options(timeout=LONGEST_MS)
    with sync_playwright() as started, pytest.MonkeyPatch.context() as patch:
        for name in ACTS:
            patch.setattr(Locator, name, once_it_listens(getattr(Locator, name)))
        patch.setattr(Page, "route", once_it_catches(Page.route))
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    found = find_chromium(HEADLESS)
    if found is None:
        if os.environ.get("MYAPP_REQUIRE_BROWSER"):
            pytest.fail("no Chromium was found, and MYAPP_REQUIRE_BROWSER is set")
        pytest.skip("no Chromium was found; install one, or name it in MYAPP_CHROMIUM")
    started = playwright.chromium.launch(executable_path=found, args=FLAGS)
    yield started
    started.close()


@pytest.fixture
def blank_page(browser: Browser, program: Program) -> Iterator[Page]:
    """A page that is let in, and has not gone anywhere; ends with no error on its console."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    name, _, value = program.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": program.origin}])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            errors.append(message.text)
            if message.type == "error" and not any(each in message.text for each in EXPECTED)
            else None
        ),
    )
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def page(blank_page: Page, program: Program) -> Page:
    """A page on the first page of ours."""
    blank_page.goto(program.origin)
    return blank_page
