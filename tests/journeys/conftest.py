"""A real Chromium, and pages in it that fail on any error of their own."""

import os
import shutil
from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

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


def find_chromium(names: Sequence[str] = NAMES) -> str | None:
    return os.environ.get("MYAPP_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for all: a second one cannot run beside it."""
    with sync_playwright() as started:
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
