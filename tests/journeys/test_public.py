"""An invitation, from the owner's page to the guest's first table, in two real browsers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.public.conftest import PASSWORD
from tests.public.serving import Server, serving

pytest.importorskip("gunicorn")
pytestmark = [pytest.mark.journey, pytest.mark.slow]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, MYAPP_WORKERS="2") as started:
        yield started


def open_browser(browser: Browser, server: Server) -> Page:
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}")
    page = context.new_page()
    page.set_default_timeout(10_000)
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
    owner.get_by_text("The account was ended").wait_for()
    guest.reload()
    guest.get_by_role("heading", name="Sign in").wait_for()
