"""Dates with times in the grid: picked, typed as at home, and left in the form that they have."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

from .grid_tables import page, program, stored
from .test_grid_pasting import paste

__all__ = ["page", "program"]
pytestmark = pytest.mark.journey
EDITOR = ".grid-edit"
KEPT = ("2026-03-31 14:30", "2026-03-31 14:30:15", "2026-03-31T14:30:00", "")


@pytest.fixture
def log(page: Page, program: Program, tmp_path: Path) -> Path:
    path = tmp_path / "log.db"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, at DATETIME, day DATE)")
        connection.executemany(
            "INSERT INTO log (at) VALUES (?)", [(each or None,) for each in KEPT]
        )
    connection.close()
    program.post("/open", {"path": str(path)})
    page.goto(f"{program.origin}/tables/log")
    expect(page.locator("#cell-0-1")).to_have_text(KEPT[0])
    return path


def moments(path: Path) -> list[object]:
    return [stored(path, f"SELECT at FROM log WHERE id = {row}") for row in (1, 2, 3, 4)]


@pytest.mark.gate
def test_a_moment_is_picked_or_typed_and_keeps_its_form_when_it_is_looked_at(
    log: Path, page: Page
) -> None:
    editor = page.locator(EDITOR)
    for row, kind in enumerate(("datetime-local", "datetime-local", "text", "datetime-local")):
        page.locator(f"#cell-{row}-1").click()
        page.keyboard.press("F2")
        expect(editor).to_have_attribute("type", kind)
        box = editor.evaluate("(input) => input.scrollWidth - input.clientWidth")
        assert box <= 0, "all of it is in sight"
        page.keyboard.press("Enter")
        expect(editor).to_have_count(0)
    assert moments(log) == [*KEPT[:3], None]
    page.locator("#cell-0-1").dblclick()
    editor.fill("2027-01-02T08:05")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-1")).to_have_text("2027-01-02 08:05:00")
    page.locator("#cell-1-1").click()
    page.keyboard.type("31.12.2026 9:15")
    page.keyboard.press("Tab")
    expect(page.locator("#cell-1-1")).to_have_text("2026-12-31 09:15:00")
    page.locator("#cell-3-1").dblclick()
    editor.press_sequentially("12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Only a part of “at” is filled in")
    page.keyboard.press("Escape")
    assert moments(log)[3] is None


@pytest.mark.gate
def test_half_a_day_empties_no_cell(log: Path, page: Page) -> None:
    page.locator("#cell-0-2").click()
    page.keyboard.type("2026-05-06")
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-2")).to_have_text("2026-05-06")
    page.locator("#cell-0-2").dblclick()
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Only a part of “day” is filled in")
    page.keyboard.press("Escape")
    expect(page.locator("#cell-0-2")).to_have_text("2026-05-06")


@pytest.mark.gate
def test_what_is_pasted_into_a_picker_is_taken_as_it_is_written_at_home(
    log: Path, page: Page, program: Program
) -> None:
    page.goto(f"{program.origin}/tables/log/records/1")
    page.get_by_label("at", exact=True).focus()
    paste(page, "31.12.2026 9:15")
    page.get_by_label("day", exact=True).focus()
    paste(page, "sometime")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("“sometime” is not a date")
    expect(page.get_by_label("at", exact=True)).to_have_value("31.12.2026 9:15")
    page.get_by_label("day", exact=True).fill("")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert moments(log)[0] == "2026-12-31 09:15:00"


@pytest.mark.gate
def test_today_is_typed_by_its_key(log: Path, page: Page) -> None:
    page.locator("#cell-0-2").click()
    page.keyboard.press("Control+;")
    today = str(page.evaluate("new Date().toLocaleDateString('sv')"))
    expect(page.locator(".grid-edit")).to_have_value(today)
    page.keyboard.press("Enter")
    expect(page.locator("#cell-0-2")).to_have_text(today)
