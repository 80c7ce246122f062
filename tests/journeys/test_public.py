"""An invitation, and two people in one table, each in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.public.conftest import PASSWORD
from tests.public.serving import Person, Server, invited, serving

from .test_sharing import LIVE_MS

pytest.importorskip("gunicorn")
pytestmark = [pytest.mark.journey, pytest.mark.slow]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, MYAPP_WORKERS="2") as started:
        yield started


def open_browser(browser: Browser, server: Server) -> Page:
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}")
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def test_owner_invites_an_editor_who_changes_a_record(browser: Browser, server: Server) -> None:
    owner, guest = open_browser(browser, server), open_browser(browser, server)
    owner.goto("/backups/")
    owner.get_by_label("Name").fill("Olga")
    owner.get_by_label("Password").fill(PASSWORD)
    owner.get_by_role("button", name="Sign in").click()
    owner.get_by_role("heading", name="Backups of tables").wait_for()
    owner.goto("/")
    owner.get_by_role("button", name="Make the sample").click()
    owner.wait_for_url("**/tables/Books")
    owner.goto("/accounts")
    owner.get_by_label("Editor").check()
    owner.get_by_role("button", name="Make a link").click()
    link = owner.get_by_label("The link", exact=True).input_value()
    owner.context.grant_permissions(["clipboard-read", "clipboard-write"])
    owner.get_by_role("button", name="Copy the link").click()
    owner.get_by_text("Copied.").wait_for()
    assert owner.evaluate("navigator.clipboard.readText()") == link
    guest.goto(link)
    guest.get_by_label("Name").fill("Edgar")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_label("Password again").fill(PASSWORD)
    guest.get_by_role("button", name="Make the account").click()
    guest.get_by_role("link", name="Books").click()
    guest.get_by_role("link", name="Open").first.click()
    guest.get_by_label("Title").fill("Frankenstein; or, The Modern Prometheus")
    guest.get_by_role("button", name="Save").click()
    guest.get_by_text("Saved.").wait_for()
    owner.goto("/history")
    newest = owner.get_by_label("Steps, newest first").get_by_role("listitem").first
    assert "Edgar" in newest.inner_text()
    owner.goto("/accounts")
    owner.locator("summary", has_text="Change").click()
    owner.get_by_role("button", name="End the account").click()
    asked = owner.get_by_role("dialog", name="End the account Edgar?")
    asked.get_by_role("button", name="Cancel").click()
    owner.get_by_role("button", name="End the account").click()
    asked.get_by_role("button", name="End the account").click()
    owner.get_by_text("The account was ended").wait_for()
    guest.reload()
    guest.get_by_role("heading", name="Sign in").wait_for()


def test_who_was_signed_out_meanwhile_signs_in_again_in_another_tab_and_saves(
    browser: Browser, server: Server
) -> None:
    """In a form, and in a cell of the grid: what was typed is still there, and counts."""
    olga = server.person()
    olga.ask("POST", "/sample", {})
    record, grid = (open_browser(browser, server) for _ in range(2))
    for page in (record, grid):
        page.context.add_cookies(
            [{"name": k, "value": v, "url": olga.origin} for k, v in olga.cookies.items()]
        )
    record.goto("/tables/Books/records/1")
    record.get_by_label("Title").fill("Typed before")
    grid.goto("/tables/Books")
    expect(grid.locator("#cell-0-2")).to_have_text("Mary Shelley")
    olga.ask("POST", "/account/sign-out-everywhere", {})
    record.get_by_role("button", name="Save").click()
    told = record.locator("form").get_by_role("alert")
    expect(told).to_contain_text("what you typed here is still there")
    grid.locator("#cell-0-2").dblclick()
    grid.locator(".grid-edit").fill("M. Shelley")
    grid.locator(".grid-edit").press("Enter")
    expect(grid.get_by_role("alert")).to_contain_text("sign in again in another tab")
    for page in (record, grid):
        other = page.context.new_page()
        other.goto("/sign-in")
        other.get_by_label("Name").fill("Olga")
        other.get_by_label("Password").fill(PASSWORD)
        other.get_by_role("button", name="Sign in").click()
        other.get_by_role("link", name="Books").wait_for()
    record.get_by_role("button", name="Save").click()
    expect(record.get_by_text("Saved.")).to_be_visible()
    expect(record.get_by_label("Title")).to_have_value("Typed before")
    expect(grid.locator(".grid-edit")).to_have_value("M. Shelley")
    grid.locator(".grid-edit").press("Enter")
    expect(grid.locator(".grid-edit")).to_have_count(0)
    expect(grid.locator("#cell-0-2")).to_have_text("M. Shelley")
    grid.reload()
    expect(grid.locator("#cell-0-2")).to_have_text("M. Shelley")


def test_what_one_changes_shows_on_the_others_open_pages(browser: Browser, server: Server) -> None:
    olga = server.person()
    olga.ask("POST", "/sample", {})
    edgar = invited(server, olga, "Edgar", "editor")
    page, till = open_browser(browser, server), open_browser(browser, server)
    errors: list[str] = []
    for each, person in ((page, olga), (till, edgar)):
        each.on("pageerror", lambda error: errors.append(str(error)))
        each.context.add_cookies(
            [{"name": k, "value": v, "url": person.origin} for k, v in person.cookies.items()]
        )
    till.goto("/tables/Books")
    page.goto("/tables/Books")
    expect(page.locator("#cell-0-1")).to_have_text("Frankenstein")
    # Both write in the grid, and each sees what the other wrote.
    write(till, "By Edgar")
    expect(page.locator("#cell-0-1")).to_have_text("By Edgar")
    write(page, "By Olga")
    expect(till.locator("#cell-0-1")).to_have_text("By Olga")
    # Under the hands of who types nothing changes; what both changed is asked.
    page.locator("#cell-0-1").dblclick()
    page.locator(".grid-edit").fill("Mine")
    write(till, "Theirs")
    page.wait_for_timeout(LIVE_MS)
    expect(page.locator(".grid-edit")).to_have_value("Mine")
    page.locator(".grid-edit").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There now: “Theirs”. You typed: “Mine”.")
    page.get_by_role("button", name="Keep theirs").click()
    expect(page.locator("#cell-0-1")).to_have_text("Theirs")
    # The history, and a record's own page.
    page.goto("/history")
    with till.expect_response("**/changes"):
        till.goto("/tables/Books/records/1")
    write_record(olga, "A third time")
    expect(till.get_by_text("Somebody changed this record.")).to_be_visible()
    write_record(edgar, "A fourth time")
    expect(page.get_by_text("Edgar ·").first).to_be_visible()
    assert errors == []


def write(page: Page, title: str) -> None:
    page.locator("#cell-0-1").dblclick()
    page.locator(".grid-edit").fill(title)
    page.locator(".grid-edit").press("Enter")
    expect(page.locator("#cell-0-1")).to_have_text(title)


def write_record(person: Person, title: str) -> None:
    status, _ = person.send("/tables/Books/records/1", {"values": {"Title": title}})
    assert status == 200
