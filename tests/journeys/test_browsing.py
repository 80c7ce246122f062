"""Browse, by keys alone and by mouse, in a real browser."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import Program

pytestmark = pytest.mark.journey


def arrived(at: Locator) -> None:
    """The page shows it, and its scripts have run: keys are for them."""
    expect(at).to_have_count(1)
    at.page.wait_for_load_state("load")


@pytest.mark.gate
def test_a_file_is_found_by_keys_and_opened(page: Page, program: Program, tmp_path: Path) -> None:
    near, far = tmp_path / "near", tmp_path / "far away"
    for path in (near / "first.sqlite", far / "shop.db"):
        path.parent.mkdir()
        connection = sqlite3.connect(path)
        connection.execute(f"CREATE TABLE {path.stem} (name TEXT)")
        connection.close()
    (far / "Empty").mkdir()
    program.post("/open", {"path": str(near / "first.sqlite")})
    page.goto(program.origin)
    page.get_by_role("link", name="Browse…").click()
    arrived(page.get_by_role("button", name="first.sqlite"))
    page.keyboard.press("Backspace")
    folder = page.get_by_role("navigation", name="Folder")
    expect(folder.get_by_role("link", name=tmp_path.name)).to_have_attribute("aria-current", "page")
    page.get_by_label("Part of a name").fill("far")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    arrived(page.locator("[data-entry]"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="far away")).to_be_focused()
    page.keyboard.press("Enter")
    arrived(page.get_by_role("list", name="far away"))
    for key in ("ArrowDown", "End", "ArrowUp", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="shop.db")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="shop", exact=False).first).to_be_visible()
    expect(page.get_by_text(str(far / "shop.db"))).to_be_visible()
