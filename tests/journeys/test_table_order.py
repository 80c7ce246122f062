"""Tables are put in an order by keyboard and mouse, and one of many is found by its name."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Program

pytestmark = [pytest.mark.journey, pytest.mark.gate]


def test_one_of_many_tables_is_found_and_put_where_it_belongs(page: Page, program: Program) -> None:
    with sqlite3.connect(next(Path(program.data).glob("*.sqlite"))) as file:
        for number in range(39):
            file.execute(f"CREATE TABLE measure{number:02} (x)")
        file.execute("CREATE TABLE Überblick (x)")
    file.close()
    page.reload()
    names = page.locator("#tables li:not([hidden]) .list-name")
    box = page.get_by_label("Find a table by its name")
    box.press_sequentially("uber")
    expect(names).to_have_text(["Überblick"])
    expect(page.get_by_text("1 of 40", exact=True)).to_be_visible()
    box.press("Enter")
    expect(page).to_have_url(program.origin + "/tables/%C3%9Cberblick")
    page.go_back()

    page.get_by_role("link", name="Order of the 40 tables").click()
    page.get_by_label("Find a table by its name").fill("uber")
    page.get_by_role("link", name="Move Überblick to a place").click()
    expect(page.get_by_label("Place, 1 to 40")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move Überblick up")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move Überblick down")).to_be_focused()
    expect(names.first).to_have_text("Überblick")
    expect(names.nth(1)).to_have_text("measure00")

    rows = page.locator("#tables li")
    rows.nth(0).drag_to(rows.nth(2), source_position={"x": 60, "y": 20})
    expect(names.nth(2)).to_have_text("Überblick")
    page.locator(".order-done").get_by_role("button", name="Undo").click()
    expect(names.first).to_have_text("Überblick")
    page.goto(program.origin)
    expect(names.first).to_have_text("Überblick")
