"""A phone joins, a till changes something, and everybody sees it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.conftest import Program, end_program
from tests.desktop.network.shared import Device, Owner, start_shared

LIVE_MS = 4_000
"""Within two seconds, and as long again for a machine that does much else."""
EXPECTED = ("status of 4", "Cross-Origin-Opener-Policy")
"""A refusal that is shown, and a header that browsers do not heed on plain HTTP."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Program, Owner]]:
    program, owner = start_shared(tmp_path / "data")
    program.post("/sample")
    yield program, owner
    end_program(program)


Opener = Callable[..., Page]


@pytest.fixture
def page_of(browser: Browser, shop: tuple[Program, Owner]) -> Iterator[Opener]:
    """Opens pages as different devices; none of them has an error of its own. They are closed
    before the program ends, which they would see."""
    contexts, errors = [], []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each in message.text for each in EXPECTED):
            errors.append(message.text)

    def open_page(origin: str, cookie: str = "", width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        name, _, value = cookie.partition("=")
        if cookie:
            context.add_cookies([{"name": name, "value": value, "url": origin}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", note)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def test_a_phone_joins_with_the_owners_yes_and_sees_a_change_at_once(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    program, owner = shop
    here = page_of(program.origin, program.cookie)
    here.goto(program.origin)
    here.get_by_role("link", name="Shared").click()
    code = owner.code

    phone = page_of(owner.origin, width=390)
    phone.goto(owner.origin)
    phone.get_by_label("Code").fill(code)
    phone.get_by_label("Name of this device").fill("Anna’s phone")
    phone.get_by_role("button", name="Join").click()
    expect(phone.get_by_role("heading")).to_have_text("Almost in")
    here.get_by_role("button", name="Let Anna’s phone in").click()
    phone.wait_for_url(f"{owner.origin}/")
    expect(phone.get_by_role("button", name="Quit")).to_have_count(0)
    phone.get_by_role("link", name="Books").click()
    expect(phone.get_by_text("this device joined as a viewer")).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert phone.evaluate(overflow) <= 0

    with here.expect_response("**/changes"):
        here.goto(f"{program.origin}/history")
    change(owner.let_in("Till", "editor"), "Changed at the till")
    expect(phone.get_by_text("Changed at the till")).to_be_visible(timeout=LIVE_MS)
    expect(here.get_by_text("Till ·")).to_be_visible(timeout=LIVE_MS)


def change(till: Device, title: str) -> None:
    assert till.post_json("/tables/Books/records/1", {"values": {"Title": title}}).status == 200


@pytest.mark.slow
def test_the_grid_takes_a_change_in_but_not_under_the_hands_of_who_types(
    page_of: Opener, shop: tuple[Program, Owner]
) -> None:
    program, owner = shop
    till = owner.let_in("Till", "editor")
    here = page_of(program.origin, program.cookie)
    here.goto(f"{program.origin}/tables/Books")
    title = here.locator("#cell-0-1")
    expect(title).to_have_text("Frankenstein")
    title.dblclick()
    here.locator(".grid-edit").fill("Mine")
    change(till, "Theirs")
    here.wait_for_timeout(LIVE_MS)
    here.locator(".grid-edit").press("Enter")
    expect(here.get_by_role("alert")).to_contain_text("There now: “Theirs”. You typed: “Mine”.")
    here.get_by_role("button", name="Keep theirs").click()
    expect(title).to_have_text("Theirs")
    change(till, "And again")
    expect(title).to_have_text("And again", timeout=LIVE_MS)
    with here.expect_response("**/changes"):
        here.goto(f"{program.origin}/tables/Books/records/1")
    change(till, "A third time")
    expect(here.get_by_text("Somebody changed this record.")).to_be_visible(timeout=LIVE_MS)
