"""A step over a million records in the grid: how far it is stands in the page, Escape stops it."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program


@pytest.mark.slow
def test_a_large_undo_is_stopped_with_the_keyboard_and_then_let_run(
    page: Page, program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "people.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE city (id INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO city VALUES (1, 'Basel'), (2, 'Oslo');
        CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT,
          city INTEGER REFERENCES city (id) ON DELETE CASCADE);
        CREATE INDEX of_city ON person (city);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200000)
        INSERT INTO person SELECT i, 'Person ' || i, 1 FROM n;
        """
    )
    connection.close()
    program.post("/open", {"path": str(path)})
    page.goto(f"{program.origin}/tables/city")
    dialog = page.get_by_role("dialog")
    page.locator("#cell-0-1").click()
    page.keyboard.press("Shift+ ")
    page.keyboard.press("Delete")
    expect(page.locator("#toasts")).to_have_text("1 record deleted.Undo", timeout=30_000)
    expect(page.locator("#cell-0-1")).to_have_text("Oslo")
    page.keyboard.press("Control+z")
    expect(dialog).to_contain_text("Undo: Delete 1 record of city: Basel")
    expect(dialog.get_by_role("progressbar")).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#toasts")).to_have_text("It was stopped. Nothing was changed.")
    expect(page.locator("#cell-0-1")).to_be_focused()
    expect(page.locator("#cell-0-1")).to_have_text("Oslo")
    page.keyboard.press("Control+z")
    expect(dialog).to_contain_text("of 1,200,001 records", timeout=30_000)
    expect(page.locator("#toasts")).to_contain_text("Undone: Delete 1 record", timeout=30_000)
    expect(page.locator("#cell-0-1")).to_have_text("Basel")
