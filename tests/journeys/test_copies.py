"""Save a copy, in a real browser: the name that was typed goes along through the folders."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

pytestmark = pytest.mark.journey


@pytest.mark.gate
def test_a_copy_goes_under_a_typed_name_into_a_folder_that_was_clicked(
    page: Page, program: Program, tmp_path: Path
) -> None:
    program.post("/sample")
    folder = tmp_path / "Kept" / "2026"
    folder.mkdir(parents=True)
    page.goto(f"{program.origin}/copies/new?path={tmp_path}")
    page.get_by_label("Name of the copy").fill("my shelf")
    page.get_by_role("link", name="Kept").click()
    page.get_by_label("Part of a name").fill("20")
    page.get_by_label("Name of the copy").fill("my other shelf")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name="2026").click()
    expect(page.get_by_role("link", name="2026")).to_have_attribute("aria-current", "page")
    expect(page.get_by_label("Name of the copy")).to_have_value("my other shelf")
    page.get_by_label("Name of the copy").fill("my best shelf")
    page.get_by_text("New folder", exact=True).click()
    page.get_by_label("Name of the new folder").fill("Summer")
    page.get_by_role("button", name="Make it and go there").click()
    expect(page.get_by_role("link", name="Summer")).to_have_attribute("aria-current", "page")
    expect(page.get_by_label("Name of the copy")).to_have_value("my best shelf")
    page.get_by_label("Name of the copy").press("Enter")
    copy = folder / "Summer" / "my best shelf.sqlite"
    expect(page.get_by_text(str(copy))).to_be_visible()
    page.get_by_role("button", name="Open the copy").click()
    expect(page.get_by_text(str(copy))).to_be_visible()
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM Books").fetchone() == (12,)
    connection.close()
