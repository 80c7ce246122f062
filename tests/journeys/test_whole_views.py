"""More records than can be chosen one by one: all of a view, changed and deleted as one."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

from .grid_tables import make_people, page, program, show_people, stored

__all__ = ["page", "program"]
pytestmark = pytest.mark.journey


@pytest.mark.gate
def test_all_records_of_a_large_view_are_changed_deleted_and_brought_back(
    page: Page, program: Program, tmp_path: Path
) -> None:
    path = make_people(tmp_path / "many.sqlite", 20_000)
    show_people(page, program, path)
    page.goto(f"{page.url}?q=Basel")
    expect(page.locator("[data-grid-count]")).to_have_text("6,666 records")
    box = page.get_by_label("Choose all records of this view")
    page.get_by_label("Choose record 2", exact=True).check()
    assert box.evaluate("(box) => box.indeterminate && !box.checked")
    page.keyboard.press("Control+a")
    expect(page.get_by_text("All 6,666 records chosen.")).to_be_visible()
    expect(box).to_be_checked()
    page.get_by_label("Choose record 3", exact=True).uncheck()
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_disabled()
    expect(box).not_to_be_checked()
    box.check()
    page.locator("summary", has_text="More").click()
    page.get_by_role("button", name="Change 6,666 chosen records…").click()
    dialog = page.get_by_role("dialog", name="Change 6,666 records")
    expect(dialog).to_be_visible()
    expect(page.locator("details.menu[open]")).to_have_count(0)
    dialog.get_by_label("Field", exact=True).select_option("city")
    dialog.get_by_label("New value of city").fill("Li")
    page.get_by_role("option", name="Lima").click()
    dialog.get_by_role("button", name="Change 6,666 records").click()
    expect(page.get_by_text("city changed in 6,666 records.")).to_be_visible()
    assert stored(path, "SELECT count(*) FROM person WHERE city = 3") == 6_666 * 2 + 1
    expect(page.get_by_text("No record fits this view.")).to_be_visible()
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("[data-grid-count]")).to_have_text("6,666 records")
    expect(box).not_to_be_checked()
    page.locator("#cell-0-0").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    sure = page.get_by_role("dialog", name="Delete all 6,666 records?")
    sure.get_by_role("button", name="Cancel").click()
    expect(box).to_be_checked()
    page.get_by_role("button", name="Delete 6,666 records").click()
    sure.get_by_role("button", name="Delete them").click()
    expect(page.get_by_text("6,666 records deleted.")).to_be_visible()
    assert stored(path, "SELECT count(*) FROM person") == 20_000 - 6_666
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator("[data-grid-count]")).to_have_text("6,666 records")
